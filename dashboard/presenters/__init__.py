"""Figures as the contexts of pages: words, addresses and order, no queries."""

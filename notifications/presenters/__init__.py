"""Notices and messages as the contexts of pages: words and addresses."""

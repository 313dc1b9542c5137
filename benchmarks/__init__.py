"""Measures commands and pages as they are served, and compares them with the fastest alternative."""

"""Measures the commands and pages as they are served, beside the fastest other way to do the same."""

"""Mapping columns in the browser, and the profiles that come of it (IX-06)."""

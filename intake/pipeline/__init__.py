"""Rows of canonical files into the database, set by set (IX-03)."""

"""Sync health: how fresh and sound the data of stores is, and what brings it (PN-20, PG-16)."""

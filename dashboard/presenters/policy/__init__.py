"""Pages on which policy versions are made (DM-30, BX-14)."""

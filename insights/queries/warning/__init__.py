"""What the early-warning score is made of, as known at an instant (TM-06)."""

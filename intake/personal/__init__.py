"""What is kept of buyers: purged by age, exported and erased on request (RL-14)."""

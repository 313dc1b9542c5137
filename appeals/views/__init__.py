"""The pages of appeals, corrections and protected events (PG-11)."""

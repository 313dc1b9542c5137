"""What the demo's people do with their notices between the nights: open, appeal, decide, supplement, plan (IX-15)."""

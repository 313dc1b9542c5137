"""What people fill in about appeals."""

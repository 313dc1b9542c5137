"""What the pages of appeals show."""

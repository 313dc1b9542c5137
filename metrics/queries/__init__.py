"""What the pages of metrics show, read in a constant number of queries."""

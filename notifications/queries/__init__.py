"""What pages, exports and services read of notices and messages."""

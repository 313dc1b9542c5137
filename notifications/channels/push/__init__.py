"""Push messages to people's browsers (RFC 8030, 8291, 8292)."""

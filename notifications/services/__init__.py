"""What issues notices, moves them through their states, and tells companies."""

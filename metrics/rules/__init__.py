"""The arithmetic of scores, thresholds and levels: pure, exact, without database or clock (MX-06)."""

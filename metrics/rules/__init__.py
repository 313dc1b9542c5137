"""The arithmetic of scores, lines and levels: pure, exact, without database or clock (MX-06)."""

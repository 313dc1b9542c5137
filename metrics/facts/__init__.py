"""From stored rows to facts: exact differences of what dirty subjects contribute (MX-01, MX-02)."""

"""From stored rows to facts: exact differences of what touched subjects contribute (MX-01, MX-02)."""

"""Webhooks: events of a company's stores, sent to its own systems (IX-23, RL-13)."""

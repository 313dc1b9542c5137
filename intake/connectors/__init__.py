"""Connectors: pull a store's data from its platform's API into the one intake pipeline (IX-25)."""

"""The outbox: events that subscribers have not handled yet, as rows that are removed once they have."""

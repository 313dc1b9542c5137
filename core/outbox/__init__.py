"""The outbox: what subscribers have still to do about events, as rows that are removed once it is done."""

"""How buyers are shown (RL-14). No database, no clock, no request."""

SHOWN_OF_BUYER = 8


def shown_buyer(buyer_ref: str) -> str:
    """As much of a pseudonym as people need to tell two buyers apart (RL-14)."""
    return buyer_ref if len(buyer_ref) <= SHOWN_OF_BUYER else f"{buyer_ref[:SHOWN_OF_BUYER]}…"

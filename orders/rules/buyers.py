"""Pseudonyms of buyers: what they tell, and how they are shown (RL-14). No database, no clock, no request."""

SHOWN_OF_BUYER = 8
# Ends a pseudonym made of a buyer's name, where the source gives no login: people of one name share it (IX-06).
NAME_ONLY = "~name"


def without_mark(buyer_ref: str) -> str:
    """A pseudonym without the mark that only a name was known."""
    return buyer_ref.removesuffix(NAME_ONLY)


def shown_buyer(buyer_ref: str) -> str:
    """As much of a pseudonym as people need to tell two buyers apart (RL-14)."""
    return buyer_ref if len(buyer_ref) <= SHOWN_OF_BUYER else f"{buyer_ref[:SHOWN_OF_BUYER]}…"

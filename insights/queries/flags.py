"""All seventeen risk flags, in the order of the board (TM-14)."""

from disputes.queries.flags import FINDERS as DISPUTE_FINDERS
from orders.queries.flags import ORDER_FINDERS, Finder, Flag

FINDERS: tuple[Finder, ...] = (*ORDER_FINDERS, *DISPUTE_FINDERS)
FLAGS: tuple[Flag, ...] = tuple(flag for finder in FINDERS for flag in finder.flags)
BY_CODE = {flag.code: flag for flag in FLAGS}

"""The risk flags of orders (TM-14). `disputes.queries.flags` has the one about disputes."""

from orders.queries.flags import buyers, dispatch, fakes, numbers, traces
from orders.queries.flags.declaring import Condition, Finder, Flag, FlagGroup, Scope, columns_of

__all__ = ["ORDER_FINDERS", "Condition", "Finder", "Flag", "FlagGroup", "Scope", "columns_of"]

ORDER_FINDERS: tuple[Finder, ...] = (
    *dispatch.FINDERS,
    *numbers.FINDERS,
    *traces.FINDERS,
    *fakes.FINDERS,
    *buyers.FINDERS,
)

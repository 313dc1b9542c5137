"""The tabs of the order list, in the order shown: those of orders and those of disputes (PG-06)."""

from disputes.queries.tabs import ACT, ANSWER, IN_DISPUTE
from orders.queries.flagged_tabs import STALLED
from orders.queries.listing import Question
from orders.queries.tabs import (
    ABNORMAL,
    CONFIRM,
    DATA_ISSUES,
    EVERY,
    INSPECT,
    LATE,
    LATER,
    NUMBERLESS,
    SHIP,
    SOON,
    TRANSIT,
    UNDATED,
    UNSYNCED,
    Tab,
)

TABS: tuple[Tab, ...] = (CONFIRM, SHIP, TRANSIT, STALLED, ABNORMAL, IN_DISPUTE, INSPECT, DATA_ISSUES, EVERY)
# Parts of tabs, to which counts lead: what is late, what is close, what waits for an answer.
PARTS: tuple[Tab, ...] = (LATE, SOON, LATER, UNDATED, UNSYNCED, NUMBERLESS, ANSWER, ACT)
BY_CODE = {tab.code: tab for tab in (*TABS, *PARTS)}


def shown_parts(question: Question) -> list[Tab]:
    """The parts of the tab asked for; none where the list is narrowed to some orders."""
    if question.filters.subset or question.filters.number:
        return []
    whole = question.tab.within or question.tab.code
    return [tab for tab in PARTS if tab.within == whole and tab != ACT]

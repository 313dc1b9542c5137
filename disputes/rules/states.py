"""Which states of a dispute may follow which (DP-01)."""

from collections.abc import Mapping

# What actions may lead to from each state. A dispute may be closed without an answer, and the buyer may re-open one
# that was withdrawn; after a verdict there is only the appeal (DP-08).
TRANSITIONS: Mapping[str, frozenset[str]] = {
    "open": frozenset({"responded", "arbitration", "closed", "withdrawn"}),
    "responded": frozenset({"arbitration", "closed", "withdrawn"}),
    "arbitration": frozenset({"closed", "withdrawn"}),
    "closed": frozenset(),
    "withdrawn": frozenset({"open"}),
}

"""The orders that a draft may name, with what their data suggest (PN-29)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from appeals.models import Appeal, AppealOrder
from appeals.queries.kinds import KINDS, Subject
from appeals.queries.suggestions import Suggestion, suggest_exceptions
from metrics.reasons.lookup import Reason
from notifications.models import Notice, NoticeOrder
from notifications.queries.reasons import with_reasons
from orders.models import Order
from orders.queries.names import carrier_names, site_names

# Exceptions are looked for among so many orders, the newest first.
MOST_SUGGESTED = 1_000

Failure = tuple[NoticeOrder, Reason]


@dataclass(frozen=True, slots=True)
class OrderChoice:
    """An order that may be named. ``named``: its row in the draft; ``failure``: of a notice, why it counts."""

    order: Order
    named: AppealOrder | None
    suggestion: Suggestion | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class OrderChoices:
    """``total``: how many there are; the suggested ones come first among those that are shown. ``picked``: the ids of
    those that are ticked: in a draft that was never saved the suggested ones. ``carriers``, ``sites``: names by code.
    """

    shown: Sequence[OrderChoice]
    total: int
    picked: frozenset[int]
    carriers: Mapping[str, str]
    sites: Mapping[str, str]


def order_choices(appeal: Appeal, subject: Subject, at: datetime, most: int) -> OrderChoices:
    """The first ``most`` orders: those that the draft names, then those with a suggestion, then the others."""
    named = {row.order_id: row for row in AppealOrder.objects.filter(appeal=appeal)}
    every = KINDS[subject.kind].orders(subject)
    orders = list({*every.order_by("-pk")[:MOST_SUGGESTED], *every.filter(pk__in=named)})
    ids = [order.pk for order in orders]
    suggestions = suggest_exceptions(store=subject.store, metric=subject.metric, order_ids=ids, at=at)
    orders.sort(key=lambda order: (order.pk not in named, order.pk not in suggestions, order.pk))
    failures = _failures(subject.notice, [order.order_no for order in orders[:most]]) if subject.notice else {}
    shown = [
        OrderChoice(order, named.get(order.pk), suggestions.get(order.pk), failures.get(order.order_no))
        for order in orders[:most]
    ]
    picked = named.keys() if named or appeal.version else suggestions.keys() & {choice.order.pk for choice in shown}
    return OrderChoices(shown, every.count(), frozenset(picked), carrier_names(), site_names(at))


def _failures(notice: Notice, numbers: Sequence[str]) -> Mapping[str, Failure]:
    """The first failure of each order in the snapshot of a notice."""
    rows: dict[str, NoticeOrder] = {}
    for row in NoticeOrder.objects.filter(notice=notice, order_no__in=numbers).order_by("place"):
        row.notice = notice
        rows.setdefault(row.order_no, row)
    return {row.order_no: (row, reason) for row, reason in with_reasons(notice, list(rows.values()))}

"""Corrections of a store, and the protected events that concern it (BX-01, BX-03)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from appeals.models import Appeal, CorrectionReport, ProtectedEvent
from notifications.models import Notice
from orders.models import Exclusion, Order, Protection
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Store

# More corrections than these are found by the number of their cause.
MOST_EVENTS = 200
# An event that meets further orders every hour has many reports, each with thousands of values.
MOST_REPORTS = 10


@dataclass(frozen=True, slots=True)
class Cause:
    """What corrected a store: an appeal, or a protected event, or neither of them where it is gone."""

    number: str
    appeal: Appeal | None
    event: ProtectedEvent | None


@dataclass(frozen=True, slots=True)
class EventOfStore:
    """A protected event, its latest report on a store, and how many of the store's orders it protects at present."""

    event: ProtectedEvent
    report: CorrectionReport
    orders: int


@dataclass(frozen=True, slots=True)
class OrderProtection:
    """How an event protects an order: hours by which its deadline is longer, and the metrics of which it is no
    failure."""

    event: ProtectedEvent
    hours: int
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CorrectionOfNotice:
    """The correction that decided over a notice, with the policy in force at it."""

    report: CorrectionReport
    policy: Policy


def reports_of(store: Store, cause_no: str) -> list[CorrectionReport]:
    """The latest corrections of a store by one cause, newest first; Http404 where there is none (RL-08)."""
    found = list(_reports(store, cause_no)[:MOST_REPORTS])
    if not found:
        raise Http404
    for report in found:
        report.store = store
    return found


def numbered_report(store: Store, cause_no: str, place: int) -> CorrectionReport:
    """One of the corrections of a store by a cause; Http404 where there is none."""
    report = _reports(store, cause_no).filter(place=place).first()
    if report is None:
        raise Http404
    report.store = store
    return report


def _reports(store: Store, cause_no: str) -> QuerySet[CorrectionReport]:
    # PostgreSQL refuses text with NUL as an error of the query.
    rows = CorrectionReport.objects.filter(store=store, cause_no=cause_no).order_by("-place")
    return rows.none() if "\x00" in cause_no else rows


def correction_of_notice(notice: Notice) -> CorrectionOfNotice | None:
    """The correction that ended a notice, or after which it stood (AP-05)."""
    later = CorrectionReport.objects.filter(store=notice.store, at__gte=notice.triggered_at).order_by("-at", "-place")
    for report in later.defer("results")[:MOST_EVENTS]:
        if any(outcome["kind"] == "notice" and outcome["key"] == notice.number for outcome in report.outcomes):
            report.store = notice.store
            return CorrectionOfNotice(report, policy_at(report.at))
    return None


def cause_of(report: CorrectionReport) -> Cause:
    """The appeal or event behind a correction."""
    appeals = Appeal.objects.select_related("notice").filter(store=report.store, number=report.cause_no)
    return Cause(report.cause_no, appeals.first(), ProtectedEvent.objects.filter(number=report.cause_no).first())


def events_of_store(store: Store) -> list[EventOfStore]:
    """The protected events that met orders of a store, newest first."""
    reports: dict[str, CorrectionReport] = {}
    rows = CorrectionReport.objects.filter(store=store, cause_kind="event").defer("results").order_by("-at", "-place")
    for report in rows[:MOST_EVENTS]:
        report.store = store
        reports.setdefault(report.cause_no, report)
    events = ProtectedEvent.objects.filter(number__in=reports).in_bulk(field_name="number")
    return [
        EventOfStore(events[number], report, protected_numbers(store, number).count())
        for number, report in reports.items()
        if number in events
    ]


def protected_numbers(store: Store, event_no: str) -> QuerySet[Any]:
    """The numbers of a store's orders that an event protects at present."""
    excluded = Exclusion.objects.filter(store=store, cause_no=event_no).values("order_id")
    extended = Protection.objects.filter(store=store, event_no=event_no).values("order_id")
    rows = Order.objects.filter(Q(pk__in=excluded) | Q(pk__in=extended), store=store)
    return rows.values_list("order_no", flat=True)


def find_event(store: Store, number: str) -> ProtectedEvent | None:
    """The event of this number, if it ever met an order of the store."""
    if "\x00" in number or not CorrectionReport.objects.filter(store=store, cause_no=number).exists():
        return None
    return ProtectedEvent.objects.filter(number=number).first()


def protections_of(order_ids: Collection[int]) -> dict[int, list[OrderProtection]]:
    """The events that protect orders, by the order's id."""
    hours: dict[tuple[int, str], int] = {}
    metrics: dict[tuple[int, str], list[str]] = defaultdict(list)
    rows = Protection.objects.filter(order__in=order_ids)
    for order_id, number, longer in rows.values_list("order_id", "event_no", "extend_hours"):
        hours[order_id, number] = longer
    excluded = Exclusion.objects.filter(order__in=order_ids, cause_no__startswith="EV").order_by("metric")
    for order_id, number, metric in excluded.values_list("order_id", "cause_no", "metric"):
        metrics[order_id, number].append(metric)
    keys = sorted({*hours, *metrics})
    events = ProtectedEvent.objects.filter(number__in={number for _id, number in keys}).in_bulk(field_name="number")
    found: dict[int, list[OrderProtection]] = defaultdict(list)
    for order_id, number in keys:
        if number in events:
            key = (order_id, number)
            found[order_id].append(OrderProtection(events[number], hours.get(key, 0), tuple(metrics[key])))
    return dict(found)

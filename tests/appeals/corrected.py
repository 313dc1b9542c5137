"""Stores with notices and accepted appeals for the tests of corrections."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from appeals.models import Appeal, AppealOrder
from appeals.rules import AppealKind, AppealState, OrderDecision
from core.events import SYSTEM, record_event
from disputes.models import Dispute
from metrics.exports.figures import scorecard_rows
from metrics.exports.selection import Selection
from metrics.services.night import run_night
from notifications.models import Notice
from notifications.rules import State
from orders.models import Order
from stores.models import Store
from tests.metrics.deaths import Killed
from tests.metrics.making import DAY, NOW, make_orders
from tests.metrics.making import make_store as make_plain_store

REPORT = 'INSERT INTO "appeals_correctionreport"'

DECIDED = NOW + timedelta(hours=30)
EXPORTED = ("numerator", "denominator", "value", "yellow", "red", "level")


def make_store(number: str = "S1", *, late: int = 4, on_time: int = 56) -> Store:
    """A store with late orders of 10 March, and others that were dispatched in time."""
    store = make_plain_store(number)
    Store.objects.filter(pk=store.pk).update(mode=Store.Mode.GOVERNED)
    store.mode = Store.Mode.GOVERNED
    make_orders(store, late)
    make_orders(store, on_time, first=late, shipped_after=timedelta(hours=10))
    return store


def judged(store: Store, *, state: State = State.APPEALING) -> Notice:
    """Run the night of the day; returns its notice of late dispatch, in a state."""
    run_night(day=DAY, at=NOW)
    notice = Notice.objects.select_related("store__company").get(store=store, metric="late_dispatch")
    Notice.objects.filter(pk=notice.pk).update(state=state)
    notice.refresh_from_db()
    return notice


def make_notice(store: Store, metric: str, day: date = DAY) -> Notice:
    """A red notice of a metric that stands whatever becomes of its value, under appeal."""
    number = f"PN20240310-{Notice.objects.count():06d}"
    return Notice.objects.create(
        store=store,
        number=number,
        metric=metric,
        level="red",
        day=day,
        triggered_at=NOW,
        state="historical",
        value="0.5",
        policy_version=1,
    )


def late_orders(store: Store) -> list[Order]:
    return list(Order.objects.filter(store=store, shipped_at=None).order_by("id"))


def accept(
    store: Store,
    orders: list[Order],
    *,
    number: str = "AP20260312-000001",
    notice: Notice | None = None,
    dispute: Dispute | None = None,
    rejected: tuple[Order, ...] = (),
    at: datetime = DECIDED,
) -> Appeal:
    """An appeal in which a reviewer accepted orders and rejected others, with its event."""
    kind = AppealKind.NOTICE if notice else AppealKind.VERDICT if dispute else AppealKind.REVIEW
    appeal = Appeal.objects.create(
        store=store,
        number=number,
        kind=kind,
        subject_key=number,
        notice=notice,
        dispute=dispute,
        state=AppealState.ACCEPTED,
        created_at=at,
        submitted_at=at,
        decided_at=at,
    )
    for place, order in enumerate([*orders, *rejected]):
        decision = OrderDecision.REJECTED if order in rejected else OrderDecision.ACCEPTED
        AppealOrder.objects.create(appeal=appeal, order=order, place=place, decision=decision)
    record_event(
        kind="appeal.accepted",
        subject_kind="appeal",
        subject_key=appeal.number,
        actor=SYSTEM,
        at=at,
        store_no=store.store_no,
        company_no=store.company.company_no,
    )
    return appeal


Exported = dict[tuple[date, str], dict[str, object]]


def exported(store: Store, first: date, last: date) -> Exported:
    """What the export of scorecards says of a store, in the words of a report."""
    found = {}
    for _no, day, metric, upper, lower, value, yellow, red, level, *_more in scorecard_rows(
        Selection([store], first, last)
    ):
        figures = dict(zip(EXPORTED, (upper, lower, _text(value), _text(yellow), _text(red), level), strict=True))
        assert isinstance(day, date)
        found[day, str(metric)] = {name: figure for name, figure in figures.items() if figure is not None}
    return found


def _text(value: object) -> str | None:
    return f"{value:.10f}" if isinstance(value, Decimal) else None


def difference(before: Exported, after: Exported) -> list[dict[str, object]]:
    """The results that differ between two exports, as a report lists them."""
    return [
        {"day": day.isoformat(), "metric": metric, "before": before[day, metric], "after": after[day, metric]}
        for day, metric in after
        if before[day, metric] != after[day, metric]
    ]


@contextmanager
def dying_at_report(place: int) -> Iterator[None]:
    """The process ends as it writes the ``place``-th correction report: nothing reaches the database any more."""
    seen = 0

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        seen += sql.startswith(REPORT)
        if seen >= place and "SAVEPOINT" not in sql:
            raise Killed
        return run(sql, params, many, context)

    try:
        with connection.execute_wrapper(execute):
            yield
    except Killed:
        pass

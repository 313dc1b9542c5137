"""Settlements suspended after months over the line of defects (PN-11)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.urls import reverse
from django.utils.translation import gettext as _

from metrics.catalogue import METRICS
from metrics.models import Published
from metrics.rules.days import day_end
from notifications.models import JudgedDay, Notice
from notifications.rules import SAYING_LEVELS, NoticeLevel, is_backfill
from orders.rules.holds import HoldPeriod, after_holds
from penalties.models import Penalty
from penalties.rules import Ending, Ground, PenaltyKind
from penalties.sources import GroundWords, grounds_of
from rulebook.queries import policies, policy_in
from stores.models import Store

DEFECTS = "defects"


@dataclass(frozen=True, slots=True)
class JudgedDefects:
    """A day that was judged: whether its published value lies over the line, None if it says nothing; ``needed``: how
    many days in a row; ``late``: judged too late to act (MX-09)."""

    day: date
    is_over: bool | None
    line: Decimal
    needed: int
    judged_at: datetime
    late: bool


def defect_words(penalty: Penalty) -> GroundWords:
    days = {"days": penalty.facts["days"], "line": f"{Decimal(penalty.facts['line']):%}"}
    return GroundWords(
        cause=_("Order defect rate over %(line)s on %(days)s days in a row") % days,
        lifted_by=_("Ends when the red notices of the order defect rate are over and a day is back within the line."),
        url=reverse("dashboard:metric", args=[penalty.store.store_no, penalty.facts["metric"]]),
    )


def _open_red(_at: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(level=NoticeLevel.RED, historical=False, ended_at=None)


@grounds_of(DEFECTS, words=defect_words, rows=_open_red, of_notices=True)
def grounds_of_defects(store_ids: Collection[int], at: datetime) -> Iterator[Ground]:
    """Settlements are suspended from the judgement of the last of so many consecutive days over the line until no red
    notice of the metric is open and a later day is back within the line. A day that says nothing breaks the row, as in
    MX-10, and brings nothing back; a row that a day judged too late completes waits for the next day (MX-09)."""
    metric = policy_in(policies(), at).notices.suspend_metric
    first_days = _first_days(store_ids, metric)
    if not first_days:
        return
    judged = _judged_days(first_days, metric)
    notices: dict[int, list[HoldPeriod]] = defaultdict(list)
    red = Notice.objects.filter(store__in=first_days, metric=metric, level=NoticeLevel.RED, historical=False)
    for store_id, since, until in red.values_list("store_id", "triggered_at", "ended_at"):
        notices[store_id].append(HoldPeriod(since, until))
    for store_id, days in judged.items():
        yield from _suspensions(store_id, metric, days, notices[store_id])


def _first_days(store_ids: Collection[int], metric: str) -> dict[int, date]:
    """The stores that the rule can concern, with the first day that matters: a value over the line is red, so a row of
    days is completed while a red notice is open."""
    unended = Penalty.objects.filter(source=DEFECTS, store=OuterRef("pk"), ended_at=None)
    open_red = Notice.objects.filter(
        store=OuterRef("pk"), metric=metric, level=NoticeLevel.RED, historical=False, ended_at=None
    )
    concerned = Store.objects.filter(Exists(unended) | Exists(open_red), pk__in=store_ids).values("pk")
    found: dict[int, date] = {}
    lasting = Q(store__in=concerned, ended_at=None)
    days = [
        *Notice.objects.filter(lasting, metric=metric, level=NoticeLevel.RED, historical=False).values_list(
            "store_id", "day"
        ),
        *((row.store_id, date.fromisoformat(row.cause)) for row in Penalty.objects.filter(lasting, source=DEFECTS)),
    ]
    before = timedelta(days=max(period.policy.notices.suspend_days for period in policies()) - 1)
    for store_id, day in days:
        found[store_id] = min(day - before, found.get(store_id, day))
    return found


def _judged_days(first_days: Mapping[int, date], metric: str) -> dict[int, list[JudgedDefects]]:
    """The judged days by store, in order."""
    calendar, periods = METRICS[metric].calendar, policies()
    asked = Q(store__in=first_days, calendar=calendar, day__gte=min(first_days.values()))
    judged = {
        (store_id, day): at
        for store_id, day, at in JudgedDay.objects.filter(asked).values_list("store_id", "day", "judged_at")
    }
    found: dict[int, list[JudgedDefects]] = defaultdict(list)
    fields = ("store_id", "day", KT(f"scorecard__{metric}__level"), KT(f"scorecard__{metric}__value"))
    for store_id, day, level, value in Published.objects.filter(asked).order_by("day").values_list(*fields):
        if day < first_days[store_id] or (store_id, day) not in judged:
            continue
        at, end = judged[store_id, day], day_end(day, calendar)
        policy = policy_in(periods, end - timedelta(seconds=1))
        line, needed = policy.notices.suspend_line, policy.notices.suspend_days
        is_over = Decimal(value) > line if level in SAYING_LEVELS and level != "na" and value is not None else None
        late = is_backfill(end, at, policy.judging.backfill_hours)
        found[store_id].append(JudgedDefects(day, is_over, line, needed, at, late))
    return found


def _suspensions(
    store_id: int, metric: str, days: Sequence[JudgedDefects], notices: Sequence[HoldPeriod]
) -> Iterator[Ground]:
    """One for every unbroken row of days that is long enough."""
    blocking = [*notices, *_over_periods(days)]
    row: list[JudgedDefects] = []
    begun = False
    for one in days:
        if not one.is_over or (row and row[-1].day + timedelta(days=1) != one.day):
            row, begun = [], False
        if not one.is_over:
            continue
        row.append(one)
        if begun or one.late or len(row) < one.needed:
            continue
        begun = True
        since = max(day.judged_at for day in row)
        yield Ground(
            store_id=store_id,
            kind=PenaltyKind.FUNDS_HOLD,
            cause=one.day.isoformat(),
            rule="PN-11",
            starts_at=since,
            ends_at=after_holds(since, blocking),
            ending=Ending.MET,
            facts={"metric": metric, "line": str(one.line), "days": one.needed},
        )


def _over_periods(days: Sequence[JudgedDefects]) -> Iterator[HoldPeriod]:
    """When the value was known to lie over the line: until the next day that says otherwise was judged."""
    since = None
    for one in days:
        if one.is_over:
            since = since or one.judged_at
        elif one.is_over is False and since is not None:
            yield HoldPeriod(since, max(since, one.judged_at))
            since = None
    if since is not None:
        yield HoldPeriod(since)

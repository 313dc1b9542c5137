"""Impact previews: what a drafted policy would have done to the notices of past days (BX-14).

A preview is a row that is work. A worker takes it, simulates stores in chunks, and stores each chunk with the position
in one transaction, so that a preview that was killed goes on where it was and counts no store twice.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Max

from core.leases import Leases
from core.timebase import performance_day_start
from metrics.catalogue import Calendar
from metrics.models import Published
from metrics.rules.days import day_end, last_due_day
from notifications.models import ImpactNotice, ImpactPreview
from notifications.queries.simulation import (
    SimulatedStore,
    Simulation,
    Supposition,
    codes_changed,
    supposed,
    values_stores_otherwise,
)
from notifications.simulating import NoticeChange, SimulatedNotice, notice_changes
from rulebook.models import PolicyVersion
from rulebook.policy import Policy, load_policy
from rulebook.queries import policies, policy_at, whole_data
from rulebook.revision import Changes, drafted, sound_changes
from stores.models import Store

log = structlog.get_logger("dianwei.impact")

PREVIEWS = Leases(duration=timedelta(minutes=10), max_attempts=4, first_retry=timedelta(seconds=10))
STORES_AT_ONCE = 25
# Effects of single fields are shown for as many changes.
MOST_FIELDS = 12
KEPT = timedelta(days=30)

Clock = Callable[[], datetime]


class LeaseLostError(RuntimeError):
    """Another worker took the preview over; what was done of the chunk is rolled back."""


def ask_for_preview(*, base: PolicyVersion, changes: Changes, at: datetime) -> ImpactPreview:
    """The preview of judged changes over the last days, made in the background unless it is there already."""
    first, last = preview_days(at)
    digest = _digest(base.number, changes, first, last)
    found = ImpactPreview.objects.filter(digest=digest).first()
    if found is not None:
        return found
    ImpactPreview.objects.filter(asked_at__lt=at - KEPT).delete()
    try:
        with transaction.atomic():
            return ImpactPreview.objects.create(
                digest=digest,
                base=base,
                changes=dict(changes),
                first=first,
                last=last,
                total=Store.objects.count(),
                asked_at=at,
            )
    except IntegrityError:
        return ImpactPreview.objects.get(digest=digest)


def find_preview(*, base: PolicyVersion, changes: Changes, at: datetime) -> ImpactPreview | None:
    """The preview of these changes, if it was asked for."""
    return ImpactPreview.objects.filter(digest=_digest(base.number, changes, *preview_days(at))).first()


def preview_days(at: datetime) -> tuple[date, date]:
    """The days of a preview: as many as policy says, up to the last that was published in both calendars."""
    days = policy_at(at).beyond.impact_days
    published = [
        Published.objects.filter(calendar=calendar).aggregate(last=Max("day"))["last"] for calendar in Calendar
    ]
    last = min(day or last_due_day(at, calendar) for day, calendar in zip(published, Calendar, strict=True))
    return last - timedelta(days=days - 1), last


def _digest(number: int, changes: Changes, first: date, last: date) -> str:
    text = json.dumps([number, changes, first.isoformat(), last.isoformat()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


# ── Work ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def work_previews(*, clock: Clock, until: datetime) -> int:
    """Make the previews that wait, until none is left or it is late; returns how many were finished."""
    finished = 0
    while (at := clock()) < until:
        waiting = ImpactPreview.objects.filter(state=ImpactPreview.State.WAITING).order_by("asked_at", "pk")
        claimed = PREVIEWS.claim(waiting, at=at, limit=1)
        if not claimed:
            break
        finished += _work(claimed[0], clock, until)
    return finished


def _work(preview: ImpactPreview, clock: Clock, until: datetime) -> bool:
    try:
        return _make(preview, clock, until)
    except LeaseLostError:
        log.info("impact preview taken over", preview=preview.pk)
    except Exception as error:
        log.exception("impact preview failed", preview=preview.pk)
        PREVIEWS.put_off(preview, at=clock(), error=repr(error)[:2_000])
    return False


def _make(preview: ImpactPreview, clock: Clock, until: datetime) -> bool:
    begun = time.monotonic()
    plan = _plan(preview)
    simulation = Simulation(preview.first, preview.last, plan.suppositions)
    while stores := list(Store.objects.filter(pk__gt=preview.after).order_by("pk")[:STORES_AT_ONCE]):
        _add_stores(preview, plan, simulation.of(stores), clock())
        if clock() >= until:
            PREVIEWS.give_back(preview)
            return False
    spent = preview.milliseconds + round((time.monotonic() - begun) * 1000)
    done = ImpactPreview.State.DONE
    return PREVIEWS.settle(preview, state=done, finished_at=clock(), milliseconds=spent, error="")


@dataclass(frozen=True, slots=True)
class _Plan:
    """The suppositions of a preview: base, all changes, then each field of ``fields`` alone; ``sizes``: from how many
    orders a month on a store is of the next size."""

    suppositions: Sequence[Supposition]
    fields: Sequence[str]
    sizes: Sequence[int]


def _plan(preview: ImpactPreview) -> _Plan:
    """Base and changes are both supposed to have held on all the days: what differs is what the changes do."""
    base, number = whole_data(preview.base), preview.base.number + 1
    before, after = load_policy(base, number=number), load_policy(drafted(base, preview.changes), number=number)
    alone = {key: {key: entry} for key, entry in sorted(preview.changes.items())[:MOST_FIELDS]}
    sound = {key: drafted(base, one) for key, one in alone.items() if sound_changes(base, one)}
    fields = sound if len(preview.changes) > 1 else {}
    single = {key: load_policy(data, number=number) for key, data in fields.items()}
    first, were_kept = preview.first, _was_in_force(preview)
    suppositions = [
        Supposition(supposed(before, first), changes_benchmarks=not were_kept),
        _supposition(before, after, first, preview.changes, were_kept=were_kept),
        *(_supposition(before, policy, first, [key], were_kept=were_kept) for key, policy in single.items()),
    ]
    return _Plan(suppositions, list(fields), after.beyond.impact_sizes)


def _was_in_force(preview: ImpactPreview) -> bool:
    """Whether the base was in force on all the days, so that the kept means of categories are its own."""
    start, end = performance_day_start(preview.first), day_end(preview.last, Calendar.RATING)
    ours = [one for one in policies() if one.policy.number == preview.base.number]
    return bool(ours) and ours[0].start <= start and (ours[0].end is None or ours[0].end >= end)


def _supposition(before: Policy, after: Policy, first: date, keys: Collection[str], *, were_kept: bool) -> Supposition:
    """A change, with the metrics that it may concern."""
    return Supposition(
        supposed(after, first),
        codes_changed(keys, [before, after]),
        changes_benchmarks=not were_kept or values_stores_otherwise(keys),
    )


@transaction.atomic
def _add_stores(preview: ImpactPreview, plan: _Plan, stores: Sequence[SimulatedStore], at: datetime) -> None:
    """Add stores to the result together with the position."""
    rows, figures = [], Figures(preview.figures)
    for one in stores:
        before, after, *single = one.notices
        changes = notice_changes(before, after)
        rows += [_row(preview, one, change) for change in changes]
        figures.add_store(one, changes, size=sum(1 for least in plan.sizes if one.orders >= least))
        for key, notices in zip(plan.fields, single, strict=True):
            figures.add_field(key, notice_changes(before, notices))
    ImpactNotice.objects.bulk_create(rows, batch_size=500)
    preview.after, preview.done, preview.figures = stores[-1].store.pk, preview.done + len(stores), figures.data
    if not PREVIEWS.renew(preview, at=at, after=preview.after, done=preview.done, figures=figures.data):
        raise LeaseLostError


def _row(preview: ImpactPreview, one: SimulatedStore, change: NoticeChange) -> ImpactNotice:
    return ImpactNotice(
        preview=preview,
        store=one.store,
        category=one.category,
        orders=one.orders,
        metric=change.metric,
        level=change.level,
        before=change.before,
        after=change.after,
    )


# ── Figures ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Figures:
    """The figures of a preview as JSON, to which stores are added.

    ``before``, ``after``: notices by metric and level (``odr.red``). ``categories``, ``sizes``: by name ``stores`` and
    the differences by level. ``changed``: stores whose notices differ; ``rows``: notices that do. ``earlier``,
    ``later``: by level how many notices move, and ``earlier_days``, ``later_days`` by how many days together.
    ``fields``: the same of each field alone.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data: dict[str, Any] = json.loads(json.dumps(data)) if data else {}

    def add_store(self, one: SimulatedStore, changes: Sequence[NoticeChange], *, size: int) -> None:
        """Add a store with its notices before and after."""
        for name, notices in (("before", one.notices[0]), ("after", one.notices[1])):
            self._add(name, _counts(notices))
        self.data["changed"] = self.data.get("changed", 0) + bool(changes)
        self.data["rows"] = self.data.get("rows", 0) + len(changes)
        differing = _differences(changes)
        for group, name in (("categories", one.category), ("sizes", str(size))):
            figures = self.data.setdefault(group, {}).setdefault(name, {"stores": 0})
            figures["stores"] += 1
            _count_up(figures, differing)
        for name, counts in _moves(changes).items():
            self._add(name, counts)

    def add_field(self, key: str, changes: Sequence[NoticeChange]) -> None:
        """Add what a field alone does to a store."""
        figures = self.data.setdefault("fields", {}).setdefault(key, {})
        _count_up(figures.setdefault("more", {}), _differences(changes))
        for name, counts in _moves(changes).items():
            _count_up(figures.setdefault(name, {}), counts)

    def _add(self, name: str, counts: Mapping[str, int]) -> None:
        _count_up(self.data.setdefault(name, {}), counts)


def _count_up(figures: dict[str, int], counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        figures[name] = figures.get(name, 0) + count


def _counts(notices: Iterable[SimulatedNotice]) -> Counter[str]:
    return Counter(f"{one.metric}.{one.level}" for one in notices)


def _differences(changes: Iterable[NoticeChange]) -> dict[str, int]:
    """How many more notices there are, by level."""
    found: Counter[str] = Counter()
    for change in changes:
        found[change.level] += (change.before is None) - (change.after is None)
    return dict(found)


def _moves(changes: Iterable[NoticeChange]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for change in changes:
        if days := change.days_earlier:
            name = "earlier" if days > 0 else "later"
            found.setdefault(name, Counter())[change.level] += 1
            found.setdefault(f"{name}_days", Counter())[change.level] += abs(days)
    return found

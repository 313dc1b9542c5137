"""Looks reasons up, set by set: for the rows of a page or a chunk, or for every problem of a window (PG-04, MX-15)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.sql import (
    SQL,
    Composable,
    Identifier,
    Literal,
    View,
    aliased,
    comma,
    drop_temp,
    execute,
    literals,
    make_temp,
    make_views,
)
from core.timebase import from_epoch
from metrics.anchors import Subject
from metrics.counters import ANCHOR_OF
from metrics.facts.differences import COMPLAINTS, DISPUTES, ORDERS, WAITS, Contribution
from metrics.facts.orderview import complaint_view, dispute_view, order_views, review_view, wait_view
from metrics.reasons.declared import REASONS

KIND_OF: dict[Subject, Contribution] = {kind.subject: kind for kind in (ORDERS, WAITS, DISPUTES, COMPLAINTS)}
# The data changed since the facts were computed: all that is known is which counter it failed.
UNKNOWN = ""


class Failing(Protocol):
    """A subject that fails a counter, as problem rows name it."""

    @property
    def counter(self) -> str: ...
    @property
    def order_id(self) -> int: ...
    @property
    def subject_id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a subject fails: the code, the instant at which it counted, from when to when it is measured (no end: still
    open), and the codes of what would have made it fail later."""

    code: str
    at: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    also: tuple[str, ...] = ()

    def lasted(self, now: datetime) -> timedelta | None:
        """What is measured, up to now where it is still open; None where nothing is, or not yet."""
        if self.since is None:
            return None
        span = (self.until or now) - self.since
        return span if span >= timedelta() else None


Key = tuple[str, int, int]


def reasons_of(problems: Iterable[Failing]) -> Mapping[Key, Reason]:
    """The reasons of problem rows by counter, order and subject: one query for any number of rows. Each has one."""
    keys = {key_of(problem) for problem in problems}
    found = dict.fromkeys(keys, Reason(UNKNOWN))
    counters = sorted({counter for counter, _order, _subject in keys} & REASONS.keys())
    if not counters:
        return found
    with connection.cursor() as cursor:
        execute(cursor, _query(keys, counters))
        for counter, order_id, subject_id, code, at, since, until, also in cursor.fetchall():
            if (key := (counter, order_id, subject_id)) in found and code:
                others = tuple(dict.fromkeys(other for other in also.split() if other != code))
                found[key] = Reason(code, _instant(at), _instant(since), _instant(until), others)
    return found


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_epoch(seconds)


def key_of(problem: Failing) -> Key:
    """What tells a problem from others."""
    return problem.counter, problem.order_id, problem.subject_id


def make_reasons(cursor: CursorWrapper, counters: Sequence[str], problems: Composable) -> None:
    """Make ``tmp_reason``, the reasons of many problems: ``problems`` is a SELECT of counter, order_id and
    subject_id. Its rows are as `select_reasons` says."""
    make_temp(cursor, "tmp_failing", problems)
    subjects = {ANCHOR_OF[counter].subject for counter in counters}
    of_complaints = [counter for counter in counters if ANCHOR_OF[counter].subject == Subject.COMPLAINT]
    orders = SQL("SELECT DISTINCT order_id AS id FROM tmp_failing WHERE order_id <> 0")
    make_temp(cursor, "tmp_batch", orders, key=("id",))
    complaints = SQL("SELECT DISTINCT subject_id AS id FROM tmp_failing WHERE counter IN ({counters})")
    make_temp(cursor, "tmp_complaint_batch", complaints.format(counters=literals(of_complaints)), key=("id",))
    make_views(cursor, _views(subjects))
    make_temp(cursor, "tmp_reason", select_reasons(counters), key=("order_id",))


def drop_reasons(cursor: CursorWrapper) -> None:
    """Forget the table that `make_reasons` made, and what it is made of."""
    views = [view.name for view in _views(set(Subject))]
    drop_temp(cursor, ("tmp_failing", "tmp_batch", "tmp_complaint_batch", "tmp_reason", *views))


def select_reasons(counters: Sequence[str]) -> Composable:
    """SELECT of counter, order_id, subject_id, code, at, since, until, also (instants in epoch seconds) of every
    subject in the views, as if it failed each of the counters."""
    return SQL(" UNION ALL ").join(map(_select, counters))


def _select(counter: str) -> Composable:
    kind, reason = KIND_OF[ANCHOR_OF[counter].subject], REASONS[counter]
    instants = {"at": reason.at, "since": reason.since, "until": reason.until}
    return SQL("""SELECT {counter} AS counter, CAST({order} AS BIGINT) AS order_id,
        CAST({subject} AS BIGINT) AS subject_id, {code} AS code, {instants}, {also} AS also
        FROM {view} o""").format(
        counter=Literal(counter),
        order=SQL(kind.order_sql),
        subject=SQL(kind.subject_sql),
        code=reason.code,
        instants=aliased(
            {name: SQL("CAST({value} AS BIGINT)").format(value=value) for name, value in instants.items()}
        ),
        also=reason.also,
        view=Identifier(kind.view),
    )


def _views(subjects: Iterable[Subject], *, shadows: bool = False) -> list[View]:
    """The views that the subjects need, each after what it is made of."""
    wanted = set(subjects)
    views: list[View] = []
    if wanted - {Subject.COMPLAINT}:
        views += [review_view(), *order_views(shadows=shadows)]
    more = ((Subject.WAIT, wait_view), (Subject.DISPUTE, dispute_view), (Subject.COMPLAINT, complaint_view))
    return [*views, *(view() for subject, view in more if subject in wanted)]


def _query(keys: Iterable[Key], counters: Sequence[str]) -> Composable:
    """The reasons of the subjects that the keys name."""
    of_complaints = {counter for counter in counters if ANCHOR_OF[counter].subject == Subject.COMPLAINT}
    orders = {order for counter, order, _subject in keys if counter not in of_complaints}
    complaints = {subject for counter, _order, subject in keys if counter in of_complaints}
    views = _views({ANCHOR_OF[counter].subject for counter in counters})
    return _stated(views, orders, complaints, select_reasons(counters))


def view_query(orders: Iterable[int], subjects: Iterable[Subject], selects: Iterable[Composable]) -> Composable:
    """SELECTs over the views of some orders in one statement; the views tell of what is left out too."""
    return _stated(_views(subjects, shadows=True), orders, (), SQL(" UNION ALL ").join(selects))


def _stated(views: Iterable[View], orders: Iterable[int], complaints: Iterable[int], select: Composable) -> Composable:
    """One statement: the views as common table expressions, so that a page writes nothing."""
    tables = {
        "tmp_batch": SQL("SELECT id FROM orders_order WHERE id IN ({ids})").format(ids=literals(sorted(orders))),
        "tmp_complaint_batch": SQL("SELECT id FROM disputes_copyrightcomplaint WHERE id IN ({ids})").format(
            ids=literals(sorted(complaints))
        ),
        **{view.name: view.select for view in views},
    }
    stated = comma(
        SQL("{name} AS MATERIALIZED ({made})").format(name=Identifier(name), made=made) for name, made in tables.items()
    )
    return SQL("WITH {stated} {select}").format(stated=stated, select=select)

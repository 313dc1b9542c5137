"""The lives of notices, on which consequences depend (PN-14)."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from core.models import Event
from notifications.ladder import ACTING_STATES, NoticeLife
from notifications.models import Notice
from notifications.queries.notices import SUBJECT
from notifications.rules import NoticeLevel, State
from orders.rules.holds import HoldPeriod

KINDS = {f"{SUBJECT}.{state}": state for state in State}
Moves = Sequence[tuple[State, datetime]]


def notice_lives(notices: Collection[Notice]) -> dict[int, NoticeLife]:
    """The lives of notices by id, by one query for all; their stores are loaded."""
    numbers = [notice.number for notice in notices]
    rows = Event.objects.filter(
        store_no__in={notice.store.store_no for notice in notices},
        subject_kind=SUBJECT,
        subject_key__in=numbers,
        kind__in=KINDS,
    )
    told = rows.order_by("subject_key", "id").values_list("subject_key", "kind", "at") if notices else ()
    moves = {
        number: [(KINDS[kind], at) for _number, kind, at in some] for number, some in groupby(told, lambda row: row[0])
    }
    return {
        notice.pk: NoticeLife(
            level=NoticeLevel(notice.level),
            state=State(notice.state),
            triggered_at=notice.triggered_at,
            opened_at=notice.opened_at,
            ended_at=notice.ended_at,
            acting=list(_acting(moves.get(notice.number, ()))),
        )
        for notice in notices
    }


def _acting(moves: Moves) -> Iterator[HoldPeriod]:
    """The periods in which somebody acted; from an appeal to the plan that its rejection opens is one."""
    since = None
    for state, at in moves:
        if state in ACTING_STATES:
            since = since or at
        elif since is not None:
            yield HoldPeriod(since, at)
            since = None
    if since is not None:
        yield HoldPeriod(since)

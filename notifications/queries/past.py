"""Earlier notices of a metric, and what ended them (PN-30)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from core.models import Event
from notifications.models import Notice, PlanMeasure
from notifications.queries.notices import SUBJECT
from notifications.rules import DONE
from stores.actors import names_of_actors

MOST_SIMILAR = 5


@dataclass(frozen=True, slots=True)
class PastNotice:
    """An earlier notice with what replaced it; ``ended_at``: when it was over, None while it is open and of those
    apart; ``measures``: what its improvement plan says was done."""

    notice: Notice
    replaced_by: Notice | None
    ended_at: datetime | None
    measures: Sequence[str]


def past_notices(notice: Notice) -> list[PastNotice]:
    """The store's earlier notices of the metric, newest first."""
    earlier = Q(day__lt=notice.day) | Q(day=notice.day, pk__lt=notice.pk)
    rows = Notice.objects.filter(earlier, store=notice.store, metric=notice.metric).order_by("-day", "-id")
    found = list(rows.prefetch_related("replaced_by")[:MOST_SIMILAR])
    done: dict[int, list[str]] = {}
    measures = PlanMeasure.objects.filter(plan__notice__in=found, kind=DONE).exclude(text="")
    for key, text in measures.order_by("place").values_list("plan__notice", "text"):
        done.setdefault(key, []).append(text)
    return [
        PastNotice(
            one, next(iter(one.replaced_by.all()), None), None if one.is_apart else one.ended_at, done.get(one.pk, [])
        )
        for one in found
    ]


def who_moved(notice: Notice) -> str:
    """Who brought a notice into its present state, in the reader's language (RL-06)."""
    kind = f"{SUBJECT}.{notice.state}"
    event = Event.objects.filter(subject_kind=SUBJECT, subject_key=notice.number, kind=kind).order_by("-id").first()
    return names_of_actors([event.actor])[event.actor] if event else "–"

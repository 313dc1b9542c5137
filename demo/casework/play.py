"""Plays the stories between the nights: everybody acts at the instant of their step, timers fire when they are due."""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

from appeals.queries.kinds import find_subject
from appeals.rules import AppealKind
from core.outbox.delivering import run_outbox
from core.sweeping import sweep
from demo.casework.acting import Act, Case
from demo.casework.stories import APPEALED_LATELY, OPENED, REVIEWS, STORIES, VERDICTS, Story
from disputes.models import Dispute
from notifications.channels.delivering import deliver_mail
from notifications.models import Notice
from notifications.rules import State
from orders.models import Review
from stores.models import Membership, Store, User


class Play:
    """The steps that wait, in order of their instants."""

    def __init__(self, reviewers: tuple[User, User]) -> None:
        self._reviewers = reviewers
        self._waiting: list[tuple[datetime, int, Case, Act]] = []
        self._places = count()
        self._known: set[int] = set()

    def begin_reviews(self, at: datetime) -> None:
        """The stories of negative reviews and verdicts, which end at ``at``."""
        for kind, stories in ((AppealKind.REVIEW, REVIEWS), (AppealKind.VERDICT, VERDICTS)):
            taken: set[str] = set()
            for store_no, story in stories:
                store = Store.objects.select_related("company").get(store_no=store_no)
                key = next((one for one in _subjects(store, kind, at) if one not in taken), None)
                if key is not None:
                    taken.add(key)
                    self._add(self._case(store, kind, key), story, at)

    def appeal_lately(self, at: datetime) -> None:
        """The notice of last night against which an appeal has been handed in by ``at``."""
        store_no, metric, story = APPEALED_LATELY
        notices = Notice.objects.select_related("store__company").filter(store__store_no=store_no, metric=metric)
        for notice in notices.filter(state=State.ISSUED).order_by("pk"):
            case = self._case(notice.store, AppealKind.NOTICE, notice.number)
            for step in story:
                step.act(case, max(at + step.after, notice.triggered_at))

    def go_on(self, until: datetime) -> None:
        """Do what is due until an instant, then let timers fire, and messages and mails go out."""
        self._begin_notices()
        while self._waiting and self._waiting[0][0] <= until:
            at, _place, case, act = heapq.heappop(self._waiting)
            sweep(at=at)
            act(case, at)
            run_outbox(at=at)
        sweep(at=until)
        # What is delivered may record events for subscribers whose turn was before.
        while run_outbox(at=until).delivered:
            pass
        deliver_mail(at=until)

    def _begin_notices(self) -> None:
        notices = Notice.objects.select_related("store__company").filter(store__company__is_demo=True)
        for notice in notices.filter(state=State.ISSUED).exclude(pk__in=self._known).order_by("pk"):
            self._known.add(notice.pk)
            story = STORIES.get((notice.store.store_no, notice.metric, notice.level), OPENED[notice.level])
            self._add(self._case(notice.store, AppealKind.NOTICE, notice.number), story, notice.triggered_at)

    def _case(self, store: Store, kind: AppealKind, key: str) -> Case:
        owner = Membership.objects.select_related("user").filter(company=store.company, role=Membership.Role.OWNER)
        return Case(store, kind, key, owner.order_by("pk")[0].user, self._reviewers)

    def _add(self, case: Case, story: Story, since: datetime) -> None:
        for step in story:
            heapq.heappush(self._waiting, (since + step.after, next(self._places), case, step.act))


def _subjects(store: Store, kind: AppealKind, at: datetime) -> Iterator[str]:
    """What can be appealed against in a store, newest first."""
    if kind == AppealKind.REVIEW:
        reviews = Review.objects.filter(store=store, described__lte=2, created_at__lt=at - timedelta(days=4))
        keys = list(reviews.order_by("-created_at").values_list("order__order_no", flat=True))
    else:
        disputes = Dispute.objects.filter(store=store, closed_at__gt=at - timedelta(hours=70))
        keys = list(disputes.order_by("closed_at").values_list("dispute_no", flat=True))
    for key in keys:
        found = find_subject(store, kind, key)
        if found is not None and found.refusal is None:
            yield key

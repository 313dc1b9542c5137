"""What the pages share on which staff decide cases and claims: who may, claiming, handing over (RL-06)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.pages.components import Banner
from orders.presenters.working import ClaimBar
from orders.services.working import Work, claim_work, hand_over_work, release_work
from stores.claims import holder_of, is_of_company, name_of, people_who_may, unclaimed
from stores.desk import staff_of
from stores.models import User

# The page once more, with a status and what has to be said.
Again = Callable[[int, Banner | None], HttpResponse]


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of the desk: what waits there, who may decide it and hand it over, and the names of the addresses of the
    queue and of the page of one row. ``barred``: the ids of people who may not decide a row, whatever their role."""

    work: Work
    decide: str
    reassign: str
    url_name: str
    page_name: str
    barred: Callable[[Any], Collection[int]] = lambda _row: ()

    @property
    def url(self) -> str:
        return reverse(self.url_name)


def claim_bar(queue: Queue, row: Any, *, waits: bool, user: User, at: datetime) -> ClaimBar:
    """Who has claimed a row, and what the person may do about it."""
    holder = holder_of(row, user=user, at=at) if waits else None
    if not waits or not user.has_perm(queue.decide) or _is_barred(queue, row, user):
        return ClaimBar(holder)
    mine = holder is not None and holder.mine
    may_reassign = mine or user.has_perm(queue.reassign)
    people = people_who_may(queue.decide, company_id=row.store.company_id) if may_reassign else ()
    colleagues = [(one.pk, name_of(one)) for one in people if one.pk not in (user.pk, *queue.barred(row))]
    return ClaimBar(holder, decides=mine, claims=holder is None, colleagues=colleagues)


def _is_barred(queue: Queue, row: Any, user: User) -> bool:
    return user.pk in queue.barred(row) or is_of_company(user, row.store.company_id)


def claim_first(request: HttpRequest, queue: Queue, rows: QuerySet[Any]) -> HttpResponse:
    """Claim the first of the rows that nobody has claimed and the person may decide, and show it."""
    user, at = staff_of(request, queue.decide), timezone.now()
    free = rows.filter(unclaimed(at)).exclude(store__company__memberships__user=user).select_related("store__company")
    # Somebody else may claim it in between: then the next one is the first.
    while (row := free.first()) is not None:
        if claim_work(work=queue.work, row=row, person=user, at=at):
            return HttpResponseRedirect(reverse(queue.page_name, args=[row.pk]))
    messages.info(request, _("Nothing waits there that you could claim now."))
    return HttpResponseRedirect(queue.url)


def answer_post(
    request: HttpRequest,
    queue: Queue,
    row: Any,
    *,
    again: Again,
    decide: Callable[[User, datetime], HttpResponse],
) -> HttpResponse:
    """Do what the button ``do`` says: claim, release, hand over, or else decide. The view has seen to it that the
    person may. The loser of a race gets 409 and the page, which says who was faster."""
    user, now = cast(User, request.user), timezone.now()
    if user.pk in queue.barred(row):
        return again(409, None)
    do = request.POST.get("do")
    if do == "claim":
        done = claim_work(work=queue.work, row=row, person=user, at=now)
        return HttpResponseRedirect(request.path) if done else again(409, None)
    if do == "release":
        done = release_work(work=queue.work, row=row, person=user, at=now)
        return HttpResponseRedirect(queue.url) if done else again(409, None)
    if do == "hand_over":
        return _hand_over(request, queue, row, user, now, again)
    return decide(user, now)


def _hand_over(request: HttpRequest, queue: Queue, row: Any, user: User, now: datetime, again: Again) -> HttpResponse:
    chosen = request.POST.get("to", "")
    people = people_who_may(queue.decide, company_id=row.store.company_id)
    people = people.exclude(pk__in=queue.barred(row))
    to = people.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
    if to is None:
        return again(422, Banner("red", "", _("Choose a colleague to hand it over to.")))
    holder = row.claimed_by
    if holder != user and not user.has_perm(queue.reassign):
        return again(409, None)
    if not hand_over_work(work=queue.work, row=row, holder=holder, to=to, by=user, at=now):
        return again(409, None)
    messages.success(request, _("Handed over."))
    return HttpResponseRedirect(queue.url)

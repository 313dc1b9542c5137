"""What the steps of a draft show (AP-01)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from appeals.models import Appeal, AppealFile, AppealOrder
from appeals.queries.effects import Effect, effect_of
from appeals.queries.eligibility import eligibility_of
from appeals.queries.files import files_of
from appeals.queries.kinds import KINDS, Subject, subject_of
from appeals.queries.on_record import kinds_on_record
from appeals.queries.progress import last_change
from core.models import Event
from rulebook.queries import policy_at
from stores.actors import names_of_actors
from stores.models import Store


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with all that was saved of it. ``until``: the last second to submit it; ``needed``: the kinds of evidence
    that its orders need, ``on_record``: those that the product has of all of them; ``changed``: the latest event,
    ``changed_by`` whose it was; ``effect``: of all its orders, None while there are none or where the step doesn't show
    it."""

    appeal: Appeal
    subject: Subject
    until: datetime | None
    orders: Sequence[AppealOrder]
    files: Sequence[AppealFile]
    needed: tuple[str, ...]
    on_record: frozenset[str]
    changed: Event | None
    changed_by: str
    effect: Effect | None


def appeal_of(store: Store, number: str) -> Appeal:
    """The store's appeal of this number; Http404 as for one that isn't there (RL-08)."""
    rows = Appeal.objects.select_related("notice", "dispute", "previous", "created_by").filter(store=store)
    # PostgreSQL refuses text with NUL as an error of the query.
    found = None if "\x00" in number else rows.filter(number=number).first()
    if found is None:
        raise Http404
    found.store = store
    if found.notice is not None:
        found.notice.store = store
    return found


def draft_of(appeal: Appeal, at: datetime, *, with_effect: bool = True) -> Draft:
    """Load a draft."""
    subject = subject_of(appeal)
    orders = orders_of(appeal)
    changed = last_change(appeal)
    exceptions = dict.fromkeys(row.exception for row in orders)
    ids = [row.order_id for row in orders]
    return Draft(
        appeal=appeal,
        subject=subject,
        until=eligibility_of(subject, at).until,
        orders=orders,
        files=files_of(appeal),
        needed=KINDS[subject.kind].needed(subject, policy_at(at), exceptions),
        on_record=_on_record(subject, ids, at),
        changed=changed,
        changed_by=names_of_actors([changed.actor])[changed.actor] if changed else "",
        effect=effect_of(subject, ids, at) if ids and with_effect else None,
    )


def _on_record(subject: Subject, order_ids: Sequence[int], at: datetime) -> frozenset[str]:
    if not order_ids:
        return frozenset()
    found = kinds_on_record(store=subject.store, dispute=subject.dispute, order_ids=order_ids, at=at)
    return frozenset.intersection(*(found.get(pk, frozenset()) for pk in order_ids))


def orders_of(appeal: Appeal) -> list[AppealOrder]:
    """The orders that an appeal names, in order."""
    return list(AppealOrder.objects.filter(appeal=appeal).select_related("order").order_by("place"))

"""Grants end with what they stand on."""

from collections.abc import Sequence

from api.services.granting import end_grants_of_person
from core.models import Event
from core.outbox.subscribers import subscriber
from stores.models import Membership


@subscriber("api_grants", kinds=("member.removed", "member.changed", "person.disabled"))
def end_grants(events: Sequence[Event]) -> None:
    """Whoever owns a company no more, or whose account was closed, grants nothing any more. Tokens stopped with the
    change itself; this keeps the grant from coming back with the person."""
    for event in events:
        if event.kind == "person.disabled":
            end_grants_of_person(user_id=int(event.subject_key), at=event.at)
        elif event.after.get("role") != Membership.Role.OWNER:
            company_no, _, user_id = event.subject_key.rpartition("/")
            end_grants_of_person(user_id=int(user_id), company_no=company_no, at=event.at)

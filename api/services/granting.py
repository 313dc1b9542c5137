"""Giving and ending grants (IX-20, TM-08)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from api.models import ApiClient, Grant, Token
from api.services.recording import record_client_event
from core.events import SYSTEM
from stores.models import Company, Membership, Store, User
from stores.principals import Person


class NotOwnerError(PermissionError):
    """The person owns the client's company no more."""


class ClientGoneError(LookupError):
    """The client was revoked meanwhile."""


@transaction.atomic
def grant_access(
    *, client: ApiClient, stores: Sequence[Store], scopes: Sequence[str], owner: User, at: datetime
) -> Grant:
    """Grant the client stores of its company and scopes; the owner's earlier grant to it ends.

    Raises NotOwnerError, ClientGoneError, and ValueError for no store, no scope, or a store of another company.
    """
    # The company's row is the lock of its people: who is taken out at this moment grants nothing afterwards.
    Company.objects.select_for_update().get(pk=client.company_id)
    _require_owner(client, owner)
    if not ApiClient.objects.filter(pk=client.pk, revoked_at=None).exists():
        raise ClientGoneError
    if not scopes or not stores or any(store.company_id != client.company_id for store in stores):
        raise ValueError("a grant has scopes, and stores of the client's company")
    actor = Person(owner).actor
    for earlier in Grant.objects.filter(client=client, granted_by=owner, ended_at=None):
        end_grant(grant=earlier, end=Grant.End.REPLACED, actor=actor, at=at)
    grant = Grant.objects.create(client=client, scopes=list(scopes), granted_by=owner, granted_at=at)
    grant.stores.set(stores)
    numbers = sorted(store.store_no for store in stores)
    record_client_event("api_grant.given", client, actor, at, after={"stores": numbers, "scopes": list(scopes)})
    return grant


@transaction.atomic
def end_grant(*, grant: Grant, end: Grant.End, actor: str, at: datetime) -> bool:
    """End a grant with all its tokens. False where it had ended before."""
    if Grant.objects.filter(pk=grant.pk, ended_at=None).update(ended_at=at, end=end) != 1:
        return False
    Token.objects.filter(grant=grant, revoked_at=None).update(revoked_at=at)
    record_client_event("api_grant.ended", grant.client, actor, at, after={"end": end})
    return True


@transaction.atomic
def end_grants_of_person(*, user_id: int, at: datetime, company_no: str = "") -> int:
    """End what a person granted who owns a company no more, or any: what it stood on is gone. Returns how many."""
    grants = Grant.objects.filter(granted_by=user_id, ended_at=None).select_related("client__company")
    if company_no:
        grants = grants.filter(client__company__company_no=company_no)
    return _end_all(grants, Grant.End.OWNER, SYSTEM, at)


def end_grants_of_client(*, client: ApiClient, actor: str, at: datetime) -> int:
    """End all grants of a client. Returns how many."""
    return _end_all(client.grants.filter(ended_at=None).select_related("client__company"), Grant.End.REVOKED, actor, at)


def _end_all(grants: Iterable[Grant], end: Grant.End, actor: str, at: datetime) -> int:
    return sum(end_grant(grant=grant, end=end, actor=actor, at=at) for grant in grants)


def _require_owner(client: ApiClient, owner: User) -> None:
    owned = Membership.objects.filter(company=client.company_id, user=owner, role=Membership.Role.OWNER)
    if not owned.filter(user__is_active=True).exists():
        raise NotOwnerError

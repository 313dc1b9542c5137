"""Whom a token speaks for."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from api.models import Grant, Token
from api.rules import hash_token
from api.scopes import parse_scopes
from core.timebase import to_epoch
from stores.models import Membership, Store
from stores.principals import Program


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls with a token: its program as a principal, and the rows behind it."""

    program: Program
    token: Token
    grant: Grant


def standing_grants() -> QuerySet[Grant]:
    """Grants that allow something: not ended, of a client that is not revoked, given by somebody who owns the company
    and has an open account."""
    owner = Membership.objects.filter(
        user=OuterRef("granted_by"),
        company=OuterRef("client__company"),
        role=Membership.Role.OWNER,
        user__is_active=True,
    )
    return Grant.objects.filter(Exists(owner), ended_at=None, client__revoked_at=None)


def granted_stores(grant: Grant) -> QuerySet[Store]:
    """The stores of a grant that still are the company's."""
    return grant.stores.filter(company=grant.client.company_id)


def caller_of(token: str, at: datetime) -> Caller | None:
    """Who calls with this access token; None when it is unknown, expired, revoked, or its grant stands no more or has
    no store left."""
    found = (
        Token.objects.filter(
            token_hash=hash_token(token),
            kind=Token.Kind.ACCESS,
            revoked_at=None,
            # The whole last second is in time.
            expires_at__gte=to_epoch(at),
        )
        .filter(Q(grant__in=standing_grants()))
        .select_related("grant__client__company")
        .first()
    )
    if found is None:
        return None
    grant = found.grant
    stores = frozenset(granted_stores(grant).values_list("pk", flat=True))
    if not stores:
        return None
    program = Program(grant.client.client_id, grant.client.company_id, stores, parse_scopes(found.scopes))
    return Caller(program, found, grant)

"""API clients, grants and tokens for tests: what an owner and the protocol make, without the way there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.test import Client
from django.utils import timezone

from api.models import ApiClient, Grant, Token
from api.rules import hash_token, hint_of, make_token
from stores.models import Company, Membership, Store, User

READ_ALL = ("orders:read", "metrics:read", "notices:read", "appeals:read")
WRITE_ALL = (*READ_ALL, "orders:write", "appeals:write")


def token_for(*stores: Store, scopes: Sequence[str] = READ_ALL, at: datetime | None = None) -> str:
    """An access token for the stores, all of one company, which an owner of it granted to a program of its own."""
    return access_token(make_grant(*stores, scopes=scopes, at=at), at=at)


def api_client(token: str, **headers: str) -> Client:
    """A client that sends the token and answers in English unless told otherwise."""
    return Client(headers={"Authorization": f"Bearer {token}", "Accept-Language": "en", **headers})


def make_client(company: Company, *, kind: str = "own", name: str = "ERP", **more: object) -> ApiClient:
    number = ApiClient.objects.count() + 1
    created = more.pop("created_at", timezone.now())
    return ApiClient.objects.create(
        company=company, client_id=f"dwtest{number}", name=name, kind=kind, created_at=created, **more
    )


def make_grant(
    *stores: Store,
    scopes: Sequence[str] = READ_ALL,
    client: ApiClient | None = None,
    owner: User | None = None,
    at: datetime | None = None,
) -> Grant:
    """A grant of the stores by an owner of their company, who is made if there is none."""
    company = stores[0].company
    grant = Grant.objects.create(
        client=client or make_client(company),
        scopes=list(scopes),
        granted_by=owner or owner_of(company),
        granted_at=at or timezone.now(),
    )
    grant.stores.set(stores)
    return grant


def access_token(grant: Grant, *, at: datetime | None = None, minutes: int = 15) -> str:
    """A new access token of the grant, of which only the hash is stored."""
    token, at = make_token("a"), at or timezone.now()
    Token.objects.create(
        grant=grant,
        kind=Token.Kind.ACCESS,
        token_hash=hash_token(token),
        hint=hint_of(token),
        scopes=grant.scopes,
        issued_at=at,
        expires_at=at + timedelta(minutes=minutes),
    )
    return token


def owner_of(company: Company) -> User:
    found = User.objects.filter(memberships__company=company, memberships__role="owner", is_active=True).first()
    if found:
        return found
    owner = User.objects.create_user(f"owner-{company.pk}@example.com")
    Membership.objects.create(company=company, user=owner, role="owner")
    return owner

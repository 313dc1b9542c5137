"""Registering API clients, their secrets, and revoking them (IX-20, PG-16)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from api.models import ApiClient
from api.rules import hash_token, hint_of, make_token
from api.services.granting import end_grants_of_client, grant_access
from api.services.recording import record_client_event
from stores.models import Company, Store, User
from stores.principals import Person

MOST_CLIENTS = 20
FORMER_SECRET = timedelta(hours=24)


class TooManyClientsError(ValueError):
    """The company has as many clients as it may."""


class ClientChangedError(ValueError):
    """Somebody else was faster."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What an owner registers. A program of the company's own is granted ``stores`` and ``scopes`` at once; others ask
    for them on the consent page."""

    name: str
    kind: str
    redirect_uris: Sequence[str] = ()
    stores: Sequence[Store] = ()
    scopes: Sequence[str] = ()


@transaction.atomic
def register_client(
    *, company: Company, registration: Registration, owner: User, at: datetime
) -> tuple[ApiClient, str]:
    """Register a client; returns its secret too, which is stored nowhere, or "" for a kind that can keep none. Raises
    TooManyClientsError and what `grant_access` does."""
    Company.objects.select_for_update().get(pk=company.pk)
    if company.api_clients.filter(revoked_at=None).count() >= MOST_CLIENTS:
        raise TooManyClientsError
    secret = make_token("s") if registration.kind != ApiClient.Kind.NATIVE else ""
    client = ApiClient.objects.create(
        company=company,
        client_id=f"dw{secrets.token_hex(10)}",
        name=registration.name,
        kind=registration.kind,
        redirect_uris=list(registration.redirect_uris),
        secret_hash=hash_token(secret) if secret else "",
        secret_hint=hint_of(secret),
        created_at=at,
    )
    after = {"name": client.name, "kind": client.kind, "redirect_uris": client.redirect_uris}
    record_client_event("api_client.registered", client, Person(owner).actor, at, after=after)
    if client.kind == ApiClient.Kind.OWN:
        grant_access(client=client, stores=registration.stores, scopes=registration.scopes, owner=owner, at=at)
    return client, secret


@transaction.atomic
def change_client(*, client: ApiClient, name: str, redirect_uris: Sequence[str], actor: str, at: datetime) -> None:
    """Change name and redirect addresses. Raises ClientChangedError where it was revoked or changed meanwhile."""
    before = {"name": client.name, "redirect_uris": client.redirect_uris}
    after = {"name": name, "redirect_uris": list(redirect_uris)}
    present = ApiClient.objects.filter(pk=client.pk, revoked_at=None, name=client.name)
    if present.update(**after) != 1:
        raise ClientChangedError
    if before != after:
        record_client_event("api_client.changed", client, actor, at, before=before, after=after)


@transaction.atomic
def replace_secret(*, client: ApiClient, actor: str, at: datetime) -> str:
    """A new secret; the former one is accepted for `FORMER_SECRET`. Raises ClientChangedError."""
    secret = make_token("s")
    present = ApiClient.objects.filter(pk=client.pk, revoked_at=None, secret_hash=client.secret_hash)
    if (
        not client.secret_hash
        or present.update(
            secret_hash=hash_token(secret),
            secret_hint=hint_of(secret),
            former_hash=client.secret_hash,
            former_until=at + FORMER_SECRET,
        )
        != 1
    ):
        raise ClientChangedError
    record_client_event("api_client.secret_replaced", client, actor, at)
    return secret


@transaction.atomic
def revoke_client(*, client: ApiClient, actor: str, at: datetime) -> None:
    """The client gets no tokens any more, and its grants end. Raises ClientChangedError where it was revoked before."""
    if ApiClient.objects.filter(pk=client.pk, revoked_at=None).update(revoked_at=at) != 1:
        raise ClientChangedError
    end_grants_of_client(client=client, actor=actor, at=at)
    record_client_event("api_client.revoked", client, actor, at, before={"name": client.name})

"""The pages of API clients (PG-16)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from api.models import ApiClient, ClientDay, Grant
from api.scopes import SCOPES
from core.pages.components import Tab
from core.rules import has_lapsed
from stores.context_processors import nav
from stores.models import Company


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client in the list."""

    client: ApiClient
    level: str
    state: str
    last_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class ClientsPage:
    """What templates/api/clients.html reads."""

    nav: dict[str, Any]
    company: Company
    rows: list[ClientRow]
    kinds: list[Tab]
    kind: str
    form: Form
    may_add: bool
    docs_url: str


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant with its stores and scopes in words."""

    grant: Grant
    level: str
    state: str
    stores: list[str]
    scopes: list[str]
    owner: str
    end_url: str


@dataclass(frozen=True, slots=True)
class ClientPage:
    """What templates/api/client.html reads. ``secret``: a new one, which is shown this once."""

    nav: dict[str, Any]
    company: Company
    row: ClientRow
    grants: list[GrantRow]
    days: Sequence[ClientDay]
    form: Form
    addresses: list[tuple[str, str]]
    actions: dict[str, str]
    list_url: str
    secret: str
    is_own: bool
    has_secret: bool
    former_until: datetime | None


def clients_page_of(
    request: HttpRequest, company: Company, clients: Sequence[ApiClient], kind: str, form: Form, *, most: int
) -> ClientsPage:
    """The list with the form for one kind of client."""
    base = reverse("api:clients", args=[company.company_no])
    kinds = [
        Tab(label=capfirst(str(label)), url=f"{base}?kind={value}#add", current=value == kind)
        for value, label in ApiClient.Kind.choices
    ]
    present = sum(client.revoked_at is None for client in clients)
    rows = [client_row(client) for client in clients]
    frame = nav(request, current="data")
    return ClientsPage(frame, company, rows, kinds, kind, form, present < most, reverse("api:docs"))


def client_page_of(
    request: HttpRequest,
    client: ApiClient,
    grants: Sequence[Grant],
    days: Sequence[ClientDay],
    form: Form,
    at: datetime,
    *,
    base: str,
    secret: str = "",
) -> ClientPage:
    """A client with its grants and use."""
    number = [client.company.company_no, client.client_id]
    names = ("change", "secret", "revoke", "grant", "end")
    actions = {name: reverse("api:client_act", args=[*number, name]) for name in names}
    until = client.former_until if client.former_until and not has_lapsed(client.former_until, at) else None
    is_own = client.kind == ApiClient.Kind.OWN
    addresses = [(_("Tokens"), base + reverse("api:token")), (_("Requests"), base + reverse("api-v1:api-root"))]
    if not is_own:
        addresses.insert(0, (_("Consent of the owner"), base + reverse("api:authorize")))
    return ClientPage(
        nav=nav(request, current="data"),
        company=client.company,
        row=client_row(client),
        grants=[grant_row(grant, actions["end"]) for grant in grants],
        days=days,
        form=form,
        addresses=addresses,
        actions=actions,
        list_url=reverse("api:clients", args=number[:1]),
        secret=secret,
        is_own=is_own,
        has_secret=bool(client.secret_hash),
        former_until=until,
    )


def client_row(client: Any) -> ClientRow:
    """A client of `clients_of`."""
    if client.revoked_at is not None:
        level, state = "na", pgettext("state of an API client", "revoked")
    elif client.stands:
        level, state = "ok", pgettext("state of an API client", "has access")
    else:
        level, state = "few", pgettext("state of an API client", "no access yet")
    url = reverse("api:client", args=[client.company.company_no, client.client_id])
    return ClientRow(client, level, state, client.last_at, url)


def grant_row(grant: Any, end_url: str) -> GrantRow:
    """A grant of `grants_of`."""
    if grant.stands:
        level, state = "ok", pgettext("state of a grant", "in force")
    else:
        end = Grant.End(grant.end or Grant.End.OWNER)
        level, state = "na", str(end.label)
    stores = sorted(store.name for store in grant.stores.all())
    scopes = [str(SCOPES[scope]) for scope in grant.scopes if scope in SCOPES]
    return GrantRow(grant, level, state, stores, scopes, str(grant.granted_by or "–"), end_url)

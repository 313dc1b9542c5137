"""The page of a store's registered carriers (TM-18)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from core.pages.formats import told_apart
from dashboard.queries.carrier_register import CarrierRegister
from orders.queries.tabs import TRANSIT
from stores.access import StoreRequest, may_write
from stores.context_processors import nav
from stores.models import Store
from stores.principals import Area


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """A carrier: its marks as (level, word), since when it is registered, and its orders under way."""

    code: str
    name: str
    marks: list[tuple[str, str]]
    registered_at: datetime | None
    under_way: int
    url: str


@dataclass(frozen=True, slots=True)
class CarrierRegisterPage:
    """What templates/dashboard/carrier_register.html reads. ``missing``: carriers of parcels under way that are not
    registered; ``choices``: what can be registered, as (code, name); empty for those who only read."""

    nav: dict[str, Any]
    store: Store
    url: str
    rows: list[CarrierRow]
    missing: list[CarrierRow]
    choices: list[tuple[str, str]]
    may_change: bool
    compare_url: str
    error: str


def carrier_register_page_of(request: StoreRequest, found: CarrierRegister, error: str = "") -> CarrierRegisterPage:
    """The page; ``error``: what was wrong with a choice."""
    store = request.store
    names = _names(found)
    may_change = may_write(request.principal, store, Area.ORDERS)
    return CarrierRegisterPage(
        nav=nav(request, current="carriers"),
        store=store,
        url=reverse("dashboard:carrier_register", args=[store.store_no]),
        rows=_rows(store, found, found.registered, names),
        missing=_rows(store, found, found.unregistered, names),
        choices=[(code, names[code]) for code in sorted(found.choices, key=names.__getitem__)] if may_change else [],
        may_change=may_change,
        compare_url=reverse("dashboard:carriers", args=[store.store_no]),
        error=error,
    )


def _names(found: CarrierRegister) -> dict[str, str]:
    """Names that can be told apart, codes where there is no name."""
    codes = {*found.registered, *found.under_way} - {*found.carriers}
    known = told_apart((code, carrier.name) for code, carrier in found.carriers.items())
    return {code: code for code in codes} | {code: str(name) for code, name in known}


def _rows(store: Store, found: CarrierRegister, codes: Iterable[str], names: dict[str, str]) -> list[CarrierRow]:
    return [
        CarrierRow(
            code,
            names[code],
            _marks(found, code),
            found.registered.get(code),
            found.under_way.get(code, 0),
            f"{reverse('dashboard:orders', args=[store.store_no])}?{urlencode({'tab': TRANSIT.code, 'carrier': code})}",
        )
        for code in codes
    ]


def _marks(found: CarrierRegister, code: str) -> list[tuple[str, str]]:
    carrier = found.carriers.get(code)
    if carrier is None:
        return [("na", _("unknown carrier"))]
    if not carrier.approved:
        return [("red", _("not approved"))]
    return [("ok", _("official"))] if carrier.official else []

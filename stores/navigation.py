"""What the main navigation leads to, and the sections among the pages of orders and of data: one line per page.

A page is offered once its address exists. Apps above are named by their addresses only.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.template import Context, Variable
from django.template.base import VariableDoesNotExist
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stores.access import OWN, READ, WRITE, Roles, joined_companies
from stores.models import Company, Store
from stores.principals import Principal

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Entry:
    """``key`` is what a page gives as ``nav.current``; ``argument`` the path from the store, or company, to what the
    address takes, empty for none; ``counts`` the paths in the template's context of the number beside it, of which the
    first that is there is shown. ``roles``: whom a company's page is offered to."""

    key: str
    label: "StrPromise"
    route: str
    argument: str = "store_no"
    counts: tuple[str, ...] = ()
    for_staff: bool = True
    roles: Roles = READ


@dataclass(frozen=True, slots=True)
class Link:
    """A page that is offered."""

    key: str
    label: str
    url: str
    count: Any = None


ALL_STORES = Entry("stores", _("All stores"), "dashboard:stores", "")
SHARED = (
    Entry("data", pgettext_lazy("navigation", "Data"), "intake:index", ""),
    Entry("team", _("Team and settings"), "dashboard:team", "company.company_no", for_staff=False),
    Entry("rulebook", _("Rulebook"), "rulebook:index", ""),
)
STORE_PAGES = (
    Entry("panel", pgettext_lazy("navigation", "Health"), "dashboard:panel"),
    Entry("notices", _("Notices"), "notifications:list", counts=("nav.open_notices", "inbox.open_notices")),
    Entry("appeals", pgettext_lazy("navigation", "Appeals"), "appeals:list", counts=("appealing.waiting",)),
    Entry("rating", _("Rating"), "dashboard:rating"),
    Entry("penalties", _("Penalties"), "penalties:penalties"),
    Entry("promotions", _("Promotions"), "penalties:promotions"),
    Entry("orders", pgettext_lazy("navigation", "Orders"), "dashboard:orders"),
    Entry("messages", pgettext_lazy("navigation", "Messages"), "orders:messages"),
    Entry("reviews", pgettext_lazy("navigation", "Reviews"), "dashboard:reviews"),
    Entry("listings", pgettext_lazy("navigation", "Listings"), "dashboard:listings"),
    Entry("disputes", pgettext_lazy("navigation", "Disputes"), "dashboard:disputes"),
    Entry("funds", _("Funds"), "dashboard:funds"),
    Entry("trade", _("Trade"), "dashboard:trade"),
)
# Pages about orders; all of them have "orders" as nav.current.
ORDER_SECTIONS = (
    Entry("orders", pgettext_lazy("navigation", "Orders"), "dashboard:orders"),
    Entry("risk", pgettext_lazy("navigation", "Risk"), "dashboard:risk"),
    Entry("refunds", pgettext_lazy("navigation", "Refunds"), "orders:refunds"),
    Entry("logistics", pgettext_lazy("navigation", "Abnormal logistics"), "orders:logistics"),
    Entry("carriers", pgettext_lazy("navigation", "Carriers"), "dashboard:carrier_register"),
)
# Pages about data; all of them have "data" as nav.current. Those of one company are its members'.
DATA_SECTIONS = (
    Entry("imports", _("Imports"), "intake:index", ""),
    Entry("profiles", _("Profiles"), "intake:profiles", ""),
    Entry("health", _("Sync health"), "intake:health", ""),
    Entry("connections", _("Connections"), "intake:connections", ""),
    Entry("clients", _("API clients"), "api:clients", "company_no", roles=OWN),
    Entry("webhooks", _("Webhooks"), "notifications:webhooks", "company_no", roles=WRITE),
)


def main_links(store: Store | None, *, is_staff: bool, context: Context) -> list[Link]:
    """The main navigation of a store; without one, what all stores share."""
    entries = (*STORE_PAGES, *SHARED) if store else (ALL_STORES, *SHARED)
    return list(_links([entry for entry in entries if entry.for_staff or not is_staff], store, context))


def order_links(store: Store, context: Context) -> list[Link]:
    """The pages about a store's orders."""
    return list(_links(ORDER_SECTIONS, store, context))


def data_links(principal: Principal, store: Store | None) -> list[Link]:
    """The pages about data. Those of one company are of the store's, else of the first that the person may manage."""
    return [link for entry in DATA_SECTIONS if (link := _data_link(entry, principal, store)) is not None]


def _data_link(entry: Entry, principal: Principal, store: Store | None) -> Link | None:
    arguments = []
    if entry.argument:
        company = _own_company(principal, store, entry.roles)
        if company is None:
            return None
        arguments = [getattr(company, entry.argument)]
    with suppress(NoReverseMatch):
        return Link(entry.key, str(entry.label), reverse(entry.route, args=arguments))
    return None


def _own_company(principal: Principal, store: Store | None, roles: Roles) -> Company | None:
    companies = joined_companies(principal, roles).order_by("company_no")
    return companies.filter(pk=store.company_id).first() if store else companies.first()


def _links(entries: Iterable[Entry], store: Store | None, context: Context) -> Iterator[Link]:
    for entry in entries:
        if entry.argument and not store:
            continue
        arguments = [attrgetter(entry.argument)(store)] if entry.argument else []
        with suppress(NoReverseMatch):
            yield Link(entry.key, str(entry.label), reverse(entry.route, args=arguments), _count(entry, context))


def _count(entry: Entry, context: Context) -> Any:
    for path in entry.counts:
        with suppress(VariableDoesNotExist):
            if found := Variable(path).resolve(context):
                return found
    return None

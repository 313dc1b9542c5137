"""What the main navigation leads to, and the sections among the pages of a subject: one line per page.

A page is offered once its address exists. Apps above are named by their addresses only.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.template import Context, Variable
from django.template.base import VariableDoesNotExist
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stores.access import OWN, READ, WRITE, Roles, joined_companies
from stores.models import Company, Store
from stores.principals import Person, Principal

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Entry:
    """``key`` is what a page gives as ``nav.current``; ``argument`` the path from the store, or company, to what the
    address takes, empty for none; ``counts`` the paths in the template's context of the number beside it, of which the
    first that is there is shown. ``roles``: in which role a person needs a company to
    be offered the page; ``permission``: with which staff are offered it too."""

    key: str
    label: "StrPromise"
    route: str
    argument: str = "store_no"
    counts: tuple[str, ...] = ()
    for_staff: bool = True
    roles: Roles = READ
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Pages of one subject."""

    label: "StrPromise"
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A page that is offered; ``keys``: those of the pages that it stands for."""

    key: str
    label: str
    url: str
    count: Any = None
    keys: tuple[str, ...] = ()


# Staff whose imports may write every store.
OPERATE = "intake.add_import"
ALL_STORES = Entry("stores", _("All stores"), "dashboard:stores", "")
SHARED = (
    Entry("data", pgettext_lazy("navigation", "Data"), "intake:index", ""),
    Entry("team", _("Team and settings"), "dashboard:team", "company.company_no", for_staff=False),
    Entry("rulebook", _("Rulebook"), "rulebook:index", ""),
)
# A store's pages by subject. The main navigation leads to the first of each; its others stand above their pages.
STORE_PAGES = (
    Group(
        pgettext_lazy("navigation", "Health"),
        (
            Entry("panel", pgettext_lazy("navigation", "Health"), "dashboard:panel"),
            Entry("rating", _("Rating"), "dashboard:rating"),
            Entry("trade", _("Trade"), "dashboard:trade"),
        ),
    ),
    Group(
        _("Notices"),
        (
            Entry("notices", _("Notices"), "notifications:list", counts=("inbox.open_notices",)),
            Entry("appeals", pgettext_lazy("navigation", "Appeals"), "appeals:list", counts=("appealing.waiting",)),
            Entry("penalties", _("Penalties"), "penalties:penalties"),
            Entry("promotions", _("Promotions"), "penalties:promotions"),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "Orders"),
        (
            Entry("orders", pgettext_lazy("navigation", "Orders"), "dashboard:orders"),
            Entry("risk", pgettext_lazy("navigation", "Risk"), "dashboard:risk"),
            Entry("refunds", pgettext_lazy("navigation", "Refunds"), "orders:refunds"),
            Entry("logistics", pgettext_lazy("navigation", "Abnormal logistics"), "orders:logistics"),
            Entry("carriers", pgettext_lazy("navigation", "Carriers"), "dashboard:carrier_register"),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "Buyers"),
        (
            Entry("messages", pgettext_lazy("navigation", "Messages"), "orders:messages"),
            Entry("reviews", pgettext_lazy("navigation", "Reviews"), "dashboard:reviews"),
            Entry("disputes", pgettext_lazy("navigation", "Disputes"), "dashboard:disputes"),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "Listings"),
        (Entry("listings", pgettext_lazy("navigation", "Listings"), "dashboard:listings"),),
    ),
    Group(_("Funds"), (Entry("funds", _("Funds"), "dashboard:funds"),)),
)
# Pages about data; all of them have "data" as nav.current. Those of one company are its members'.
DATA_SECTIONS = (
    Entry("imports", _("Imports"), "intake:index", ""),
    Entry("profiles", _("Profiles"), "intake:profiles", ""),
    Entry("health", _("Sync health"), "intake:health", ""),
    Entry("connections", _("Connections"), "intake:connections", ""),
    Entry("clients", _("API clients"), "api:clients", "company_no", roles=OWN),
    Entry("webhooks", _("Webhooks"), "notifications:webhooks", "company_no", roles=WRITE),
    Entry("buyers", _("Buyers' data"), "intake:buyers", "", roles=OWN, permission=OPERATE),
)


def main_links(store: Store | None, *, is_staff: bool, context: Context) -> list[Link]:
    """The main navigation: the subjects of a store's pages, and what all stores share."""
    shared = [entry for entry in SHARED if entry.for_staff or not is_staff]
    if store is None:
        return list(_links([ALL_STORES, *shared], store, context))
    groups = [link for group in STORE_PAGES if (link := _group_link(group, store, context)) is not None]
    return [*groups, *_links(shared, store, context)]


def _group_link(group: Group, store: Store, context: Context) -> Link | None:
    """To the first page of a group, with the first count that one of them has."""
    links = list(_links(group.entries, store, context))
    if not links:
        return None
    count = next((link.count for link in links if link.count), None)
    return replace(links[0], label=str(group.label), count=count, keys=tuple(link.key for link in links))


def section_links(store: Store, current: str, context: Context) -> list[Link]:
    """The pages of the group that a page belongs to; none for a page without a group."""
    group = next((one for one in STORE_PAGES if current in {entry.key for entry in one.entries}), None)
    return list(_links(group.entries, store, context)) if group else []


def data_links(principal: Principal, store: Store | None) -> list[Link]:
    """The pages about data. Those of one company are of the store's, else of the first that the person may manage."""
    return [link for entry in DATA_SECTIONS if (link := _data_link(entry, principal, store)) is not None]


def _data_link(entry: Entry, principal: Principal, store: Store | None) -> Link | None:
    company = _own_company(principal, store, entry.roles) if entry.argument or entry.roles != READ else None
    if company is None and (entry.argument or entry.roles != READ) and not _is_permitted(entry, principal):
        return None
    arguments = [getattr(company, entry.argument)] if entry.argument else []
    with suppress(NoReverseMatch):
        return Link(entry.key, str(entry.label), reverse(entry.route, args=arguments))
    return None


def _is_permitted(entry: Entry, principal: Principal) -> bool:
    return bool(entry.permission) and isinstance(principal, Person) and principal.user.has_perm(entry.permission)


def _own_company(principal: Principal, store: Store | None, roles: Roles) -> Company | None:
    companies = joined_companies(principal, roles).order_by("company_no")
    return companies.filter(pk=store.company_id).first() if store else companies.first()


def _links(entries: Iterable[Entry], store: Store | None, context: Context) -> Iterator[Link]:
    for entry in entries:
        if entry.argument and not store:
            continue
        arguments = [attrgetter(entry.argument)(store)] if entry.argument else []
        with suppress(NoReverseMatch):
            url = _address(entry.route, *arguments)
            yield Link(entry.key, str(entry.label), url, _count(entry, context), (entry.key,))


@lru_cache(maxsize=4096)
def _address(route: str, *arguments: str) -> str:
    """Addresses never change, and each page has two dozen of them in its frame."""
    return reverse(route, args=arguments)


def _count(entry: Entry, context: Context) -> Any:
    for path in entry.counts:
        with suppress(VariableDoesNotExist):
            if found := Variable(path).resolve(context):
                return found
    return None

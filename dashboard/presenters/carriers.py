"""Carriers compared, as tables of pages (DP-18)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages import formats
from dashboard.forms.carriers import LaneForm
from insights.queries.carriers import COMPARED, SHIPPED, Comparison
from insights.rules.carriers import Cells, lowers, value_of
from metrics import words
from metrics.catalogue import METRICS
from rulebook.policy import Policy
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class Cell:
    """A value under a heading, which narrow screens show beside it; ``note``: few orders."""

    label: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """A carrier, or all of a group (``is_group``)."""

    name: str
    is_group: bool
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class CarrierTable:
    """What templates/dashboard/_carriers_table.html reads; ``sentence``: what the table says."""

    first: date
    last: date
    columns: list[str]
    rows: list[CarrierRow]
    sentence: str


@dataclass(frozen=True, slots=True)
class AllCarriers:
    """What templates/dashboard/_carriers_all.html reads; ``table``: None while all stores are being counted; ``least``:
    how many stores a figure needs to be shown."""

    table: CarrierTable | None
    url: str
    least: int


@dataclass(frozen=True, slots=True)
class CarriersPage:
    """What templates/dashboard/carriers.html and _carriers.html read: this store's carriers, of all lanes or one,
    and those of all stores."""

    nav: dict[str, Any]
    trade_url: str
    advice: str
    form: LaneForm
    clear_url: str
    own_caption: str
    own: CarrierTable
    everywhere: AllCarriers


def carriers_page_of(
    request: HttpRequest,
    store: Store,
    policy: Policy,
    form: LaneForm,
    destination: str,
    own: Comparison,
    everywhere: AllCarriers,
) -> CarriersPage:
    """The page of a store's carriers; ``destination``: the site's name where one lane is shown."""
    lane = _("Carriers of this store, orders to %(site)s") % {"site": destination}
    return CarriersPage(
        nav=nav(request, current="trade"),
        trade_url=reverse("dashboard:trade", args=[store.store_no]),
        advice=advice(policy),
        form=form,
        clear_url=reverse("dashboard:carriers", args=[store.store_no]),
        own_caption=lane if destination else _("Carriers of this store"),
        own=comparison_table(own),
        everywhere=everywhere,
    )


def all_carriers_part(store: Store, policy: Policy, found: Comparison | None) -> AllCarriers:
    """The carriers of all stores, or that they are being counted."""
    return AllCarriers(
        table=None if found is None else comparison_table(found),
        url=f"{reverse('dashboard:carriers', args=[store.store_no])}?part=all",
        least=policy.judging.benchmark_min_stores,
    )


def comparison_table(found: Comparison) -> CarrierTable:
    """Official carriers and others, a group's own row first."""
    rows = []
    for group in found.groups:
        title = _("Official carriers") if group.official else _("Other carriers")
        rows.append(CarrierRow(title, True, _cells(group.cells, found.policy)))
        rows += [CarrierRow(line.name, False, _cells(line.cells, found.policy)) for line in group.lines]
    return CarrierTable(found.first, found.last, _columns(), rows, _sentence(found))


def _columns() -> list[str]:
    return [_("Orders shipped"), *(str(METRICS[code].title) for code in COMPARED)]


def _cells(cells: Cells, policy: Policy) -> list[Cell]:
    labels, shipped = _columns(), cells.get(SHIPPED)
    shown = [Cell(labels[0], formats.NO_VALUE if shipped is None else formats.number(shipped.lower))]
    for label, code in zip(labels[1:], COMPARED, strict=True):
        rules = policy.metrics[code]
        value = value_of(code, cells.get(code), rules.min_denominator)
        few = value.value is not None and not value.sufficient
        note = pgettext("status", "few orders") if few else ""
        shown.append(Cell(label, words.value_text(value.value, rules.unit), note))
    return shown


def _sentence(found: Comparison) -> str:
    """By how much official carriers have fewer disputes here, where both groups say something."""
    code = COMPARED[0]
    least = found.policy.metrics[code].min_denominator
    values = {group.official: value_of(code, group.cells.get(code), least) for group in found.groups}
    if len(values) < 2:
        return ""
    gap = lowers(values[True], values[False])
    if gap is None:
        return ""
    share = formats.percent(abs(gap), places=1)
    if gap < 0:
        return _("Orders with official carriers have %(share)s more disputes than the others.") % {"share": share}
    return _("Orders with official carriers have %(share)s fewer disputes than the others.") % {"share": share}


def advice(policy: Policy) -> str:
    """What the platform states about official carriers."""
    return _("The platform states that official carriers lower disputes by %(share)s.") % {
        "share": formats.limit_percent(policy.disputes.official_lowers)
    }

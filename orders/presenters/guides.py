"""After-sales guides as their pages show them (AF-09)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.pages.components import Tab
from orders.models import GuideStage
from orders.presenters.message_desk import shortened
from orders.presenters.reply_subjects import LANGUAGE_NAMES
from orders.queries.guide_list import GuideDetails
from orders.queries.guides import Guide
from orders.rules.texts import VARIABLES, filled
from stores.access import StoreRequest
from stores.context_processors import nav


@dataclass(frozen=True, slots=True)
class GuideRow:
    """A guide: where it is changed, whose text holds."""

    url: str
    language: str
    code: str
    text: str
    whose: str


@dataclass(frozen=True, slots=True)
class GuidesPage:
    """What templates/orders/guides.html reads; ``stages`` are labels with their rows."""

    nav: dict[str, Any]
    sku: str
    missing: bool
    listings: list[Tab]
    stages: list[tuple[str, list[GuideRow]]]
    list_url: str
    days: int
    second_days: int


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a guide."""

    number: int
    text: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GuidePage:
    """What templates/orders/guide.html reads; ``preview`` is the text with the values of an order."""

    nav: dict[str, Any]
    title: str
    sku: str
    text_language: str
    form: Any
    preview: str
    variables: list[tuple[str, str]]
    shipped: str
    versions: list[Version]
    list_url: str
    may_write: bool
    conflict: bool


def guides_page(
    request: StoreRequest,
    guides: Mapping[tuple[str, str], Guide],
    listings: Sequence[tuple[str, str]],
    sku: str,
    *,
    missing: bool,
    days: tuple[int, int],
) -> GuidesPage:
    """The guides of all listings, or of one."""
    number = request.store.store_no
    address = reverse("orders:guides", args=[number])
    rows = [("", _("All listings")), *((one, title or one) for one, title in listings)]
    if sku and sku not in dict(rows):
        rows.append((sku, sku))
    return GuidesPage(
        nav=nav(request, current="messages"),
        sku=sku,
        missing=missing,
        listings=[
            Tab(label, f"{address}?{urlencode({'sku': one})}" if one else address, one == sku) for one, label in rows
        ],
        stages=[(title, _rows(number, sku, stage, guides)) for stage, title in _titles().items()],
        list_url=reverse("orders:messages", args=[number]),
        days=days[0],
        second_days=days[1],
    )


def guide_url(store_no: str, sku: str, stage: str, language: str) -> str:
    """Where a guide is changed."""
    address = reverse("orders:guide", args=[store_no, stage, language])
    return f"{address}?{urlencode({'sku': sku})}" if sku else address


def _titles() -> dict[str, str]:
    return {GuideStage.FIRST: _("First contact"), GuideStage.SECOND: _("Second contact")}


def _list_url(address: str, sku: str) -> str:
    return f"{address}?{urlencode({'sku': sku})}" if sku else address


def _rows(store_no: str, sku: str, stage: str, guides: Mapping[tuple[str, str], Guide]) -> list[GuideRow]:
    return [_row(store_no, sku, key, guide) for key, guide in guides.items() if key[0] == stage]


def _row(store_no: str, sku: str, key: tuple[str, str], guide: Guide) -> GuideRow:
    stage, language = key
    return GuideRow(
        guide_url(store_no, sku, stage, language),
        LANGUAGE_NAMES.get(language, language),
        language,
        shortened(guide.text),
        _whose(guide),
    )


def _whose(guide: Guide) -> str:
    if guide.own is None:
        return _("built in")
    text = _("of this listing, version %(number)s") if guide.own.sku else _("your own, version %(number)s")
    return text % {"number": guide.own.version}


def guide_page(
    request: StoreRequest, found: GuideDetails, names: Mapping[str, str], form: Any, *, may_write: bool, conflict: bool
) -> GuidePage:
    """One guide: its text, how an order's buyer would read it, its versions."""
    number = request.store.store_no
    text = form["text"].value() or ""
    return GuidePage(
        nav=nav(request, current="messages"),
        title=f"{_titles()[found.stage]} · {LANGUAGE_NAMES.get(found.language, found.language)}",
        sku=found.sku,
        text_language=found.language,
        form=form,
        preview=filled(text, found.values),
        variables=[(f"{{{name}}}", found.values.get(name, "")) for name in VARIABLES],
        shipped=found.shipped,
        versions=[Version(one.version, one.text, names[one.actor], one.created_at) for one in found.history],
        list_url=_list_url(reverse("orders:guides", args=[number]), found.sku),
        may_write=may_write,
        conflict=conflict,
    )

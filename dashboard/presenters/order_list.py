"""The list of orders without its rows: tabs, columns, banners, texts for empty lists (PG-06)."""

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages.tables import Column
from core.templatetags.ui import instant_short, zone_name
from dashboard.queries.order_tabs import TABS, shown_parts
from orders.queries import EVERY, Page, Question, Subset, Tab, shown_count
from orders.queries.listing import MOST_FOUND

Items = list[dict[str, Any]]


def tab_address(question: Question, code: str) -> str:
    """Where a tab stands, of the same subset of orders."""
    subset = question.filters.subset
    address = reverse("dashboard:orders", args=[question.store.store_no])
    return f"{address}?tab={code}{f'&{subset.query}' if subset else ''}"


def tab_links(question: Question, counts: dict[str, int]) -> Items:
    """The tabs as templates/components/tabs.html takes them."""
    current = question.tab
    return [
        {
            "label": tab.label,
            "url": tab_address(question, tab.code),
            "current": tab.code in (current.code, current.within),
            "count": shown_count(counts[tab.code]) if tab.code in counts else None,
        }
        for tab in TABS
    ]


def part_links(question: Question, counts: dict[str, int]) -> Items:
    """The parts of the shown tab with their counts, the whole tab first; nothing where all are empty."""
    held = [tab for tab in shown_parts(question) if counts[tab.code] or tab == question.tab]
    if not held:
        return []
    links: Items = [{"label": _("all"), "code": question.tab.within or question.tab.code}]
    links += [{"label": tab.label, "code": tab.code, "count": shown_count(counts[tab.code])} for tab in held]
    return [
        link | {"url": tab_address(question, link["code"]), "current": link["code"] == question.tab.code}
        for link in links
    ]


def columns_of(tab: Tab) -> list[Column]:
    """The columns of a tab; the one that an index serves sorts."""
    return [
        Column("order", _("Order number")),
        Column("state", _("State")),
        Column(tab.code, f"{tab.heading} ({zone_name()})", sortable=True, descending=not tab.descending),
        Column("now", _("Now")),
        Column("site", _("Site")),
        Column("parcel", _("Carrier and number")),
        Column("amount", _("Amount"), figure=True),
    ]


def page_note(page: Page, searched: str) -> str:
    """What the pager says beside its buttons."""
    parts = []
    if page.rows:
        count = len(page.rows)
        parts.append(
            ngettext("%(count)s order on this page", "%(count)s orders on this page", count) % {"count": count}
        )
    if page.sifted_to is not None:
        moment = {"moment": instant_short(page.sifted_to)}
        parts.append(_("searched back to %(moment)s; continue to search further") % moment)
    if searched and not page.all_found:
        parts.append(_("only the first %(count)s are shown: enter more of the number") % {"count": MOST_FOUND})
    return " · ".join(parts)


def list_banners(question: Question, *, undated: int, has_confirmations: bool) -> Items:
    """What has to be known to read a tab."""
    address = reverse("dashboard:orders", args=[question.store.store_no])
    banners: Items = []
    if subset := question.filters.subset:
        banners.append({"level": "info", "text": subset.title, "url": subset.url, "action": subset.action})
    if question.tab.code == "confirm" and not has_confirmations:
        text = _("No source reports dispatch confirmations, so orders confirmed elsewhere are listed here too.")
        banners.append({"level": "stale", "text": text})
    if question.tab.code == "ship" and undated:
        text = ngettext(
            "%(count)s presale order has no dispatch deadline and is not in this list.",
            "%(count)s presale orders have no dispatch deadline and are not in this list.",
            undated,
        ) % {"count": shown_count(undated)}
        banners.append({"level": "info", "text": text, "url": f"{address}?tab=undated", "action": _("Show them")})
    return banners


def empty_words(question: Question) -> dict[str, str]:
    """What an empty list says, and the way out of it (PG-22)."""
    address = reverse("dashboard:orders", args=[question.store.store_no])
    if question.filters.subset and not (question.filters.sifts or question.filters.number):
        return _empty_subset(question, question.filters.subset)
    if question.filters.sifts or question.filters.number:
        return {
            "title": _("No order matches these filters"),
            "text": _("Try fewer filters, or only the beginning of the number."),
            "url": f"{address}?tab={question.tab.code}",
            "action": _("Clear the filters"),
        }
    if question.tab.code == "all":
        return {
            "title": _("No orders yet"),
            "text": _("Orders arrive by import, the ERP's API or the platform's connection."),
            "url": _import_address(),
            "action": _("Import orders"),
        }
    return {"title": _("No order here now"), "text": _empty_texts()[question.tab.code], "url": "", "action": ""}


def _empty_subset(question: Question, subset: Subset) -> dict[str, str]:
    words = {"title": _("None of these orders is here now")}
    if question.tab == EVERY:
        return {**words, "text": _("No order of this store is among them."), "url": subset.url, "action": subset.action}
    text = _("Orders that no longer wait for anything here are listed under all orders.")
    return {**words, "text": text, "url": tab_address(question, EVERY.code), "action": _("Show all of them")}


def _empty_texts() -> dict[str, str]:
    return {
        "confirm": _(
            "Paid orders are listed here until their dispatch is confirmed or the time to confirm has passed."
        ),
        "ship": _("Paid orders waiting for dispatch are listed here, nearest deadline first."),
        "late": _("Orders whose dispatch deadline has passed are listed here until they are shipped."),
        "soon": _("Orders whose dispatch deadline is close are listed here until they are shipped."),
        "later": _("Orders that still have time to be shipped are listed here."),
        "answer": _("Disputes waiting for your answer are listed here, nearest deadline first."),
        "act": _("Orders waiting to be shipped, or whose dispute waits for your answer, are listed here."),
        "undated": _("Paid presale orders without a dispatch deadline from their source are listed here."),
        "transit": _("Shipped orders are listed here until they are delivered, longest in transit first."),
        "abnormal": _("Parcels without a first scan or without recent scans are listed here until the next scan."),
        "dispute": _("Orders are listed here while the buyer's dispute is open."),
        "inspect": _("Returned parcels are listed here from their arrival until they are inspected."),
        "data_issues": _("Orders whose times contradict each other are listed here."),
    }


def _import_address() -> str:
    try:
        return reverse("intake:index")
    except NoReverseMatch:
        return ""

"""Pages of actions on orders: what became of each, and what has to be said before (PG-06, RL-06)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages.addresses import address_maker
from core.templatetags.ui import instant
from dashboard.forms.order_actions import CancelForm
from dashboard.queries.order_actions import LastChange
from orders.commands import Result
from orders.commands.bulk import OrderResult
from stores.context_processors import nav
from stores.models import Store

LEVELS = {Result.DONE: "ok", Result.REPEATED: "info"}


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What became of an order, and who had changed it before."""

    number: str
    url: str
    level: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class ActionResultsPage:
    """What templates/dashboard/order_results.html reads."""

    nav: dict[str, Any]
    store: Store
    title: str
    rows: list[ResultRow]
    back_url: str


@dataclass(frozen=True, slots=True)
class CancelPage:
    """What templates/dashboard/order_cancel.html reads."""

    nav: dict[str, Any]
    store: Store
    form: CancelForm
    numbers: Sequence[str]
    action_url: str
    back_url: str


def action_results_of(
    request: HttpRequest, store: Store, results: Sequence[OrderResult], changes: Mapping[str, LastChange], back: str
) -> ActionResultsPage:
    """The results, what failed first."""
    rows = [_row(result, changes, address_maker("dashboard:order", store.store_no)) for result in results]
    done = sum(result.holds for result in results)
    title = ngettext("%(done)s of %(count)s order done", "%(done)s of %(count)s orders done", len(results))
    return ActionResultsPage(
        nav=nav(request, current="orders"),
        store=store,
        title=title % {"done": done, "count": len(results)},
        rows=sorted(rows, key=lambda row: row.level == "ok"),
        back_url=back,
    )


def done_text(results: Sequence[OrderResult]) -> str:
    """What is said where all was done."""
    if len(results) == 1:
        return str(results[0].outcome)
    return ngettext("%(count)s order done.", "%(count)s orders done.", len(results)) % {"count": len(results)}


def _row(result: OrderResult, changes: Mapping[str, LastChange], address: Any) -> ResultRow:
    outcome = result.outcome
    if outcome is None:
        return ResultRow(result.order_no, "", "red", _("not found"), _("This store has no such order."))
    level = LEVELS.get(outcome.result, "red")
    words = {"ok": _("done"), "info": _("done before"), "red": _("not done")}
    return ResultRow(
        result.order_no,
        address(result.order_no),
        level,
        words[level],
        "" if level == "ok" else " ".join(filter(None, (str(outcome), changed(changes.get(result.order_no))))),
    )


def changed(change: LastChange | None) -> str:
    """Who changed the order last, in a sentence."""
    if change is None:
        return ""
    known = {"who": change.who, "what": change.what, "at": instant(change.at)}
    return _("Last change: %(what)s, %(who)s, %(at)s.") % known


def cancel_page_of(
    request: HttpRequest, store: Store, form: CancelForm, numbers: Sequence[str], back: str
) -> CancelPage:
    """The page that asks for the reason."""
    action_url = reverse("dashboard:order_actions", args=[store.store_no])
    return CancelPage(nav(request, current="orders"), store, form, numbers, action_url, back)

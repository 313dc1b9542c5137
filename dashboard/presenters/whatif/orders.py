"""The problem orders of a metric to be ticked in what-if, and those that are ticked (BX-04)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from dashboard.presenters.problems import asked, list_row
from dashboard.presenters.whatif.presets import PRESET, presets
from dashboard.presenters.whatif_links import exclusion_of
from insights.queries.whatif.orders import EXCLUDE, EXCLUDE_DISPUTE, EXCLUDE_REVIEW, KINDS, PREVENT, Chosen
from insights.queries.whatif.presets import problem_days
from insights.queries.whatif.simulation import WhatIf
from metrics.catalogue import METRICS, problem_counters
from metrics.queries.problems import ORDER_FILTERS, ProblemQuery, ProblemRow, problem_page
from stores.models import Store

Part = dict[str, Any]
TICKED_WORDS: Mapping[str, Any] = {
    EXCLUDE: gettext_lazy("%(number)s excluded"),
    EXCLUDE_REVIEW: gettext_lazy("review of %(number)s excluded"),
    EXCLUDE_DISPUTE: gettext_lazy("disputes of %(number)s excluded"),
    PREVENT: gettext_lazy("%(number)s prevented"),
}
# A place in the list: of which metric, which cursor, and the cursor. In the list of another metric it means nothing.
EARLIER, LATER = "e:", "l:"


def orders_context(params: QueryDict, store: Store, code: str, found: WhatIf, chosen: Chosen, now: datetime) -> Part:
    """What templates/dashboard/_what_if_orders.html reads; a score has no problem orders."""
    counters = problem_counters(code)
    ticked = [(kind, number) for kind in KINDS for number in chosen.numbers[kind]]
    if not counters:
        return {"ticked": [_tick(kind, number) for kind, number in ticked], "problem_rows": None}
    day = found.courses[code].days[0].day
    window = problem_days(found.as_is.policy(day, METRICS[code].calendar), code)
    listed = asked(params, store_id=store.id, code=code, last=day, window_days=window)
    whole = ProblemQuery(store.id, counters, day - timedelta(days=window - 1), day)
    asked_place = params.get("place", "")
    place = asked_place.removeprefix(f"{code}:") if asked_place.startswith(f"{code}:") else ""
    page = problem_page(
        listed.query,
        earlier=place.removeprefix(EARLIER) if place.startswith(EARLIER) else "",
        later=place.removeprefix(LATER) if place.startswith(LATER) else "",
    )
    names = {
        name: {value: str(label) for value, label in listed.form.fields[name].choices if value}  # type: ignore[attr-defined]
        for name in ORDER_FILTERS
    }
    rows = _rows(page.rows, store.store_no, names, counters, chosen, now)
    shown = {(tick["kind"], tick["number"]) for row in rows for tick in row["ticks"] if tick}
    return {
        "problem_rows": rows,
        "presets": presets(params, whole, code),
        "problem_form": listed.form,
        "problem_filtered": replace(listed.query, sort=whole.sort) != whole,
        "problem_total": page.total,
        "problem_more": page.more,
        "place": asked_place if place and page.rows else "",
        "earlier": f"{code}:{EARLIER}{page.earlier}" if page.earlier else "",
        "later": f"{code}:{LATER}{page.later}" if page.later else "",
        "ticked": [_tick(kind, number) for kind, number in ticked if (kind, number) not in shown],
        "tick_all_url": _tick_all(params, rows, chosen),
    }


def _tick(kind: str, number: str) -> Part:
    return {"kind": kind, "number": number, "text": TICKED_WORDS[kind] % {"number": number}, "on": True}


def _rows(
    found: Sequence[ProblemRow],
    store_no: str,
    names: Mapping[str, Mapping[str, str]],
    counters: Sequence[str],
    chosen: Chosen,
    now: datetime,
) -> list[Part]:
    rows: list[Part] = []
    seen: set[tuple[str, str]] = set()
    for one in found:
        ticks = _ticks_of(one, chosen)
        # An order that fails twice is ticked where it stands first.
        shown = [tick if (tick["kind"], tick["number"]) not in seen else None for tick in ticks]
        seen |= {(tick["kind"], tick["number"]) for tick in ticks}
        rows.append(list_row(one, store_no, names, counters, now) | {"ticks": shown})
    return rows


def _ticks_of(row: ProblemRow, chosen: Chosen) -> list[Part]:
    """Excluded and prevented; none for a complaint, which is no order."""
    if row.order is None:
        return []
    number = row.order.order_no
    kinds = (exclusion_of(row.problem.counter), PREVENT)
    return [_tick(kind, number) | {"on": number in chosen.numbers[kind]} for kind in kinds]


def _tick_all(params: QueryDict, rows: Sequence[Part], chosen: Chosen) -> str:
    """The address with every order of the page excluded besides, but for those that are prevented."""
    query = params.copy()
    query.pop(PRESET, None)
    for tick in (row["ticks"][0] for row in rows if row["ticks"]):
        if tick and not tick["on"] and tick["number"] not in chosen.numbers[PREVENT]:
            query.appendlist(tick["kind"], tick["number"])
    return f"?{query.urlencode()}"

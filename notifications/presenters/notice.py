"""One notice as a document (PN-30)."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import Deadline
from core.pages import formats
from core.pages.downloads import file_links
from core.pages.tables import Column
from insights.presenters.causes import CausesPart, causes_part
from insights.presenters.reasons import also_text, measured_text
from insights.queries.causes import Causes
from insights.queries.status import MetricStatus
from insights.rules.causes import has_causes
from metrics import words
from metrics.catalogue import METRICS, Kind, problem_counters
from metrics.reasons.beside import headings_of, instants_of
from metrics.reasons.selecting import Reason
from metrics.words import factors_text
from notifications.forms import NoticeOrderFilter
from notifications.models import Notice, NoticeOrder
from notifications.presenters.parts import Part, notice_url, orders_url, rectify_text, threshold_of, unit_of
from notifications.presenters.texts import figure, what_happened
from notifications.queries.notice_page import NoticePage
from notifications.queries.notices import APPEAL, VIEW
from notifications.queries.rectify import Rectification
from notifications.rules import NoticeLevel, State
from rulebook.rules import EffectiveThreshold, Factor
from stores.access import StoreRequest
from stores.context import nav

# What the address of the print version holds.
PRINT = "print"


def is_whole(request: StoreRequest) -> bool:
    """Whether the address asks for the print version."""
    return request.GET.get(PRINT) == "1"


def notice_context(request: StoreRequest, form: NoticeOrderFilter, found: NoticePage, now: datetime) -> Part:
    """What templates/notifications/notice.html reads."""
    notice, whole = found.notice, is_whole(request)
    store_no = request.store.store_no
    asked = request.GET.copy()
    asked.pop("page", None)
    deadlines, replaced_by = found.deadlines, found.replaced_by
    headings = headings_of(problem_counters(notice.metric))
    return {
        "store": request.store,
        "nav": nav(request, current="notices"),
        "now": now,
        "notice": notice,
        "metric": METRICS[notice.metric].title,
        "sentence": what_happened(notice),
        "deadlines": deadline_items(deadlines),
        "present": present_items(notice, found.present),
        "terms": terms_of(notice),
        "facts": facts_of(notice),
        "replaced_by": replaced_by,
        "replaced_by_url": notice_url(replaced_by, store_no) if replaced_by else "",
        "replaces_url": notice_url(notice.replaces, store_no) if notice.replaces else "",
        "follows": follows_of(notice, deadlines),
        "rectify": rectify_part(notice, store_no, found.rectification),
        "form": form,
        "columns": order_columns(headings),
        "rows": [order_row(row, reason, store_no, headings, notice.triggered_at) for row, reason in found.orders],
        "whole": whole,
        "print_url": f"?{urlencode({PRINT: '1'})}",
        "page": found.page,
        "clear_url": request.path,
        "files": file_links(
            lambda suffix: reverse(f"notifications:orders_{suffix}", args=[store_no, notice.number]), asked.dict()
        ),
        "similar": [similar_item(one, store_no) for one in found.similar],
        **_proof_urls(notice, store_no),
        "causes": _causes_part(notice, found.causes) if found.causes else None,
        "rules": [
            {"id": rule, "url": reverse("rulebook:rule", args=[rule])}
            for rule in dict.fromkeys((METRICS[notice.metric].rule, "PN-04", "PN-05", "PN-06", "DM-31"))
        ],
    }


def rectify_part(notice: Notice, store_no: str, found: Rectification) -> Part:
    """The button to what can be acted on, if anything can, and what is past (PN-07)."""
    part: Part = {"all_url": orders_url(notice, store_no)}
    if found.waiting:
        part |= {"text": rectify_text(found.waiting), "url": orders_url(notice, store_no, found.tab)}
    if found.past:
        text = ngettext(
            "%(count)s problem order is past: nothing can be done about it any more.",
            "%(count)s problem orders are past: nothing can be done about them any more.",
            found.past,
        )
        part["past"] = text % {"count": formats.number(found.past)}
    if found.leaves:
        part["leaves"] = _("All of them are out of the window from %(day)s on.") % {"day": formats.day(found.leaves)}
    return part


def _proof_urls(notice: Notice, store_no: str) -> Part:
    """Where the metric's number of the day is taken apart (MX-15, DM-32); the causes only of what is counted."""
    day = urlencode({"day": notice.day.isoformat()})
    urls = {name: reverse(f"dashboard:{name}", args=[store_no, notice.metric]) for name in ("causes", "package")}
    return {
        "causes_url": f"{urls['causes']}?{day}" if has_causes(notice.metric) else "",
        "package_url": f"{urls['package']}?{day}",
    }


def _causes_part(notice: Notice, causes: Causes) -> CausesPart:
    return causes_part(causes, reverse("dashboard:metric", args=[notice.store.store_no, notice.metric]))


def similar_item(notice: Notice, store_no: str) -> Part:
    """An earlier notice of the metric, and what became of it."""
    replaced_by = next(iter(notice.replaced_by.all()), None)
    if replaced_by is not None:
        outcome = _("replaced by %(number)s") % {"number": replaced_by.number}
    elif notice.ended_day is not None:
        outcome = _("within its thresholds again on %(day)s") % {"day": formats.day(notice.ended_day)}
    else:
        outcome = notice.get_state_display()
    return {
        "notice": notice,
        "url": notice_url(notice, store_no),
        "value": figure(notice.value, unit_of(notice), threshold_of(notice)),
        "outcome": outcome,
    }


def deadline_items(deadlines: Mapping[str, Deadline]) -> list[Part]:
    """The countdowns on top of a notice, with what became of those that ended, and when."""
    names = {VIEW: _("Open within"), APPEAL: _("Appeal within")}
    ended = {
        (VIEW, Deadline.State.MET): _("opened in time"),
        (VIEW, Deadline.State.LAPSED): _("not opened in time"),
        (APPEAL, Deadline.State.LAPSED): _("the window has closed"),
        (APPEAL, Deadline.State.VOID): _("no appeal any more"),
    }
    return [
        {
            "name": name,
            "due": deadlines[kind].due_at,
            "at": deadlines[kind].settled_at,
            "running": deadlines[kind].state == Deadline.State.OPEN,
            "ended": ended.get((kind, Deadline.State(deadlines[kind].state)), ""),
        }
        for kind, name in names.items()
        if kind in deadlines
    ]


def present_items(notice: Notice, status: MetricStatus) -> Part:
    """The value then and the value now."""
    return {
        "then": figure(notice.value, unit_of(notice), threshold_of(notice)),
        "then_day": notice.day,
        "now": words.value_text(status.result.value.value, status.unit, status.thresholds),
        "now_day": status.result.day,
        "level": str(status.result.level),
        "url": reverse("dashboard:metric", args=[notice.store.store_no, notice.metric]),
    }


def terms_of(notice: Notice) -> list[Part]:
    """The worked arithmetic from the snapshot: ``14 ÷ 226 = 6.19 % > 4.75 %`` (DM-32)."""
    unit, threshold = unit_of(notice), threshold_of(notice)
    terms = [
        *_counted_terms(notice),
        {"op": "=", "value": figure(notice.value, unit, threshold), "result": True},
    ]
    sign = ">" if notice.value > threshold else "<" if notice.value < threshold else "="
    return [
        *terms,
        {"op": sign, "value": words.threshold_text(threshold, unit), "note": line_note(notice, notice.level)},
    ]


def _counted_terms(notice: Notice) -> list[Part]:
    metric = METRICS[notice.metric]
    if metric.kind == Kind.STARS:
        return [
            {
                "op": "+" if place else "",
                "value": f"{formats.percent(part['weight'], places=1)} × {formats.score(part['value'])}",
                "note": words.PART_WORDS.get(name, name),
            }
            for place, (name, part) in enumerate(notice.snapshot.get("parts", {}).items())
        ]
    upper, lower = words.counters_text(metric.upper), words.counters_text(metric.lower)
    whole, part = notice.denominator or 0, notice.numerator or 0
    if metric.kind == Kind.FLOOR:
        return [
            {"op": "(", "value": formats.number(whole), "note": lower},
            {"op": "−", "value": formats.number(whole - part), "note": upper},
            {"op": ") ÷", "value": formats.number(whole), "note": lower},
        ]
    return [
        {"value": formats.number(part), "note": upper},
        {"op": "÷", "value": formats.number(whole), "note": lower},
    ]


def line_note(notice: Notice, level: str) -> str:
    """How a threshold came about: its factors, or for a new store the category's mean (DM-31, PN-22)."""
    kept = notice.snapshot.get("lines", {}).get(level)
    if kept is None:
        return _("category benchmark") if level == NoticeLevel.YELLOW and notice.yellow == notice.benchmark else ""
    factors = tuple(Factor(one["kind"], one["name"], formats.exact(one["value"])) for one in kept["factors"])
    top = None if kept["top"] is None else Decimal(kept["top"])
    threshold = EffectiveThreshold(formats.exact(0), Decimal(kept["base"]), top, factors)
    return factors_text(threshold, unit_of(notice))


def facts_of(notice: Notice) -> list[Part]:
    """What the notice was judged by, from its snapshot."""
    unit = unit_of(notice)
    first = date.fromisoformat(notice.snapshot["first"])
    window = {"first": formats.day(first), "last": formats.day(notice.day), "days": notice.snapshot["days"]}
    facts: list[Part] = [{"name": _("Window"), "value": _("%(first)s … %(last)s, %(days)s days") % window}]
    for name, level, threshold in (
        (_("Yellow threshold"), NoticeLevel.YELLOW, notice.yellow),
        (_("Red threshold"), NoticeLevel.RED, notice.red),
    ):
        if threshold is not None:
            facts.append(
                {"name": name, "value": words.threshold_text(threshold, unit), "note": line_note(notice, level)}
            )
    for name, value in (
        (_("Category benchmark"), notice.benchmark),
        (_("The store's own mean before"), notice.snapshot.get("own_mean")),
    ):
        if value is not None:
            facts.append({"name": name, "value": figure(Decimal(value), unit)})
    version = reverse("rulebook:version", args=[notice.policy_version])
    number = _("version %(number)s") % {"number": notice.policy_version}
    return [*facts, {"name": _("Policy"), "value": number, "url": version}]


def follows_of(notice: Notice, deadlines: Mapping[str, Deadline]) -> list[str]:
    """What follows if nothing is done, as far as it is still ahead."""
    if notice.state == State.HISTORICAL:
        return [_("Nothing: the day was first judged long after it ended, so this is a record only.")]
    if notice.predicted:
        return [_("Nothing here: the platform decides. It may issue a notice of its own for this day.")]
    if notice.state == State.ESCALATED:
        return [_("The red notice that replaced this one counts now.")]
    sentences = []
    if VIEW in deadlines and deadlines[VIEW].state == Deadline.State.OPEN:
        sentences.append(_("If nobody of the company opens it in time, the appeal is waived."))
    if APPEAL in deadlines and deadlines[APPEAL].state == Deadline.State.OPEN:
        sentences.append(_("When the appeal window closes, the notice stands as it is."))
    if notice.state == State.WAIVED:
        sentences.append(_("The appeal is waived: nobody of the company opened the notice in time."))
    if notice.level == NoticeLevel.YELLOW:
        sentences.append(_("If the metric crosses the red threshold, a red notice replaces this one at once."))
    sentences.append(_("While the notice is open it stays in the performance record, and nobody can close or mute it."))
    return sentences


def order_columns(headings: tuple[Any, Any]) -> list[Column]:
    """The columns of the problem orders: beside the reason stand the instants that the failures speak of."""
    columns = [
        Column("order", _("Order")),
        Column("day", _("Day")),
        Column("reason", _("Reason")),
        Column("due", str(headings[0])),
        Column("done", str(headings[1])),
        Column("carrier", _("Carrier and number")),
        Column("site", _("Site")),
        Column("paid", _("Paid")),
    ]
    return [column for column in columns if column.label]


def order_row(row: NoticeOrder, reason: Reason, store_no: str, headings: tuple[Any, Any], at: datetime) -> Part:
    """A problem order of the snapshot and why it failed; what was open then is measured up to ``at``."""
    due, done = instants_of(reason, headings)
    return {
        "row": row,
        "url": reverse("dashboard:order", args=[store_no, row.order_no]) if row.order_no else "",
        "reason": measured_text(reason.code, reason.lasted(at), row.counter),
        "also": also_text(reason.also),
        "headings": headings,
        "due": due,
        "done": done,
    }

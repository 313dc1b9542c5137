"""Template filters and tags of the design system: figures, times, states, small drawings.

Filters give ``–`` for ``None``, so a page never shows a zero that is not one (MX-07). Times are shown in the current
time zone: the viewer's, activated per request by ``stores.middleware`` (Asia/Shanghai by default, DM-28).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BaseForm
from django.http import QueryDict
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy

from core.pages import formats
from core.pages.statuses import GLYPHS, STATUS, WORDS, tone_of
from core.pages.tables import Column, Sort
from core.templatetags import drawings
from core.templatetags.drawings import lines_of

register = template.Library()
register.tags.update(drawings.register.tags)
DAY_SECONDS = 86_400
# From this many days on a countdown shows them separately, as countdown.js does.
DAYS_APART = 4

UNITS = {
    "d": gettext_lazy("%(count)s d"),
    "h": gettext_lazy("%(count)s h"),
    "min": gettext_lazy("%(count)s min"),
    "s": gettext_lazy("%(count)s s"),
}


def _is_empty(value: object) -> bool:
    return value is None or value == ""


# --- figures ---------------------------------------------------------------------------------------------


@register.filter
def filters_set(form: BaseForm) -> int:
    """How many filters of a list are set."""
    return sum(field.value() not in (None, "", False, []) for field in form.visible_fields())


@register.filter
def percent(value: Any, lines: object = None) -> str:
    """A share as percent with 2 decimals, never across a line (MX-06); ``lines`` is one share or a list."""
    return formats.NO_VALUE if _is_empty(value) else formats.percent(value, lines_of(lines))


@register.filter
def signed_percent(value: Any, lines: object = None) -> str:
    """As ``percent`` with a plus or minus: deviations and changes."""
    return formats.NO_VALUE if _is_empty(value) else formats.percent(value, lines_of(lines), signed=True)


@register.filter
def limit_percent(value: Any) -> str:
    """A line given as a share, as short as it can be written: ``4.75 %``."""
    return formats.NO_VALUE if _is_empty(value) else formats.limit_percent(value)


@register.filter
def limit(value: Any) -> str:
    """A line on a score, as short as it can be written: ``4.6``."""
    return formats.NO_VALUE if _is_empty(value) else formats.grouped(formats.limit(value))


@register.filter
def score(value: Any, lines: object = None) -> str:
    """A score with 2 decimals, never across a line (MX-06)."""
    return formats.NO_VALUE if _is_empty(value) else formats.score(value, lines_of(lines))


@register.filter
def number(value: Any, places: int | None = None) -> str:
    """A quantity with grouped digits."""
    return formats.NO_VALUE if _is_empty(value) else formats.number(value, places)


@register.filter
def money(value: Any, currency: str = "USD") -> str:
    """An amount in major units with its currency: ``1,234.50 USD``."""
    return formats.NO_VALUE if _is_empty(value) else formats.money(value, currency)


@register.filter
def cents(value: int | None, currency: str = "USD") -> str:
    """An integer amount in hundredths of the currency."""
    return formats.NO_VALUE if value is None else formats.money(formats.exact(value) / 100, currency)


# --- times -----------------------------------------------------------------------------------------------


@register.filter
def instant(value: datetime | None, seconds: bool = False) -> str:
    """An instant in the viewer's zone: ``2026-11-21 09:30 (GMT+8)``."""
    if _is_empty(value) or value is None:
        return formats.NO_VALUE
    return formats.instant(value, timezone.get_current_timezone(), seconds=seconds)


@register.filter
def instant_short(value: datetime | None) -> str:
    """An instant without its zone, for dense tables whose head names the zone (``zone_name``)."""
    return formats.NO_VALUE if value is None else formats.instant(value, timezone.get_current_timezone(), named=False)


@register.simple_tag
def zone_name(at: datetime | None = None) -> str:
    """The viewer's zone at ``at`` (an instant; daylight saving decides), for heads of tables: ``GMT+8``."""
    return formats.offset_name((at or timezone.now()).astimezone(timezone.get_current_timezone()))


@register.simple_tag
def moment(value: datetime | None) -> SafeString | str:
    """An instant as a ``<time>`` element with its machine-readable form."""
    if value is None:
        return formats.NO_VALUE
    return format_html('<time datetime="{}">{}</time>', value.astimezone(UTC).isoformat(), instant(value))


@register.filter
def day(value: date | None) -> str:
    """A calendar day: ``2026-11-21``."""
    return formats.NO_VALUE if value is None else formats.day(value)


@register.filter
def duration(value: int | timedelta | None) -> str:
    """A span in its two largest units, cut: ``2 d 13 h``."""
    if value is None:
        return formats.NO_VALUE
    return " ".join(
        (UNITS[unit] % {"count": count}).replace(" ", formats.NBSP) for count, unit in formats.duration_parts(value)
    )


@register.filter
def remaining(due: datetime, now: datetime) -> str:
    """What is left until ``due``, or how long it is overdue, letter by letter as countdown.js draws it: so nothing
    moves when the clock begins to tick."""
    left = int((due - now).total_seconds())
    # The same texts are handed to countdown.js, hence the braces.
    return _face(left) if left >= 0 else gettext("overdue by {span}").format(span=_face(-left))


def _face(seconds: int) -> str:
    """From four days on days are set apart: ``61:12:07`` is easier to feel than ``2 d 13:12:07``."""
    days = seconds // DAY_SECONDS if seconds >= DAYS_APART * DAY_SECONDS else 0
    clock = formats.clock(seconds - days * DAY_SECONDS)
    return gettext("{days} d {clock}").format(days=days, clock=clock) if days else clock


@register.simple_tag
def countdown(due: datetime | None, now: Any = None, calm: Any = False, soon: Any = "") -> SafeString | str:
    """Time left until an instant (components/countdown.html)."""
    if _is_empty(due) or due is None:
        return formats.NO_VALUE
    shown = instant(due)
    left = None if _is_empty(now) or calm else int((due - now).total_seconds())
    state = "" if left is None else " is-overdue" if left < 0 else " is-soon" if left < int(soon or DAY_SECONDS) else ""
    return format_html(
        '<time class="countdown{}" datetime="{}" data-due="{}" data-soon="{}"{} title="{}">{}</time>',
        state,
        due.isoformat(),
        epoch(due),
        soon or DAY_SECONDS,
        mark_safe(" data-calm" if calm else ""),
        shown,
        shown if _is_empty(now) else remaining(due, now),
    )


def sentences(parts: Iterable[str]) -> str:
    """Sentences one after another: Chinese puts no space after a full stop."""
    return ("" if (get_language() or "").startswith("zh") else " ").join(parts)


@register.filter
def epoch(value: datetime) -> int:
    """Whole seconds since 1970 (for data attributes)."""
    return int(value.timestamp())


# --- states ----------------------------------------------------------------------------------------------


@register.filter
def status_word(level: str) -> str:
    """The translated word of a level; unknown levels show as they are."""
    return str(WORDS.get(str(level), level))


@register.filter
def status_shape(level: str) -> str:
    """The character of a level's shape: ok ○, yellow ◐, red ●, no data –."""
    return GLYPHS[status_mark(level)]


@register.filter
def status_mark(level: str) -> str:
    """The shape's name (ring, half, disc, dotted, dash), as ``components/shape.html`` takes it."""
    return STATUS.get(str(level), STATUS["no_data"])[1]


@register.filter
def status_tone(level: str) -> str:
    """The colour's name (ok, yellow, red, none, accent), as CSS classes ``tone-…`` take it."""
    return tone_of(level)


@register.simple_tag
def fixed(template: str) -> SafeString:
    """A fragment that is the same for every request in a language, so it is rendered once."""
    return _fixed(template, get_language() or "")


@lru_cache(maxsize=64)
def _fixed(template: str, language: str) -> SafeString:
    return SafeString(render_to_string(template))


@register.simple_tag
def shape(level: Any) -> SafeString:
    """The mark of a status (components/shape.html)."""
    return _shape(str(level))


@lru_cache(maxsize=64)
def _shape(level: str) -> SafeString:
    # Pages show dozens of shapes and chips; each variant is rendered once and cached.
    return SafeString(render_to_string("components/shape_drawn.html", {"level": level}).strip())


@register.simple_tag
def status(level: Any, word: Any = "", boxed: Any = False) -> SafeString:
    """A status chip: colour, shape and word (components/status.html)."""
    return _status(str(level), conditional_escape(word or status_word(level)), boxed=bool(boxed))


@lru_cache(maxsize=512)
def _status(level: str, word: SafeString, *, boxed: bool) -> SafeString:
    chip = {"level": level, "word": word, "boxed": boxed}
    return SafeString(render_to_string("components/status_drawn.html", chip).strip())


@register.simple_tag
def badge(word: Any) -> SafeString:
    """A word in a dashed frame beside a status that is not a fact yet, such as a predicted notice (DM-11a)."""
    return format_html('<span class="badge">{}{}</span>', shape("few"), word)


# --- tables ----------------------------------------------------------------------------------------------


@register.inclusion_tag("components/table_head.html", takes_context=True)
def table_head(
    context: Context, columns: Sequence[Column | Mapping[str, Any]], sort: Sort | None = None
) -> dict[str, Any]:
    """``<thead>`` with sort links that keep the other filters of the URL and drop the page."""
    cells = []
    for given in columns:
        column = given if isinstance(given, Column) else Column(**given)
        direction = sort.direction_of(column.key) if sort else ""
        query = ""
        if column.sortable:
            params = context["request"].GET.copy() if "request" in context else None
            query = sort_query(params, column, sort)
        cells.append({"column": column, "direction": direction, "query": query})
    return {"cells": cells, "target": context.get("table_target", "")}


def sort_query(params: QueryDict | None, column: Column, sort: Sort | None) -> str:
    """The query string that sorts by ``column``, turning the direction when it is the present one."""
    query = params if params is not None else QueryDict(mutable=True)
    for page_key in ("earlier", "later", "page"):
        query.pop(page_key, None)
    query["sort"] = (sort or Sort()).next_for(column)
    return "?" + query.urlencode()


@register.simple_tag
def figure_rows(rows: Iterable[Sequence[Any]]) -> SafeString:
    """Rows of a table of figures, the first cell of each its head. Here and not in a template: a half-year of a metric
    has a thousand cells."""
    return mark_safe(
        "".join(
            f'<tr><th scope="row">{conditional_escape(head)}</th>'
            + "".join(f'<td class="figure">{conditional_escape(cell)}</td>' for cell in cells)
            + "</tr>"
            for head, *cells in rows
        )
    )

"""The impact preview of a draft: notices more, fewer, earlier, by metric, category and size of store (BX-14)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.graphics import position
from notifications.models import ImpactNotice, ImpactPreview
from notifications.rules import NoticeLevel
from rulebook.texts.parameters import parameter_name, value_word

LEVELS = (NoticeLevel.YELLOW, NoticeLevel.RED)
MOST_CATEGORIES = 8


@dataclass(frozen=True, slots=True)
class ImpactRow:
    """A line of a table: how many stores, notices more or fewer; ``low`` and ``width``: of its bar, in percent."""

    name: str
    stores: str
    yellow: str
    red: str
    low: str
    width: str
    tone: str


@dataclass(frozen=True, slots=True)
class MetricRow:
    """Notices of a metric and level before and after."""

    name: str
    level: str
    before: int
    after: int
    change: str


@dataclass(frozen=True, slots=True)
class ImpactPanel:
    """What stands beside the fields. ``running``: it is being made; ``left_out``: what is not in it, in sentences."""

    asked: bool
    running: bool
    failed: bool
    nothing: bool
    days: str
    title: str
    texts: Sequence[str]
    done: int
    total: int
    metrics: Sequence[MetricRow]
    categories: Sequence[ImpactRow]
    sizes: Sequence[ImpactRow]
    left_out: Sequence[str]
    made: str
    csv_url: str
    csv_label: str
    may_ask: bool
    url: str
    tone: str


@dataclass(frozen=True, slots=True)
class ImpactFragment:
    """Context of dashboard/_policy_impact.html."""

    impact: ImpactPanel


def impact_panel(
    preview: ImpactPreview | None,
    *,
    judged: bool,
    left_out: Sequence[str],
    categories: Mapping[str, str],
    sizes: Sequence[int],
    failed: bool,
    may_ask: bool,
    url: str,
    csv_url: str,
) -> ImpactPanel:
    """The panel of a preview, or of none. ``judged``: something is changed that could have an effect."""
    figures = preview.figures if preview else {}
    is_done = preview is not None and preview.state == ImpactPreview.State.DONE
    count = _changed_notices(figures) if is_done else 0
    return ImpactPanel(
        asked=preview is not None,
        running=preview is not None and not is_done and not failed,
        failed=failed,
        nothing=not judged,
        days=_days(preview) if preview else "",
        title=_title(figures) if is_done else _("Impact preview"),
        texts=list(_texts(figures)) if is_done else [],
        done=preview.done if preview else 0,
        total=preview.total if preview else 0,
        metrics=_metric_rows(figures) if is_done else [],
        categories=_category_rows(figures, categories) if is_done else [],
        sizes=_size_rows(figures, sizes) if is_done else [],
        left_out=left_out,
        made=_made(preview) if preview and is_done else "",
        csv_url=csv_url if count else "",
        csv_label=ngettext("List of %(count)s notice (CSV)", "List of %(count)s notices (CSV)", count)
        % {"count": count},
        may_ask=may_ask,
        url=url,
        tone="yellow" if _total(figures, NoticeLevel.YELLOW) and not _total(figures, NoticeLevel.RED) else "red",
    )


def _days(preview: ImpactPreview) -> str:
    days = (preview.last - preview.first).days + 1
    text = ngettext("last %(count)s day (%(first)s – %(last)s)", "last %(count)s days (%(first)s – %(last)s)", days)
    return text % {"count": days, "first": formats.day(preview.first), "last": formats.day(preview.last)}


def _made(preview: ImpactPreview) -> str:
    at = formats.instant(preview.finished_at, timezone.get_current_timezone()) if preview.finished_at else ""
    text = _("Computed %(at)s in %(seconds)s seconds; the nights' own code, today's data, nobody acting on a notice.")
    return text % {"at": at, "seconds": max(1, round(preview.milliseconds / 1000))}


# ── Sentences ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _sums(figures: Mapping[str, Any], name: str, level: str) -> int:
    return sum(count for key, count in figures.get(name, {}).items() if key.endswith(f".{level}"))


def _total(figures: Mapping[str, Any], level: str) -> int:
    """How many more notices of a level there are."""
    return _sums(figures, "after", level) - _sums(figures, "before", level)


def _title(figures: Mapping[str, Any]) -> str:
    parts = [text for level in (NoticeLevel.RED, NoticeLevel.YELLOW) if (text := _more(level, _total(figures, level)))]
    return ", ".join(parts) if parts else _("No more and no fewer notices")


def _more(level: NoticeLevel, count: int) -> str:
    if not count:
        return ""
    if level is NoticeLevel.RED:
        more = ngettext("%(count)s more red notice", "%(count)s more red notices", count)
        fewer = ngettext("%(count)s red notice fewer", "%(count)s red notices fewer", -count)
    else:
        more = ngettext("%(count)s more yellow notice", "%(count)s more yellow notices", count)
        fewer = ngettext("%(count)s yellow notice fewer", "%(count)s yellow notices fewer", -count)
    return (more if count > 0 else fewer) % {"count": abs(count)}


def _texts(figures: Mapping[str, Any]) -> Iterator[str]:
    for level, name in ((NoticeLevel.YELLOW, _("Yellow")), (NoticeLevel.RED, _("Red"))):
        before, after = _sums(figures, "before", level), _sums(figures, "after", level)
        text = _("%(level)s: %(before)s → %(after)s.") if before != after else _("%(level)s: %(before)s as before.")
        yield text % {"level": name, "before": before, "after": after}
    stores = figures.get("changed", 0)
    text = ngettext("%(count)s store is concerned.", "%(count)s stores are concerned.", stores)
    yield text % {"count": stores}
    yield from _moved(figures)


def _moved(figures: Mapping[str, Any]) -> Iterator[str]:
    earlier = ngettext(
        "%(count)s notice comes earlier, by %(days)s days on average.",
        "%(count)s notices come earlier, by %(days)s days on average.",
        sum(figures.get("earlier", {}).values()),
    )
    later = ngettext(
        "%(count)s notice comes later, by %(days)s days on average.",
        "%(count)s notices come later, by %(days)s days on average.",
        sum(figures.get("later", {}).values()),
    )
    for name, text in (("earlier", earlier), ("later", later)):
        count, days = (sum(figures.get(key, {}).values()) for key in (name, f"{name}_days"))
        if count:
            yield text % {"count": count, "days": formats.number(Fraction(days, count), 1)}


def field_effects(preview: ImpactPreview | None, changes: Mapping[str, Any]) -> dict[str, str]:
    """What each changed field alone does, in a sentence."""
    if preview is None or preview.state != ImpactPreview.State.DONE:
        return {}
    if len(preview.changes) == 1:
        figures = preview.figures
        whole = {"more": {level: _total(figures, level) for level in LEVELS}}
        whole |= {name: figures.get(name, {}) for name in ("earlier", "earlier_days", "later", "later_days")}
        return {key: _effect(whole) for key in preview.changes if key in changes}
    alone = preview.figures.get("fields", {})
    return {key: _effect(figures) for key, figures in alone.items() if key in changes}


def _effect(figures: Mapping[str, Any]) -> str:
    parts = [_more(level, figures.get("more", {}).get(level, 0)) for level in LEVELS]
    said = ", ".join(part for part in parts if part) or _("no more and no fewer notices")
    moved = " ".join(_moved(figures))
    text = _("Alone, over these days: %(effect)s.") % {"effect": said}
    return f"{text} {moved}".strip()


def left_out(counted: Sequence[str], wrong: Sequence[str], without: Sequence[str], language: str) -> list[str]:
    """Which changes are not in a preview, and why."""
    kinds = (
        (wrong, _("Wrong, not in the preview: %(names)s.")),
        (counted, _("These fields change what is counted and are not in it: %(names)s.")),
        (without, _("Notices don't depend on: %(names)s.")),
    )
    return [
        text % {"names": ", ".join(parameter_name(key, language) for key in sorted(keys))}
        for keys, text in kinds
        if keys
    ]


# ── Tables ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _metric_rows(figures: Mapping[str, Any]) -> list[MetricRow]:
    before, after = figures.get("before", {}), figures.get("after", {})
    rows = []
    for key in sorted({*before, *after}):
        code, _dot, level = key.partition(".")
        old, new = before.get(key, 0), after.get(key, 0)
        rows.append(MetricRow(value_word(code, get_language() or ""), level, old, new, signed(new - old)))
    return rows


def _category_rows(figures: Mapping[str, Any], names: Mapping[str, str]) -> list[ImpactRow]:
    """The categories with the largest differences, and the rest together."""
    groups = figures.get("categories", {})
    ordered = sorted(groups, key=lambda code: (-_weight(groups[code]), -groups[code]["stores"], code))
    shown, rest = ordered[:MOST_CATEGORIES], ordered[MOST_CATEGORIES:]
    pairs = [(names.get(code) or code or _("no category"), groups[code]) for code in shown]
    if rest:
        text = ngettext("%(count)s other category", "%(count)s other categories", len(rest))
        pairs.append((text % {"count": len(rest)}, _together(groups[code] for code in rest)))
    return list(_rows(pairs))


def _size_rows(figures: Mapping[str, Any], sizes: Sequence[int]) -> list[ImpactRow]:
    groups = figures.get("sizes", {})
    nothing = {"stores": 0}
    return list(_rows([(name, groups.get(str(place), nothing)) for place, name in enumerate(_size_names(sizes))]))


def _size_names(sizes: Sequence[int]) -> list[str]:
    if not sizes:
        return [_("all stores")]
    between = [f"{low} – {high - 1}" for low, high in pairwise(sizes)]
    return [f"< {sizes[0]}", *between, f"≥ {sizes[-1]}"]


def size_name(orders: int, sizes: Sequence[int]) -> str:
    """The size of a store with so many orders a month."""
    return _size_names(sizes)[sum(1 for least in sizes if orders >= least)]


def _weight(figures: Mapping[str, int]) -> int:
    return sum(abs(figures.get(level, 0)) for level in LEVELS)


def _together(figures: Iterable[Mapping[str, int]]) -> dict[str, int]:
    every = list(figures)
    return {name: sum(one.get(name, 0) for one in every) for name in ("stores", *LEVELS)}


def _rows(pairs: Sequence[tuple[str, Mapping[str, int]]]) -> Iterator[ImpactRow]:
    """Bars grow from a common zero, to the right for more."""
    sums = [sum(figures.get(level, 0) for level in LEVELS) for _name, figures in pairs]
    most, least = max([0, *sums]), min([0, *sums])
    for (name, figures), total in zip(pairs, sums, strict=True):
        stores = ngettext("%(count)s store", "%(count)s stores", figures["stores"]) % {"count": figures["stores"]}
        yield ImpactRow(
            name=name,
            stores=stores,
            yellow=signed(figures.get("yellow", 0)),
            red=signed(figures.get("red", 0)),
            low=position(min(total, 0), least, most),
            width=position(abs(total), 0, most - least),
            tone="yellow" if total > 0 else "ok",
        )


def signed(count: int) -> str:
    """A difference with its sign."""
    return f"+{count}" if count > 0 else f"−{-count}" if count < 0 else "0"


def _changed_notices(figures: Mapping[str, Any]) -> int:
    return int(figures.get("rows", 0))


# ── The list ───────────────────────────────────────────────────────────────────────────────────────────────────────

HEADINGS = (
    "store_no", "store", "mode", "category", "orders_a_month", "size", "metric", "level", "change", "day_before",
    "day_after", "days_earlier",
)  # fmt: skip


def impact_lines(
    rows: Iterable[ImpactNotice], categories: Mapping[str, str], sizes: Sequence[int]
) -> Iterator[Sequence[str | int]]:
    """The differing notices as rows of a file under `HEADINGS`."""
    for row in rows:
        days = (row.before - row.after).days if row.before and row.after else 0
        yield (
            row.store.store_no,
            row.store.name,
            row.store.mode,
            categories.get(row.category) or row.category,
            row.orders,
            size_name(row.orders, sizes),
            row.metric,
            row.level,
            _change(row),
            row.before.isoformat() if row.before else "",
            row.after.isoformat() if row.after else "",
            days,
        )


def _change(row: ImpactNotice) -> str:
    if row.before is None:
        return "new"
    if row.after is None:
        return "gone"
    return "earlier" if row.after < row.before else "later"

"""A parameter of the policy as a field: name, present value, new value, unit, rule, what is wrong (DM-30)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboard.presenters.policy.choices import IN_ORDER, codes_of
from rulebook.fields import PolicyField, tightens, writes_percent
from rulebook.policy.build import Data
from rulebook.policy.problems import Mend, Problem
from rulebook.policy.shapes import NO, YES, CellKind, Column, Holder, cell_text, rows_of
from rulebook.policy.units import DECIMAL_TEXT, unit_of
from rulebook.reading import value_text, word
from rulebook.rules import Factor, effective_threshold, shown
from rulebook.texts import rule_texts
from rulebook.texts.parameters import explanation, parameter_name

# Tables of one value to a code that are longer than this are written as lines of text.
MOST_TABLE_ROWS = 16
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Option:
    """A code that may be chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class CellView:
    """An input: ``mode`` is text, number, select, checks or lines."""

    name: str
    label: str
    mode: str
    text: str = ""
    options: Sequence[Option] = ()


@dataclass(frozen=True, slots=True)
class RowView:
    """A row of a table; ``drop``: the name of the box that removes it, empty of a row that is not there yet."""

    cells: Sequence[CellView]
    drop: str


@dataclass(frozen=True, slots=True)
class MendView:
    """A button that puts a problem right."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class ProblemView:
    """What is wrong with a field, and what would mend it."""

    text: str
    mends: Sequence[MendView]


@dataclass(frozen=True, slots=True)
class RuleLink:
    """A rule that a parameter implements."""

    id: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """A parameter. ``cell`` is its input, or ``columns`` and ``rows`` are its table; ``say``: what the change means."""

    key: str
    anchor: str
    label: str
    rules: Sequence[RuleLink]
    help: str
    limits: str
    unit: str
    assumption: bool
    present: str
    cell: CellView | None
    columns: Sequence[str]
    rows: Sequence[RowView]
    changed: bool
    is_set: bool
    tone: str
    say: str
    effect: str
    problems: Sequence[ProblemView]


@dataclass(frozen=True, slots=True)
class FieldContext:
    """What the fields of a draft are made of. ``effects``: by parameter, what its change alone does to notices."""

    base: Data
    data: Data
    changes: Mapping[str, Any]
    problems: Mapping[str, Sequence[Problem]]
    effects: Mapping[str, str]

    def value(self, key: str) -> Any:
        """The value that the draft has."""
        return self.data[key]["value"] if key in self.data else None


def anchor_of(key: str) -> str:
    """The id of a field on the page."""
    return "f-" + key.replace(".", "-")


def field_view(field: PolicyField, context: FieldContext, *, label: str = "") -> FieldView:
    """A parameter of the draft."""
    key, base = field.key, context.base
    entry = context.data.get(key) or base.get(key) or {"rules": [], "assumption": False}
    changed = key in context.changes
    tone, say = _meaning(field, context) if changed else ("", "")
    cell, columns, rows = _inputs(field, context)
    return FieldView(
        key=key,
        anchor=anchor_of(key),
        label=label or parameter_name(key, get_language() or ""),
        rules=[_rule_link(rule) for rule in entry["rules"] if rule in rule_texts()],
        help=_help(key, entry["rules"], context.data),
        limits=_limits(field, base),
        unit=_unit_word(field, context),
        assumption=entry["assumption"],
        present=_present(field, base) if cell else "",
        cell=cell,
        columns=columns,
        rows=rows,
        changed=changed,
        is_set=changed or key in base or key in context.problems,
        tone=tone,
        say=say,
        effect=context.effects.get(key, "") if changed else "",
        problems=[_problem_view(problem, context) for problem in context.problems.get(key, ())],
    )


def _rule_link(rule: str) -> RuleLink:
    return RuleLink(rule, rule_texts()[rule].title(get_language() or ""), reverse("rulebook:rule", args=[rule]))


def _help(key: str, rules: Sequence[str], data: Data) -> str:
    """A sentence of its own, else what its rule says."""
    language = get_language() or ""
    own = explanation(key, language)
    known = [rule_texts()[rule] for rule in rules if rule in rule_texts()]
    return own or (known[0].text(language, data) if known else "")


def _limits(field: PolicyField, base: Data) -> str:
    kinds = {column.kind for column in field.shape.columns}
    if writes_percent(field, base):
        return _("Written in percent.")
    if field.shape.is_table or not kinds & {CellKind.WHOLE, CellKind.DECIMAL}:
        return ""
    if unit_of(field.key) in ("h", "d", "mo", "min") and field.shape.holder is Holder.ONE:
        return _("1 or more.")
    return _("0 or more.") if kinds == {CellKind.WHOLE} else ""


def _unit_word(field: PolicyField, context: FieldContext) -> str:
    if field.shape.is_table:
        return ""
    if writes_percent(field, context.base):
        return "%"
    words = {"h": _("hours"), "d": _("days"), "mo": _("months"), "min": _("minutes"), "USD": "USD", "": ""}
    return words[unit_of(field.key)] if {CellKind.WHOLE, CellKind.DECIMAL} & _kinds(field) else ""


def _kinds(field: PolicyField) -> set[CellKind]:
    return {column.kind for column in field.shape.columns}


def _present(field: PolicyField, data: Data) -> str:
    if field.key not in data:
        return _("not set")
    value = data[field.key]["value"]
    if isinstance(value, list) and len(value) > MOST_TABLE_ROWS:
        return _("%(count)s entries") % {"count": len(value)}
    if value in ("", []):
        return NOTHING
    return entry_text(field, data, value)


def entry_text(field: PolicyField, data: Data, value: Any) -> str:
    """A value in one line, in the unit of its field; of a long table the number of its rows."""
    if value is None:
        return _("not set")
    if isinstance(value, Mapping | list) and len(value) > MOST_TABLE_ROWS:
        return _("%(count)s entries") % {"count": len(value)}
    if writes_percent(field, data) and isinstance(value, str) and DECIMAL_TEXT.fullmatch(value):
        return shown(Decimal(value), "share")
    return value_text(field.key, value) or NOTHING


# ── Inputs ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _inputs(field: PolicyField, context: FieldContext) -> tuple[CellView | None, Sequence[str], Sequence[RowView]]:
    shape, codes = field.shape, codes_of(field, context.data)
    value, share = context.value(field.key), writes_percent(field, context.base)
    if shape.holder is Holder.ONE:
        return _cell(f"v:{field.key}", "", shape.columns[0], value, codes.get(0), share=share), (), ()
    rows = rows_of(shape, value)
    if shape.holder is Holder.LIST and field.key not in IN_ORDER:
        return _list_cell(field, [row[0] for row in rows], codes.get(0), share), (), ()
    if shape.holder is Holder.MAP and len(rows) > MOST_TABLE_ROWS and shape.columns[1].kind is not CellKind.WORDS:
        lines = [" ".join(_texts(shape.columns, row, share)) for row in rows]
        return CellView(f"v:{field.key}", "", "lines", "\n".join(lines)), (), ()
    names = [_column_name(field, place) for place in range(len(shape.columns))]
    views = [_row(field, place, row, names, codes, share) for place, row in enumerate(rows)]
    blank = [None] * len(shape.columns)
    return None, names, [*views, _row(field, len(rows), blank, names, codes, share)]


def _texts(columns: Iterable[Column], row: Sequence[Any], share: bool) -> list[str]:
    return [cell_text(column, value, share=share) for column, value in zip(columns, row, strict=False)]


def _list_cell(field: PolicyField, items: Sequence[Any], codes: Sequence[str] | None, share: bool) -> CellView:
    column = field.shape.columns[0]
    if codes is not None:
        return CellView(f"v:{field.key}", "", "checks", options=_options(codes, items))
    texts = [cell_text(column, item, share=share) for item in items]
    if column.kind is CellKind.WHOLE:
        return CellView(f"v:{field.key}", "", "text", ", ".join(texts))
    return CellView(f"v:{field.key}", "", "lines", "\n".join(texts))


def _options(codes: Iterable[str], chosen: Sequence[Any]) -> list[Option]:
    """What is chosen stands first, in its order, which is kept."""
    every = dict.fromkeys([*map(str, chosen), *codes])
    return [Option(code, word(code), code in chosen) for code in every if code]


def _row(
    field: PolicyField,
    place: int,
    row: Sequence[Any],
    names: Sequence[str],
    codes: Mapping[int, Sequence[str]],
    share: bool,
) -> RowView:
    columns = field.shape.columns
    cells = [
        _cell(
            f"v:{field.key}:{place}:{number}",
            f"{names[number]} {place + 1}",
            column,
            row[number] if number < len(row) else None,
            codes.get(number),
            share=share and column.kind is CellKind.DECIMAL,
        )
        for number, column in enumerate(columns)
    ]
    is_there = any(cell is not None for cell in row)
    return RowView(cells, f"d:{field.key}:{place}" if is_there else "")


def _cell(name: str, label: str, column: Column, value: Any, codes: Sequence[str] | None, *, share: bool) -> CellView:
    if column.kind is CellKind.WORDS and codes is not None:
        return CellView(name, label, "checks", options=_options(codes, value if isinstance(value, list) else []))
    text = cell_text(column, value, share=share)
    if column.kind is CellKind.WORDS:
        return CellView(name, label, "lines", text)
    if column.kind is CellKind.FLAG:
        options = [Option("", NOTHING, not text), Option(YES, _("yes"), text == YES), Option(NO, _("no"), text == NO)]
        return CellView(name, label, "select", text, options)
    if codes is not None:
        every = dict.fromkeys(["", *([text] if text else []), *codes])
        options = [Option(code, word(code) if code else NOTHING, code == text) for code in every]
        return CellView(name, label, "select", text, options)
    mode = {CellKind.WHOLE: "number", CellKind.DECIMAL: "number", CellKind.DAY: "day"}.get(column.kind, "text")
    return CellView(name, label, mode, text)


def _column_name(field: PolicyField, place: int) -> str:
    column = field.shape.columns[place]
    if field.shape.holder is Holder.PAIRS:
        return (_("value"), _("score"))[place] if field.key.startswith("shs.") else (_("level"), _("from"))[place]
    if column.name:
        return str(_column_words().get(column.name, word(column.name)))
    if field.key in IN_ORDER:
        return _("what follows")
    if place + 1 < len(field.shape.columns):
        return (_("code"), _("metric"))[place]
    return _("factor") if field.key.startswith("factors.") else _("value")


def _column_words() -> dict[str, str]:
    return {
        "code": _("code"),
        "name": _("name"),
        "name_en": _("English name"),
        "name_zh": _("Chinese name"),
        "at_least": _("from"),
        "window_days": _("window, days"),
        "fixed_weights": _("fixed weights"),
        "removable_en": _("what can be removed, English"),
        "removable_zh": _("what can be removed, Chinese"),
        "after_hours": _("after hours"),
        "action": _("what follows"),
        "actions": _("what follows"),
        "action_en": _("what to do, English"),
        "action_zh": _("what to do, Chinese"),
        "register_from": _("registration opens"),
        "register_until": _("registration closes"),
        "starts": _("starts"),
        "ends": _("ends"),
        "points": _("points"),
        "days": _("days"),
        "severity": _("severity"),
        "due_hours": _("to be done within hours"),
        "languages": _("languages"),
        "flags": _("flags"),
        "approved": _("approved"),
        "official": _("official"),
        "scan_interval_hours": _("interval of scans, hours"),
        "number_pattern": _("pattern of its numbers"),
    }


# ── What a change means ────────────────────────────────────────────────────────────────────────────────────────────


def _meaning(field: PolicyField, context: FieldContext) -> tuple[str, str]:
    """A word for the change, and the values before and after; of thresholds those of the store levels too."""
    key, base = field.key, context.base
    before = base[key]["value"] if key in base else None
    after = context.value(key)
    if not field.fits(after) and after is not None:
        return _("changed"), ""
    stricter = tightens(key, before, after, context.data) if before is not None and after is not None else None
    words = {True: _("tighter"), False: _("looser"), None: _("changed")}
    text = f"{entry_text(field, base, before)} → {entry_text(field, base, after)}"
    if field.shape.is_table:
        text = "; ".join(_row_changes(field, context, before, after))
    levels = _by_level(field, context, after) if stricter is not None else ""
    return words[stricter], f"{text} ({levels})" if levels else text


def _row_changes(field: PolicyField, context: FieldContext, before: Any, after: Any) -> list[str]:
    """The rows of a table that came, went or changed."""
    share = writes_percent(field, context.base)
    old, new = (_labelled_rows(field, value, share) for value in (before, after))
    came = [f"+ {text}" for name, text in new.items() if name not in old]
    went = [f"− {text}" for name, text in old.items() if name not in new]
    changed = [f"{old[name]} → {text}" for name, text in new.items() if name in old and old[name] != text]
    return [*changed, *came, *went][:MOST_TABLE_ROWS]


def _labelled_rows(field: PolicyField, value: Any, share: bool) -> dict[str, str]:
    """By the names that a row begins with: what stands in it."""
    columns = field.shape.columns
    keys = len(columns) - 1 if field.shape.holder in (Holder.MAP, Holder.NESTED) else 1
    found = {}
    for place, row in enumerate(rows_of(field.shape, value)):
        texts = [word(text.replace("\n", ", ")) for text in _texts(columns, row, share)]
        name = str(place) if field.shape.holder is Holder.LIST else " ".join(texts[:keys])
        found[name] = " ".join(text for text in texts if text) + (" %" if share else "")
    return found


def _by_level(field: PolicyField, context: FieldContext, after: Any) -> str:
    """A threshold as it acts on stores of the higher levels (DM-31)."""
    code = field.key.split(".")[1]
    scaled = context.value(f"metrics.{code}.scaled")
    factors = context.value("factors.level")
    if not isinstance(scaled, list) or "level" not in scaled or not isinstance(factors, Mapping):
        return ""
    top = context.value(f"metrics.{code}.floor_top")
    unit = "share" if writes_percent(field, context.base) else ""
    parts = []
    for level, text in factors.items():
        if isinstance(text, str) and DECIMAL_TEXT.fullmatch(text) and Decimal(text) != 1:
            factor = Factor("level", level, Fraction(text))
            floor_top = Decimal(top) if isinstance(top, str) and DECIMAL_TEXT.fullmatch(top) else None
            acting = effective_threshold(Decimal(after), floor_top=floor_top, factors=[factor])
            parts.append(f"{word(level)} {shown(acting.value, unit)}")
    return ", ".join(parts)


# ── What is wrong ──────────────────────────────────────────────────────────────────────────────────────────────────


def _problem_view(problem: Problem, context: FieldContext) -> ProblemView:
    """The first mend that changes nothing the person has changed, else the first."""
    fresh = [mend for mend in problem.mends if _leaves_changes(mend, context)]
    chosen = (fresh or list(problem.mends))[:1]
    return ProblemView(problem.text, [_mend_view(mend, context) for mend in chosen])


def _leaves_changes(mend: Mend, context: FieldContext) -> bool:
    if mend.key not in context.changes:
        return True
    before = context.base[mend.key]["value"] if mend.key in context.base else None
    present = context.value(mend.key)
    if not mend.part or not isinstance(before, Mapping) or not isinstance(present, Mapping):
        return False
    return bool(before.get(mend.part) == present.get(mend.part))


def _mend_view(mend: Mend, context: FieldContext) -> MendView:
    value = mend.value[mend.part] if mend.part and isinstance(mend.value, Mapping) else mend.value
    name = word(mend.part) if mend.part else parameter_name(mend.key, get_language() or "")
    label = _("Set %(name)s to %(value)s") % {"name": name, "value": value_text(mend.key, value)}
    return MendView(label, json.dumps({"key": mend.key, "value": mend.value}))

"""A parameter of the policy as a field: name, present value, new value, unit, rule, what is wrong (DM-30)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from dashboard.presenters.policy.inputs import MOST_TABLE_ROWS, NOTHING, CellView, RowView, cell_texts, inputs_of
from rulebook.fields import PolicyField, tightens, writes_percent
from rulebook.policy.build import Data
from rulebook.policy.problems import Mend, Problem
from rulebook.policy.shapes import CellKind, Holder, rows_of
from rulebook.policy.units import DECIMAL_TEXT, unit_of
from rulebook.reading import value_text, word
from rulebook.rules import Factor, effective_threshold, shown
from rulebook.texts import rule_texts
from rulebook.texts.parameters import explanation, parameter_name


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
    cell, columns, rows = inputs_of(field, context.base, context.data, context.value(field.key))
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
    days = pgettext("unit", "days")
    words = {"h": _("hours"), "d": days, "mo": _("months"), "min": _("minutes"), "USD": "USD", "": ""}
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
        texts = [word(text.replace("\n", ", ")) for text in cell_texts(columns, row, share)]
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

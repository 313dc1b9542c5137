"""Rules as a page shows them: text, parameters, flags, search (PG-17). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from rulebook.policy.build import Data
from rulebook.policy.units import is_share, unit_of
from rulebook.rules import shown
from rulebook.texts import FAMILIES, RuleText, rule_texts
from rulebook.texts.parameters import also_called, parameter_name, value_word


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a rule: ``text`` when it is one value, else a table of ``columns`` and ``rows``."""

    key: str
    name: str
    also: str
    text: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    source: str
    assumption: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in one language with the numbers of one version. ``assumption``: some value of it is one, or it has
    ``readings``: how it is read where the specification is silent. ``partly``: the product does some of it."""

    id: str
    family: str
    title: str
    text: str
    built: bool
    partly: bool
    readings: tuple[str, ...]
    parameters: tuple[Parameter, ...]

    @property
    def assumption(self) -> bool:
        """Whether any value or reading of the rule is an assumption."""
        return bool(self.readings) or any(parameter.assumption for parameter in self.parameters)

    @property
    def sources(self) -> list[str]:
        """The reference articles that its values come from."""
        return sorted({parameter.source for parameter in self.parameters if parameter.source})

    def matches(self, words: str) -> bool:
        """Whether every word occurs in the id, title, texts, or a parameter's name or key, without regard to case."""
        keys = " ".join((*self.readings, *(f"{one.key} {one.name} {one.also}" for one in self.parameters)))
        haystack = f"{self.id} {self.title} {self.text} {keys}".casefold()
        return all(word in haystack for word in words.casefold().split())


def rules(data: Data, language: str) -> list[Rule]:
    """All rules in the order of the specification."""
    by_rule: dict[str, list[str]] = {}
    for key, entry in data.items():
        for rule in entry["rules"]:
            by_rule.setdefault(rule, []).append(key)
    return [_rule(text, by_rule.get(text.id, ()), data, language) for text in rule_texts().values()]


def rule(data: Data, rule_id: str, language: str) -> Rule | None:
    """One rule, or None for an unknown id."""
    text = rule_texts().get(rule_id)
    if text is None:
        return None
    return _rule(text, [key for key, entry in data.items() if rule_id in entry["rules"]], data, language)


def chosen(every: Iterable[Rule], *, words: str = "", family: str = "", assumptions: bool = False) -> list[Rule]:
    """The rules that pass all filters."""
    return [
        rule
        for rule in every
        if (not family or rule.family == family)
        and (not assumptions or rule.assumption)
        and (not words or rule.matches(words))
    ]


def tabs(current: str) -> list[dict[str, Any]]:
    """The pages of the rulebook; ``current`` is a route's name."""
    pages = {
        "rulebook:index": _("Rules"),
        "dashboard:counting": _("What counts"),
        "rulebook:versions": _("Versions"),
        "rulebook:calendar": _("Working days"),
    }
    return [{"label": label, "url": reverse(name), "current": name == current} for name, label in pages.items()]


def family_names() -> list[tuple[str, str]]:
    """The families of rules with their names, in order."""
    names = {
        "DM": _("Stores, orders, time, policy"),
        "MX": _("Metrics"),
        "SR": _("Store rating"),
        "PN": _("Notices, penalties, plans"),
        "AP": _("Appeals"),
        "DP": _("Disputes and health score"),
        "TM": _("Transactions and service level"),
        "AF": _("Automatic feedback"),
        "BX": _("Fairness and foresight"),
        "RL": _("Reliability and security"),
        "IX": _("Data in and out"),
        "PG": _("Pages"),
    }
    return [(family, names[family]) for family in FAMILIES]


def _column_names() -> dict[str, str]:
    return {
        "code": _("code"),
        "name": _("name"),
        "at_least": _("from"),
        "window_days": _("window"),
        "fixed_weights": _("fixed weights"),
        "removable": _("what can be removed"),
        "after_hours": _("after"),
        "action": _("what follows"),
        "actions": _("what follows"),
        "points": _("points"),
        "days": _("days"),
        "severity": _("severity"),
        "due_hours": _("to be done within"),
        "languages": _("languages"),
        "flags": _("flags"),
        "approved": _("approved"),
        "official": _("official"),
        "scan_interval_hours": _("interval of scans"),
        "number_pattern": _("pattern of its numbers"),
    }


def value_text(key: str, value: Any) -> str:
    """A single value, or a list or table written in one line, for people."""
    if isinstance(value, Mapping):
        return "; ".join(f"{word(name)}: {value_text(key, item)}" for name, item in value.items())
    if isinstance(value, list):
        inner = any(isinstance(item, Mapping | list) for item in value)
        return ("; " if inner else ", ").join(value_text(key, item) for item in value)
    if value is None:
        return _("does not apply")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str) and is_share(key, value):
        return shown(Decimal(value), "share")
    return _with_unit(key, value)


def word(code: str) -> str:
    """What a code among the values is called in the reader's language; other text stays as it is."""
    return value_word(code, get_language() or "")


def _with_unit(key: str, value: Any) -> str:
    unit = unit_of(key)
    if value == 0 and unit in ("h", "d"):
        # Only tables have spans of nothing: no deadline, no window.
        return "–"
    if unit == "USD":
        return f"{value} USD"
    if not isinstance(value, int) or not unit:
        return word(str(value))
    return {
        "h": ngettext("%(count)s hour", "%(count)s hours", value),
        "d": ngettext("%(count)s day", "%(count)s days", value),
        "mo": ngettext("%(count)s month", "%(count)s months", value),
        "min": ngettext("%(count)s minute", "%(count)s minutes", value),
    }[unit] % {"count": value}


def _rule(text: RuleText, keys: Iterable[str], data: Data, language: str) -> Rule:
    parameters = tuple(_parameter(key, data[key], language) for key in sorted(keys))
    return Rule(
        id=text.id,
        family=text.family,
        title=text.title(language),
        text=text.text(language, data),
        built=text.built,
        partly=text.partly,
        readings=tuple(reading.text(language) for reading in text.readings),
        parameters=parameters,
    )


def _parameter(key: str, entry: Mapping[str, Any], language: str) -> Parameter:
    columns, rows = _table(key, entry["value"], language)
    text = "" if rows else value_text(key, entry["value"])
    name, also = parameter_name(key, language), also_called(key.split(".")[1], language)
    return Parameter(key, name, also, text, columns, rows, entry["source"], entry["assumption"])


def _table(key: str, value: Any, language: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Columns and rows of a value that is a table; nothing for one that fits a line."""
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        other = "_en" if language.startswith("zh") else "_zh"
        columns = [
            name for name in value[0] if not name.endswith(other) and not (name == "code" and _is_named(value[0]))
        ]
        rows = tuple(tuple(value_text(f"{key}.{name}", row[name]) for name in columns) for row in value)
        names = _column_names()
        return tuple(str(names.get(name.removesuffix("_en").removesuffix("_zh"), name)) for name in columns), rows
    if isinstance(value, list) and value and isinstance(value[0], list):
        return ("", ""), tuple(tuple(value_text(key, item) for item in row) for row in value)
    if isinstance(value, Mapping) and value:
        return ("", ""), tuple((word(str(name)), value_text(key, item)) for name, item in value.items())
    return (), ()


def _is_named(row: Mapping[str, Any]) -> bool:
    return any(name in row for name in ("name", "name_en", "action_en"))

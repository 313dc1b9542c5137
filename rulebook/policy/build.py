"""From the data of a policy version to typed sections, and every reason why it can't be (DM-30). Pure.

A version's data is ``{key: {"value", "rules", "source", "assumption"}}``; decimals and dates are strings, so that JSON
never turns a line into binary floating point.
"""

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from django.utils.translation import gettext as _

from rulebook.policy.core import Row, Section
from rulebook.policy.problems import Problem
from rulebook.policy.units import DECIMAL_TEXT

RULE_ID = re.compile(r"(DM|MX|SR|PN|AP|DP|TM|AF|BX|RL|IX|PG)-\d\d[a-z]?")
ENTRY_FIELDS = {"value", "rules", "source", "assumption"}

Data: TypeAlias = Mapping[str, Mapping[str, Any]]


class UnfitError(ValueError):
    """A value does not fit its type; the text says what was wanted."""


def entry_problems(data: object) -> list[Problem]:
    """What is wrong with the form of the entries, before any value is looked at."""
    if not isinstance(data, Mapping):
        return [Problem(_("policy data"), _("an object of keys is wanted"))]
    return [Problem(str(key), text) for key, entry in data.items() for text in _entry_faults(entry)]


def _entry_faults(entry: object) -> Iterator[str]:
    if not isinstance(entry, Mapping) or set(entry) != ENTRY_FIELDS:
        yield _("an entry has exactly the fields %(names)s") % {"names": ", ".join(sorted(ENTRY_FIELDS))}
        return
    rules = entry["rules"]
    if not isinstance(rules, list) or not rules:
        yield _("rules: at least one rule id is wanted")
    else:
        for rule in rules:
            if not RULE_ID.fullmatch(str(rule)):
                yield _("rules: “%(rule)s” is not a rule id such as PN-04") % {"rule": rule}
    if not isinstance(entry["source"], str):
        yield _("source: text is wanted")
    if not isinstance(entry["assumption"], bool):
        yield _("assumption: true or false is wanted")


class Builder:
    """Walks the section classes, takes each key once, and collects problems instead of stopping at the first."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.taken: set[str] = set()
        self.problems: list[Problem] = []

    def section(self, cls: type[Any], prefix: str, **given: Any) -> Any:
        """An instance of a section class, or None when a value is missing or unfit."""
        values, whole = dict(given), True
        for spec, hint in fields_of(cls):
            if spec.name in given:
                continue
            key = f"{prefix}.{spec.name}" if prefix else spec.name
            ok, value = self._member(spec, hint, key)
            whole = whole and ok
            if value is not MISSING:
                values[spec.name] = value
        return cls(**values) if whole else None

    def unknown(self) -> list[str]:
        """Keys that no section has."""
        return sorted(set(self.data) - self.taken)

    def _member(self, spec: Field[Any], hint: Any, key: str) -> tuple[bool, Any]:
        if isinstance(hint, type) and issubclass(hint, Section):
            built = self.section(hint, key)
            return built is not None, built
        if spec.metadata.get("by_name"):
            return self._by_name(hint, key)
        return self._leaf(hint, key, optional=spec.default is not MISSING)

    def _leaf(self, hint: Any, key: str, *, optional: bool = False) -> tuple[bool, Any]:
        if key not in self.data:
            if optional:
                return True, MISSING
            self.problems.append(Problem(key, _("missing")))
            return False, MISSING
        self.taken.add(key)
        try:
            return True, convert(hint, self.data[key]["value"])
        except UnfitError as error:
            self.problems.append(Problem(key, str(error)))
            return False, MISSING

    def _by_name(self, hint: Any, key: str) -> tuple[bool, Any]:
        inner = get_args(hint)[1]
        start = len(key) + 1
        names = sorted({other[start:].split(".")[0] for other in self.data if other.startswith(key + ".")})
        if not names:
            self.problems.append(Problem(key, _("missing")))
            return False, MISSING
        values, whole = {}, True
        for name in names:
            if isinstance(inner, type) and issubclass(inner, Section):
                value = self.section(inner, f"{key}.{name}")
                whole = whole and value is not None
            else:
                ok, value = self._leaf(inner, f"{key}.{name}")
                whole = whole and ok
            values[name] = value
        return whole, types.MappingProxyType(values)


_known_fields: dict[type[Any], tuple[tuple[Field[Any], Any], ...]] = {}


def fields_of(cls: type[Any]) -> tuple[tuple[Field[Any], Any], ...]:
    """The fields of a section or row with their types."""
    # Resolving hints anew for each of several hundred parameters would cost more than everything else here.
    if cls not in _known_fields:
        hints = get_type_hints(cls)
        _known_fields[cls] = tuple((spec, hints[spec.name]) for spec in fields(cls))
    return _known_fields[cls]


def convert(hint: Any, value: Any) -> Any:
    """The Python value of a JSON value for a type hint; raises UnfitError with what was wanted."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else convert(next(arg for arg in args if arg is not type(None)), value)
    if origin is tuple:
        return _tuple(args, value)
    if origin is not None:
        return _mapping(args, value)
    if issubclass(hint, Row):
        return _row(hint, value)
    return _SCALARS[hint](value)


def _tuple(args: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise UnfitError(_("a list is wanted, not “%(value)s”") % {"value": value})
    if args[-1] is Ellipsis:
        return tuple(convert(args[0], item) for item in value)
    if len(value) != len(args):
        raise UnfitError(_("%(count)s values are wanted, not “%(value)s”") % {"count": len(args), "value": value})
    return tuple(convert(arg, item) for arg, item in zip(args, value, strict=True))


def _mapping(args: tuple[Any, ...], value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UnfitError(_("a table of names and values is wanted, not “%(value)s”") % {"value": value})
    return types.MappingProxyType({str(name): convert(args[1], item) for name, item in value.items()})


def _row(cls: type[Any], value: Any) -> Any:
    names = [spec.name for spec, _hint in fields_of(cls)]
    if not isinstance(value, Mapping) or set(value) != set(names):
        raise UnfitError(_("a row has exactly the fields %(names)s") % {"names": ", ".join(names)})
    return cls(**{spec.name: convert(hint, value[spec.name]) for spec, hint in fields_of(cls)})


def _decimal(value: Any) -> Decimal:
    if not isinstance(value, str):
        raise UnfitError(_('a decimal in quotes such as "0.05" is wanted, not “%(value)s”') % {"value": value})
    if not DECIMAL_TEXT.fullmatch(value):
        raise UnfitError(_("a number such as 0.05 is wanted, not “%(value)s”") % {"value": value})
    try:
        return Decimal(value)
    except InvalidOperation as error:
        raise UnfitError(_("a number such as 0.05 is wanted, not “%(value)s”") % {"value": value}) from error


def _int(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnfitError(_("a whole number is wanted, not “%(value)s”") % {"value": value})
    return value


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UnfitError(_("yes or no is wanted, not “%(value)s”") % {"value": value})
    return value


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise UnfitError(_("text is wanted, not “%(value)s”") % {"value": value})
    return value


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise UnfitError(_("a date such as 2026-12-31 is wanted, not “%(value)s”") % {"value": value}) from error


_SCALARS = {Decimal: _decimal, int: _int, bool: _bool, str: _str, date: _date}

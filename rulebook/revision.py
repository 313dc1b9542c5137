"""From one version's data to the next, and what differs between two (DM-30, PG-17). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rulebook.policy.build import ENTRY_FIELDS, Data


@dataclass(frozen=True, slots=True)
class Difference:
    """A parameter that differs between two versions; an entry is None where the version has no such parameter."""

    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def rules(self) -> list[str]:
        """Ids of the rules that the parameter implements."""
        return list((self.after or self.before or {})["rules"])


def changed_data(base: Data, changes: Mapping[str, Any], removed: Iterable[str] = ()) -> dict[str, Any]:
    """The base with changed keys. A change is a bare value, which keeps rules, source and assumption flag, or an entry.

    KeyError: a bare value for a key that the base doesn't have, or a removed key that it doesn't have.
    """
    data = dict(base)
    for key, change in changes.items():
        if isinstance(change, Mapping) and set(change) == ENTRY_FIELDS:
            data[key] = change
        else:
            data[key] = {**data[key], "value": change}
    for key in removed:
        del data[key]
    return data


def differences(before: Data, after: Data) -> list[Difference]:
    """Every parameter whose entry differs, by key."""
    keys = sorted(before.keys() | after.keys())
    return [Difference(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]

"""From one version's data to the next, and what differs between two (DM-30, PG-17). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rulebook.fields import is_judged, policy_fields
from rulebook.policy import validate
from rulebook.policy.build import ENTRY_FIELDS, Data
from rulebook.policy.problems import Problem

# Parameter → its new entry, None where it is removed.
Changes = Mapping[str, Mapping[str, Any] | None]


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


def differences(before: Data, after: Data) -> list[Difference]:
    """Every parameter whose entry differs, by key."""
    keys = sorted(before.keys() | after.keys())
    return [Difference(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


# ── Drafts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def drafted(base: Data, changes: Changes) -> dict[str, Any]:
    """The data that a draft stands for."""
    data = {**base, **{key: entry for key, entry in changes.items() if entry is not None}}
    return {key: entry for key, entry in data.items() if key not in changes or changes[key] is not None}


def changed_entry(base: Data, key: str, value: Any) -> dict[str, Any]:
    """The entry of a parameter with another value: rules, source and assumption flag stay. One that the base doesn't
    have takes those of its neighbours."""
    if key in base:
        return {**base[key], "value": value}
    near = [base[other] for other in base if other.rpartition(".")[0] == key.rpartition(".")[0]]
    near = near or [base[other] for other in base if other.startswith(".".join(key.split(".")[:2]))]
    rules = near[0]["rules"] if near else ["DM-30"]
    return {"value": value, "rules": rules, "source": "", "assumption": False}


def real_changes(base: Data, changes: Changes) -> dict[str, Mapping[str, Any] | None]:
    """The changes without those that change nothing."""
    fields = policy_fields(drafted(base, changes))
    return {key: entry for key, entry in changes.items() if not _is_same(base.get(key), entry, fields.get(key))}


def _is_same(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, field: Any) -> bool:
    if before is None or after is None or field is None:
        return before == after
    others = all(before[name] == after.get(name) for name in ENTRY_FIELDS - {"value"})
    return others and bool(field.same(before["value"], after["value"]))


def find_problems(base: Data, changes: Changes) -> list[Problem]:
    """Everything that is wrong with a draft. Values of another type hide no contradiction among the others: these are
    looked for with the base's values in their place."""
    problems = validate(drafted(base, changes))
    unfit = {key for problem in problems for key in problem.concerned if key in changes}
    rest = {key: entry for key, entry in changes.items() if key not in unfit}
    if unfit and rest:
        known = {str(problem) for problem in problems}
        problems += [one for one in validate(drafted(base, rest)) if str(one) not in known]
    return problems


def sound_changes(base: Data, changes: Changes) -> dict[str, Mapping[str, Any] | None]:
    """The changes that have no part in a problem: with them alone the data is whole."""
    left = dict(changes)
    while problems := validate(drafted(base, left)):
        wrong = {key for problem in problems for key in problem.concerned} & left.keys()
        left = {key: entry for key, entry in left.items() if key not in wrong} if wrong else {}
        if not left:
            break
    return left


def judged_changes(base: Data, changes: Changes) -> dict[str, Mapping[str, Any] | None]:
    """The sound changes that a preview of notices can show (BX-14): those of what is counted are not among them."""
    return {key: entry for key, entry in sound_changes(base, changes).items() if is_judged(key)}

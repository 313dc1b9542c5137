"""The form of shipped parameters: one call per parameter, with what it implements and where it is from."""

from typing import Any

Entries = dict[str, dict[str, Any]]


def given(key: str, value: Any, rules: str, source: str = "") -> Entries:
    """A value that the rules fix. ``rules``: ids separated by spaces; ``source``: number of the reference article."""
    return {key: {"value": value, "rules": rules.split(), "source": source, "assumption": False}}


def assumed(key: str, value: Any, rules: str, source: str = "") -> Entries:
    """A value that the originals leave open (shown as an assumption)."""
    return {key: {"value": value, "rules": rules.split(), "source": source, "assumption": True}}


def merged(*parts: Entries) -> Entries:
    """All entries in one; a key written down twice is an error."""
    whole: Entries = {}
    for part in parts:
        doubled = whole.keys() & part.keys()
        if doubled:
            raise ValueError(f"shipped twice: {', '.join(sorted(doubled))}")
        whole.update(part)
    return whole

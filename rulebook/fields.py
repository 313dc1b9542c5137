"""Every parameter that a policy has or may have, as the editor shows it (DM-30). Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass
from decimal import Decimal
from typing import Any, get_args

from rulebook.policy import Policy
from rulebook.policy.build import Data, UnfitError, convert, fields_of
from rulebook.policy.core import Section
from rulebook.policy.shapes import Shape, rows_of, shape_of
from rulebook.policy.units import SHARE, is_share

# Groups of parameters by name whose names are years: the next one may be added.
BY_YEAR = ("reference.fx_usd", "calendar.years")
# What the thresholds of a metric are written in follows its unit.
THRESHOLDS = ("yellow", "red", "young_line", "levels")


@dataclass(frozen=True, slots=True)
class PolicyField:
    """A parameter: its key and type; ``optional``: it may be absent."""

    key: str
    hint: Any
    optional: bool

    @property
    def shape(self) -> Shape:
        """How its value is shown and written."""
        return shape_of(self.hint)

    def fits(self, value: Any) -> bool:
        """Whether a stored value has the type."""
        try:
            convert(self.hint, value)
        except UnfitError:
            return False
        return True

    def same(self, value: Any, other: Any) -> bool:
        """Whether two stored values mean the same, such as 0.4 and 0.40."""
        if value == other:
            return True
        return self.fits(value) and self.fits(other) and bool(convert(self.hint, value) == convert(self.hint, other))


def policy_fields(data: Data) -> dict[str, PolicyField]:
    """Every parameter of a version's data and every one that could be added to it, by key, in the order of the
    sections."""
    return {field.key: field for field in _section_fields(Policy, "", data, optional=False) if field.key != "number"}


def _section_fields(cls: type[Any], prefix: str, data: Data, *, optional: bool) -> Iterator[PolicyField]:
    for spec, hint in fields_of(cls):
        key = f"{prefix}.{spec.name}" if prefix else spec.name
        may_lack = optional or spec.default is not MISSING
        if spec.metadata.get("by_name"):
            yield from _named_fields(get_args(hint)[1], key, data)
        elif isinstance(hint, type) and issubclass(hint, Section):
            yield from _section_fields(hint, key, data, optional=may_lack)
        else:
            yield PolicyField(key, hint, may_lack)


def _named_fields(inner: Any, key: str, data: Data) -> Iterator[PolicyField]:
    start = len(key) + 1
    names = sorted({other[start:].split(".")[0] for other in data if other.startswith(f"{key}.")})
    by_year = key in BY_YEAR
    if by_year:
        names += [str(int(max(names)) + 1)] if names and max(names).isdigit() else []
    for name in names:
        if isinstance(inner, type) and issubclass(inner, Section):
            yield from _section_fields(inner, f"{key}.{name}", data, optional=by_year)
        else:
            yield PolicyField(f"{key}.{name}", inner, by_year)


def writes_percent(field: PolicyField, data: Data) -> bool:
    """Whether the decimals of a parameter are written in percent: told by its unit, else by its present value."""
    key = field.key
    section, _dot, rest = key.partition(".")
    code, _dot, name = rest.partition(".")
    if section == "metrics":
        unit = data.get(f"metrics.{code}.unit", {"value": "share"})["value"]
        return name in THRESHOLDS and unit == "share"
    if not SHARE.fullmatch(key) or key not in data:
        return False
    numbers = [cell for row in rows_of(field.shape, data[key]["value"]) for cell in row]
    return any(is_share(key, number) for number in numbers)


# ── Sections of the editor ─────────────────────────────────────────────────────────────────────────────────────────

SECTIONS: Mapping[str, Callable[[str], bool]] = {
    "metrics": lambda key: key.startswith("metrics."),
    "judging": lambda key: key.startswith("judging."),
    "counting": lambda key: key.startswith("counting."),
    "rating": lambda key: key.startswith("rating."),
    "scores": lambda key: key.startswith(("shs.", "sla.", "factors.")),
    "notices": lambda key: key.startswith("notices."),
    "appeals": lambda key: key.startswith("appeals."),
    "penalties": lambda key: key.startswith("penalties."),
    "disputes": lambda key: key.startswith("disputes."),
    "transactions": lambda key: key.startswith("transactions."),
    "feedback": lambda key: key.startswith("feedback."),
    "beyond": lambda key: key.startswith("beyond."),
    "privacy": lambda key: key.startswith("privacy."),
    "words": lambda key: key.startswith("words."),
    "reference": lambda key: key.startswith("reference.") and not key.startswith("reference.fx_usd."),
    "rates": lambda key: key.startswith("reference.fx_usd."),
    "calendar": lambda key: key.startswith("calendar."),
}


def section_of(key: str) -> str:
    """The section of the editor in which a parameter stands; that of groups of parameters too."""
    return next((name for name, has in SECTIONS.items() if has(f"{key}.")), "metrics")


# ── What a change of it touches ────────────────────────────────────────────────────────────────────────────────────

# Parameters that decide what an order contributes: facts would have to be counted anew (MX-02).
COUNTED = ("counting.", "feedback.late_review_days")
# Parameters by which the night judges metrics and ends notices.
JUDGED = (
    "metrics.", "judging.", "rating.", "factors.", "shs.", "sla.",
    "notices.clear_streak_days", "notices.clear_within_days", "notices.rectify_days",
)  # fmt: skip


def is_counted(key: str) -> bool:
    """Whether a parameter changes what is counted."""
    return key.startswith(COUNTED)


def is_judged(key: str) -> bool:
    """Whether a parameter changes how what was counted is judged."""
    return key.startswith(JUDGED)


def tightens(key: str, before: Any, after: Any, data: Data) -> bool | None:
    """Whether another threshold of a metric is stricter; None where that can't be said of the parameter."""
    section, _dot, rest = key.partition(".")
    code, _dot, name = rest.partition(".")
    if section != "metrics" or name not in ("yellow", "red", "young_line"):
        return None
    floor = data.get(f"metrics.{code}.floor_top", {"value": None})["value"] is not None
    lower = Decimal(after) < Decimal(before)
    return lower is not floor

"""Pure formatting of figures, amounts and times for pages (MX-06, DM-28).

Nothing here knows a request, a clock or a database. Texts use a no-break space between number and unit and a real minus
sign. Words that depend on the language are made in ``core.templatetags.ui``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from core.pages.currencies import decimals_of

NBSP = "\u00a0"
MINUS = "\u2212"
NO_VALUE = "–"

Exact = Decimal | Fraction | int

# Exports stop there (MX-06); what still stands on the wrong side of a line is then cut instead of rounded.
MAX_PLACES = 10
# The default context keeps 28 digits, which a GMV in 1e-8 USD could exceed.
_WIDE = Context(prec=80, rounding=ROUND_HALF_UP)


def exact(value: Exact | float | str) -> Fraction:
    """Any number as a Fraction; a float is read as the decimal that it prints as."""
    if isinstance(value, float):
        value = repr(value)
    return Fraction(value)


def half_up(value: Exact | float | str, places: int = 2) -> Decimal:
    """Round to ``places`` decimals, halves away from zero; keeps trailing zeros."""
    scaled = abs(exact(value)) * 10**places
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-units if exact(value) < 0 else units).scaleb(-places, context=_WIDE)


def _side(value: Fraction, line: Fraction) -> int:
    return (value > line) - (value < line)


def display(value: Exact | float | str, lines: Iterable[Exact | float | str] = (), places: int = 2) -> Decimal:
    """Round half up to ``places`` decimals, or to as many more as keep it on its side of every line (MX-06).

    A value on a line is shown on it: 4.705 against 4.705 is not shown 4.71.
    """
    true, marks = exact(value), [exact(line) for line in lines]
    for digits in range(places, MAX_PLACES + 1):
        shown = half_up(true, digits)
        if all(_side(exact(shown), mark) == _side(true, mark) for mark in marks):
            return shown
    # A line without an end (a factor of a third) has no decimal that stands on it; and a hair's breadth beside a line
    # the last decimal goes away from it.
    hair = Fraction(1, 10**MAX_PLACES)
    near = [shown, half_up(exact(shown) - hair, MAX_PLACES), half_up(exact(shown) + hair, MAX_PLACES)]
    return min(near, key=lambda one: sum(_side(exact(one), mark) != _side(true, mark) for mark in marks))


def limit(value: Exact | float | str, places: int = 4) -> Decimal:
    """A line as people write it: at most ``places`` decimals, without trailing zeros (0.05 → 0.05, 4.60 → 4.6)."""
    shown = half_up(value, places).normalize(_WIDE)
    return shown.quantize(Decimal(1)) if shown == shown.to_integral_value() else shown


def grouped(value: Decimal, *, signed: bool = False) -> str:
    """Digits in groups of three, with a real minus and, when ``signed``, a plus."""
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    return f"{sign}{abs(value):,f}"


def percent(
    share: Exact | float | str, lines: Iterable[Exact | float | str] = (), *, places: int = 2, signed: bool = False
) -> str:
    """A share (0.0619) as percent (``6.19 %``); ``lines`` are shares too."""
    hundredfold = [100 * exact(line) for line in lines]
    return grouped(display(100 * exact(share), hundredfold, places), signed=signed) + NBSP + "%"


def limit_percent(share: Exact | float | str) -> str:
    """A line given as a share: 0.0475 → ``4.75 %``, 0.05 → ``5 %``."""
    return grouped(limit(100 * exact(share))) + NBSP + "%"


def score(value: Exact | float | str, lines: Iterable[Exact | float | str] = (), *, places: int = 2) -> str:
    """A score such as a rating with 2 decimals, never across a line (4.695 against 4.70 → ``4.695``)."""
    return grouped(display(value, lines, places))


def number(value: Exact | float | str, places: int | None = None) -> str:
    """A count or quantity with grouped digits; ``places`` fixes the decimals, else at most 4 stay."""
    return grouped(limit(value) if places is None else half_up(value, places))


def money(amount: Exact | float | str, currency: str = "USD") -> str:
    """An amount in major units: ``1,234.50 USD``; currencies without a minor unit show none."""
    return f"{grouped(half_up(amount, decimals_of(currency)))}{NBSP}{currency.upper()}"


def offset_name(moment: datetime) -> str:
    """The zone of an aware datetime by its offset: ``GMT+8``, ``GMT−3:30``, ``GMT``."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    if minutes == 0:
        return "GMT"
    hours, rest = divmod(abs(minutes), 60)
    return f"GMT{'+' if minutes > 0 else MINUS}{hours}" + (f":{rest:02d}" if rest else "")


def instant(moment: datetime, zone: tzinfo, *, seconds: bool = False, named: bool = True) -> str:
    """An aware instant in ``zone`` with the zone named: ``2026-11-21 09:30 (GMT+8)`` (DM-28)."""
    local = moment.astimezone(zone)
    text = local.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
    return f"{text}{NBSP}({offset_name(local)})" if named else text


def day(value: date) -> str:
    """A calendar day: ``2026-11-21``. An instant has no day without a calendar, so a datetime is refused."""
    if isinstance(value, datetime):
        raise TypeError("day() takes a date; convert the instant to its performance or rating day first")
    return value.isoformat()


def duration_parts(seconds: int | timedelta, most: int = 2) -> list[tuple[int, str]]:
    """The ``most`` largest units of a span without sign: ``[(2, "d"), (13, "h")]``; units d, h, min, s.

    Cut, not rounded: a promise of "3 h" must not hide that 2 h 59 min are left. Units after a gap are left out.
    """
    rest = abs(int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds))
    parts: list[tuple[int, str]] = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        parts.append((count, unit))
    first = next((i for i, (count, _) in enumerate(parts) if count), len(parts) - 1)
    chosen = parts[first : first + most]
    return [part for i, part in enumerate(chosen) if i == 0 or part[0]]


def clock(seconds: int) -> str:
    """A countdown's face, as ``static/js/countdown.js`` draws it: ``61:12:07``; the sign is the caller's."""
    hours, rest = divmod(abs(int(seconds)), 3600)
    return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"


def told_apart(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Choices of code and name, by name; where two have the same name, or none, the code says which is which."""
    known = [(code, name or code) for code, name in choices]
    times = Counter(name for _code, name in known)
    named = [(code, name if times[name] == 1 else f"{name} ({code})") for code, name in known]
    return sorted(named, key=lambda choice: (choice[1].casefold(), choice[0]))

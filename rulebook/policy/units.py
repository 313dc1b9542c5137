"""In which unit people read and write a parameter: told by its key. Pure."""

import re
from decimal import Decimal
from typing import Any

DECIMAL_TEXT = re.compile(r"-?\d+(\.\d+)?")
SHARE = re.compile(
    r".*_(share|alert|line|surcharge|rate|success|lowers|from|to)|.*\.(ad_premium_\w+|confidence|target_trace_complete)"
    r"|(rating\.(high_value_)?weights|metrics)\..*|(shs|sla)\.weights"
)
UNITS = (("_hours", "h"), ("_days", "d"), (".days", "d"), ("_months", "mo"), ("_minutes", "min"), ("_usd", "USD"))


def unit_of(key: str) -> str:
    """``h``, ``d``, ``mo``, ``min`` or ``USD``; empty for plain numbers and for shares."""
    return next((unit for suffix, unit in UNITS if key.endswith(suffix)), "")


def is_share(key: str, value: Any) -> bool:
    """Whether a value of a parameter reads as a percentage."""
    # Lines on scores and stars lie above 1, and so does nothing that is a share.
    if not isinstance(value, Decimal) and not (isinstance(value, str) and DECIMAL_TEXT.fullmatch(value)):
        return False
    return bool(SHARE.fullmatch(key)) and abs(Decimal(value)) <= 1 and not key.endswith("floor_top")


def plain(number: Decimal | int) -> str:
    """A number without trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(number: Decimal) -> str:
    """A share as people write it, without the sign: 0.035 is 3.5."""
    return plain(number.scaleb(2))


def said(key: str, value: Decimal | int) -> str:
    """A number of a parameter as people read it."""
    return f"{percent(value)} %" if isinstance(value, Decimal) and is_share(key, value) else plain(value)

"""The causes of rating freezes in words (SR-06)."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from core.pages import formats
from metrics import words
from metrics.models import RatingFreeze
from metrics.rules.anomaly import AnomalyKind


def cause_texts(freeze: RatingFreeze) -> list[str]:
    """Each anomaly in numbers: ``Negative reviews on 2026-03-10: 2 of 125, that is 1.6 %; 0.8 % is allowed.``"""
    return [_cause_text(cause) for cause in freeze.causes]


def _cause_text(cause: Mapping[str, Any]) -> str:
    threshold = Decimal(cause["line"])
    numbers = {
        "part": formats.number(cause["part"]),
        "whole": formats.number(cause["whole"]),
        "share": words.value_text(Fraction(cause["part"], cause["whole"]), "share", [threshold]),
        "line": words.threshold_text(threshold, "share"),
        "first": cause["first"],
        "last": cause["last"],
    }
    if cause["kind"] == AnomalyKind.NEGATIVE:
        text = _("Negative reviews on %(last)s: %(part)s of %(whole)s, that is %(share)s; %(line)s is allowed.")
    else:
        text = _("Late deliveries %(first)s … %(last)s: %(part)s of %(whole)s, that is %(share)s; %(line)s is allowed.")
    return text % numbers

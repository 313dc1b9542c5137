"""The early-warning model that scores now, and how it is stored (TM-06)."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from insights.models import WarningModel
from insights.rules.warning import Band, Quality, Terms


def current_model() -> WarningModel | None:
    """The model trained last."""
    return WarningModel.objects.order_by("-trained_at", "-pk").first()


def terms_of(model: WarningModel) -> Terms:
    return Terms(**model.terms)


def quality_from(figures: dict[str, Any]) -> Quality:
    """Stored figures as they were."""
    bands: Sequence[Band] = [Band(**band) for band in figures["bands"]]
    return Quality(**{**figures, "bands": bands})


def stored(value: Terms | Quality) -> dict[str, Any]:
    """Terms or figures as JSON holds them."""
    return asdict(value)

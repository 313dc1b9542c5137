"""How the early-warning score is made and how good it was, as a page (TM-06)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core.pages.components import Fact
from dashboard.presenters.risk_why import BandLine, band_lines, quality_facts
from dashboard.queries.risk import Scoring
from insights.models import WarningModel
from rulebook.policy import Policy
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class RiskScorePage:
    """What templates/dashboard/risk_score.html reads; ``model`` None: too little data, policy's weights score."""

    nav: dict[str, Any]
    board_url: str
    model: WarningModel | None
    facts: Sequence[Fact]
    bands: Sequence[BandLine]
    ahead_hours: int
    horizon_days: int


def risk_score_page_of(
    request: HttpRequest, store: Store, scoring: Scoring, *, policy: Policy, horizon_days: int
) -> RiskScorePage:
    quality = scoring.quality
    return RiskScorePage(
        nav=nav(request, current="risk"),
        board_url=reverse("dashboard:risk", args=[store.store_no]),
        model=scoring.model,
        facts=quality_facts(quality) if quality else [],
        bands=band_lines(quality, policy.beyond.wilson_z) if quality else [],
        ahead_hours=policy.transactions.warn_ahead_hours,
        horizon_days=horizon_days,
    )

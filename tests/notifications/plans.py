"""Improvement plans for the tests of notices."""

from datetime import date

from notifications.models import ImprovementPlan
from notifications.rules import Measure, PlanContent
from notifications.services.plans import save_plan
from stores.models import User
from tests.notifications.build import NIGHT

CAUSE = {"dimension": "carrier", "value": "CAINIAO", "name": "Cainiao", "failures": 19, "whole": 24}


def answers(user: User) -> PlanContent:
    """All three questions answered."""
    named = {"cause": "carrier:CAINIAO", "owner_id": user.pk}
    return PlanContent(
        [CAUSE],
        "Parcels are collected in another warehouse since November.",
        [
            Measure("done", "Line stopped", day=date(2026, 3, 14), **named),
            Measure("prevention", "No carrier above 60 %", day=date(2026, 3, 20), proof="Share below 60 %", **named),
        ],
    )


def write_answers(plan: ImprovementPlan, user: User) -> None:
    assert save_plan(plan=plan, content=answers(user), version=plan.version, user=user, at=NIGHT)

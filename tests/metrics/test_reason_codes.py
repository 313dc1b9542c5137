"""The codes that reasons are declared to have (BX-18)."""

import re

import pytest

from core.sql import PORTABLE
from insights.presenters.reasons import PLAIN, STARS
from metrics.counters import FAILURES
from metrics.reasons.codes import CODES, codes_of
from metrics.reasons.declared import REASONS
from rulebook.policy import build_policy
from rulebook.shipped import SHIPPED

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("BX-18")]

POLICY = build_policy(SHIPPED, number=1)
WORDED = {*PLAIN, *STARS, "dispute"}
# The rating leaves out what never was shipped or arrived before it asks for the reason.
NEVER_OCCURS = {"r_dispatch_late": {"not_shipped"}, "r_delivery_late": {"not_delivered"}}


def test_every_failure_counter_has_codes() -> None:
    assert set(CODES) == FAILURES


@pytest.mark.parametrize("counter", sorted(REASONS))
def test_codes_are_those_that_the_reason_can_give(counter: str) -> None:
    reason = REASONS[counter]
    text = reason.code.text(PORTABLE) + reason.also.text(PORTABLE)
    given = {literal.rstrip(".") for literal in re.findall(r"'([a-z_.]+)'", text)} & WORDED
    assert set(CODES[counter]) == given - NEVER_OCCURS.get(counter, set())


def test_families_have_the_kinds_and_stars_that_fail() -> None:
    assert codes_of("defect_orders", POLICY) == [
        "dispute.not_received",
        "dispute.not_as_described",
        "dispute.quality",
        "dispute.platform_claim",
        "dispute.chargeback",
        "review.1",
        "review.2",
        "cancelled",
    ]
    assert codes_of("described_low", POLICY) == ["described.1", "described.2", "described.3"]

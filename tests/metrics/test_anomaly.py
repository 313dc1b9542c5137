"""Anomalies of a rating day exactly at their lines (SR-06)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from metrics.rules.anomaly import NEEDED_FEEDS, AnomalyKind, anomalies_of, expected_recovery
from rulebook.policy import build_policy
from rulebook.shipped import SHIPPED

pytestmark = pytest.mark.sqlite_only

POLICY = build_policy(SHIPPED, number=1)
DAY = date(2026, 3, 10)


def counts(reviews: int = 0, negative: int = 0, due: int = 0, late: int = 0) -> dict[str, int]:
    return {"u_reviews": reviews, "u_negative": negative, "u_delivery_due": due, "u_delivery_late": late}


def kinds(*days: dict[str, int]) -> list[str]:
    dated = [(DAY - timedelta(days=len(days) - 1 - place), one) for place, one in enumerate(days)]
    return [str(one.kind) for one in anomalies_of(dated, POLICY)]


@pytest.mark.rule("SR-06")
@pytest.mark.parametrize(
    ("reviews", "negative", "found"),
    [(125, 1, []), (125, 2, ["negative"]), (124, 2, []), (250, 2, []), (250, 3, ["negative"]), (0, 0, [])],
)
def test_negative_reviews_freeze_above_the_line_and_from_enough_reviews(
    reviews: int, negative: int, found: list[str]
) -> None:
    assert kinds(counts(reviews, negative)) == found


@pytest.mark.rule("SR-06")
def test_negative_reviews_of_days_before_do_not_count() -> None:
    assert kinds(counts(125, 9), counts(125, 1)) == []


@pytest.mark.rule("SR-06", "MX-05")
@pytest.mark.parametrize(
    ("due", "late", "found"), [(50, 6, []), (50, 7, ["delay"]), (9, 9, []), (10, 1, []), (10, 2, ["delay"])]
)
def test_delays_freeze_above_the_line_and_from_enough_parcels(due: int, late: int, found: list[str]) -> None:
    assert kinds(counts(due=due, late=late), counts(), counts()) == found


@pytest.mark.rule("SR-06")
def test_delays_are_pooled_over_three_days() -> None:
    assert kinds(counts(due=5, late=2), counts(due=5), counts(due=5)) == ["delay"]
    assert kinds(counts(due=9, late=9), counts(due=5), counts(due=5), counts(due=5)) == []


def test_both_anomalies_are_told_with_their_numbers() -> None:
    days = [(DAY - timedelta(days=1), counts(due=20, late=3)), (DAY, counts(200, 4, 5, 2))]
    negative, delay = anomalies_of(days, POLICY)
    assert negative.as_data() == {
        "kind": "negative", "part": 4, "whole": 200, "line": "0.008", "first": "2026-03-10", "last": "2026-03-10",
    }  # fmt: skip
    assert delay.as_data() == {
        "kind": "delay", "part": 5, "whole": 25, "line": "0.12", "first": "2026-03-09", "last": "2026-03-10",
    }  # fmt: skip
    assert set(NEEDED_FEEDS) == set(AnomalyKind)


def test_no_days_no_anomalies() -> None:
    assert anomalies_of([], POLICY) == []


@pytest.mark.rule("SR-06", "DM-26")
def test_recovery_is_expected_on_the_sixth_working_day() -> None:
    # 5.3 working days end within the sixth: from Wednesday over a weekend to Thursday, 24:00 in Shanghai.
    assert expected_recovery(datetime(2026, 3, 11, 0, 5, tzinfo=UTC), POLICY) == datetime(2026, 3, 19, 16, tzinfo=UTC)

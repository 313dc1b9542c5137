"""What counts, what doesn't and what proves it (BX-18)."""

from itertools import combinations

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from appeals.rules import EXCEPTION_RULES, ExceptionType, suggested_exception
from dashboard.presenters.counting import (
    counting_url,
    gets_notices,
    is_appealable,
    metric_counting,
    possible_exceptions,
)
from insights.presenters.reasons import code_text
from insights.rules.fault import SIGNALS, settled_by
from metrics.catalogue import METRICS, problem_counters
from metrics.reasons.codes import codes_of
from rulebook.policy import build_policy
from rulebook.shipped import SHIPPED
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("BX-18")]

POLICY = build_policy(SHIPPED, number=1)
NOTICE_METRICS = [code for code in METRICS if gets_notices(code, POLICY)]
COUNTERS = list(dict.fromkeys(counter for code in NOTICE_METRICS for counter in problem_counters(code)))
# Everything that the rule can be told of an order.
TOLD = sorted({*SIGNALS, *(rule.signal for rule in EXCEPTION_RULES)})


@pytest.mark.rule("PN-04")
def test_every_metric_with_notices_has_a_part_to_link_to() -> None:
    assert NOTICE_METRICS == ["odr", "late_dispatch", "dispute_rate", "dsr", "delivered"]
    assert counting_url("odr", POLICY) == "/rules/counting/#odr"
    assert counting_url("refund_rate", POLICY) == ""


@pytest.mark.parametrize("metric", NOTICE_METRICS)
def test_every_reason_has_a_row(metric: str) -> None:
    with translation.override("en"):
        shown = [reason for row in metric_counting(metric, POLICY).rows for reason in row.reasons]
        wanted = [
            code_text(code, counter) for counter in problem_counters(metric) for code in codes_of(counter, POLICY)
        ]
    assert sorted(shown) == sorted(wanted)


@pytest.mark.rule("PN-29")
@pytest.mark.parametrize("counter", COUNTERS)
def test_what_can_be_appealed_is_what_the_steps_can_suggest(counter: str) -> None:
    cases = [frozenset(some) for size in range(4) for some in combinations(TOLD, size)]
    for code in codes_of(counter, POLICY):
        settled = settled_by(code)
        found = {suggested_exception([counter], settled.shown | case) for case in cases if settled.allows(case)}
        expected = found - {None} if is_appealable(counter) else set()
        assert set(possible_exceptions(counter, code)) == expected


def rows_of(metric: str) -> dict[str, tuple[bool, dict[str, list[str]]]]:
    """Reason → whether it can be appealed, and the evidence of each exception that its data can suggest."""
    with translation.override("en"):
        rows = metric_counting(metric, POLICY).rows
        return {
            reason: (row.appealable, {one.title: one.evidence for one in row.exemptions})
            for row in rows
            for reason in row.reasons
        }


def test_late_dispatch_in_words() -> None:
    rows = rows_of("late_dispatch")
    address = {"wrong address": ["proof of the order", "platform messages"]}
    carrier = {"carrier's fault": ["carrier's trace", "third-party document"]}
    assert rows == {
        "not shipped": (True, {**address, **carrier}),
        "shipped late": (True, {**address, **carrier}),
        "the tracking number came late": (True, {"platform or sync error": ["proof of the order"]}),
    }


def test_complaints_count_but_cannot_be_appealed() -> None:
    assert rows_of("odr")["copyright complaint upheld"] == (False, {})


def test_what_does_not_count_is_told_once_each() -> None:
    with translation.override("en"):
        assert metric_counting("late_dispatch", POLICY).uncounted == [
            "of another channel, or of a certified one, which the rating counts",
            "shipped by the platform: not judged on dispatch or carriage",
            "not paid",
            "a presale without a dispatch deadline",
            "cancelled before its dispatch deadline",
            "refunded before its dispatch deadline",
            "left out by an accepted appeal or a protected event",
        ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["never arrived", "carrier&#x27;s fault", "third-party document", "Does not count"]),
        ("zh-hans", ["什么计入", "物流商", "不计入"]),
    ],
)
def test_page_in_both_languages(language: str, texts: list[str]) -> None:
    client = client_of(make_person("lin"))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get(reverse("dashboard:counting")).content.decode()
    assert [text for text in texts if text not in page] == []
    assert page.count("<h2") == len(NOTICE_METRICS) + 1
    assert page.count("<dt>") == len(ExceptionType)

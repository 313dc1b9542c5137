"""Signatures and pauses (RL-13, IX-23)."""

import hashlib
import hmac
from datetime import timedelta

import pytest

from notifications.webhooks.rules import FIRST_RETRY, MAX_ATTEMPTS, RETRIED_FOR, pause_after, sign, signature_header

pytestmark = [pytest.mark.rule("RL-13"), pytest.mark.sqlite_only]


def test_the_signature_is_over_timestamp_and_body():
    expected = hmac.new(b"whsec_a", '1767225600.{"店":1}'.encode(), hashlib.sha256).hexdigest()
    assert sign("whsec_a", 1767225600, '{"店":1}') == expected
    assert sign("whsec_a", 1767225601, '{"店":1}') != expected


def test_both_secrets_sign_while_one_is_replaced():
    header = signature_header(["new", "old"], 1767225600, "{}")
    assert header == f"t=1767225600,v1={sign('new', 1767225600, '{}')},v1={sign('old', 1767225600, '{}')}"


def test_the_last_attempt_is_within_a_day_and_near_its_end():
    last = FIRST_RETRY * (2 ** (MAX_ATTEMPTS - 1) - 1)
    assert RETRIED_FOR - timedelta(hours=1) < last <= RETRIED_FOR


def test_pauses_grow_up_to_half_an_hour():
    minutes = [pause_after(failures).total_seconds() / 60 for failures in (1, 2, 3, 6, 1000)]
    assert minutes == [1, 2, 4, 30, 30]

"""Reply templates in every language that policy names (PN-15)."""

import re
from datetime import UTC, datetime

import pytest

from orders.replies import ReplySubject, reply_languages, reply_text
from rulebook.queries import policy_at

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("PN-15")]


@pytest.mark.django_db
def test_every_subject_has_a_text_in_every_language_of_the_policy() -> None:
    languages = policy_at(datetime(2026, 5, 1, tzinfo=UTC)).notices.template_languages
    assert set(languages) == set(reply_languages())
    texts = [reply_text(subject, language, {}) for subject in ReplySubject for language in languages]
    assert len(set(texts)) == len(ReplySubject) * len(languages)
    assert all("[order_no]" in text and not re.search(r"[{}]", text) for text in texts)


def test_numbers_of_an_order_are_filled_in() -> None:
    text = reply_text(ReplySubject.SHIPPING, "en", {"order_no": "O1", "tracking_no": "LP1"})
    assert "order O1." in text
    assert "under LP1 and" in text
    assert "[tracking_no]" in reply_text(ReplySubject.SHIPPING, "en", {"order_no": "O1", "tracking_no": ""})

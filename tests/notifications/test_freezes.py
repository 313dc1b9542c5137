"""Companies get a message when a freeze of a rating begins, is predicted, and ends (SR-06, PG-19)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core.timebase import rating_day_end
from metrics.models import RatingFreeze
from metrics.services.freezing import end_freeze
from notifications.models import InboxMessage
from stores.models import Store
from tests.metrics.freezes import DAY, ONE_DAY, add_day, make_store, night
from tests.notifications.test_messages import inbox
from tests.notifications.test_pages import english
from tests.outbox import deliver
from tests.stores.people import client_of, make_person, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.clock]
BURST = {"reviews": 125, "stars": 375, "negative": 2}


def told() -> list[str]:
    """What was told of freezes."""
    deliver()
    rows = InboxMessage.objects.filter(kind__startswith="rating.")
    return list(rows.order_by("id").values_list("event", flat=True))


def nights_with_a_burst(mode: str = "governed") -> Store:
    store = make_store(mode=mode)
    night(DAY - ONE_DAY)
    add_day(store, DAY, **BURST)
    night(DAY)
    night(DAY, late_by=timedelta(hours=1))
    deliver()
    return store


@pytest.mark.rule("SR-06", "PG-19", "RL-02")
def test_company_is_told_once_of_a_freeze_and_of_its_end() -> None:
    store = nights_with_a_burst()
    assert told() == ["rating.frozen S1 2026-03-10"]
    client = english(client_of(make_person("owner", store.company)))
    text = inbox(client)
    assert "Rating frozen since 2026-03-10" in text
    assert "Negative reviews on 2026-03-10: 2 of 125, that is 1.60 %; 0.8 % is allowed." in text
    assert "the published rating stays at 4.80" in text
    reviewer, at = make_staff("reviewer", "reviewer"), rating_day_end(DAY) + ONE_DAY
    for _again in range(2):
        freeze = RatingFreeze.objects.get()
        end_freeze(freeze=freeze, reason="bought elsewhere", user=reviewer, at=at)
    assert told() == ["rating.frozen S1 2026-03-10", "rating.unfrozen S1 2026-03-10"]
    text = inbox(client)
    assert "Rating frozen from 2026-03-10 to 2026-03-10" in text
    assert "Ended by a reviewer: bought elsewhere" in text
    # What was told of its beginning stays as it was told.
    assert "Rating frozen since 2026-03-10" in text


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06", "PG-19")
def test_message_of_a_freeze_leads_to_the_rating_in_the_readers_language() -> None:
    store = nights_with_a_burst()
    client = client_of(make_person("owner", store.company))
    html = client.get(reverse("notifications:messages")).content.decode()
    url = reverse("notifications:message", args=[InboxMessage.objects.get(kind="rating.frozen").pk])
    assert f'href="{url}"' in html
    assert "Rating frozen" not in html
    assert client.get(url).headers["Location"] == reverse("dashboard:rating", args=["S1"])


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06", "DM-11a")
def test_company_of_a_mirrored_store_is_told_what_to_expect() -> None:
    store = nights_with_a_burst("mirrored")
    assert told() == ["rating.freeze_predicted S1 2026-03-10"]
    text = inbox(english(client_of(make_person("owner", store.company))))
    assert "Rating freeze predicted since 2026-03-10" in text
    assert "nothing is held back here" in text

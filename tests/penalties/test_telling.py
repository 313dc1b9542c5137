"""Messages about penalties (PN-42)."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from notifications.kinds import message_kind
from notifications.models import InboxMessage
from rulebook.queries import policies
from stores.models import Store
from tests.notifications.build import NIGHT, ONE_DAY, judged, make_store
from tests.penalties.build import impose, lift, swept

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]

SECOND = timedelta(seconds=1)


def told(store: Store, language: str = "en") -> list[tuple[str, str, str]]:
    rows = InboxMessage.objects.select_related("store").filter(store=store, kind__startswith="penalty.")
    with override(language):
        return [(row.group, *message_kind(row.kind).words(row, policies())) for row in rows.order_by("at", "pk")]


@pytest.mark.rule("PN-14", "PN-42")
def test_steps_of_the_ladder_are_told_at_once_and_restrictions_with_their_notice() -> None:
    store = make_store()
    judged(store, late_dispatch="red")
    swept(NIGHT + 3 * ONE_DAY + SECOND)
    (step,) = told(store)
    assert step[0] == "red"
    assert step[1] == "Penalty: flash deals blocked"
    assert step[2].startswith("Red notice PN20260310-000001. The store can't register for flash deals.")


@pytest.mark.rule("PN-42")
def test_penalty_that_was_over_when_it_was_found_is_not_told() -> None:
    store = make_store()
    impose(store, "funds_hold", NIGHT, days=2)
    swept(NIGHT + 3 * ONE_DAY)
    assert [title for _group, title, _text in told(store)] == [
        "Penalty: settlements suspended", "Penalty over: settlements suspended",
    ]  # fmt: skip


@pytest.mark.rule("BX-03", "PN-42")
def test_lifted_penalty_is_told_with_its_cause() -> None:
    store = make_store()
    lift(impose(store, "account_frozen", NIGHT), NIGHT + ONE_DAY)
    assert told(store)[-1] == (
        "case", "Penalty over: account frozen", "As found. It was lifted.",
    )  # fmt: skip
    assert "处罚" in told(store, "zh-hans")[-1][1]

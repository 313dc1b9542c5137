"""Messages are mailed at least once, visibly de-duplicated, by a real SMTP server (RL-02, PN-02, BX-08)."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection

from core.models import Event
from notifications.channels.delivering import DELIVERIES, deliver_mail, due_deliveries
from notifications.models import Delivery, InboxMessage, MailPreference, StoppedAddress
from notifications.rules import ChannelName
from notifications.services.messages import write_messages
from stores.models import Membership, Store, User
from tests.mailserver import Postbox, mail_server, use_mail_server
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judged, make_store
from tests.stores.people import client_of, make_person, make_staff

MINUTE = timedelta(minutes=1)
# The first digest after the night of `build`: 09:00 in Shanghai.
MORNING = NIGHT + timedelta(hours=7)

pytestmark = [pytest.mark.django_db, pytest.mark.rule("RL-02")]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Postbox, int]]:
    with mail_server() as (postbox, port):
        yield postbox, port


@pytest.fixture
def postbox(server: tuple[Postbox, int], settings: Any) -> Postbox:
    postbox, port = server
    postbox.__init__()  # type: ignore[misc]
    use_mail_server(settings, port)
    return postbox


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def owner(store: Store) -> User:
    return make_person("owner", store.company, language="en")


def states() -> list[tuple[str, str, int]]:
    return list(Delivery.objects.order_by("id").values_list("state", "reason", "attempts"))


# ── what the server answers ──


@pytest.mark.rule("PN-02")
def test_red_notice_is_mailed_at_once_and_once(postbox: Postbox, store: Store, owner: User) -> None:
    judged(store, late_dispatch="red")
    assert deliver_mail(at=NIGHT).rows == {"sent": 1}
    assert deliver_mail(at=NIGHT + MINUTE).rows == {}
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.sent_at, delivery.recipient) == ("sent", NIGHT, owner)
    assert postbox.subjects() == ["[Dianwei] Red notice PN20260310-000001 · Store S1"]
    assert postbox.recipients() == ["owner@example.com"]


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-03")
def test_lease_of_a_mail_begins_when_it_is_claimed_and_not_with_the_run(postbox: Postbox, store: Store) -> None:
    for name in ("first", "second"):
        make_person(name, store.company, language="en")
    judged(store, late_dispatch="red")
    # The second attempt notes when the third one would be, should this one die: counted from the claim as the lease is.
    Delivery.objects.update(attempts=1)
    postbox.at_data = [postbox.SLOW]
    assert deliver_mail(at=NIGHT).rows == {"sent": 2}
    first, second = Delivery.objects.order_by("due_at", "id").values_list("retry_at", flat=True)
    assert second - first >= timedelta(seconds=1)


@pytest.mark.sqlite_only
def test_busy_server_is_tried_again_with_pauses_and_the_same_id(postbox: Postbox, store: Store, owner: User) -> None:
    judged(store, late_dispatch="red")
    postbox.at_rcpt["owner@example.com"] = "451 4.7.1 Greylisted"
    assert deliver_mail(at=NIGHT).rows == {"retry": 1}
    assert deliver_mail(at=NIGHT + MINUTE / 2).rows == {}
    assert deliver_mail(at=NIGHT + MINUTE).rows == {"retry": 1}
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.error) == ("waiting", 2, "451 4.7.1 Greylisted")
    assert delivery.retry_at == NIGHT + 3 * MINUTE
    postbox.at_rcpt.clear()
    postbox.at_data = ["452 4.3.1 Full"]
    assert deliver_mail(at=NIGHT + 3 * MINUTE).rows == {"retry": 1}
    assert deliver_mail(at=NIGHT + 7 * MINUTE).rows == {"sent": 1}
    assert states() == [("sent", "", 4)]
    assert len(postbox.taken) == 1


@pytest.mark.sqlite_only
def test_last_attempt_gives_up(postbox: Postbox, store: Store, owner: User) -> None:
    judged(store, late_dispatch="red")
    postbox.at_rcpt["owner@example.com"] = "451 4.7.1 Greylisted"
    Delivery.objects.update(attempts=DELIVERIES.max_attempts - 1)
    deliver_mail(at=NIGHT)
    assert states() == [("failed", "given_up", DELIVERIES.max_attempts)]


@pytest.mark.sqlite_only
def test_unknown_address_is_stopped_until_a_person_mends_it(postbox: Postbox, store: Store, owner: User) -> None:
    judged(store, late_dispatch="red")
    postbox.at_rcpt["owner@example.com"] = "550 5.1.1 No such user"
    assert deliver_mail(at=NIGHT).rows == {"unreachable": 1}
    assert states() == [("failed", "unreachable", 1)]
    stopped = StoppedAddress.objects.get()
    assert (stopped.address, stopped.error, stopped.stopped_at) == (
        "owner@example.com", "550 5.1.1 No such user", NIGHT,
    )  # fmt: skip
    judged(store, DAY + ONE_DAY, odr="red")
    deliver_mail(at=NIGHT + ONE_DAY)
    assert states()[1:] == [("failed", "stopped", 1)]
    assert postbox.taken == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("answer", "stops"), [("550 No such user", True), ("550 5.7.1 Policy", False), ("552 5.2.2 Full", False)]
)
def test_refusal_of_a_mail_does_not_stop_its_address(
    postbox: Postbox, store: Store, owner: User, answer: str, stops: bool
) -> None:
    judged(store, late_dispatch="red")
    postbox.at_rcpt["owner@example.com"] = answer
    deliver_mail(at=NIGHT)
    assert Delivery.objects.get().state == "failed"
    assert StoppedAddress.objects.exists() is stops


@pytest.mark.sqlite_only
def test_content_refused_after_data_fails_this_mail_only(postbox: Postbox, store: Store, owner: User) -> None:
    judged(store, late_dispatch="red", odr="red")
    postbox.at_data = ["554 5.6.0 Spam"]
    assert deliver_mail(at=NIGHT).rows == {"refused": 1, "sent": 1}
    assert sorted(states()) == [("failed", "refused", 1), ("sent", "", 1)]


def test_server_that_dies_after_taking_a_mail_gets_it_again_under_its_id(
    postbox: Postbox, store: Store, owner: User
) -> None:
    judged(store, late_dispatch="red")
    postbox.at_data = [Postbox.DIE]
    result = deliver_mail(at=NIGHT)
    assert (result.rows, result.down) == ({"down": 1}, True)
    assert states() == [("waiting", "", 1)]
    assert deliver_mail(at=NIGHT + MINUTE).rows == {"sent": 1}
    assert len(postbox.taken) == 2
    assert len(set(postbox.ids())) == 1


def test_worker_killed_after_sending_sends_again_under_the_same_id(postbox: Postbox, store: Store, owner: User) -> None:
    judged(store, late_dispatch="red")
    deliver_mail(at=NIGHT)
    # As a worker leaves it that is killed before it settles the row.
    Delivery.objects.update(state="waiting", sent_at=None, lease="elsewhere:1:x", lease_until=NIGHT + 10 * MINUTE)
    assert deliver_mail(at=NIGHT + MINUTE).rows == {}
    assert deliver_mail(at=NIGHT + 10 * MINUTE).rows == {"sent": 1}
    assert len(postbox.taken) == 2
    assert len(set(postbox.ids())) == 1


@pytest.mark.sqlite_only
def test_hanging_server_holds_up_one_run_and_loses_nothing(
    postbox: Postbox, store: Store, owner: User, settings: Any
) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    judged(store, late_dispatch="red", odr="red")
    postbox.at_data = [Postbox.HANG]
    assert deliver_mail(at=NIGHT).down
    assert sorted(states()) == [("waiting", "", 0), ("waiting", "", 1)]
    assert "timed out" in Delivery.objects.get(attempts=1).error
    assert deliver_mail(at=NIGHT + MINUTE).rows == {"sent": 2}


@pytest.mark.sqlite_only
def test_server_out_of_reach_is_not_asked_for_every_mail(store: Store, owner: User, settings: Any) -> None:
    use_mail_server(settings, 1)
    judged(store, late_dispatch="red", odr="red")
    assert deliver_mail(at=NIGHT).rows == {"down": 1}
    assert sorted(states()) == [("waiting", "", 0), ("waiting", "", 1)]


def test_what_failed_is_tried_again_by_staff(postbox: Postbox, store: Store, owner: User) -> None:
    judged(store, late_dispatch="red")
    postbox.at_rcpt["owner@example.com"] = "550 5.1.1 No such user"
    deliver_mail(at=NIGHT)
    postbox.at_rcpt.clear()
    client = client_of(make_staff("senior", "senior reviewer"))
    given = {"action": "retry", "_selected_action": [Delivery.objects.get().pk]}
    with time_machine.travel(NIGHT + ONE_DAY, tick=False):
        assert client.post("/admin/notifications/delivery/", given).status_code == 302
    assert deliver_mail(at=NIGHT + ONE_DAY).rows == {"sent": 1}
    assert not StoppedAddress.objects.exists()
    assert Event.objects.get(kind="mail.retried").before == {"reason": "unreachable", "channel": "mail"}
    client = client_of(make_staff("reviewer", "reviewer"))
    Delivery.objects.update(state="failed")
    client.post("/admin/notifications/delivery/", given)
    assert Delivery.objects.get().state == "failed"


@pytest.mark.sqlite_only
@pytest.mark.rule("IX-14")
def test_command_sends_what_is_due_and_fails_without_a_server(
    postbox: Postbox, store: Store, owner: User, settings: Any, capsys: Any
) -> None:
    judged(store, late_dispatch="red")
    call_command("deliver", "--channel", "mail", "--at", NIGHT.isoformat(), "--json")
    assert json.loads(capsys.readouterr().out) == {"mail": {"rows": {"sent": 1}, "down": False}}
    judged(store, DAY + ONE_DAY, odr="red")
    use_mail_server(settings, 1)
    with pytest.raises(CommandError, match="not usable: mail"):
        call_command("deliver", "--at", (NIGHT + ONE_DAY).isoformat())


@pytest.mark.rule("RL-01")
@pytest.mark.django_db(transaction=True)
def test_workers_at_once_send_each_mail_once_and_digests_whole() -> None:
    store = make_store()
    for name in ("one", "two", "three"):
        make_person(name, store.company)
    judged(store, late_dispatch="red", odr="yellow", dispute_rate="yellow")
    start_line = threading.Barrier(3)

    def work() -> None:
        start_line.wait()
        try:
            deliver_mail(at=MORNING)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _worker in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [state for state, _reason, _attempts in states()] == ["sent"] * 9
    assert len({one.extra_headers["Message-ID"] for one in mail.outbox}) == len(mail.outbox) == 6


# ── to whom, when, and whether still ──


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-08")
def test_what_is_not_urgent_goes_in_one_digest_a_day(postbox: Postbox, store: Store, owner: User) -> None:
    second = make_store("S2", company=store.company)
    judged(store, late_dispatch="yellow", odr="yellow")
    judged(second, late_dispatch="yellow")
    assert deliver_mail(at=MORNING - MINUTE).rows == {}
    assert deliver_mail(at=MORNING).rows == {"sent": 3}
    assert postbox.subjects() == ["[Dianwei] Daily digest: 3 messages"]
    text = postbox.taken[0].get_payload()[0].get_payload(decode=True).decode()
    assert [line[3:] for line in text.splitlines() if line[1:3] == ". "] == [
        "Yellow notice PN20260310-000001",
        "Yellow notice PN20260310-000002",
        "Yellow notice PN20260310-000003",
    ]


@pytest.mark.rule("BX-08")
def test_digest_waits_for_the_morning_of_its_reader(store: Store) -> None:
    make_person("east", store.company, time_zone="Asia/Shanghai")
    make_person("west", store.company, time_zone="America/Sao_Paulo")
    judged(store, late_dispatch="yellow")
    due = dict(Delivery.objects.values_list("recipient__email", "due_at"))
    assert due == {"east@example.com": MORNING, "west@example.com": NIGHT + timedelta(hours=18)}


@pytest.mark.sqlite_only
def test_digest_that_failed_comes_whole_and_under_its_id(postbox: Postbox, store: Store, owner: User) -> None:
    judged(store, late_dispatch="yellow", odr="yellow")
    postbox.at_data = [Postbox.DIE]
    assert deliver_mail(at=MORNING).rows == {"down": 2}
    assert deliver_mail(at=MORNING + MINUTE).rows == {"sent": 2}
    assert len(set(postbox.ids())) == 1


@pytest.mark.rule("BX-08")
def test_preferences_choose_at_once_digest_or_nothing_but_for_urgent_ones(postbox: Postbox, store: Store) -> None:
    for name, pace in (("now", "now"), ("never", "never")):
        person = make_person(name, store.company)
        MailPreference.objects.create(user=person, group="yellow", pace=pace)
        MailPreference.objects.create(user=person, group="red", pace="never")
    judged(store, late_dispatch="yellow", odr="red")
    assert deliver_mail(at=NIGHT).rows == {"sent": 3}
    assert postbox.recipients() == ["never@example.com", "now@example.com", "now@example.com"]


def test_mail_is_not_sent_to_who_left_or_silenced_or_read_meanwhile(postbox: Postbox, store: Store) -> None:
    people = {name: make_person(name, store.company) for name in ("left", "closed", "silenced", "reader")}
    judged(store, late_dispatch="yellow")
    Membership.objects.filter(user=people["left"]).delete()
    User.objects.filter(pk=people["closed"].pk).update(is_active=False)
    MailPreference.objects.create(user=people["silenced"], group="yellow", pace="never")
    people["reader"].messages_read.create(message=InboxMessage.objects.get(), read_at=NIGHT)
    deliver_mail(at=MORNING)
    assert [(state, reason) for state, reason, _attempts in states()] == [
        ("skipped", "left"), ("skipped", "left"), ("skipped", "silenced"), ("skipped", "read"),
    ]  # fmt: skip
    assert postbox.taken == []


def test_what_comes_days_too_late_is_not_sent(postbox: Postbox, store: Store, owner: User) -> None:
    judged(store, late_dispatch="red")
    assert deliver_mail(at=NIGHT + timedelta(hours=72, seconds=1)).rows == {}
    assert states() == [("skipped", "late", 0)]


@pytest.mark.rule("RL-02")
def test_event_that_comes_twice_queues_nothing_more(store: Store, owner: User) -> None:
    judged(store, late_dispatch="red")
    make_person("new", store.company)
    write_messages(Event.objects.filter(kind="notice.issued"))
    assert Delivery.objects.count() == 1
    assert list(due_deliveries(ChannelName.MAIL, at=NIGHT)) == list(Delivery.objects.all())


# ── what is in a mail ──


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-02")
def test_mail_speaks_the_readers_language_with_deep_link_and_no_remote_content(postbox: Postbox, store: Store) -> None:
    make_person("zh", store.company, language="zh-hans")
    judged(store, late_dispatch="red")
    deliver_mail(at=NIGHT)
    plain, html = (part.get_payload(decode=True).decode() for part in postbox.taken[0].get_payload())
    link = f"http://localhost:8000/messages/{InboxMessage.objects.get().pk}/"
    assert postbox.subjects() == ["[Dianwei] 红色通知 PN20260310-000001 · Store S1"]
    for text in (plain, html):
        assert "发货" in text
        assert link in text
        assert "2026-03-14" in text
    assert "<img" not in html
    assert "<script" not in html
    assert "src=" not in html
    assert postbox.taken[0]["List-Unsubscribe"] is None
    assert postbox.taken[0]["Auto-Submitted"] == "auto-generated"


@pytest.mark.sqlite_only
def test_names_of_stores_are_text_in_html_mails(postbox: Postbox, store: Store, owner: User) -> None:
    Store.objects.update(name="<b>Shop</b>\nBcc: x@example.com")
    judged(store, late_dispatch="red")
    assert deliver_mail(at=NIGHT).rows == {"sent": 1}
    html = postbox.taken[0].get_payload()[1].get_payload(decode=True).decode()
    assert "&lt;b&gt;Shop&lt;/b&gt;" in html
    assert postbox.taken[0]["Bcc"] is None

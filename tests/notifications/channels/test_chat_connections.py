"""Chats of several companies beside one another, and connecting and removing them (PN-02, RL-02, RL-18)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from notifications.channels.delivering import channels_due, deliver, may_run
from notifications.models import Connection, Delivery
from notifications.services.connections import add_connection, remove_connection
from stores.models import Store, User
from tests.httpserver import Receiver, allow_loopback, http_server
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judged, make_store
from tests.notifications.channels.test_chats import (
    DINGTALK,
    MINUTE,
    chat,
    connect,
    owner,
    robot,
    server,
    states,
    store,
    texts,
    yellow,
)
from tests.stores.people import make_person

__all__ = ["chat", "owner", "robot", "server", "store"]

pytestmark = [pytest.mark.django_db, pytest.mark.rule("RL-02", "PN-02")]


# ── companies apart ──


@pytest.mark.rule("RL-18")
def test_company_whose_chat_hangs_delays_another_by_one_post_at_most(
    robot: Receiver, store: Store, owner: User, chat: Connection, settings: Any
) -> None:
    other = make_store("S2")
    with http_server() as hanging:
        allow_loopback(settings, robot.port, hanging.port)
        hanging.answers = [Receiver.HANG]
        connect(hanging, other.company, make_person("other", other.company))
        for day in range(3):
            metrics = {["late_dispatch", "odr", "dispute_rate"][day]: "red"}
            judged(other, DAY + day * ONE_DAY, **metrics)
        judged(store, DAY + 3 * ONE_DAY, late_dispatch="red")
        assert deliver(DINGTALK, at=NIGHT + 3 * ONE_DAY).rows == {"down": 1, "sent": 1}
        assert len(hanging.received) == 1


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-18")
def test_companies_take_turns(robot: Receiver, store: Store, owner: User, chat: Connection) -> None:
    other = make_store("S2")
    connect(robot, other.company, make_person("other", other.company, language="en"))
    judged(store, late_dispatch="red", odr="red", dispute_rate="red")
    judged(other, DAY + ONE_DAY, late_dispatch="red")
    deliver(DINGTALK, at=NIGHT + ONE_DAY)
    stores = ["Store S2" if "Store S2" in " ".join(lines) else "Store S1" for lines in texts(robot)]
    assert stores == ["Store S1", "Store S2", "Store S1", "Store S1"]


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-18")
def test_channel_occupies_few_processes_whatever_waits(store: Store, owner: User, chat: Connection) -> None:
    yellow(store, 4)
    assert channels_due(at=NIGHT) == [DINGTALK]
    rows = list(Delivery.objects.filter(channel="dingtalk").order_by("id"))
    for row, process in zip(rows, ("elsewhere:1", "elsewhere:1", "elsewhere:2"), strict=False):
        assert may_run(DINGTALK, at=NIGHT)
        row.lease, row.lease_until = f"{process}:x", NIGHT + MINUTE
        row.save()
    assert not may_run(DINGTALK, at=NIGHT)
    assert channels_due(at=NIGHT) == []
    assert channels_due(at=NIGHT + MINUTE) == [DINGTALK]


# ── connecting ──


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://open.feishu.cn/open-apis/bot/v2/hook/x", "Feishu"),
        ("ftp://oapi.dingtalk.com/robot/send?access_token=x", "https"),
        ("https://oapi.dingtalk.com:22/robot/send?access_token=x", "port 22"),
    ],
)
def test_address_of_another_channel_or_that_no_request_may_go_to_is_refused(
    store: Store, owner: User, address: str, words: str
) -> None:
    with override("en"), pytest.raises(ValidationError, match=words):
        add_connection(
            company=store.company, channel=DINGTALK, name="Ops", language="en", address=address, secret="",
            at=NIGHT, user=owner,
        )  # fmt: skip


@pytest.mark.sqlite_only
def test_address_and_secret_are_sealed_and_forgotten_when_the_chat_is_removed(
    robot: Receiver, store: Store, owner: User
) -> None:
    chat = connect(robot, store.company, owner, secret="SEC1")
    stored = " ".join(str(value) for value in Connection.objects.values_list().get())
    assert "SEC1" not in stored
    assert "t0k3n" not in stored
    judged(store, late_dispatch="red")
    assert remove_connection(connection=chat, actor="system", at=NIGHT)
    assert not remove_connection(connection=chat, actor="system", at=NIGHT)
    deliver(DINGTALK, at=NIGHT)
    assert states() == [("failed", "gone", 1)]
    chat.refresh_from_db()
    assert (chat.sealed_address, chat.sealed_secret) == ("", "")


@pytest.mark.sqlite_only
def test_sealed_address_moved_to_another_chat_opens_nothing(robot: Receiver, store: Store, owner: User) -> None:
    first, second = (connect(robot, store.company, owner) for _count in range(2))
    Connection.objects.filter(pk=second.pk).update(sealed_address=first.sealed_address)
    judged(store, late_dispatch="red")
    assert deliver(DINGTALK, at=NIGHT).rows == {"sent": 1, "unreachable": 1}

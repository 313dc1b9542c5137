"""Robots of team chats on loopback that take, refuse, hang, redirect and die (PN-02, RL-02, PN-37)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils.translation import override

from core.models import Event
from notifications.channels.delivering import deliver
from notifications.channels.trials import test_connection as send_test
from notifications.models import Connection, Delivery, InboxMessage
from notifications.rules import ChannelName
from notifications.services.connections import add_connection, change_connection
from stores.models import Company, Store, User
from tests.httpserver import Receiver, allow_loopback, http_server
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judge, judged, make_store, publish
from tests.outbox import deliver as deliver_outbox
from tests.stores.people import make_person

MINUTE = timedelta(minutes=1)
OK = {"dingtalk": {"errcode": 0}, "feishu": {"code": 0}, "lark": {"StatusCode": 0}, "wecom": {"errcode": 0}}
DINGTALK = ChannelName.DINGTALK

pytestmark = [pytest.mark.django_db, pytest.mark.rule("RL-02", "PN-02")]


def answer(body: dict[str, Any], status: int = 200) -> bytes:
    text = json.dumps(body)
    return f"HTTP/1.1 {status} Status\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


TAKEN = answer({"errcode": 0, "errmsg": "ok"})


@pytest.fixture(scope="module")
def server() -> Iterator[Receiver]:
    with http_server() as receiver:
        yield receiver


@pytest.fixture
def robot(server: Receiver, settings: Any) -> Receiver:
    server.answers, server.received, server.pause = [TAKEN], [], 0
    allow_loopback(settings, server.port)
    settings.CHANNEL_TIMEOUT = 0.4
    return server


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def owner(store: Store) -> User:
    return make_person("owner", store.company, language="en")


def connect(robot: Receiver, company: Company, owner: User, channel: str = "dingtalk", secret: str = "") -> Connection:
    return add_connection(
        company=company, channel=ChannelName(channel), name="Ops", language="en",
        address=f"{robot.url}?access_token=t0k3n", secret=secret, at=NIGHT - ONE_DAY, user=owner,
    )  # fmt: skip


@pytest.fixture
def chat(robot: Receiver, store: Store, owner: User) -> Connection:
    return connect(robot, store.company, owner)


def yellow(store: Store, count: int) -> None:
    """Yellow notices of so many stores of the company."""
    for number in range(count):
        publish(make_store(f"{store.store_no}-{number}", company=store.company), late_dispatch="yellow")
    judge()


def sent(robot: Receiver) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in robot.received]


def texts(robot: Receiver) -> list[list[str]]:
    return [body["text"]["content"].split("\n") for body in sent(robot)]


def ids(robot: Receiver) -> list[str]:
    return [lines[-2] for lines in texts(robot)]


def states(channel: str = "dingtalk") -> list[tuple[str, str, int]]:
    rows = Delivery.objects.filter(channel=channel).order_by("id")
    return list(rows.values_list("state", "reason", "attempts"))


# ── what is posted ──


@pytest.mark.sqlite_only
def test_red_notice_is_posted_in_the_chats_language_as_plain_text(
    robot: Receiver, store: Store, owner: User, chat: Connection
) -> None:
    judged(store, late_dispatch="red")
    assert deliver(DINGTALK, at=NIGHT).rows == {"sent": 1}
    [lines] = texts(robot)
    message = InboxMessage.objects.get()
    assert lines[0] == "[Dianwei] Red notice PN20260310-000001"
    assert "Store S1" in lines[1]
    assert lines[-2].startswith("No. ")
    assert lines[-1] == f"http://localhost:8000/messages/{message.pk}/"
    delivery = Delivery.objects.get(channel="dingtalk")
    assert (delivery.target, delivery.state, delivery.sent_at) == (f"connection:{chat.pk}", "sent", NIGHT)
    [attempt] = delivery.log.all()
    assert (attempt.outcome, attempt.answer) == ("sent", '200 {"errcode": 0, "errmsg": "ok"}')
    chat.refresh_from_db()
    assert (chat.state, chat.last_success_at) == ("ok", NIGHT)


@pytest.mark.sqlite_only
def test_dingtalk_post_is_signed_by_time_stamp_and_secret(robot: Receiver, store: Store, owner: User) -> None:
    connect(robot, store.company, owner, secret="SEC1")
    judged(store, late_dispatch="red")
    deliver(DINGTALK, at=NIGHT)
    query = parse_qs(urlsplit(robot.received[0].line.split()[1]).query)
    [stamp] = query["timestamp"]
    expected = base64.b64encode(hmac.digest(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256)).decode()
    assert (query["access_token"], query["sign"], len(stamp)) == (["t0k3n"], [expected], 13)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("channel", ["feishu", "lark"])
def test_feishu_post_is_signed_and_its_pieces_are_literal(
    robot: Receiver, store: Store, owner: User, channel: str
) -> None:
    Store.objects.update(name='<at user_id="all">x</at>')
    connect(robot, store.company, owner, channel, secret="SEC1")
    robot.answers = [answer(OK[channel])]
    judged(store, late_dispatch="red")
    assert deliver(ChannelName(channel), at=NIGHT).rows == {"sent": 1}
    [body] = sent(robot)
    key = f"{body['timestamp']}\nSEC1".encode()
    assert body["sign"] == base64.b64encode(hmac.digest(key, b"", hashlib.sha256)).decode()
    post = body["content"]["post"]["zh_cn"]
    assert post["title"] == "[Dianwei] Red notice PN20260310-000001"
    assert '<at user_id="all">x</at>' in post["content"][0][0]["text"]
    assert post["content"][-1][0]["tag"] == "a"


@pytest.mark.sqlite_only
def test_wecom_post_is_cut_to_what_a_robot_takes(robot: Receiver, store: Store, owner: User) -> None:
    connect(robot, store.company, owner, "wecom")
    yellow(store, 4)
    Store.objects.update(name="店" * 200)
    assert deliver(ChannelName.WECOM, at=NIGHT).rows == {"sent": 4}
    [body] = sent(robot)
    content = body["text"]["content"]
    assert len(content.encode()) <= 2048
    assert content.splitlines()[0] == "[Dianwei] 4 messages"
    assert "and 2 more" in content


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-08")
def test_storm_goes_as_one_post_and_red_notices_by_themselves(
    robot: Receiver, store: Store, owner: User, chat: Connection
) -> None:
    judged(make_store("S9", company=store.company), late_dispatch="red")
    yellow(store, 4)
    assert deliver(DINGTALK, at=NIGHT).rows == {"sent": 5}
    assert sorted(lines[0] for lines in texts(robot)) == [
        "[Dianwei] 4 messages", "[Dianwei] Red notice PN20260310-000001",
    ]  # fmt: skip
    # As a worker leaves it that is killed before it settles the rows.
    Delivery.objects.filter(is_digest=True, channel="dingtalk").update(state="waiting", lease_until=NIGHT)
    assert deliver(DINGTALK, at=NIGHT + MINUTE).rows == {"sent": 4}
    assert len(set(ids(robot))) == 2


# ── what robots answer ──


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("channel", "body", "outcome", "state"),
    [
        ("dingtalk", {"errcode": 130101, "errmsg": "send too fast"}, "retry", "failing"),
        ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, "unreachable", "stopped"),
        ("dingtalk", {"errcode": 460101, "errmsg": "message too long"}, "refused", "failing"),
        ("feishu", {"code": 11232, "msg": "frequency limited"}, "retry", "failing"),
        ("feishu", {"code": 19001, "msg": "access token invalid"}, "unreachable", "stopped"),
        ("lark", {"code": 19024, "msg": "Key Words Not Found"}, "unreachable", "stopped"),
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, "retry", "failing"),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, "unreachable", "stopped"),
        ("wecom", {"unknown": 1}, "retry", "failing"),
    ],
)
def test_code_in_an_answer_of_200_decides(
    robot: Receiver, store: Store, owner: User, channel: str, body: dict[str, Any], outcome: str, state: str
) -> None:
    chat = connect(robot, store.company, owner, channel)
    robot.answers = [answer(body)]
    judged(store, late_dispatch="red")
    assert deliver(ChannelName(channel), at=NIGHT).rows == {outcome: 1}
    chat.refresh_from_db()
    assert (chat.state, chat.last_error) == (state, f"200 {json.dumps(body)}")


REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("first", "outcome"),
    [
        (Receiver.HANG, "down"),
        (Receiver.DIE, "down"),
        (Receiver.DIE_INSIDE, "down"),
        (Receiver.DRIP, "down"),
        (b"nonsense\r\n\r\n", "down"),
        (answer({"errcode": 0}, 500), "down"),
        (answer({}, 429), "retry"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n<p>", "retry"),
    ],
)
@pytest.mark.sqlite_only
def test_post_whose_answer_is_lost_or_late_comes_again_under_its_id(
    robot: Receiver, store: Store, owner: User, chat: Connection, first: Any, outcome: str
) -> None:
    judged(store, late_dispatch="red")
    robot.answers = [first, TAKEN]
    assert deliver(DINGTALK, at=NIGHT).rows == {outcome: 1}
    assert states() == [("waiting", "", 1)]
    assert deliver(DINGTALK, at=NIGHT + MINUTE / 2).rows == {}
    assert deliver(DINGTALK, at=NIGHT + MINUTE).rows == {"sent": 1}
    assert states() == [("sent", "", 2)]
    assert len(robot.received) == 2
    assert len(set(ids(robot))) == 1


@pytest.mark.sqlite_only
def test_answer_after_our_time_is_over_is_late(robot: Receiver, store: Store, owner: User, chat: Connection) -> None:
    judged(store, late_dispatch="red")
    robot.pause = 0.6
    assert deliver(DINGTALK, at=NIGHT).rows == {"down": 1}
    robot.pause = 0
    assert deliver(DINGTALK, at=NIGHT + MINUTE).rows == {"sent": 1}
    assert len(set(ids(robot))) == 1


@pytest.mark.sqlite_only
@pytest.mark.parametrize("gone", [REDIRECT, answer({}, 410), answer({}, 404)])
def test_robot_that_is_gone_or_points_elsewhere_is_stopped_and_nothing_more_goes_there(
    robot: Receiver, store: Store, owner: User, chat: Connection, gone: bytes
) -> None:
    robot.answers = [gone]
    judged(store, late_dispatch="red")
    deliver(DINGTALK, at=NIGHT)
    judged(store, DAY + ONE_DAY, odr="red")
    deliver(DINGTALK, at=NIGHT + ONE_DAY)
    assert states() == [("failed", "unreachable", 1), ("failed", "stopped", 1)]
    assert len(robot.received) == 1


@pytest.mark.sqlite_only
def test_server_that_takes_no_connection_is_tried_until_the_attempts_are_over(
    robot: Receiver, store: Store, owner: User, chat: Connection, settings: Any
) -> None:
    allow_loopback(settings, 1)
    change_connection(
        connection=chat, name="Ops", language="en", address="http://127.0.0.1:1/x", actor="system", at=NIGHT
    )
    judged(store, late_dispatch="red")
    at = NIGHT
    while (at := Delivery.objects.get(channel="dingtalk").retry_at or at) and states()[0][0] == "waiting":
        chat.refresh_from_db()
        assert deliver(DINGTALK, at=max(at, chat.retry_at or at)).rows == {"down": 1}
    assert states() == [("failed", "given_up", 12)]
    # Told once, however often it fails.
    deliver_outbox()
    assert InboxMessage.objects.filter(kind="connection.failed").count() == 1


# ── who is told ──


@pytest.mark.rule("PN-37", "BX-08")
def test_chat_that_fails_is_told_once_by_other_channels_and_again_only_after_recovery(
    robot: Receiver, store: Store, owner: User, chat: Connection
) -> None:
    robot.answers = [answer({"errcode": 400102, "errmsg": "robot stopped"})]
    for day in range(3):
        judged(store, DAY + day * ONE_DAY, **{["late_dispatch", "odr", "dispute_rate"][day]: "red"})
        deliver(DINGTALK, at=NIGHT + day * ONE_DAY)
    deliver_outbox()
    [told] = InboxMessage.objects.filter(kind="connection.failed")
    assert (told.group, told.at) == ("system", NIGHT)
    assert list(told.deliveries.values_list("channel", "recipient")) == [("mail", owner.pk)]
    robot.answers = [TAKEN]
    assert send_test(connection=chat, user=owner, at=NIGHT + 3 * ONE_DAY).arrived
    robot.answers = [answer({"errcode": 400102, "errmsg": "robot stopped"})]
    judged(store, DAY + 4 * ONE_DAY, delivered="red")
    deliver(DINGTALK, at=NIGHT + 4 * ONE_DAY)
    deliver_outbox()
    assert InboxMessage.objects.filter(kind="connection.failed").count() == 2
    assert Event.objects.filter(kind="connection.recovered").count() == 1


@pytest.mark.sqlite_only
def test_result_of_a_test_is_told_in_words(robot: Receiver, store: Store, owner: User, chat: Connection) -> None:
    robot.answers = [answer({"errcode": 310000, "errmsg": "sign not match"}), TAKEN]
    with override("en"):
        first, second = (send_test(connection=chat, user=owner, at=NIGHT) for _test in range(2))
    assert (first.arrived, "sign not match" in first.text) == (False, True)
    assert (second.arrived, second.text.startswith("DingTalk · Ops: ")) == (True, True)
    chat.refresh_from_db()
    assert chat.state == "ok"

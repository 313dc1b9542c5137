"""SMS by Tencent Cloud's client against a server on loopback, and phones that people confirm (PN-02, RL-02)."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from notifications.channels.delivering import deliver
from notifications.channels.sms.gateways import ConsoleGateway, Template, Text
from notifications.channels.trials import test_phone as send_test
from notifications.models import Delivery, Phone
from notifications.rules import ChannelName, MessageGroup, Pace
from notifications.services.phones import confirm_phone, masked_number, parse_number, request_code
from notifications.services.routes import choose_routes, schedule_company
from stores.models import Store, User
from tests.httpserver import Receiver, http_server
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judged, make_store
from tests.stores.people import make_person

MINUTE = timedelta(minutes=1)
NUMBER = "+8613800138000"
SMS = ChannelName.SMS

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("RL-02", "PN-02")]


def reply(response: dict[str, Any]) -> bytes:
    text = json.dumps({"Response": {"RequestId": "r1", **response}})
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


def status(code: str, message: str = "") -> bytes:
    one = {
        "SerialNo": "s1", "PhoneNumber": NUMBER, "Fee": 1, "SessionContext": "", "Code": code, "Message": message,
        "IsoCode": "CN",
    }  # fmt: skip
    return reply({"SendStatusSet": [one]})


def error(code: str, message: str) -> bytes:
    return reply({"Error": {"Code": code, "Message": message}})


@pytest.fixture(scope="module")
def server() -> Iterator[Receiver]:
    with http_server() as receiver:
        yield receiver


@pytest.fixture
def carrier(server: Receiver, settings: Any) -> Receiver:
    server.answers, server.received, server.pause = [status("Ok")], [], 0
    settings.SMS_GATEWAY, settings.SMS_ENDPOINT = "tencent", f"http://127.0.0.1:{server.port}"
    settings.SMS_SECRET_ID, settings.SMS_SECRET_KEY = "AKID1", "key1"
    settings.SMS_APP_ID, settings.SMS_SIGN_NAME = "1400000001", "店卫"
    settings.SMS_TEMPLATES = {"message.zh-hans": "11", "message.en": "12", "code.zh-hans": "13"}
    settings.CHANNEL_TIMEOUT = 0.4
    return server


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def owner(store: Store) -> User:
    return with_phone(make_person("owner", store.company, language="en"))


def with_phone(user: User, number: str = NUMBER) -> User:
    Phone.objects.create(user=user, number=number, verified_at=NIGHT)
    return user


def sent(carrier: Receiver) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in carrier.received]


def states() -> list[tuple[str, str, int]]:
    return list(Delivery.objects.filter(channel="sms").order_by("id").values_list("state", "reason", "attempts"))


# ── what is sent ──


def test_red_notice_goes_by_sms_in_the_readers_template(carrier: Receiver, store: Store, owner: User) -> None:
    judged(store, late_dispatch="red")
    assert deliver(SMS, at=NIGHT).rows == {"sent": 1}
    [body] = sent(carrier)
    number = body.pop("SessionContext")
    assert body == {
        "PhoneNumberSet": [NUMBER],
        "SmsSdkAppId": "1400000001",
        "SignName": "店卫",
        "TemplateId": "12",
        "TemplateParamSet": ["Red notice PN20260310-000001", "Store S1", number],
    }
    assert carrier.received[0].headers["x-tc-action"] == "SendSms"
    assert carrier.received[0].headers["authorization"].startswith("TC3-HMAC-SHA256 Credential=AKID1/")


def test_only_confirmed_phones_get_sms_and_yellow_notices_only_where_the_company_wants_it(
    carrier: Receiver, store: Store, owner: User
) -> None:
    Phone.objects.create(user=make_person("waiting", store.company), pending_number="+8613900139000")
    judged(store, late_dispatch="yellow")
    assert states() == []
    chosen = {(MessageGroup.YELLOW, SMS): Pace.NOW}
    choose_routes(company=store.company, paces=chosen, actor="system", at=NIGHT)
    judged(store, DAY + ONE_DAY, odr="yellow")
    assert deliver(SMS, at=NIGHT + ONE_DAY).rows == {"sent": 1}


def test_red_cannot_be_switched_off_and_quiet_hours_hold_up_all_else(
    carrier: Receiver, store: Store, owner: User
) -> None:
    # 02:00 in Shanghai, where the owner is.
    schedule_company(
        company=store.company, quiet_from=time(22), quiet_until=time(8), actor="system", at=NIGHT
    )  # fmt: skip
    off = {(group, SMS): Pace.NEVER for group in MessageGroup}
    choose_routes(company=store.company, paces=off, actor="system", at=NIGHT)
    choose_routes(company=store.company, paces={(MessageGroup.YELLOW, SMS): Pace.NOW}, actor="system", at=NIGHT)
    judged(store, late_dispatch="yellow", odr="red", dispute_rate="yellow")
    assert deliver(SMS, at=NIGHT).rows == {"sent": 1}
    assert deliver(SMS, at=NIGHT + timedelta(hours=5, minutes=59)).rows == {}
    assert deliver(SMS, at=NIGHT + timedelta(hours=6)).rows == {"sent": 2}
    assert [body["TemplateParamSet"][0] for body in sent(carrier)] == [
        "Red notice PN20260310-000001", "2 messages",
    ]  # fmt: skip


# ── what the gateway answers ──


@pytest.mark.parametrize(
    ("answer", "outcome", "state"),
    [
        (status("LimitExceeded.PhoneNumberThirtySecondLimit"), "retry", ("waiting", "", 1)),
        (status("FailedOperation.ContainSensitiveWord"), "refused", ("failed", "refused", 1)),
        (status("FailedOperation.InsufficientBalanceInSmsPackage"), "down", ("waiting", "", 1)),
        (error("AuthFailure.SignatureFailure", "wrong key"), "down", ("waiting", "", 1)),
        (Receiver.HANG, "down", ("waiting", "", 1)),
        (Receiver.DIE, "down", ("waiting", "", 1)),
        (b"HTTP/1.1 500 Fault\r\nContent-Length: 0\r\n\r\n", "down", ("waiting", "", 1)),
    ],
)
def test_answer_decides_whether_it_is_tried_again(
    carrier: Receiver, store: Store, owner: User, answer: Any, outcome: str, state: tuple[str, str, int]
) -> None:
    judged(store, late_dispatch="red")
    carrier.answers = [answer, status("Ok")]
    assert deliver(SMS, at=NIGHT).rows == {outcome: 1}
    assert states() == [state]
    if state[0] == "waiting":
        assert deliver(SMS, at=NIGHT + MINUTE).rows == {"sent": 1}
        assert len({body["SessionContext"] for body in sent(carrier)}) == 1


def test_phone_whose_owner_answered_stop_gets_nothing_until_a_test_arrives(
    carrier: Receiver, store: Store, owner: User
) -> None:
    carrier.answers = [status("FailedOperation.PhoneNumberInBlacklist", "stopped by its owner")]
    judged(store, late_dispatch="red")
    deliver(SMS, at=NIGHT)
    judged(store, DAY + ONE_DAY, odr="red")
    deliver(SMS, at=NIGHT + ONE_DAY)
    assert states() == [("failed", "unreachable", 1), ("failed", "stopped", 1)]
    assert len(carrier.received) == 1
    carrier.answers = [status("Ok")]
    assert send_test(phone=owner.phone, at=NIGHT + ONE_DAY).arrived
    owner.phone.refresh_from_db()
    assert owner.phone.stopped_at is None


def test_gateway_that_is_down_is_not_asked_for_every_message(carrier: Receiver, store: Store, owner: User) -> None:
    with_phone(make_person("second", store.company), "+8613900139000")
    carrier.answers = [Receiver.HANG]
    judged(store, late_dispatch="red")
    assert deliver(SMS, at=NIGHT).down
    assert len(carrier.received) == 1
    # Mail goes its own way.
    assert deliver(ChannelName.MAIL, at=NIGHT).rows == {"sent": 2}


def test_console_gateway_keeps_what_it_would_send(settings: Any, tmp_path: Any, capsys: Any) -> None:
    settings.SMS_FOLDER = tmp_path
    ConsoleGateway().send(NUMBER, Text("x1", Template.CODE, "en", ["123456", "10"], "Code 123456."))
    [kept] = tmp_path.iterdir()
    assert kept.read_text() == f"SMS x1 to {NUMBER}: Code 123456.\n"
    # What is no terminal may be a log.
    assert capsys.readouterr().out == ""
    assert kept.stat().st_mode & 0o077 == 0


# ── phones ──


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("138 0013 8000", NUMBER),
        ("0086-138-0013-8000", NUMBER),
        ("+55 (11) 91234-5678", "+5511912345678"),
        ("12345", None),
        ("+86 10 6552 9988", None),
        ("+0123456789", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, number: str | None) -> None:
    if number is not None:
        assert parse_number(text) == number
    else:
        with override("en"), pytest.raises(ValidationError, match="mobile number"):
            parse_number(text)


def test_code_confirms_a_phone_once_in_time_and_after_few_tries(store: Store) -> None:
    user = make_person("someone", store.company)

    def tried(code: str, at: datetime) -> bool:
        return confirm_phone(user=user, code=code, at=at)

    code = request_code(user=user, number=NUMBER, at=NIGHT)
    assert re.fullmatch(r"\d{6}", code)
    assert Phone.objects.get().number == ""
    assert not tried(code, NIGHT + timedelta(minutes=10, seconds=1))
    assert tried(f" {code} ", NIGHT + timedelta(minutes=10))
    assert not tried(code, NIGHT)
    assert Phone.objects.get().number == NUMBER
    code = request_code(user=user, number="+5511912345678", at=NIGHT)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert [tried(wrong, NIGHT) for _try in range(5)] == [False] * 5
    assert not tried(code, NIGHT)
    # Until the new number is confirmed the old one stays.
    assert Phone.objects.get().number == NUMBER


def test_codes_are_limited_and_numbers_shown_masked(store: Store) -> None:
    user = make_person("someone", store.company)
    for _code in range(5):
        request_code(user=user, number=NUMBER, at=NIGHT)
    with override("en"), pytest.raises(ValidationError, match="5 codes"):
        request_code(user=user, number=NUMBER, at=NIGHT)
    assert masked_number(NUMBER) == "+86138****8000"

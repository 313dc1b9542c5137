"""Which channels a message takes and when it goes: paces, quiet hours, digests, chains (PN-02, BX-08)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from core.sweeping import sweep
from notifications.channels.delivering import deliver
from notifications.models import Connection, Delivery, MailPreference, Notice, Phone
from notifications.rules import RED_GROUPS, ChannelName, Due, Hours, MessageGroup, Pace, channel_rules, due_of
from notifications.services.assigning import assign_notice
from notifications.services.connections import add_connection
from notifications.services.routes import choose_chain, choose_routes, schedule_company, schedule_person
from rulebook.revision import changed_entry, drafted
from rulebook.services import publish_policy
from rulebook.shipped import SHIPPED
from stores.models import Store, User
from tests.notifications.build import NIGHT, judged, make_store
from tests.outbox import deliver as deliver_outbox
from tests.stores.people import make_person

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)
RED, YELLOW, DEADLINE = MessageGroup.RED, MessageGroup.YELLOW, MessageGroup.DEADLINE

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("BX-08", "PN-02")]


# ── the rules ──


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "hours", "end"),
    [
        # 22:00 to 08:00 in Shanghai spans midnight: 14:00 to 00:00 UTC.
        ("2026-03-10T13:59:59", (22, 8, SHANGHAI), None),
        ("2026-03-10T14:00:00", (22, 8, SHANGHAI), "2026-03-11T00:00:00"),
        ("2026-03-10T23:59:59", (22, 8, SHANGHAI), "2026-03-11T00:00:00"),
        ("2026-03-11T00:00:00", (22, 8, SHANGHAI), None),
        ("2026-03-10T05:00:00", (12, 14, SHANGHAI), "2026-03-10T06:00:00"),
        # The night in which New York's clocks go forward is an hour shorter.
        ("2026-03-08T05:00:00", (22, 8, NEW_YORK), "2026-03-08T12:00:00"),
        ("2026-03-10T05:00:00", (8, 8, SHANGHAI), None),
    ],
)
def test_quiet_hours_end_by_the_clock_of_the_zone(at: str, hours: tuple[int, int, ZoneInfo], end: str | None) -> None:
    start, until, zone = hours
    found = Hours(zone, time(start), time(until)).quiet_end(utc(at))
    assert found == (None if end is None else utc(end))


QUIET = Hours(SHANGHAI, time(22), time(8), time(9))


@pytest.mark.parametrize(
    ("group", "pace", "at", "ends_at", "due"),
    [
        (RED, Pace.NOW, "2026-03-10T18:00:00", None, ("2026-03-10T18:00:00", False)),
        (MessageGroup.PENALTY, Pace.NOW, "2026-03-10T18:00:00", None, ("2026-03-10T18:00:00", False)),
        (YELLOW, Pace.NOW, "2026-03-10T18:00:00", None, ("2026-03-11T00:00:00", True)),
        (YELLOW, Pace.NOW, "2026-03-10T10:00:00", None, ("2026-03-10T10:00:00", False)),
        (YELLOW, Pace.HOURLY, "2026-03-10T10:20:30", None, ("2026-03-10T11:00:00", True)),
        (YELLOW, Pace.HOURLY, "2026-03-10T13:30:00", None, ("2026-03-11T00:00:00", True)),
        (YELLOW, Pace.DIGEST, "2026-03-10T18:00:00", None, ("2026-03-11T01:00:00", True)),
        # A reminder waits, unless its deadline would be over by then.
        (DEADLINE, Pace.NOW, "2026-03-10T18:00:00", "2026-03-11T04:00:00", ("2026-03-11T00:00:00", True)),
        (DEADLINE, Pace.NOW, "2026-03-10T18:00:00", "2026-03-10T22:00:00", ("2026-03-10T18:00:00", False)),
    ],
)
def test_red_goes_at_once_and_the_rest_when_quiet_hours_end(
    group: MessageGroup, pace: Pace, at: str, ends_at: str | None, due: tuple[str, bool]
) -> None:
    found = due_of(group, pace, utc(at), QUIET, ends_at=utc(ends_at) if ends_at else None)
    assert found == Due(utc(due[0]), due[1])


def test_nobody_can_switch_off_red_by_the_channels_that_policy_names() -> None:
    shipped = channel_rules(*(SHIPPED[f"notices.{name}_channels"]["value"] for name in ("red", "yellow", "extra")))
    always = {
        (group, channel) for group in MessageGroup for channel in ChannelName if shipped.is_mandatory(group, channel)
    }
    assert always == {
        *((group, channel) for group in RED_GROUPS for channel in (ChannelName.MAIL, ChannelName.SMS)),
        (DEADLINE, ChannelName.MAIL),
    }
    assert {shipped.pace(channel, group, Pace.NEVER) for group, channel in always} == {Pace.NOW}
    assert shipped.pace(ChannelName.DINGTALK, RED, Pace.NEVER) == Pace.NEVER
    assert all(shipped.may_add(channel) for channel in ChannelName)


def test_policy_says_which_channels_carry_yellow_notices_and_which_can_be_added() -> None:
    rules = channel_rules(red=["in_app", "email"], yellow=["in_app", "sms"], extra=["dingtalk"])
    usual = {channel.value: rules.pace(channel, YELLOW, None).value for channel in ChannelName}
    assert usual == {
        "mail": "never", "sms": "now", "push": "never", "dingtalk": "now", "feishu": "never", "lark": "never",
        "wecom": "never",
    }  # fmt: skip
    assert rules.pace(ChannelName.MAIL, YELLOW, Pace.NOW) == Pace.NOW
    assert rules.pace(ChannelName.SMS, RED, Pace.NEVER) == Pace.NEVER
    assert {one.value for one in ChannelName if rules.may_add(one)} == {"mail", "sms", "dingtalk"}


# ── what companies and people chose ──


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def owner(store: Store) -> User:
    return make_person("owner", store.company)


def with_chat(store: Store) -> Connection:
    return Connection.objects.create(
        company=store.company, channel="wecom", name="Ops", target="x", sealed_address="x", created_at=NIGHT
    )


def queued() -> list[tuple[str, str, datetime]]:
    rows = Delivery.objects.order_by("channel", "id")
    return list(rows.values_list("channel", "message__kind", "due_at"))


def test_person_chooses_before_the_company_and_the_company_before_the_default(store: Store, owner: User) -> None:
    other = make_person("other", store.company)
    routes = {(YELLOW, ChannelName.MAIL): Pace.NEVER, (YELLOW, ChannelName.WECOM): Pace.HOURLY}
    choose_routes(company=store.company, paces=routes, actor="system", at=NIGHT)
    MailPreference.objects.create(user=other, group="yellow", pace="now")
    with_chat(store)
    judged(store, late_dispatch="yellow")
    assert queued() == [("mail", "notice.issued", NIGHT), ("wecom", "notice.issued", NIGHT + HOUR)]
    assert Delivery.objects.get(channel="mail").recipient == other


def test_version_of_the_policy_moves_red_and_yellow_notices_and_closes_channels(store: Store, owner: User) -> None:
    named = {"red": ["in_app", "email"], "yellow": ["in_app", "sms"], "extra": ["dingtalk"]}
    changes = {f"notices.{name}_channels": channels for name, channels in named.items()}
    data = drafted(SHIPPED, {key: changed_entry(SHIPPED, key, value) for key, value in changes.items()})
    publish_policy(data=data, effective_from=NIGHT, author="Li", note="", at=NIGHT - HOUR)
    Phone.objects.create(user=owner, number="+8613800138000", verified_at=NIGHT)
    choose_routes(company=store.company, paces={(RED, ChannelName.SMS): Pace.NEVER}, actor="system", at=NIGHT)
    judged(store, late_dispatch="yellow", odr="red")
    sent = Delivery.objects.values_list("message__group", "channel")
    assert sorted(sent) == [("red", "mail"), ("yellow", "sms")]
    given = {"name": "Ops", "language": "en", "address": "https://qyapi.weixin.qq.com/x", "secret": "", "at": NIGHT}
    with pytest.raises(ValidationError):
        add_connection(company=store.company, channel=ChannelName.WECOM, user=owner, **given)


def test_own_quiet_hours_go_before_those_of_the_company(store: Store, owner: User) -> None:
    late = make_person("late", store.company)
    schedule_company(company=store.company, quiet_from=time(22), quiet_until=time(8), actor="system", at=NIGHT)
    schedule_person(user=late, quiet_from=None, quiet_until=None, at=NIGHT)
    choose_routes(company=store.company, paces={(YELLOW, ChannelName.MAIL): Pace.NOW}, actor="system", at=NIGHT)
    judged(store, late_dispatch="yellow")
    due = dict(Delivery.objects.values_list("recipient__email", "due_at"))
    assert due == {"owner@example.com": NIGHT + 6 * HOUR, "late@example.com": NIGHT}


def test_message_that_is_tried_again_in_quiet_hours_waits_for_their_end(store: Store, owner: User) -> None:
    judged(store, late_dispatch="yellow")
    # As if it had failed in the evening.
    Delivery.objects.update(due_at=NIGHT - 6 * HOUR, is_digest=False, attempts=3)
    schedule_company(company=store.company, quiet_from=time(22), quiet_until=time(8), actor="system", at=NIGHT)
    assert deliver(ChannelName.MAIL, at=NIGHT).rows == {"skipped": 1}
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.due_at, delivery.attempts) == ("waiting", NIGHT + 6 * HOUR, 3)
    assert deliver(ChannelName.MAIL, at=NIGHT + 6 * HOUR).rows == {"sent": 1}


def test_reminders_go_by_every_channel_until_the_notice_is_opened(store: Store, owner: User) -> None:
    Phone.objects.create(user=owner, number="+8613800138000", verified_at=NIGHT)
    with_chat(store)
    judged(store, late_dispatch="red")
    Delivery.objects.all().delete()
    sweep(at=NIGHT + 24 * HOUR + timedelta(seconds=1))
    at = NIGHT + 24 * HOUR
    assert queued() == [(channel, "reminder.notice_view", at) for channel in ("mail", "sms", "wecom")]


def test_chain_that_a_company_chose_is_followed_with_its_pause_and_ends_with_everybody(
    store: Store, owner: User
) -> None:
    one, two = (make_person(name, store.company, "analyst") for name in ("one", "two"))
    choose_chain(company=store.company, steps=[[two], [owner]], actor="system", at=NIGHT)
    schedule_company(
        company=store.company, quiet_from=None, quiet_until=None, chain_hours=2, actor="system", at=NIGHT
    )  # fmt: skip
    judged(store, late_dispatch="red")
    told = []
    for hours in (0, 2, 4, 6):
        sweep(at=NIGHT + hours * HOUR + timedelta(seconds=1))
        told.append(Delivery.objects.filter(channel="mail").order_by("-id").first().recipient)
    assert told == [two, owner, one, one]
    with pytest.raises(ValidationError):
        choose_chain(company=store.company, steps=[[two], [two]], actor="system", at=NIGHT)
    with pytest.raises(ValidationError):
        choose_chain(company=store.company, steps=[[make_person("stranger")]], actor="system", at=NIGHT)


def test_message_for_one_member_goes_to_no_chat(store: Store, owner: User) -> None:
    with_chat(store)
    judged(store, late_dispatch="yellow")
    Delivery.objects.all().delete()
    notice = Notice.objects.select_related("store__company").get()
    assign_notice(notice=notice, assignee=owner, at=NIGHT, actor="system")
    deliver_outbox()
    assert {channel for channel, _kind, _due in queued()} == {"mail"}

"""The sections of a company's messages on the page "Team and settings" (PG-18, BX-08)."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.outgoing import detail_words
from core.pages import formats
from dashboard.forms.message_settings import ChainForm, RoutesForm, ScheduleForm
from dashboard.queries.message_settings import ChatChannel, MessageSettings, PersonalChannel
from notifications.kinds import message_kind
from notifications.models import CHANNELS, GROUPS, Connection, Delivery
from notifications.rules import TEAM_CHANNELS, ChannelName, ChannelRules, MessageGroup
from notifications.services.phones import masked_number
from notifications.webhooks.presenters import EndpointRow, endpoint_rows

WORDS = dict(CHANNELS)
CHAT_TONES = {Connection.State.OK: "ok", Connection.State.FAILING: "yellow", Connection.State.STOPPED: "red"}
MINUTES_A_DAY = 24 * 60
ConnectionState = Connection.State


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A row of the table of channels. ``note``: what was sent last, or why nothing arrives. ``test_url``: empty where
    the reader can't send a test; ``url``: the page on which a chat is changed, or connected."""

    channel: str
    target: str
    level: str
    state: str
    last_at: datetime | None
    note: str
    test_url: str = ""
    url: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class RouteCell:
    """A tick of the matrix; ``field`` is None where the group doesn't go by the channel."""

    channel: str
    field: forms.BoundField | None


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A group of messages: how it is mailed, the ticks of other channels, and their pace."""

    label: str
    is_mandatory: bool
    mail: forms.BoundField
    cells: list[RouteCell]
    pace: forms.BoundField


@dataclass(frozen=True, slots=True)
class DayBar:
    """The day as a bar: quiet stretches as (start, width) and the digest, in thousandths of a day."""

    quiet: list[tuple[int, int]]
    digest: int
    words: str


@dataclass(frozen=True, slots=True)
class Filled:
    """Forms that were filled in wrongly."""

    routes: RoutesForm | None = None
    schedule: ScheduleForm | None = None
    chain: ChainForm | None = None


NOTHING_FILLED = Filled()


@dataclass(frozen=True, slots=True)
class MessagesPart:
    """What templates/dashboard/team/messages.html reads."""

    channels: list[ChannelRow]
    webhooks: list[EndpointRow]
    connects: list[tuple[str, str]]
    webhooks_url: str
    reports_url: str
    routes: RoutesForm
    route_channels: list[str]
    rows: list[RouteRow]
    bar: DayBar
    schedule: ScheduleForm
    chain_form: ChainForm
    steps: list[forms.BoundField]
    urls: dict[str, str]
    may_write: bool


def messages_part(found: MessageSettings, now: datetime, filled: Filled = NOTHING_FILLED) -> MessagesPart:
    """The sections, with forms as they were sent where something was wrong."""
    number = found.company.company_no
    used = _used_channels(found)
    routes = filled.routes or routes_form(found, None)
    chain_form = filled.chain or chain_form_of(found, None)
    return MessagesPart(
        channels=[*(_personal(one, found) for one in found.personal), *(_chat(one, found) for one in found.chats)],
        webhooks=endpoint_rows(found.webhooks),
        connects=_connects(found) if found.may_write else [],
        webhooks_url=reverse("notifications:webhooks", args=[number]),
        reports_url=reverse("reports:reports", args=[number]),
        routes=routes,
        route_channels=[str(WORDS[one]) for one in used if one != ChannelName.MAIL],
        rows=[_route(group, str(label), routes, found.rules) for group, label in GROUPS],
        bar=_bar(found),
        schedule=filled.schedule or schedule_form(found, None, now),
        chain_form=chain_form,
        steps=[chain_form[name] for name in chain_form.fields if name.startswith("step-")],
        urls={
            name: reverse(f"dashboard:{name}", args=[number])
            for name in ("message_routes", "message_schedule", "message_chain")
        },
        may_write=found.may_write,
    )


def routes_form(found: MessageSettings, data: Any) -> RoutesForm:
    """What goes where, with the channels that the company uses."""
    return RoutesForm(
        data, channels=_used_channels(found), rules=found.rules, paces=found.paces, seen=found.seen["routes"]
    )


def schedule_form(found: MessageSettings, data: Any, now: datetime) -> ScheduleForm:
    return ScheduleForm(data, schedule=found.schedule, seen=found.seen["schedule"], now=now)


def chain_form_of(found: MessageSettings, data: Any) -> ChainForm:
    return ChainForm(
        data, members=found.members, places=found.places, hours=found.chain_hours, seen=found.seen["chain"]
    )


def _used_channels(found: MessageSettings) -> list[ChannelName]:
    """E-mail, SMS, push, and the kinds of chats that are connected."""
    connected = {one.connection.channel for one in found.chats}
    return [ChannelName(name) for name, _label in CHANNELS if name not in TEAM_CHANNELS or name in connected]


# ── Channels ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _personal(one: PersonalChannel, found: MessageSettings) -> ChannelRow:
    last = found.last_by(one.name)
    level, state = _personal_state(one)
    return ChannelRow(
        channel=str(WORDS[one.name]),
        target=_target(one),
        level=level,
        state=state,
        last_at=last.sent_at if last else None,
        note=_last_words(last),
        test_url=reverse("dashboard:channel_test", args=[found.company.company_no, one.name.value]) if one.own else "",
        url=reverse("notifications:preferences"),
        action=_("My addresses"),
    )


def _personal_state(one: PersonalChannel) -> tuple[str, str]:
    if not one.targets:
        return "na", _("nobody uses it")
    if one.stopped:
        words = ngettext("%(count)s not reached", "%(count)s not reached", one.stopped)
        return "red" if one.stopped == one.targets else "yellow", words % {"count": formats.number(one.stopped)}
    return "ok", _("working")


def _target(one: PersonalChannel) -> str:
    count = {"count": formats.number(one.targets)}
    if one.name == ChannelName.MAIL:
        return ngettext("%(count)s address", "%(count)s addresses", one.targets) % count
    if one.name == ChannelName.PUSH:
        return ngettext("%(count)s browser", "%(count)s browsers", one.targets) % count if one.targets else ""
    own = masked_number(one.own[0].number) if one.own else ""
    words = ngettext("%(count)s phone", "%(count)s phones", one.targets) % count if one.targets else ""
    return " · ".join(part for part in (words, own) if part)


def _chat(one: ChatChannel, found: MessageSettings) -> ChannelRow:
    connection = one.connection
    last = found.last_by(connection.channel, connection)
    address = [found.company.company_no, connection.pk]
    return ChannelRow(
        channel=connection.get_channel_display(),
        target=connection.name,
        level=CHAT_TONES[ConnectionState(connection.state)],
        state=connection.get_state_display(),
        last_at=connection.last_success_at,
        note=_last_words(last) if connection.state == ConnectionState.OK else _trouble(one),
        test_url=reverse("notifications:connection_test", args=address) if found.may_write else "",
        url=reverse("notifications:connection", args=address) if found.may_write else "",
        action=pgettext("verb", "Change"),
    )


def _trouble(one: ChatChannel) -> str:
    text = ngettext("%(count)s message missed", "%(count)s messages missed", one.missed)
    missed = text % {"count": formats.number(one.missed)} if one.missed else ""
    parts = [detail_words(one.connection.last_error), missed]
    return " · ".join(part for part in parts if part)


def _last_words(last: Delivery | None) -> str:
    return str(message_kind(last.message.kind).label) if last else ""


def _connects(found: MessageSettings) -> list[tuple[str, str]]:
    """The kinds of chats that can be connected, with the page for it."""
    number = found.company.company_no
    return [
        (str(label), reverse("notifications:connection_add", args=[number, name]))
        for name, label in CHANNELS
        if name in TEAM_CHANNELS and found.rules.may_add(ChannelName(name))
    ]


# ── What goes where ────────────────────────────────────────────────────────────────────────────────────────────────


def _route(group: str, label: str, form: RoutesForm, rules: ChannelRules) -> RouteRow:
    cells = [
        RouteCell(str(WORDS[channel]), form[name] if (name := f"{group}-{channel}") in form.fields else None)
        for channel in form.channels
    ]
    known = MessageGroup(group)
    return RouteRow(
        label=label,
        is_mandatory=any(rules.is_mandatory(known, channel) for channel in ChannelName),
        mail=form[f"{group}-mail"],
        cells=cells,
        pace=form[f"{group}-pace"],
    )


# ── The day ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _bar(found: MessageSettings) -> DayBar:
    schedule = found.schedule
    start, end, digest = schedule.quiet_from, schedule.quiet_until, schedule.digest_at
    named = {"from": _clock(start), "until": _clock(end), "digest": _clock(digest)}
    if start is None or end is None or start == end:
        return DayBar([], _place(digest), _("No quiet hours; digest at %(digest)s") % named)
    first, last = _place(start), _place(end)
    quiet = [(first, last - first)] if first < last else [(0, last), (first, 1000 - first)]
    words = _("Quiet from %(from)s to %(until)s; digest at %(digest)s") % named
    return DayBar(quiet, _place(digest), words)


def _place(clock: time) -> int:
    return (clock.hour * 60 + clock.minute) * 1000 // MINUTES_A_DAY


def _clock(clock: time | None) -> str:
    return f"{clock:%H:%M}" if clock else ""

"""A company's team chats: connecting them, and what their answers mean for them (PG-18, PN-37).

Who has the address of a robot can write into its chat, so address and secret are sealed and never shown again.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.events import SYSTEM, record_event
from core.outgoing import RefusedTargetError, detail_words, parse_target
from core.secrets import seal, unseal
from notifications.models import CHANNELS, Connection
from notifications.queries.routing import channel_rules_at
from notifications.rules import ChannelName
from stores.models import Company, User
from stores.principals import Person

MOST_CONNECTIONS = 20
# A chat that could not be reached is asked again after a minute, then twice as long each time, up to an hour.
FIRST_PAUSE = timedelta(minutes=1)
DOUBLINGS = 6
# After so many failures in a row, a quarter of an hour, the company is told.
ALARMING_FAILURES = 5
HOSTS = {
    "oapi.dingtalk.com": ChannelName.DINGTALK,
    "open.feishu.cn": ChannelName.FEISHU,
    "open.larksuite.com": ChannelName.LARK,
    "qyapi.weixin.qq.com": ChannelName.WECOM,
}

State = Connection.State


@transaction.atomic
def add_connection(
    *, company: Company, channel: ChannelName, name: str, language: str, address: str, secret: str, at: datetime,
    user: User,
) -> Connection:  # fmt: skip
    """Connect a team chat by its robot's address, and the secret that signs posts, if it has one. Raises
    ValidationError for an address that no request may go to or that is another channel's, and for too many."""
    _check(channel, address)
    if not channel_rules_at(at).may_add(channel):
        raise ValidationError(_("The policy in force offers no messages by this channel."))
    Company.objects.select_for_update().get(pk=company.pk)
    if Connection.objects.filter(company=company, removed_at=None).count() >= MOST_CONNECTIONS:
        raise ValidationError(_("A company can connect %(count)s chats.") % {"count": MOST_CONNECTIONS})
    connection = Connection.objects.create(
        company=company, channel=channel.value, name=name, language=language, created_at=at, created_by=user
    )
    _seal(connection, address, secret)
    _record("connection.added", connection, Person(user).actor, at)
    return connection


@transaction.atomic
def change_connection(
    *, connection: Connection, name: str, language: str, address: str = "", secret: str = "", actor: str, at: datetime
) -> bool:
    """Rename a chat; with an address, connect it anew, as if it never failed. False: it was removed meanwhile. Raises
    ValidationError."""
    if address:
        _check(ChannelName(connection.channel), address)
    standing = Connection.objects.filter(pk=connection.pk, removed_at=None)
    if not standing.update(name=name, language=language):
        return False
    if address:
        _seal(connection, address, secret)
        restart_connections([connection.pk])
    _record("connection.changed", connection, actor, at)
    return True


@transaction.atomic
def remove_connection(*, connection: Connection, actor: str, at: datetime) -> bool:
    """Send nothing more to a chat and forget its address. False: it was removed before."""
    standing = Connection.objects.filter(pk=connection.pk, removed_at=None)
    if not standing.update(removed_at=at, sealed_address="", sealed_secret=""):
        return False
    _record("connection.removed", connection, actor, at)
    return True


def address_of(connection: Connection) -> tuple[str, str]:
    """The robot's address and secret. Raises `core.secrets.UnsealError` where the keys of the settings don't fit."""
    secret = connection.sealed_secret
    return (
        unseal(connection.sealed_address, context=context_of(connection, "address")),
        unseal(secret, context=context_of(connection, "secret")) if secret else "",
    )


def restart_connections(ids: Collection[int]) -> None:
    """Send to chats again that were stopped or wait after a failure."""
    Connection.objects.filter(pk__in=ids).update(
        state=State.OK, failing_since=None, failures=0, retry_at=None, alarmed_at=None
    )


# ── What chats answer ──────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def note_arrival(*, connection: Connection, at: datetime) -> None:
    """A message arrived: whatever was wrong is over, and the next failure is told again."""
    rows = Connection.objects.filter(pk=connection.pk)
    recovered = rows.exclude(alarmed_at=None).update(alarmed_at=None)
    rows.update(state=State.OK, failing_since=None, failures=0, retry_at=None, last_success_at=at)
    if recovered:
        _record("connection.recovered", connection, SYSTEM, at)


@transaction.atomic
def note_failure(*, connection: Connection, answer: str, is_final: bool, at: datetime) -> None:
    """A message did not arrive: for good (``is_final``), or the chat is asked again after a pause. The company is told
    once per failure that lasts (BX-08)."""
    rows = Connection.objects.filter(pk=connection.pk)
    rows.filter(failing_since=None).update(failing_since=at)
    rows.update(failures=F("failures") + 1, last_error_at=at, last_error=answer)
    failures = rows.values_list("failures", flat=True).get()
    if is_final:
        rows.update(state=State.STOPPED, retry_at=None)
    else:
        pause = FIRST_PAUSE * (1 << min(failures - 1, DOUBLINGS))
        rows.exclude(state=State.STOPPED).update(state=State.FAILING, retry_at=at + pause)
    if (is_final or failures >= ALARMING_FAILURES) and rows.filter(alarmed_at=None).update(alarmed_at=at):
        _record("connection.failed", connection, SYSTEM, at, answer=answer)


# ── Addresses ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _check(channel: ChannelName, address: str) -> None:
    try:
        host = parse_target(address).host
    except RefusedTargetError as error:
        raise ValidationError(
            _("No message can go to this address: %(why)s") % {"why": detail_words(str(error))}
        ) from error
    other = HOSTS.get(host, channel)
    if other != channel:
        text = _("This is the address of a robot of %(channel)s.")
        raise ValidationError(text % {"channel": dict(CHANNELS)[other.value]})


def _seal(connection: Connection, address: str, secret: str) -> None:
    connection.target = f"{urlsplit(address).hostname}/…{address[-4:]}"
    connection.sealed_address = seal(address, context=context_of(connection, "address"))
    connection.sealed_secret = seal(secret, context=context_of(connection, "secret")) if secret else ""
    connection.save(update_fields=["target", "sealed_address", "sealed_secret"])


def context_of(connection: Connection, field: str) -> str:
    """The place that an address or secret of a chat is sealed for."""
    return f"connection:{connection.pk}:{field}"


def _record(kind: str, connection: Connection, actor: str, at: datetime, **after: str) -> None:
    record_event(
        kind=kind,
        subject_kind="connection",
        subject_key=str(connection.pk),
        actor=actor,
        at=at,
        company_no=connection.company.company_no,
        after={"channel": connection.channel, "name": connection.name, **after},
        cause="PG-18",
    )

"""Test messages that somebody waits for: sent at once, with what became of them in words (PG-18)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.events import record_event
from core.outgoing import detail_words
from core.pages import formats
from core.ratelimits import is_within_limit
from notifications.channels.chat import ChatSender, note_chat_answer
from notifications.channels.declaring import Answer, Outcome
from notifications.channels.notes import Brief, Item, Note, keyed_hash, language_of, read_by, speaking
from notifications.channels.push.transport import PushSender, note_push_answer, trial_brief
from notifications.channels.registry import CHANNELS
from notifications.channels.sms.gateways import gateway
from notifications.channels.sms.transport import message_text, send_code
from notifications.models import Connection, Delivery, Phone, PushSubscription
from notifications.rules import ChannelName
from notifications.services.phones import masked_number, restart_phone, stop_phone
from stores.middleware import zone_of
from stores.models import User
from stores.principals import Person

TESTS_AN_HOUR = 10


@dataclass(frozen=True, slots=True)
class Tested:
    """Whether the test arrived, and what to say."""

    arrived: bool
    text: str


def test_connection(*, connection: Connection, user: User, at: datetime) -> Tested:
    """Post a test to a team chat. One that is taken lets messages go to a stopped chat again."""
    sender = CHANNELS[ChannelName(connection.channel)].open()
    assert isinstance(sender, ChatSender)
    row = Delivery(connection=connection, channel=connection.channel)

    def post() -> Answer:
        with read_by(row):
            return sender.post(connection, _trial_note(at, f"connection {connection.pk}"))

    tested, answer = _tried(f"connection:{connection.pk}", str(connection), post, at)
    if answer is not None:
        note_chat_answer(row, answer, at)
        record_event(
            kind="connection.tested",
            subject_kind="connection",
            subject_key=str(connection.pk),
            company_no=connection.company.company_no,
            actor=Person(user).actor,
            at=at,
            after={"channel": connection.channel, "name": connection.name, "answer": answer.text},
            cause="PG-18",
        )
    return tested


def tell_code(*, user: User, number: str, code: str) -> Tested:
    """Send the code that confirms a number."""
    answer = send_code(user=user, number=number, code=code)
    names = {"number": masked_number(number), "answer": answer.text}
    if answer.outcome != Outcome.SENT:
        return Tested(False, _("No code could be sent to %(number)s: %(answer)s") % names)
    if settings.SMS_GATEWAY == "console":
        return Tested(True, _("No SMS gateway is set: the code was written to a file on the server."))
    return Tested(True, _("A code is on its way to %(number)s.") % names)


def test_phone(*, phone: Phone, at: datetime) -> Tested:
    """Send a person an SMS. One that is taken lets messages go to a stopped phone again."""
    user = phone.user

    def send() -> Answer:
        brief = Brief(_trial_id(at, f"phone {phone.pk}"), _("This is a test."), "", reverse("notifications:messages"))
        language = language_of(user.language)
        with speaking(language, zone_of(user)):
            return gateway().send(phone.number, message_text(brief, language))

    tested, answer = _tried(f"phone:{user.pk}", masked_number(phone.number), send, at)
    if answer is not None and answer.outcome == Outcome.SENT:
        restart_phone(user=user)
    elif answer is not None and answer.outcome == Outcome.UNREACHABLE:
        stop_phone(number=phone.number, error=answer.text, at=at)
    if tested.arrived and settings.SMS_GATEWAY == "console":
        return Tested(True, _("No SMS gateway is set: the test was written to a file on the server."))
    return tested


def test_browser(*, subscription: PushSubscription, at: datetime) -> Tested:
    """Send a message to a person's browser."""

    def push() -> Answer:
        brief = trial_brief(subscription, _trial_id(at, f"browser {subscription.pk}"))
        return PushSender().push(subscription, brief, is_urgent=True)

    tested, answer = _tried(f"browser:{subscription.pk}", subscription.label, push, at)
    if answer is not None:
        note_push_answer(Delivery(subscription=subscription), answer, at)
    return tested


def _tried(name: str, target: str, send: Callable[[], Answer], at: datetime) -> tuple[Tested, Answer | None]:
    """The result of a test in words; without an answer it was not sent."""
    if not is_within_limit(f"test:{name}", limit=TESTS_AN_HOUR, period=timedelta(hours=1), at=at):
        text = _("You have sent %(count)s tests within an hour. Wait a little.")
        return Tested(False, text % {"count": TESTS_AN_HOUR}), None
    start = time.monotonic()
    answer = send()
    names = {"target": target, "answer": detail_words(answer.text), "seconds": f"{time.monotonic() - start:.1f}"}
    if answer.outcome == Outcome.SENT:
        return Tested(True, _("%(target)s: the test was taken after %(seconds)s s.") % names), answer
    return Tested(False, _("%(target)s: the test did not arrive: %(answer)s") % names), answer


def _trial_note(at: datetime, about: str) -> Note:
    """In the language that is active."""
    url = settings.BASE_URL + reverse("notifications:messages")
    text = _("If you read this, messages of Dianwei reach this chat.")
    item = Item(_("This is a test."), text, "", formats.instant(at, timezone.get_current_timezone(), seconds=True), url)
    return Note(_trial_id(at, about), item.title, [item], url)


def _trial_id(at: datetime, about: str) -> str:
    return keyed_hash(f"test {about} {at.isoformat()}")[:16]

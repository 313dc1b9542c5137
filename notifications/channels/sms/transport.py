"""SMS to people whose phone is confirmed (PN-02)."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications.channels.declaring import Answer, Channel, Outcome
from notifications.channels.notes import Brief, compose_brief, keyed_hash, language_of, read_by, speaking
from notifications.channels.sms.gateways import Template, Text, gateway
from notifications.models import Delivery
from notifications.rules import ChannelName
from notifications.services.phones import CODE_MINUTES, stop_phone
from rulebook.queries import policies
from stores.models import User


class SmsSender:
    """Sends deliveries by the gateway."""

    def __init__(self) -> None:
        self._gateway = gateway()

    def send(self, rows: Sequence[Delivery]) -> Answer:
        user = rows[0].recipient
        assert user is not None
        brief = compose_brief(rows, policies())
        with read_by(rows[0]):
            text = message_text(brief, language_of(user.language))
        return self._gateway.send(user.phone.number, text)

    def close(self) -> None:
        """Gateways keep no connection."""


def message_text(brief: Brief, language: str) -> Text:
    """In the language that is active."""
    names = {"title": brief.title, "store": brief.store, "url": settings.BASE_URL + brief.path}
    plain = _("[Dianwei] %(title)s · %(store)s. %(url)s") if brief.store else _("[Dianwei] %(title)s. %(url)s")
    return Text(
        brief.id, Template.MESSAGE, language, (brief.title, brief.store or _("Dianwei"), brief.id), plain % names
    )


def send_code(*, user: User, number: str, code: str) -> Answer:
    """Send the code that confirms a number. Each code is a text of its own."""
    language = language_of(user.language)
    with speaking(language, timezone.get_current_timezone()):
        plain = _("[Dianwei] Code %(code)s. It holds for %(minutes)s minutes.")
        text = Text(
            keyed_hash(f"code {user.pk} {code}")[:16],
            Template.CODE,
            language,
            (code, str(CODE_MINUTES)),
            plain % {"code": code, "minutes": CODE_MINUTES},
        )
    return gateway().send(number, text)


def note_sms_answer(row: Delivery, answer: Answer, at: datetime) -> None:
    """A number that takes no messages is stopped."""
    if answer.outcome == Outcome.UNREACHABLE and row.recipient is not None:
        stop_phone(number=row.recipient.phone.number, error=answer.text, at=at)


SMS = Channel(ChannelName.SMS, SmsSender, is_shared=True, note_answer=note_sms_answer)

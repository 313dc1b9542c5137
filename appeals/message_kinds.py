"""The messages about corrections."""

from django.utils.translation import gettext_lazy as _

from appeals.presenters.correction_words import correction_words, withdrawal_words
from appeals.presenters.corrections import correction_url
from notifications.kinds import MessageKind, declare_messages
from notifications.models import InboxMessage


def _report(message: InboxMessage) -> str:
    return correction_url(message.store.store_no, message.parameters["cause_no"], message.parameters["place"])


def _ok(_message: InboxMessage) -> str:
    return "ok"


def _info(_message: InboxMessage) -> str:
    return "info"


declare_messages(
    MessageKind("correction.made", _("figures corrected"), correction_words, _report, _ok),
    MessageKind("correction.withdrawn", _("correction taken back"), withdrawal_words, _report, _info),
)

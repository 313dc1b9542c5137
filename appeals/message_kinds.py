"""The messages about appeals and corrections."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from appeals.presenters import appeal_words as words
from appeals.presenters.correction_words import correction_words, withdrawal_words
from appeals.presenters.corrections import correction_url
from notifications.kinds import MessageKind, declare_messages
from notifications.models import InboxMessage


def _report(message: InboxMessage) -> str:
    return correction_url(message.store.store_no, message.parameters["cause_no"], message.parameters["place"])


def _appeal(message: InboxMessage) -> str:
    return reverse("appeals:appeal", args=[message.store.store_no, message.parameters["number"]])


def _red(_message: InboxMessage) -> str:
    return "red"


def _yellow(_message: InboxMessage) -> str:
    return "yellow"


def _ok(_message: InboxMessage) -> str:
    return "ok"


def _info(_message: InboxMessage) -> str:
    return "info"


declare_messages(
    MessageKind("appeal.submitted", _("appeal submitted"), words.submitted_words, _appeal, _info),
    MessageKind("appeal.supplement", _("supplement requested"), words.supplement_words, _appeal, _yellow),
    MessageKind("appeal.accepted", _("appeal accepted"), words.accepted_words, _appeal, _ok),
    MessageKind("appeal.rejected", _("appeal rejected"), words.rejected_words, _appeal, _red),
    MessageKind("appeal.closed", _("appeal closed"), words.closed_words, _appeal, _info),
    MessageKind(
        "reminder.appeal_supplement",
        _("reminder to hand in a supplement"),
        words.supplement_reminder_words,
        _appeal,
        _red,
    ),
    MessageKind("reminder.appeal_draft", _("reminder to submit a draft"), words.draft_reminder_words, _appeal, _yellow),
    MessageKind("correction.made", _("figures corrected"), correction_words, _report, _ok),
    MessageKind("correction.withdrawn", _("correction taken back"), withdrawal_words, _report, _info),
)

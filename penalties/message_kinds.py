"""The messages about penalties and what goes with them."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from notifications.kinds import MessageKind, Words, declare_messages
from notifications.models import InboxMessage
from penalties.figures import LIABILITY
from penalties.presenters import penalty_messages as words
from penalties.presenters.linked_words import examined_words
from penalties.queries.linked import examined
from penalties.services.linked import EXAMINED
from penalties.services.telling import APPLIED, ENDED, PREDICTED
from rulebook.queries import PolicyPeriod, policy_in


def _liability(message: InboxMessage) -> str:
    return reverse("dashboard:metric", args=[message.store.store_no, LIABILITY])


def _examined(message: InboxMessage, periods: Sequence[PolicyPeriod]) -> Words:
    number, policy = message.store.store_no, policy_in(periods, message.at)
    day = date.fromisoformat(message.parameters["day"])
    return examined_words(message.parameters, examined([number], day, policy)[number], policy)


def _yellow(_message: InboxMessage) -> str:
    return "yellow"


declare_messages(
    MessageKind(APPLIED, _("penalty"), words.applied_words, words.penalties_url, words.red),
    MessageKind(PREDICTED, _("penalty predicted"), words.predicted_words, words.penalties_url, words.yellow),
    MessageKind(ENDED, _("penalty over"), words.ended_words, words.penalties_url, words.ok),
    MessageKind(EXAMINED, _("linked store re-examined"), _examined, _liability, _yellow),
)

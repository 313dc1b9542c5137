"""Looking through messages in batches of those that nobody looked through: words that policy lists (TM-14, AF-12), and
texts that were written here and came back from the platform (DM-11a).

New messages and changed ones are unexamined, however they came; so are those of before an upgrade.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from orders.models import Message, OutgoingMessage
from orders.rules.texts import fingerprint
from orders.rules.wordlists import first_word
from orders.services.inducement import open_inducement_cases
from orders.services.threads import derive_threads_of
from rulebook.policy import Policy
from rulebook.queries import policy_at

MESSAGES_AT_ONCE = 2_000


def examine_messages(*, at: datetime, most: int = MESSAGES_AT_ONCE) -> int:
    """Examine the next messages by the words in force at ``at``; returns how many there were. May run twice."""
    with transaction.atomic():
        waiting = Message.objects.select_for_update(of=("self",), skip_locked=True).filter(examined=False)
        messages = list(waiting.select_related("order").order_by("store_id", "pk")[:most])
        _note_words(messages, policy_at(at))
        derive_threads_of(sorted({message.order_id for message in messages}))
        _match_prepared(messages)
        open_inducement_cases(messages=messages, at=at)
    return len(messages)


def _note_words(messages: Sequence[Message], policy: Policy) -> None:
    for message in messages:
        asks = message.sender == Message.Sender.BUYER
        words = policy.words.low_star if asks else policy.words.soliciting
        message.word, message.examined = first_word(message.text, words), True
    found = [message for message in messages if message.word]
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(examined=True, word="")
    Message.objects.bulk_update(found, ["word"])


def _match_prepared(messages: Sequence[Message]) -> None:
    """Tie texts that were prepared for a platform to the messages that came back, each to one."""
    sent = [message for message in messages if message.sender == Message.Sender.SELLER]
    waiting = OutgoingMessage.objects.filter(message=None, order__in={message.order_id for message in sent})
    prepared = {(row.order_id, row.fingerprint): row for row in waiting.order_by("-prepared_at")}
    for message in sent if prepared else ():
        row = prepared.pop((message.order_id, fingerprint(message.text)), None)
        if row is not None and not OutgoingMessage.objects.filter(message=message).exists():
            row.message = message
            row.save(update_fields=["message"])

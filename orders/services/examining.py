"""Looking through messages for words that policy lists (TM-14, AF-12), in batches of those that nobody looked through.

New messages and changed ones are unexamined, however they came; so are those of before an upgrade.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from orders.models import Message
from orders.rules.wordlists import first_word
from orders.services.threads import derive_threads_of
from rulebook.policy import Policy
from rulebook.queries import policy_at

MESSAGES_AT_ONCE = 2_000


def examine_messages(*, at: datetime, most: int = MESSAGES_AT_ONCE) -> int:
    """Examine the next messages by the words in force at ``at``; returns how many there were. May run twice."""
    with transaction.atomic():
        waiting = Message.objects.select_for_update(of=("self",), skip_locked=True).filter(examined=False)
        messages = list(waiting.order_by("store_id", "pk")[:most])
        _note_words(messages, policy_at(at))
        derive_threads_of(sorted({message.order_id for message in messages}))
    return len(messages)


def _note_words(messages: Sequence[Message], policy: Policy) -> None:
    for message in messages:
        asks = message.sender == Message.Sender.BUYER
        words = policy.words.low_star if asks else policy.words.soliciting
        message.word, message.examined = first_word(message.text, words), True
    found = [message for message in messages if message.word]
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(examined=True, word="")
    Message.objects.bulk_update(found, ["word"])

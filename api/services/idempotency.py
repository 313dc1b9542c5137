"""A request that is sent again is answered again, and has its effect once (IX-21)."""

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from api.models import AnsweredRequest, ApiClient
from core.sql import try_turn
from intake.pipeline.chunks import repeated

KEPT = timedelta(hours=24)
_DELETED_AT_ONCE = 1_000


class KeyInUseError(Exception):
    """Another request with the same key is being answered."""


class KeyReusedError(Exception):
    """The key was used for another request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``body``: JSON; ``is_repeated``: it is the answer to an earlier request with the same key."""

    body: bytes
    is_repeated: bool = False


def answer_once(*, client: ApiClient, key: str, request_hash: str, act: Callable[[], bytes], at: datetime) -> Answer:
    """The answer of ``act``, or the one that it gave to the same request with this key in the last 24 hours.

    The effect and the answer are one transaction. Raises KeyInUseError while another process answers the key, and
    KeyReusedError if it came with another request.
    """

    def answer() -> Answer:
        with transaction.atomic():
            _take_turn(client, key)
            known = AnsweredRequest.objects.filter(client=client, key=key)
            if (earlier := known.filter(answered_at__gt=at - KEPT).first()) is not None:
                return _repeated(earlier, request_hash)
            known.delete()
            body = act()
            AnsweredRequest.objects.create(
                client=client, key=key, request_hash=request_hash, answer=zlib.compress(body), answered_at=at
            )
        return Answer(body)

    return repeated(answer)


def forget_answers(*, at: datetime) -> int:
    """Delete answers that are no longer kept; returns how many."""
    old = AnsweredRequest.objects.filter(answered_at__lte=at - KEPT)
    deleted = 0
    while ids := list(old.values_list("pk", flat=True)[:_DELETED_AT_ONCE]):
        deleted += AnsweredRequest.objects.filter(pk__in=ids).delete()[0]
    return deleted


def _take_turn(client: ApiClient, key: str) -> None:
    digest = hashlib.sha256(f"answer:{client.pk}:{key}".encode()).digest()
    with connection.cursor() as cursor:
        if not try_turn(cursor, int.from_bytes(digest[:8], signed=True)):
            raise KeyInUseError


def _repeated(earlier: AnsweredRequest, request_hash: str) -> Answer:
    if earlier.request_hash != request_hash:
        raise KeyReusedError
    return Answer(zlib.decompress(bytes(earlier.answer)), is_repeated=True)

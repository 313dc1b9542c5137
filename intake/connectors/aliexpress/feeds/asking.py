"""Asking for objects one by one: what was answered before a turn ends or a call fails is taken in all the same."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from intake.connectors.aliexpress.mapping import Reading
from intake.connectors.aliexpress.session import AliExpressSession
from intake.connectors.errors import ItemError, PlatformError, RemoteError
from intake.connectors.items import put_off
from intake.connectors.pulling import TurnOverError
from intake.models import ConnectionItem

Answer = tuple[ConnectionItem, Any]
# One object may be broken at the platform; several in a row are the platform itself.
MOST_IN_A_ROW = 3
Later = Callable[[ConnectionItem, datetime], object]


def reading_of(session: AliExpressSession) -> Reading:
    """How the connection's rows are read."""
    return Reading(session.connection.store.store_no, session.pull.doubt)


def put_off_item(item: ConnectionItem, at: datetime) -> None:
    put_off(item, at=at)


def ask_each(
    session: AliExpressSession,
    items: Sequence[ConnectionItem],
    ask: Callable[[ConnectionItem], Any],
    *,
    without_answer: Later = put_off_item,
) -> tuple[list[Answer], Exception | None]:
    """The answers, and what ended the asking early. Objects that have no answer are asked for later."""
    answers: list[Answer] = []
    in_a_row = 0
    for item in items:
        try:
            answers.append((item, ask(item)))
            in_a_row = 0
        except ItemError:
            without_answer(item, session.now)
        except RemoteError as error:
            put_off(item, at=session.now)
            in_a_row += 1
            if in_a_row == MOST_IN_A_ROW:
                return answers, error
        except (PlatformError, TurnOverError) as error:
            return answers, error
    return answers, None

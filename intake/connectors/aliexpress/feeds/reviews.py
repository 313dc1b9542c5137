"""Reviews of orders that buyers received: asked for daily for a while, since stars can be revised."""

from datetime import datetime

from intake.connectors.aliexpress import wire
from intake.connectors.aliexpress.feeds.asking import reading_of
from intake.connectors.aliexpress.mapping import review_rows
from intake.connectors.aliexpress.session import AliExpressSession
from intake.connectors.aliexpress.values import first_of, rows_of
from intake.connectors.items import due_items, settle_items
from intake.connectors.progress import advance
from intake.models import ConnectionFeed, ConnectionItem

ITEM = "review"


def pull_reviews(session: AliExpressSession, feed: ConnectionFeed) -> bool:
    """The reviews of as many orders as a call takes."""
    at = session.now
    most = wire.ORDERS_PER_EVALUATION
    items = due_items(session.connection, ITEM, at=at, most=most)
    if items:
        answer = session.ask(wire.EVALUATIONS, {"parent_order_ids": [int(item.key) for item in items]})
        rows = review_rows(rows_of(first_of(answer, wire.EVALUATIONS.rows)), reading_of(session))
        session.pull.take("reviews", rows, at=at)
    for item in items:
        settle_items([item], due_at=_next(item, at))
    if len(items) < most:
        advance(feed, complete_until=at - wire.REVIEWED_EVERY)
    return len(items) == most


def _next(item: ConnectionItem, at: datetime) -> datetime | None:
    is_over = at > datetime.fromisoformat(item.detail["since"]) + wire.REVIEWED_FOR
    return None if is_over else at + wire.REVIEWED_EVERY

"""Reply templates as a page shows them (PN-15)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from core.pages.components import Tab
from orders.models import Order
from orders.presenters.reply_subjects import LANGUAGE_NAMES, SUBJECTS
from orders.replies import ReplySubject, reply_text
from stores.access import StoreRequest
from stores.context_processors import nav


@dataclass(frozen=True, slots=True)
class RepliesPage:
    """What templates/dashboard/replies.html reads; ``order_no``: what was asked for, ``missing``: which is no order
    of the store."""

    nav: dict[str, Any]
    subject: str
    subjects: list[Tab]
    languages: list[Tab]
    reply_language: str
    text: str
    order_no: str
    missing: bool


def replies_page(
    request: StoreRequest, subject: ReplySubject, language: str, languages: list[str], asked: str, order: Order | None
) -> RepliesPage:
    """The reply about a subject in a language, filled in with an order if one was found."""

    def url(**changed: str) -> str:
        chosen = {"about": str(subject), "language": language, "order": asked, **changed}
        return f"{reverse('dashboard:replies', args=[request.store.store_no])}?{urlencode(chosen)}"

    values = {"order_no": order.order_no, "tracking_no": order.tracking_no} if order else {}
    return RepliesPage(
        nav=nav(request, current="notices"),
        subject=str(subject),
        subjects=[Tab(str(SUBJECTS[one]), url(about=one), current=one == subject) for one in ReplySubject],
        languages=[Tab(LANGUAGE_NAMES.get(one, one), url(language=one), current=one == language) for one in languages],
        reply_language=language,
        text=reply_text(subject, language, values),
        order_no=asked,
        missing=bool(asked) and order is None,
    )

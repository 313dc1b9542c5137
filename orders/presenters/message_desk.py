"""The lists of the message desk as a page shows them (PN-23, AF-13)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages.components import Banner, Tab
from core.pages.tables import Column
from orders.models import Message, MessageThread, OutgoingMessage, RaisedFlag
from orders.presenters.language_names import language_name
from orders.queries.listing import shown_count
from orders.queries.message_list import COUNTED, MessageList, Part
from orders.rules.buyers import shown_buyer
from orders.rules.languages import site_languages
from rulebook.policy import Policy
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store

SHOWN_LETTERS = 140
DAY = 86_400


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A line: the order, what was said last, until when a reply is in time, and why a low rating is likely.

    ``last_at`` is None where nothing was said.
    """

    url: str
    number: str
    buyer: str
    site: str
    languages: str
    last: str
    last_sender: str
    last_at: datetime | None
    due: datetime | None
    target: datetime | None
    signs: list[str]


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A text that waits to be copied to the platform."""

    url: str
    number: str
    site: str
    text: str
    language: str
    prepared_at: datetime


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """What templates/orders/messages.html reads."""

    nav: dict[str, Any]
    now: datetime
    part: str
    tabs: list[Tab]
    form: Any
    clear_url: str
    columns: list[Column]
    rows: list[ThreadRow] | list[CopyRow]
    rows_template: str
    earlier: str
    later: str
    forward: bool
    notes: list[Banner]
    templates_url: str
    guides_url: str
    target_hours: int
    reply_hours: int


def messages_page(
    request: StoreRequest, form: Any, found: MessageList, sites: dict[str, str], policy: Policy, now: datetime
) -> MessagesPage:
    """The desk's page of a part."""
    store, part = request.store, found.part
    copies = part == Part.TO_COPY
    return MessagesPage(
        nav=nav(request, current="messages"),
        now=now,
        part=part.value,
        tabs=_tabs(store, found),
        form=form,
        clear_url=_part_url(store, part),
        columns=_copy_columns() if copies else _columns(),
        rows=(
            [_copy_row(store, row, sites) for row in found.page.rows]
            if copies
            else [_row(store, row, found, sites, policy) for row in found.page.rows]
        ),
        rows_template="orders/_copy_rows.html" if copies else "orders/_thread_rows.html",
        earlier=found.page.earlier,
        later=found.page.later,
        forward=part == Part.WAITING,
        notes=_notes(store, found),
        templates_url=reverse("orders:reply_templates", args=[store.store_no]),
        guides_url=reverse("orders:guides", args=[store.store_no]),
        target_hours=policy.feedback.target_reply_hours,
        reply_hours=policy.counting.reply_hours,
    )


def thread_url(store: Store, order_no: str) -> str:
    """The page of an order's thread."""
    return reverse("orders:thread", args=[store.store_no, order_no])


def _part_url(store: Store, part: Part) -> str:
    return f"{reverse('orders:messages', args=[store.store_no])}?{urlencode({'part': part.value})}"


def _tabs(store: Store, found: MessageList) -> list[Tab]:
    labels = {
        Part.WAITING: _("Not answered"),
        Part.LOW_STAR: _("Signs of a low rating"),
        Part.TO_COPY: _("To copy"),
        Part.ALL: _("All threads"),
    }
    shown = [part for part in Part if part != Part.TO_COPY or store.mode == Store.Mode.MIRRORED or found.counts[part]]
    return [
        Tab(
            labels[part],
            _part_url(store, part),
            part == found.part,
            shown_count(found.counts[part]) if part in COUNTED else None,
        )
        for part in shown
    ]


def _columns() -> list[Column]:
    return [
        Column("order", _("Order")),
        Column("said", _("Said last")),
        Column("waits", _("Answer in time")),
        Column("sign", _("Sign of a low rating")),
        Column("site", _("Site")),
    ]


def _copy_columns() -> list[Column]:
    return [
        Column("order", _("Order")),
        Column("text", _("Text to copy")),
        Column("prepared", _("Written")),
        Column("site", _("Site")),
    ]


def _row(
    store: Store, row: MessageThread | RaisedFlag, found: MessageList, sites: dict[str, str], policy: Policy
) -> ThreadRow:
    order, last = row.order, found.last.get(row.order_id)
    thread = row if isinstance(row, MessageThread) else getattr(order, "thread", None)
    since = thread.waiting_since if thread else None
    return ThreadRow(
        url=thread_url(store, order.order_no),
        number=order.order_no,
        buyer=shown_buyer(order.buyer_ref),
        site=sites.get(order.site, order.site),
        languages=", ".join(language_name(one) for one in site_languages(order.site, policy)),
        last=shortened(last.text) if last else "",
        last_sender=sender_words(last) if last else "",
        last_at=thread.last_at if thread else None,
        due=since and since + timedelta(hours=policy.counting.reply_hours),
        target=since and since + timedelta(hours=policy.feedback.target_reply_hours),
        signs=tendency_words(*found.tendencies.get(row.order_id, ("", 0))),
    )


def _copy_row(store: Store, row: OutgoingMessage, sites: dict[str, str]) -> CopyRow:
    order = row.order
    return CopyRow(
        thread_url(store, order.order_no),
        order.order_no,
        sites.get(order.site, order.site),
        row.text,
        row.language,
        row.prepared_at,
    )


def sender_words(message: Message) -> str:
    """Who wrote a message; an automatic one is said to be so."""
    if message.sender == Message.Sender.BUYER:
        return _("Buyer")
    return _("Automatic reply") if message.automatic else _("You")


def tendency_words(word: str, late_seconds: int) -> list[str]:
    """Why an order shows a low-star tendency."""
    reasons = []
    if word:
        reasons.append(_("The buyer wrote “%(word)s”.") % {"word": word})
    if days := max(late_seconds, 0) // DAY:
        text = ngettext(
            "Delivered %(count)s day after the estimated delivery.",
            "Delivered %(count)s days after the estimated delivery.",
            days,
        )
        reasons.append(text % {"count": days})
    return reasons


def shortened(text: str) -> str:
    """The beginning of a text, on one line."""
    plain = " ".join(text.split())
    return plain if len(plain) <= SHOWN_LETTERS else f"{plain[:SHOWN_LETTERS]}…"


def _notes(store: Store, found: MessageList) -> list[Banner]:
    notes = []
    if store.mode == Store.Mode.MIRRORED:
        notes.append(
            Banner(
                "info",
                _("Messages are sent on the platform"),
                _(
                    "This store mirrors another platform, into which nothing can be sent from here. Texts that you "
                    "write are kept to copy; what was sent comes back with the next import."
                ),
            )
        )
    if not found.has_absence_reply:
        notes.append(
            Banner(
                "info",
                _("No automatic reply for absence"),
                _("Buyers who write while nobody is there should hear when they will be answered."),
                f"{reverse('orders:reply_template_new', args=[store.store_no])}?absence=1",
                _("Write one"),
            )
        )
    return notes

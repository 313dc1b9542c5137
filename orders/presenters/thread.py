"""The thread of an order as its page and the panel of the order page show it (PN-23, TM-14)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.pages.components import Banner
from orders.models import Message, OutgoingMessage, ReplyTemplate
from orders.presenters.language_names import language_name
from orders.presenters.message_desk import sender_words, tendency_words, thread_url
from orders.presenters.reply_subjects import LANGUAGE_NAMES, SUBJECTS
from orders.queries.drafts import Doubt, Draft
from orders.queries.templates import OWN, SHIPPED, Chosen
from orders.queries.thread import ThreadDetails
from orders.replies import ReplySubject, reply_languages
from orders.rules.buyers import shown_buyer
from orders.rules.languages import is_valid_language
from orders.rules.texts import VARIABLES
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class Said:
    """A message: who wrote it, when, and why it answers nothing if so."""

    who: str
    writer: str
    mine: bool
    text: str
    language: str
    language_name: str
    at: datetime
    flaw: str
    sign: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text that was written here and has not come back from the platform."""

    pk: int
    text: str
    language: str
    writer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a list."""

    value: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class Composer:
    """The form with what can be put into it. ``draft`` is the text as the buyer would read it, with ``doubts``."""

    form: Any
    text: str
    template: str
    seen: int
    languages: list[Choice]
    own: list[Choice]
    shipped: list[Choice]
    variables: list[tuple[str, str]]
    draft: Draft | None
    draft_language: str
    doubts: list[str]
    preview_url: str
    action: str
    sends: bool


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """What templates/orders/thread.html reads."""

    nav: dict[str, Any]
    now: datetime
    number: str
    url: str
    order_url: str
    list_url: str
    buyer: str
    languages: str
    due: datetime | None
    target: datetime | None
    reasons: list[str]
    said: list[Said]
    prepared: list[Prepared]
    notes: list[Banner]
    composer: Composer | None


@dataclass(frozen=True, slots=True)
class Composing:
    """What a request says of the text: a template, or a form with the text as it stands and what is to be said of it.
    ``conflict``: the message that somebody else wrote meanwhile."""

    chosen: Chosen
    form: Any = None
    draft: Draft | None = None
    conflict: Message | None = None


def thread_page(request: StoreRequest, found: ThreadDetails, composing: Composing | None, now: datetime) -> ThreadPage:
    """The page; without ``composing`` for who may not write."""
    store, order = request.store, found.order
    return ThreadPage(
        nav=nav(request, current="messages"),
        now=now,
        number=order.order_no,
        url=thread_url(store, order.order_no),
        order_url=reverse("dashboard:order", args=[store.store_no, order.order_no]),
        list_url=reverse("orders:messages", args=[store.store_no]),
        buyer=shown_buyer(order.buyer_ref),
        languages=", ".join(language_name(one) for one in found.languages),
        due=found.due_at,
        target=found.target_at,
        reasons=tendency_words(found.low_star_word, found.late_seconds),
        said=[_said(message, found) for message in found.messages],
        prepared=[_prepared(row, found) for row in found.prepared],
        notes=_notes(composing),
        composer=composer_of(store, found, composing) if composing else None,
    )


def composer_of(store: Store, found: ThreadDetails, composing: Composing) -> Composer:
    """The form beside the thread."""
    order, chosen, form = found.order, composing.chosen, composing.form
    languages = list(dict.fromkeys([*(one for one in found.languages if one in reply_languages()), "en"]))
    languages += [one for one in reply_languages() if one not in languages]
    text = form["text"].value() or "" if form is not None else chosen.text
    return Composer(
        form=form,
        text=text,
        template=form["template"].value() or "" if form is not None else chosen.code,
        seen=found.last_id,
        languages=[Choice(one, LANGUAGE_NAMES.get(one, one), one == chosen.language) for one in languages],
        own=[_own_choice(one, chosen) for one in found.templates],
        shipped=[
            Choice(f"{SHIPPED}:{one}", str(SUBJECTS[one]), chosen.code == f"{SHIPPED}:{one}") for one in ReplySubject
        ],
        variables=[(f"{{{name}}}", found.values[name]) for name in VARIABLES],
        draft=composing.draft,
        draft_language=language_name(composing.draft.language) if composing.draft else "",
        doubts=doubt_words(composing.draft, found) if composing.draft else [],
        preview_url=reverse("orders:thread_preview", args=[store.store_no, order.order_no]),
        action=thread_url(store, order.order_no),
        sends=store.mode == Store.Mode.GOVERNED,
    )


def _own_choice(template: ReplyTemplate, chosen: Chosen) -> Choice:
    code, language = f"{OWN}:{template.pk}", LANGUAGE_NAMES.get(template.language, template.language)
    return Choice(code, f"{template.name} ({language})", chosen.code == code)


def doubt_words(draft: Draft, found: ThreadDetails) -> list[str]:
    """What there is to say about a text before it is sent."""
    texts = {
        Doubt.LANGUAGE: _(
            "This reads as %(about)s, which is no language of the buyer's site (%(spoken)s). It would not count as a "
            "reply; English would."
        ),
        Doubt.SOLICITING: _(
            "“%(about)s” may be taken for asking for a review or for contact outside the platform, which operations "
            "look into."
        ),
        Doubt.MISSING: _("The order has no value for {%(about)s}."),
        Doubt.UNKNOWN: _("There is no variable {%(about)s}."),
    }
    spoken = ", ".join(language_name(one) for one in found.languages)
    return [
        texts[doubt] % {"about": language_name(about) if doubt == Doubt.LANGUAGE else about, "spoken": spoken}
        for doubt, about in draft.doubts
    ]


def _said(message: Message, found: ThreadDetails) -> Said:
    mine = message.sender == Message.Sender.SELLER
    return Said(
        who=sender_words(message),
        writer=found.writers[message.outgoing.actor] if hasattr(message, "outgoing") else "",
        mine=mine,
        text=message.text,
        language=message.language,
        language_name=language_name(message.language),
        at=message.sent_at,
        flaw=_flaw(message, found) if mine else "",
        sign="" if mine else message.word,
    )


def _flaw(message: Message, found: ThreadDetails) -> str:
    """Why a message of the seller does not count as a reply."""
    if message.automatic:
        return _("automatic, does not count as a reply")
    if is_valid_language(message.language, found.order.site, found.counting):
        return ""
    return _("not a language of the site, does not count as a reply")


def _prepared(row: OutgoingMessage, found: ThreadDetails) -> Prepared:
    return Prepared(row.pk, row.text, row.language, found.writers[row.actor], row.prepared_at)


def _notes(composing: Composing | None) -> list[Banner]:
    if composing is None or composing.conflict is None:
        return []
    return [
        Banner(
            "yellow",
            _("Somebody wrote meanwhile"),
            _("The last message below came while you were writing. Nothing was sent; your text is kept."),
        )
    ]

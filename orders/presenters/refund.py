"""One refund: its clock, what silence brings, the three answers with their proof, the thread (TM-12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.forms import Form
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages.formats import half_up, money
from core.templatetags.ui import instant
from evidence.presenters import FileRow, UploadPanel, file_row
from evidence.rules import Limits, RefusedFileError
from orders.models import Message, Refund
from orders.presenters.refund_desk import DeskRow, return_row
from orders.presenters.refund_words import asked_words, refusal_of, state_of
from orders.queries.refund_desk import LastChange
from orders.queries.refund_pages import RefundFacts
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofRow(FileRow):
    """A file that can still be taken out."""

    remove_url: str = ""


@dataclass(frozen=True, slots=True)
class PreparedAnswer:
    """What to write on the platform that a mirrored store answers on."""

    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class RefundPage:
    """What templates/orders/refund.html reads; ``conflict`` tells who was faster (RL-06)."""

    nav: dict[str, Any]
    now: datetime
    store: Store
    refund: Refund
    level: str
    state: str
    due: datetime | None
    silence: str
    facts: list[Fact]
    upload: UploadPanel | None
    proofs: list[FileRow]
    form: Form | None
    prepared: list[PreparedAnswer]
    returns: list[DeskRow]
    thread: Sequence[Message]
    conflict: LastChange | None
    order_url: str
    thread_url: str
    desk_url: str
    answer_url: str


def refund_page(
    request: StoreRequest,
    found: RefundFacts,
    now: datetime,
    *,
    form: Form | None,
    upload: UploadPanel | None,
    conflict: LastChange | None = None,
) -> RefundPage:
    """The page; ``form`` and ``upload`` where the refund can be answered here."""
    refund, store = found.refund, request.store
    in_time = found.due is not None
    level, state = state_of(refund, in_time=in_time)
    numbers = [store.store_no, refund.refund_no]
    mirrored = store.mode == Store.Mode.MIRRORED
    return RefundPage(
        nav=nav(request, current="refunds"),
        now=now,
        store=store,
        refund=refund,
        level=level,
        state=state,
        due=found.due,
        silence=_silence(found.left, mirrored=mirrored) if in_time else "",
        facts=list(_facts(found)),
        upload=upload,
        proofs=[] if upload else [file_row(one.file, name=one.name, added_at=one.added_at) for one in found.files],
        form=form,
        prepared=prepared_answers(found) if mirrored and in_time else [],
        returns=[
            return_row(one, reverse("orders:return", args=[store.store_no, one.row.return_no])) for one in found.returns
        ],
        thread=found.thread,
        conflict=conflict,
        order_url=reverse("dashboard:order", args=[store.store_no, refund.order.order_no]),
        thread_url=reverse("orders:thread", args=[store.store_no, refund.order.order_no]),
        desk_url=reverse("orders:refunds", args=[store.store_no]),
        answer_url=reverse("orders:refund_answer", args=numbers),
    )


def upload_panel(
    files: Sequence[Any], limits: Limits, url: str, remove_url: str, refused: Sequence[RefusedFileError] = ()
) -> UploadPanel:
    """The proofs that can still be changed, and room for more."""
    rows = []
    for one in files:
        row = file_row(one.file, name=one.name, added_at=one.added_at)
        rows.append(
            ProofRow(
                key=row.key,
                name=row.name,
                kind=row.kind,
                size=row.size,
                pages=row.pages,
                added_at=row.added_at,
                controls="orders/_proof_controls.html",
                remove_url=remove_url,
            )
        )
    return UploadPanel(url=url, limits=limits, rows=rows, refused=refused)


def _silence(left: Decimal, *, mirrored: bool) -> str:
    if mirrored:
        return _("If nobody answers on the platform by then, it refunds in full.")
    return _("If nobody answers by then, %(amount)s is refunded in full.") % {"amount": money(left)}


def _facts(found: RefundFacts) -> Sequence[Fact]:
    refund, order = found.refund, found.refund.order
    order_url = reverse("dashboard:order", args=[refund.store.store_no, order.order_no])
    facts = [
        Fact(_("Asked for"), asked_words(refund), _("the whole order") if refund.full else ""),
        Fact(_("Requested"), instant(refund.requested_at)),
        Fact(_("Order total"), money(order.total_usd)),
        Fact(_("Order"), order.order_no, order.get_state_display(), order_url),
    ]
    if refund.completed_at is None and found.left != half_up(order.total_usd):
        facts.append(Fact(_("Not refunded yet"), money(found.left)))
    if refund.answered_at is not None:
        facts.append(Fact(_("Answered"), instant(refund.answered_at)))
    if refund.offered_usd is not None:
        facts.append(Fact(_("Offered"), money(refund.offered_usd)))
    if reason := refusal_of(refund):
        facts.append(Fact(_("Refused because"), reason))
    if refund.note:
        facts.append(Fact(_("Told the buyer"), refund.note))
    if refund.completed_at is not None:
        note = _("nobody answered in time") if refund.defaulted else ""
        facts.append(Fact(_("Paid"), money(refund.amount_usd) if refund.amount_usd is not None else "", note))
        facts.append(Fact(_("Completed"), instant(refund.completed_at)))
    return facts


def prepared_answers(found: RefundFacts) -> list[PreparedAnswer]:
    """Texts to copy for an answer on the platform, one for each of the three."""
    words = {"order": found.refund.order.order_no, "amount": money(found.asked)}
    return [
        PreparedAnswer("agree", _("Agree"), _("We agree to refund %(amount)s for order %(order)s.") % words),
        PreparedAnswer(
            "offer",
            _("Offer a part"),
            _("For order %(order)s we offer to refund … of the %(amount)s asked for, because … Proof is attached.")
            % words,
        ),
        PreparedAnswer(
            "refuse",
            pgettext("verb", "Refuse"),
            _("We can't refund %(amount)s for order %(order)s, because … The attached evidence shows this.") % words,
        ),
    ]

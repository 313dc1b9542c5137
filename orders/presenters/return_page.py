"""One returned parcel: its clock, what silence brings, the result with its proof (TM-13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms import Form
from django.urls import reverse
from django.utils.translation import gettext as _

from core.pages.formats import money
from core.templatetags.ui import instant
from evidence.presenters import FileRow, UploadPanel, file_row
from orders.models import ReturnParcel
from orders.presenters.refund import Fact
from orders.presenters.refund_desk import DeskRow, refund_row
from orders.presenters.refund_words import result_of
from orders.queries.refund_desk import LastChange
from orders.queries.refund_pages import ReturnFacts
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """What templates/orders/return.html reads."""

    nav: dict[str, Any]
    now: datetime
    store: Store
    parcel: ReturnParcel
    state: str
    due: datetime | None
    silence: str
    facts: list[Fact]
    upload: UploadPanel | None
    proofs: list[FileRow]
    form: Form | None
    receives: bool
    mirrored: bool
    refunds: list[DeskRow]
    conflict: LastChange | None
    order_url: str
    desk_url: str
    answer_url: str


def return_page(
    request: StoreRequest,
    found: ReturnFacts,
    now: datetime,
    *,
    form: Form | None,
    upload: UploadPanel | None,
    receives: bool,
    conflict: LastChange | None = None,
) -> ReturnPage:
    """The page; ``form`` and ``upload`` where the return can be inspected here, ``receives`` where its arrival can be
    recorded."""
    parcel, store = found.parcel, request.store
    in_time = found.due is not None
    mirrored = store.mode == Store.Mode.MIRRORED
    return ReturnPage(
        nav=nav(request, current="refunds"),
        now=now,
        store=store,
        parcel=parcel,
        state=parcel.get_state_display(),
        due=found.due,
        silence=_silence(found, mirrored=mirrored) if in_time else "",
        facts=list(_facts(parcel)),
        upload=upload,
        proofs=[] if upload else [file_row(one.file, name=one.name, added_at=one.added_at) for one in found.files],
        form=form,
        receives=receives,
        mirrored=mirrored,
        refunds=[
            refund_row(one, reverse("orders:refund", args=[store.store_no, one.row.refund_no])) for one in found.refunds
        ],
        conflict=conflict,
        order_url=reverse("dashboard:order", args=[store.store_no, parcel.order.order_no]),
        desk_url=reverse("orders:refunds", args=[store.store_no]) + "?tab=inspect",
        answer_url=reverse("orders:return_answer", args=[store.store_no, parcel.return_no]),
    )


def _silence(found: ReturnFacts, *, mirrored: bool) -> str:
    if mirrored:
        return _("If no result is recorded on the platform by then, it goes as the buyer described.")
    waiting = [one for one in found.refunds if one.row.completed_at is None]
    if not waiting:
        return _("If nobody inspects it by then, it is taken as the buyer described it.")
    return _("If nobody inspects it by then, it is taken as the buyer described it and the refund is paid.")


def _facts(parcel: ReturnParcel) -> Sequence[Fact]:
    order = parcel.order
    facts = [
        Fact(_("Order"), order.order_no, order.get_state_display(), _order_url(parcel)),
        Fact(_("Order total"), money(order.total_usd)),
        Fact(_("Sent back"), instant(parcel.shipped_back_at)),
        Fact(_("Received"), instant(parcel.received_at)),
        Fact(_("Inspected"), instant(parcel.inspected_at)),
    ]
    if parcel.result:
        facts.append(Fact(_("Result"), result_of(parcel)))
    if parcel.note:
        facts.append(Fact(_("What is wrong with it"), parcel.note))
    return facts


def _order_url(parcel: ReturnParcel) -> str:
    return reverse("dashboard:order", args=[parcel.store.store_no, parcel.order.order_no])

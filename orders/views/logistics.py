"""The abnormal pool of a store, and the logistics of one order: where it is, who is asked, what is handed in (TM-03,
TM-11)."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.pages.components import Banner
from core.pages.responses import render_page
from core.templatetags.ui import instant
from evidence.models import EvidenceFile
from evidence.queries import evidence_limits
from evidence.uploads import Received, receive_uploads, receives_files
from orders.commands.logistics import NamedFile, RefusedClaimError, claim_refusal, submit_claim, withdraw_claim
from orders.forms.logistics import HandInForm
from orders.models import LogisticsClaim, Order
from orders.models.logistics import CLAIM_KINDS
from orders.presenters.logistics import (
    REFUSALS,
    HandIn,
    LogisticsPage,
    OrderLogisticsPage,
    carrier_rows,
    claim_rows,
    kind_help,
    parcel_parts,
    pool_rows,
    stay_lines,
)
from orders.queries.abnormal import abnormal_pool
from orders.queries.names import site_names
from orders.queries.order import order_of
from orders.queries.order_logistics import OrderLogistics, order_logistics
from orders.queries.scan_intervals import scan_intervals
from stores.access import StoreRequest, may_write, store_view
from stores.context_processors import nav
from stores.models import Store
from stores.principals import Area

FILES_FORM = "orders/order_logistics.html"


@require_safe
@store_view(area=Area.ORDERS)
def logistics(request: StoreRequest) -> HttpResponse:
    """The orders in the abnormal pool, the longest silent first."""
    now, store = timezone.now(), request.store
    pool, scans = abnormal_pool(store, now, request.GET.get("page")), scan_intervals(store, now)
    page = LogisticsPage(
        nav=nav(request, current="logistics"),
        store=store,
        rows=pool_rows(pool, store, site_names(now), now),
        page=pool.page,
        recheck=f"{pool.recheck.total_seconds() / 3600:.0f}",
        carriers=carrier_rows(scans),
        target_hours=int(scans.target.total_seconds() // 3600),
        days=scans.days,
        carriers_url=reverse("dashboard:carriers", args=[store.store_no]),
        now=now,
    )
    return render_page(request, "orders/logistics.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(area=Area.ORDERS)
@receives_files
def order_logistics_page(request: StoreRequest, order_no: str) -> HttpResponseBase:
    """The parcels of an order with their traces; a post hands something in, or withdraws it. A panel of the order's
    page, too."""
    now, order = timezone.now(), order_of(request.store, order_no)
    order.store = request.store
    if request.method != "POST":
        return _page(request, order, now)
    if request.POST.get("do") == "withdraw":
        return _withdraw(request, order, now)
    return _hand_in(request, order, now)


def _hand_in(request: StoreRequest, order: Order, now: datetime) -> HttpResponseBase:
    found = order_logistics(order, now)
    form = _form(found, request.POST)
    if not form.is_valid():
        return _page(request, order, now, form=form, status=422)
    given = form.given()
    asked = {name: given[name] for name in ("kind", "tracking_no", "happened_at")}
    refusal = claim_refusal(order=order, at=now, **asked)
    if refusal is not None:
        return _again(request, order, now, form, RefusedClaimError(refusal))
    received, files = _files(request, now)
    if received.refused:
        return _page(request, order, now, form=form, received=received, status=422)
    carrier = next(one.parcel.carrier for one in found.parcels if one.parcel.tracking_no == given["tracking_no"])
    try:
        row = submit_claim(order=order, carrier=carrier, files=files, principal=request.principal, at=now, **given)
    except RefusedClaimError as error:
        return _again(request, order, now, form, error)
    said = _("Handed in: %(kind)s. Operations answer by %(due)s.")
    messages.success(request, said % {"kind": row.get_kind_display(), "due": instant(row.due_at)})
    return _here(request, order)


def _files(request: StoreRequest, now: datetime) -> tuple[Received, list[NamedFile]]:
    files: list[NamedFile] = []

    def keep(file: EvidenceFile, name: str) -> None:
        files.append((file, name))

    limit = evidence_limits(now).max_files
    received = receive_uploads(
        request, company=request.store.company, principal=request.principal, free=limit, at=now, attach=keep
    )
    return received, files


def _withdraw(request: StoreRequest, order: Order, now: datetime) -> HttpResponseBase:
    key = request.POST.get("claim", "")
    rows = LogisticsClaim.objects.select_related("store__company", "order").filter(order=order)
    row = rows.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
    if row is None or not withdraw_claim(claim=row, principal=request.principal, at=now):
        return _page(request, order, now, banner=Banner("yellow", "", _("It was decided meanwhile.")), status=409)
    messages.success(request, _("Withdrawn."))
    return _here(request, order)


def _again(
    request: StoreRequest, order: Order, now: datetime, form: HandInForm, error: RefusedClaimError
) -> HttpResponse:
    banner = Banner("red", _("Not handed in"), str(REFUSALS[error.refusal]))
    return _page(request, order, now, form=form, banner=banner, status=422)


def _form(found: OrderLogistics, data: object = None) -> HandInForm:
    numbers = [one.parcel.tracking_no for one in found.parcels if one.parcel.tracking_no]
    return HandInForm(data, kinds=found.kinds, numbers=numbers)


def _page(
    request: StoreRequest,
    order: Order,
    now: datetime,
    *,
    form: HandInForm | None = None,
    received: Received | None = None,
    banner: Banner | None = None,
    status: int = 200,
) -> HttpResponse:
    store, found = request.store, order_logistics(order, now)
    writes = may_write(request.principal, store, Area.ORDERS)
    mirrored = store.mode == Store.Mode.MIRRORED
    offers = writes and bool(found.kinds) and not mirrored
    page = OrderLogisticsPage(
        nav=nav(request, current="logistics"),
        store=store,
        order=order,
        banners=[banner] if banner else [],
        parcels=parcel_parts(found, now),
        stays=stay_lines(found.stays),
        claims=claim_rows(found.claims, may_write=writes),
        hand_in=HandIn(
            form=form or _form(found),
            help=kind_help(found.kinds, dict(CLAIM_KINDS)),
            limits=evidence_limits(now),
            refused=received.refused if received else (),
        )
        if offers
        else None,
        mirrored=mirrored and bool(found.kinds),
        now=now,
    )
    template = f"{FILES_FORM}#panel" if request.htmx else FILES_FORM
    return render_page(request, template, page, status=status)


def _here(request: StoreRequest, order: Order) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("orders:order_logistics", args=[request.store.store_no, order.order_no]))

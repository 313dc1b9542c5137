"""After-sales guides: what is sent, and changing it per language and listing (AF-09)."""

from datetime import datetime

from django.contrib import messages as notes
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.pages.responses import render_page
from orders.forms.messages import GuideForm
from orders.models import GuideStage
from orders.presenters.guides import guide_page, guide_url, guides_page
from orders.queries.guide_list import GuideDetails, guide_details, guide_listings, guides_of, has_listing
from orders.queries.guides import guide_languages
from orders.services.guides import save_guide
from rulebook.queries import policy_at
from stores.access import StoreRequest, may_write, store_view
from stores.actors import names_of_actors
from stores.principals import Area


@require_safe
@store_view(area=Area.ORDERS)
def guides(request: StoreRequest) -> HttpResponse:
    """The texts that hold for all listings, or for the one that the address names."""
    store, feedback = request.store, policy_at(timezone.now()).feedback
    asked = request.GET.get("sku", "").strip()
    sku = "" if "\x00" in asked or not has_listing(store, asked) else asked
    context = guides_page(
        request,
        guides_of(store, sku),
        guide_listings(store),
        sku,
        missing=bool(asked) and not sku,
        days=(feedback.guide_days, feedback.second_guide_days),
    )
    return render_page(request, "orders/guides.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(area=Area.ORDERS)
def guide(request: StoreRequest, stage: str, language: str) -> HttpResponseBase:
    """One guide; posting adds a version."""
    sku = request.GET.get("sku", "")
    if stage not in GuideStage.values or language not in guide_languages() or not _is_known(request, sku):
        raise Http404
    found = guide_details(request.store, sku, stage, language)
    form = GuideForm(request.POST or None, initial={"text": found.text, "expected": found.version})
    if request.method != "POST" or "preview" in request.POST or not form.is_valid():
        return _page(request, found, form, status=422 if form.errors and "preview" not in request.POST else 200)
    return _saved(request, found, form, timezone.now())


def _is_known(request: StoreRequest, sku: str) -> bool:
    return not sku or ("\x00" not in sku and has_listing(request.store, sku))


def _saved(request: StoreRequest, found: GuideDetails, form: GuideForm, at: datetime) -> HttpResponseBase:
    given, store = form.cleaned_data, request.store
    saved = save_guide(
        store=store,
        sku=found.sku,
        stage=found.stage,
        language=found.language,
        text="" if given["text"] == found.shipped else given["text"],
        expected=given["expected"],
        at=at,
        actor=request.principal.actor,
    )
    if not saved:
        return _page(request, found, form, status=409, conflict=True)
    notes.success(request, _("Saved. What is sent from now on has this text."))
    return redirect(guide_url(store.store_no, found.sku, found.stage, found.language))


def _page(
    request: StoreRequest, found: GuideDetails, form: GuideForm, *, status: int, conflict: bool = False
) -> HttpResponse:
    names = names_of_actors({one.actor for one in found.history})
    writes = may_write(request.principal, request.store, Area.ORDERS)
    context = guide_page(request, found, names, form, may_write=writes, conflict=conflict)
    return render_page(request, "orders/guide.html", context, status=status)

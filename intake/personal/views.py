"""What is kept of a buyer: shown, exported, erased (RL-14)."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.pages.attachments import attached
from core.pages.responses import render_page
from intake.personal.buyers import BuyerFound, erase_buyer, export_buyer, find_buyer
from intake.personal.forms import BuyerForm
from intake.personal.presenters import BuyersPage, kept_facts
from intake.personal.queries import erasable_companies
from stores.access import SignedInRequest, signed_in
from stores.context_processors import nav

ERASE = "erase"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def buyers(request: SignedInRequest) -> HttpResponseBase:
    """Search for a buyer; posting exports or erases what was found. Owners and operations alone."""
    may_act = erasable_companies(request.principal).exists()
    asked = request.POST if request.method == "POST" else request.GET if "buyer" in request.GET else None
    form = BuyerForm(asked, principal=request.principal)
    found = find_buyer(form.cleaned_data["company"], form.cleaned_data["buyer"]) if form.is_valid() else None
    if request.method == "POST" and found is not None:
        return _act(request, found)
    context = BuyersPage(
        nav=nav(request, current="data"),
        form=form if may_act else None,
        asked=form.is_bound and not form.errors,
        found=found,
        kept=kept_facts(found) if found else [],
    )
    return render_page(request, "intake/buyers.html", context, status=422 if form.errors else 200)


def _act(request: SignedInRequest, found: BuyerFound) -> HttpResponseBase:
    actor, at = request.principal.actor, timezone.now()
    if request.POST.get("act") == ERASE:
        erased = erase_buyer(company=found.company, reference=found.reference, actor=actor, at=at)
        messages.success(request, _("Erased. The buyer's orders now carry %(token)s.") % {"token": erased.token})
        return redirect("intake:buyers")
    packed = HttpResponse(export_buyer(found=found, actor=actor, at=at), content_type="application/zip")
    return attached(packed, f"buyer-{at:%Y%m%d}.zip")

"""The case file of a dispute (BX-09)."""

import structlog
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from appeals.services.case_file import make_case_file
from appeals.typesetting import TypesettingError
from core.pages.attachments import attached
from disputes.models import Dispute
from stores.access import StoreRequest, store_view
from stores.principals import Area

log = structlog.get_logger("dianwei.appeals")


@require_safe
@store_view(area=Area.ORDERS)
def dispute_case_file(request: StoreRequest, dispute_no: str) -> HttpResponseBase:
    """Everything that is kept of the disputed order, as one PDF."""
    # PostgreSQL refuses text with NUL as an error of the query.
    known = {"store": request.store, "dispute_no": dispute_no.replace("\x00", "")}
    dispute = get_object_or_404(Dispute.objects.select_related("store__company", "order"), **known)
    try:
        made = make_case_file(dispute=dispute, at=timezone.now(), language=request.LANGUAGE_CODE)
    except TypesettingError as error:
        log.error("case_file.failed", dispute=dispute.dispute_no, error=str(error))
        messages.error(request, _("The case file could not be made just now. Try again in a minute."))
        return redirect(reverse("dashboard:order", args=[request.store.store_no, dispute.order.order_no]))
    return attached(HttpResponse(made.content, content_type="application/pdf"), made.name)

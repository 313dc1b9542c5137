"""What a draft of the policy would have done to the notices of past days: the panel and its file (BX-14)."""

from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from core.pages.attachments import attached
from core.pages.responses import render_page
from core.pages.sheets import csv_lines
from dashboard.presenters.policy.impact import (
    HEADINGS,
    ImpactFragment,
    ImpactPanel,
    impact_lines,
    impact_panel,
    left_out,
)
from dashboard.queries.policy import DraftImpact, draft_impact, draft_state, draft_with, impact_notices
from notifications.models import ImpactPreview
from notifications.services.previewing import ask_for_preview
from notifications.tasks import wake_previews
from rulebook.models import PolicyDraft
from stores.desk import staff_of

READ, EDIT = "rulebook.view_policyversion", "rulebook.add_policyversion"


@require_http_methods(["GET", "HEAD", "POST"])
def policy_impact(request: HttpRequest, pk: int) -> HttpResponse:
    """The impact panel by itself; a post asks for the preview of what is saved."""
    user, draft, now = staff_of(request, EDIT if request.method == "POST" else READ), draft_of(pk), timezone.now()
    state = draft_state(draft)
    impact = draft_impact(state, now, get_language() or "")
    if request.method == "POST" and impact.judged:
        ask_for_preview(base=draft.base, changes=impact.judged, at=now)
        transaction.on_commit(wake_previews)
        if not request.headers.get("HX-Request"):
            return HttpResponseRedirect(f"{url_of(draft)}#impact")
        impact = draft_impact(state, now, get_language() or "")
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"{url_of(draft)}#impact")
    return render_page(
        request,
        "dashboard/_policy_impact.html",
        ImpactFragment(panel_of(draft, impact, may_ask=user.has_perm(EDIT))),
    )


@require_safe
def policy_impact_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The notices that differ as CSV."""
    staff_of(request, READ)
    draft = draft_of(pk)
    impact = draft_impact(draft_state(draft), timezone.now(), get_language() or "")
    if impact.preview is None or impact.preview.state != ImpactPreview.State.DONE:
        raise Http404
    rows = impact_notices(impact.preview).iterator(chunk_size=1_000)
    lines = csv_lines(HEADINGS, impact_lines(rows, impact.categories, impact.sizes))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    return attached(response, f"policy-impact-{draft.pk}.csv")


def panel_of(draft: PolicyDraft, impact: DraftImpact, *, may_ask: bool) -> ImpactPanel:
    return impact_panel(
        impact.preview,
        judged=bool(impact.judged),
        left_out=left_out(impact.counted, impact.wrong, impact.without_effect, get_language() or ""),
        categories=impact.categories,
        sizes=impact.sizes,
        failed=impact.failed,
        may_ask=may_ask,
        url=reverse("admin:policy_impact", args=[draft.pk]),
        csv_url=reverse("admin:policy_impact_file", args=[draft.pk]),
    )


def draft_of(pk: int) -> PolicyDraft:
    draft = draft_with(pk)
    if draft is None:
        raise Http404
    return draft


def url_of(draft: PolicyDraft) -> str:
    return reverse("admin:policy_draft", args=[draft.pk])

"""The product's addresses and a page that takes files as a draft does; every file of the company is attached."""

from pathlib import Path

from django.http import HttpResponse, HttpResponseBase
from django.template import engines
from django.urls import path, reverse
from django.utils import timezone

from config.urls import urlpatterns as product
from evidence.models import EvidenceFile
from evidence.presenters import UploadPanel, file_row
from evidence.queries import evidence_limits
from evidence.rules import RefusedFileError
from evidence.uploads import answer_upload, is_script, receive_uploads, receives_files
from stores.access import SignedInRequest, joined_companies, signed_in

SOURCE = Path(__file__).with_suffix(".html")


@signed_in
@receives_files
def draft(request: SignedInRequest) -> HttpResponseBase:
    company, now = joined_companies(request.principal).get(), timezone.now()
    if request.method != "POST":
        return show(request, panel(company))
    received = receive_uploads(
        request, company=company, principal=request.principal, free=panel(company).free, at=now, attach=attach
    )
    if is_script(request):
        return answer_upload(request, received, panel(company))
    return show(request, panel(company, received.refused), received.status)


def attach(file: EvidenceFile, name: str) -> None:
    if file.repeated_at is not None:
        raise RefusedFileError("attached", name)


def panel(company, refused=()) -> UploadPanel:
    files = EvidenceFile.objects.filter(company=company).order_by("pk")
    rows = [file_row(file) for file in files]
    return UploadPanel(reverse("draft"), evidence_limits(timezone.now()), rows, refused)


def show(request, upload: UploadPanel, status: int = 200) -> HttpResponse:
    template = engines["django"].from_string(SOURCE.read_text())
    return HttpResponse(template.render({"upload": upload}, request), status=status)


urlpatterns = [*product, path("draft", draft, name="draft")]
handler500 = "config.outages.answer_fault"

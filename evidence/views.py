"""Evidence for those who may see it: the original to save, and its pages as pictures (AP-03)."""

import structlog
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.pages.attachments import attached
from evidence.inspection import RefusedContentError
from evidence.models import EvidenceFile
from evidence.queries import get_file
from evidence.rules import download_name
from evidence.sandbox import SandboxError
from evidence.services.accessing import record_download, record_view
from evidence.services.previewing import WIDTHS, draw_page
from evidence.services.storing import open_content
from stores.access import SignedInRequest, signed_in

log = structlog.get_logger("dianwei.evidence")

TYPES = {"pdf": "application/pdf", "jpeg": "image/jpeg"}


@require_safe
@signed_in
def file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The file as it was handed in, to be saved and never shown by this site."""
    found = get_file(request.principal, pk)
    if found.removed_at is not None:
        return _removed(found)
    try:
        content = open_content(found)
    except FileNotFoundError as error:
        log.exception("evidence lost", file=found.pk)
        raise Http404 from error
    if request.method == "GET":
        record_download(file=found, principal=request.principal, at=timezone.now())
    response = FileResponse(content, content_type=TYPES[found.kind])
    return attached(response, download_name(found.name, found.kind))


@require_safe
@signed_in
def page(request: SignedInRequest, pk: int, page: int) -> HttpResponseBase:
    """A page as a picture, encoded anew; ``?size=small`` for lists."""
    found, size = get_file(request.principal, pk), request.GET.get("size", "")
    if not 1 <= page <= found.pages or size not in WIDTHS:
        raise Http404
    if found.removed_at is not None:
        return _removed(found)
    now = timezone.now()
    record_view(file=found, principal=request.principal, at=now)
    try:
        picture = draw_page(file=found, page=page, size=size, at=now)
    except FileNotFoundError as error:
        log.exception("evidence lost", file=found.pk)
        raise Http404 from error
    except (RefusedContentError, SandboxError):
        said = _("This page can't be shown. Download the file to see it.")
        return HttpResponse(said, status=422, content_type="text/plain; charset=utf-8")
    return attached(HttpResponse(picture, content_type=TYPES["jpeg"]), f"{found.sha256[:12]}-{page}.jpg")


def _removed(file: EvidenceFile) -> HttpResponse:
    said = _("The content of this file was removed on %(day)s because its case ended long ago. SHA-256: %(sha256)s")
    text = said % {"day": f"{file.removed_at:%Y-%m-%d}", "sha256": file.sha256}
    return HttpResponse(text, status=410, content_type="text/plain; charset=utf-8")

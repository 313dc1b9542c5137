"""Uploads of evidence, cut off while they arrive (PN-08, AP-02).

A view that takes files is wrapped by `receives_files` (inside the access decorator), calls `receive_uploads`, and
answers a script with `answer_upload`, a plain form with the whole page. The protocol:

- ``POST`` multipart/form-data, files in the field ``files``, the CSRF token in the form (before the files) or in the
  header ``X-CSRFToken``.
- *A plain form* sends many files. Those that are taken stay, whatever happens to the others; the view shows the page
  again, with status 422 and a row for each refused file if there are any.
- *The script* (static/js/upload.js) sends one file per request with the header ``HX-Request: true``. The answer is the
  file's row, then whatever else changes on the page as elements with ``hx-swap-oob``; status 200, or 422 for a refused
  file. Other answers have no row: the script says what happened and offers to try again.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from core.pages.responses import context_of
from evidence.models import EvidenceFile
from evidence.presenters import FileRow, UploadPanel
from evidence.queries import evidence_limits
from evidence.rules import Limits, RefusedFileError, clean_name
from evidence.services.receiving import receive_file
from stores.models import Company
from stores.principals import Principal

FIELD = "files"
# What the form's other fields and the borders between files may take.
_BESIDES = 2**20
_UNREADABLE = (MultiPartParserError, TooManyFilesSent, TooManyFieldsSent, RequestDataTooBig, UnreadablePostError)

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
Attach = Callable[[EvidenceFile, str], object]


class UploadRequest(HttpRequest):
    """A POST behind `receives_files`."""

    upload_refusals: list[RefusedFileError]


@dataclass
class Received:
    """What became of a request's files, in their order."""

    taken: list[EvidenceFile] = field(default_factory=list)
    refused: list[RefusedFileError] = field(default_factory=list)

    @property
    def status(self) -> int:
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.refused else HTTPStatus.OK


class CuttingUploadHandler(FileUploadHandler):
    """Writes files to disk while they arrive. One that passes its limit is dropped and the others are kept; a request
    that passes what all may have together is cut off, unread."""

    file: TemporaryUploadedFile

    request: HttpRequest

    def __init__(self, request: HttpRequest, limits: Limits) -> None:
        super().__init__(request)
        self.limits = limits
        self.refused: list[RefusedFileError] = []
        # A plain form may bring one file more than may be attached, so that it can be refused by its name.
        self.most = (1 if is_script(request) else limits.max_files + 1) * limits.max_bytes + _BESIDES
        self._received = 0
        self._is_dropped = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._is_dropped = False
        self.file = TemporaryUploadedFile("upload", self.content_type or "", 0, self.charset, self.content_type_extra)
        self.file.name = clean_name(self.file_name or "")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if not self._is_dropped and start + len(raw_data) > self.limits.max_bytes:
            self._drop("too_large", limit=self.limits.max_megabytes)
        if self._received > self.most:
            self._cut_off()
        if not self._is_dropped:
            self._write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        if self._is_dropped:
            return None
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if not self._is_dropped:
            self._drop("incomplete")

    def _cut_off(self) -> None:
        # The script's only file was refused already; a form's other files are missing.
        if not (self._is_dropped and is_script(self.request)):
            self.refused.append(RefusedFileError("cut_off", "" if self._is_dropped else self.file.name or ""))
        raise StopUpload(connection_reset=True)

    def _write(self, block: bytes) -> None:
        try:
            self.file.write(block)
        except OSError:
            # A full disk: the part that was written goes at once, not when somebody forgets the error.
            with suppress(OSError):
                self.file.close()
            raise

    def _drop(self, code: str, **params: Any) -> None:
        """Refuse the file at hand; its temporary file goes with its closing."""
        self._is_dropped = True
        self.refused.append(RefusedFileError(code, self.file.name or "", **params))
        self.file.close()


def receives_files(view: Callable[Concatenate[R, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Read the files of a POST within their limits, before anything else reads the request: Django's protection against
    forged requests, which comes after, would have them read without."""
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def receiving(request: R, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method == "POST" and (refusal := _read_files(request)) is not None:
            return refusal
        return protected(request, *args, **kwargs)

    return receiving


def _read_files(request: HttpRequest) -> HttpResponse | None:
    limits = evidence_limits(timezone.now())
    status = read_files(request, limits)
    return None if status is None else _refuse_request(request, status, limits)


def read_files(request: HttpRequest, limits: Limits) -> HTTPStatus | None:
    """Have Django read the request by our handler; a status where it can't be read."""
    handler = CuttingUploadHandler(request, limits)
    if _declared_length(request) > 2 * handler.most:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    request.upload_handlers = [handler]
    cast(UploadRequest, request).upload_refusals = handler.refused
    try:
        len(request.POST)
    except _UNREADABLE:
        return HTTPStatus.BAD_REQUEST
    return None


def _declared_length(request: HttpRequest) -> int:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(length) if length.isdecimal() else 0


def _refuse_request(request: HttpRequest, status: HTTPStatus, limits: Limits) -> HttpResponse:
    return render(request, "evidence/upload_refused.html", {"limits": limits}, status=status)


def receive_uploads(
    request: HttpRequest, *, company: Company, principal: Principal, free: int, at: datetime, attach: Attach
) -> Received:
    """Take the request's files as long as ``free`` slots last, and ``attach`` each under its cleaned name.

    ``attach`` may refuse too (RefusedFileError), and finds out by itself if somebody else took the slot meanwhile.
    """
    received = Received(refused=list(getattr(request, "upload_refusals", [])))
    limit = evidence_limits(at).max_files
    for upload in request.FILES.getlist(FIELD):
        name = clean_name(upload.name or "")
        try:
            if len(received.taken) >= free:
                raise RefusedFileError("no_slot", name, limit=limit)
            file = receive_file(company=company, name=name, content=upload, principal=principal, at=at)
            attach(file, name)
        except RefusedFileError as refused:
            received.refused.append(refused)
        else:
            received.taken.append(file)
    return received


@dataclass(frozen=True, slots=True)
class UploadAnswer:
    """What components/file_answer.html shows; ``also`` is a template of other elements that change on the page."""

    upload: UploadPanel
    new_rows: Sequence[FileRow]
    refused: Sequence[RefusedFileError]
    also: str = ""


def is_script(request: HttpRequest) -> bool:
    """Whether the request is one of the script's, which wants rows and not the page."""
    return bool(getattr(request, "htmx", False))


def answer_upload(
    request: HttpRequest,
    received: Received,
    panel: UploadPanel,
    *,
    also: str = "",
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """Answer the script with the rows of what it sent, out of the panel as it is now. ``also`` is a template of
    elements with ``hx-swap-oob``; it sees ``context``."""
    taken = {file.pk for file in received.taken}
    new_rows = [row for row in panel.rows if row.key in taken]
    answer = UploadAnswer(panel, new_rows, received.refused, also)
    return render(
        request, "components/file_answer.html", {**(context or {}), **context_of(answer)}, status=received.status
    )

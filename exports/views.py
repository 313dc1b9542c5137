"""Lists as files, and the pages of exports that are prepared in the background (IX-13)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.pages.attachments import attached
from core.pages.people_sheets import Reader
from core.pages.responses import render_page
from exports.access import asked_again
from exports.declaring import Asked, ListExport, OfStore, export_named
from exports.downloads import list_response
from exports.models import ExportJob
from exports.presenters import export_page_of, exports_page_of, new_export_page_of
from exports.queries import exports_of, get_export
from exports.rules import CONTENT_TYPES, FORM, MACHINE
from exports.services import cancel_export, note_download, request_export
from exports.writing import Shape
from rulebook.queries import policies_held
from stores.access import SignedInRequest, StoreRequest, signed_in, store_view
from stores.models import Store
from stores.principals import Person, Principal, principal_of_user

# The route of the lists of the desk, whose declaration its address names.
DESK_LIST = "admin:desk_list"
_MARK = "list_export"


# ── Lists ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def list_view(export: ListExport) -> Callable[..., HttpResponseBase]:
    """The view of a list's files: for whoever sees its page."""

    def of_store(request: StoreRequest, /, suffix: str, **parts: str) -> HttpResponseBase:
        return _answer(request, export, suffix, request.principal, request.store, parts)

    def of_person(request: SignedInRequest, /, suffix: str, **parts: str) -> HttpResponseBase:
        return _answer(request, export, suffix, request.principal, None, parts)

    access = export.access
    view = store_view(area=access.area)(of_store) if isinstance(access, OfStore) else signed_in(of_person)
    guarded = require_safe(view)
    setattr(guarded, _MARK, export)
    return guarded


def staff_list(request: HttpRequest, code: str, suffix: str) -> HttpResponseBase:
    """A list of the desk as a file; the admin's site has seen to the second factor."""
    export = export_named(code)
    if export is None or request.method not in ("GET", "HEAD"):
        raise Http404
    with policies_held():
        return _answer(request, export, suffix, principal_of_user(request.user), None, {})


def _answer(
    request: HttpRequest,
    export: ListExport,
    suffix: str,
    principal: Principal,
    store: Store | None,
    parts: dict[str, str],
) -> HttpResponseBase:
    asked = asked_again(export, Asked(principal, request.GET, timezone.now(), store, parts))
    file = export.make(asked)
    if isinstance(principal, Person) and file.count() > settings.EXPORT_ROWS_AT_ONCE:
        return redirect(f"{reverse('exports:new')}?{urlencode({'of': request.get_full_path()})}")
    return list_response(file, _shape(suffix, request.GET))


def _shape(suffix: str, params: QueryDict) -> Shape:
    return Shape(suffix, params.get(FORM) == MACHINE, Reader.current())


# ── Exports in the background ──────────────────────────────────────────────────────────────────────────────────────


@require_safe
@signed_in
def exports(request: SignedInRequest) -> HttpResponse:
    """The person's exports, the latest first."""
    page = exports_page_of(request, exports_of(request.principal), timezone.now())
    return render_page(request, "exports/exports.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: SignedInRequest) -> HttpResponseBase:
    """What preparing a long list means; posting has it prepared."""
    now, address = timezone.now(), request.GET.get("of", "")
    export, suffix, asked = _asked_by(address, request.principal)
    asked = asked_again(export, replace(asked, at=now))
    file, shape = export.make(asked), _shape(suffix, asked.params)
    rows = file.count()
    if request.method == "POST":
        job = request_export(export=export, asked=asked, file=file, shape=shape, rows=rows)
        return redirect("exports:export", job.pk)
    return render_page(request, "exports/new.html", new_export_page_of(request, file, shape, rows, address))


@require_safe
@signed_in
def export(request: SignedInRequest, export_id: int) -> HttpResponse:
    """One export; htmx polls its fragment while it is prepared."""
    job = get_export(request.principal, export_id)
    name = "exports/export.html#progress" if request.htmx and not request.htmx.boosted else "exports/export.html"
    return render_page(request, name, export_page_of(request, job, timezone.now()))


@require_POST
@signed_in
def export_cancel(request: SignedInRequest, export_id: int) -> HttpResponseBase:
    """Stop an export; 409 and its page where it was over already (RL-06)."""
    job, now = get_export(request.principal, export_id), timezone.now()
    if cancel_export(job=job, actor=request.principal.actor, at=now):
        messages.success(request, _("Stopped."))
        return redirect("exports:export", job.pk)
    job.refresh_from_db()
    messages.warning(request, _("The export was over already."))
    return render_page(request, "exports/export.html", export_page_of(request, job, now), status=409)


@require_safe
@signed_in
def export_file(request: SignedInRequest, export_id: int) -> HttpResponseBase:
    """The prepared file, for the person who asked for it and who may still see the list (RL-08)."""
    job = get_export(request.principal, export_id)
    declared = export_named(job.list)
    if declared is None or job.state != ExportJob.State.READY or not job.path.is_file():
        raise Http404
    asked_again(declared, Asked(request.principal, QueryDict(job.query), timezone.now(), job.store, job.parts))
    if request.method == "GET":
        note_download(job=job, actor=request.principal.actor, at=timezone.now())
    return attached(FileResponse(job.path.open("rb"), content_type=CONTENT_TYPES[job.suffix]), job.name)


def _asked_by(address: str, principal: Person) -> tuple[ListExport, str, Asked]:
    """The list, the format and the question of a list's address. Raises Http404 for any other address."""
    parts = urlsplit(address)
    try:
        match = resolve(parts.path)
    except Resolver404 as error:
        raise Http404 from error
    declared, kwargs = _declared_at(match), dict(match.kwargs)
    if declared is None or "\x00" in address:
        raise Http404
    suffix, store_no = kwargs.pop("suffix"), kwargs.pop("store_no", None)
    kwargs.pop("code", None) if match.view_name == DESK_LIST else None
    store = None
    if store_no is not None:
        store = Store.objects.filter(store_no=store_no).first()
        if store is None:
            raise Http404
    return declared, suffix, Asked(principal, QueryDict(parts.query), timezone.now(), store, kwargs)


def _declared_at(match: ResolverMatch) -> ListExport | None:
    if match.view_name == DESK_LIST:
        return export_named(match.kwargs["code"])
    found: Any = getattr(match.func, _MARK, None)
    return found if isinstance(found, ListExport) else None

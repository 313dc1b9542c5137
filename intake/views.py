"""The data pages (PG-16): bring data, watch imports, see how fresh and sound the data is."""

import zipfile
from tempfile import TemporaryFile

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.pages.attachments import attached
from core.pages.responses import render_page
from intake.answering import answer, import_now
from intake.canonical import FILES
from intake.forms import AnswerForm, UploadForm
from intake.models import Import
from intake.presenters import DataPage, ImportPage, count_labels, count_table, file_guides, found_tables, import_rows
from intake.queries import (
    RECENT,
    answerable_stores,
    get_import,
    is_operator,
    may_cancel,
    stores_of_import,
    visible_imports,
    writable_companies,
)
from intake.reading import BundleError
from intake.services import cancel_import
from intake.storage import largest_upload
from intake.throughput import progress_of
from intake.uploads import start_upload
from stores.access import SignedInRequest, signed_in
from stores.actors import names_of_actors
from stores.context_processors import nav
from stores.principals import principal_of_user


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def index(request: SignedInRequest) -> HttpResponseBase:
    """Upload, and imports with their progress."""
    status = 200
    may_import = is_operator(request.principal) or writable_companies(request.principal).exists()
    if request.method == "POST" and not may_import:
        return HttpResponse(_("Only owners and managers of a company import data."), status=403)
    form = UploadForm(request.POST or None, request.FILES or None, principal=request.principal)
    if request.method == "POST":
        if form.is_valid() and (job := _start(request, form)) is not None:
            return redirect("intake:import", job.pk)
        status = 422
    context = _data_page(request, form if may_import else None)
    return render_page(request, "intake/index.html", context, status=status)


def _data_page(request: SignedInRequest, form: UploadForm | None) -> DataPage:
    now, principal = timezone.now(), request.principal
    recent = visible_imports(principal).select_related("company").order_by("-pk")[:RECENT]
    return DataPage(
        nav=nav(request, current="data"),
        form=form,
        largest=largest_upload(),
        imports=import_rows(recent, now),
        guides=file_guides(),
        now=now,
    )


def _start(request: SignedInRequest, form: UploadForm) -> Import | None:
    try:
        return start_upload(
            files=form.cleaned_data["files"],
            options=form.options(),
            person=request.user,
            is_operator=is_operator(request.principal),
            at=timezone.now(),
        )
    except BundleError as error:
        form.add_error("files", str(error))
        return None


@require_safe
@signed_in
def import_detail(request: SignedInRequest, import_id: int) -> HttpResponse:
    """One import; htmx polls its fragment while it runs."""
    return _show(request, get_import(request.principal, import_id))


def _show(request: SignedInRequest, job: Import, form: AnswerForm | None = None, status: int = 200) -> HttpResponse:
    now, may_write = timezone.now(), may_cancel(request.principal, job)
    is_asking = job.state == Import.State.ASKING
    context = ImportPage(
        nav=nav(request, current="data"),
        job=job,
        actor=names_of_actors([job.actor])[job.actor],
        progress=progress_of(job, now),
        count_labels=count_labels(),
        counts=count_table(job),
        has_errors=_error_files(job),
        found=found_tables(job) if is_asking else [],
        form=(form or _answer_form(request, job)) if is_asking and may_write else None,
        stores=stores_of_import(request.principal, job),
        may_cancel=(job.is_open or is_asking) and may_write,
        may_import_now=job.can_be_imported and may_write,
        now=now,
    )
    name = "intake/import.html#progress" if _is_fragment(request) else "intake/import.html"
    return render_page(request, name, context, status=status)


def _answer_form(request: SignedInRequest, job: Import) -> AnswerForm:
    stores = answerable_stores(request.principal, job)
    return AnswerForm(request.POST or None, job=job, stores=stores, now=timezone.now())


def _is_fragment(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


@require_POST
@signed_in
def import_cancel(request: SignedInRequest, import_id: int) -> HttpResponseBase:
    """Ask an import to stop after its present chunk."""
    job = get_import(request.principal, import_id)
    if not may_cancel(request.principal, job):
        return HttpResponse(_("Only owners and managers of the company stop its imports."), status=403)
    if cancel_import(job=job, actor=principal_of_user(request.user).actor, at=timezone.now()):
        messages.info(request, _("The import stops after its present chunk; what went in stays."))
    else:
        messages.warning(request, _("The import was over already."))
    return redirect("intake:import", job.pk)


@require_POST
@signed_in
def import_answer(request: SignedInRequest, import_id: int) -> HttpResponseBase:
    """What the person says of the files; then they are tried, or imported."""
    job = get_import(request.principal, import_id)
    if not may_cancel(request.principal, job):
        return HttpResponse(_("Only owners and managers of a company import data."), status=403)
    form = _answer_form(request, job)
    if not form.is_valid():
        return _show(request, job, form, status=422)
    chosen = form.cleaned_data
    is_try = request.POST.get("run") != "import"
    if not answer(job, form.book(), dry_run=is_try, strict=chosen["strict"], zone=chosen["zone"]):
        messages.warning(request, _("These files were answered for already."))
    return redirect("intake:import", job.pk)


@require_POST
@signed_in
def import_now_view(request: SignedInRequest, import_id: int) -> HttpResponseBase:
    """Import what a dry run tried."""
    job = get_import(request.principal, import_id)
    if not may_cancel(request.principal, job):
        return HttpResponse(_("Only owners and managers of a company import data."), status=403)
    made = import_now(job, at=timezone.now())
    if made is None:
        messages.warning(request, _("These files are no longer here: choose them again."))
    return redirect("intake:import", job.pk if made is None else made.pk)


def _error_files(job: Import) -> bool:
    return job.errors_folder.exists() and any(job.errors_folder.glob("*.csv"))


@require_safe
@signed_in
def import_errors(request: SignedInRequest, import_id: int) -> HttpResponseBase:
    """The refused rows: one CSV, or a ZIP of several with their manifest; either can be imported again (IX-04)."""
    job = get_import(request.principal, import_id)
    if not _error_files(job):
        raise Http404
    files = sorted(job.errors_folder.glob("*.csv"))
    if len(files) == 1:
        return FileResponse(files[0].open("rb"), as_attachment=True, filename=files[0].name, content_type="text/csv")
    packed = TemporaryFile()  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(job.errors_folder.iterdir()):
            archive.write(file, file.name)
    packed.seek(0)
    return FileResponse(packed, as_attachment=True, filename=f"refused-{job.pk}.zip", content_type="application/zip")


@require_safe
@signed_in
def template(request: SignedInRequest, name: str) -> HttpResponse:
    """A canonical file's header as a CSV to fill in (IX-02)."""
    spec = FILES.get(name)
    if spec is None:
        raise Http404
    response = HttpResponse(
        "\ufeff" + ",".join(column.name for column in spec.columns) + "\r\n", content_type="text/csv; charset=utf-8"
    )
    return attached(response, f"{name}.csv")

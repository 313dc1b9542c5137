"""Mapping the columns of a table, and the list of profiles (PG-16, IX-06)."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.pages.attachments import attached
from core.pages.responses import render_page
from intake.answering import look_again
from intake.mapping.draft import (
    Draft,
    draft_of,
    draft_of_profile,
    likely_above,
    profile_of,
    proposed,
    reasons_against,
)
from intake.mapping.presenters import Made, mapping_page, profiles_page
from intake.mapping.queries import Sample, get_profile, get_sample, may_change, visible_profiles
from intake.mapping.services import ChangedMeanwhileError, change_profile, create_profile, delete_profile
from intake.mapping.trial import Trial, try_rows
from intake.models import Import, ImportProfile
from intake.profiles.mapping.stored import LARGEST_FILE, ProfileError, from_data, from_file, to_data, to_file
from intake.queries import get_import, may_cancel, writable_companies
from intake.reading.dress import Table
from intake.remembering import own_profiles
from intake.storage import safe_name
from stores.access import SignedInRequest, signed_in
from stores.actors import names_of_actors
from stores.context_processors import nav
from stores.models import Company

# What a profile is called before it has a number.
NEW = "own-0"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def map_columns(request: SignedInRequest, import_id: int, number: int) -> HttpResponseBase:
    """Map the columns of a table that nobody knew, see what becomes of its rows, and keep that as a profile."""
    job = get_import(request.principal, import_id)
    sample = get_sample(job, number)
    if not may_cancel(request.principal, job) or job.company is None:
        return HttpResponse(_("Only owners and managers of a company import data."), status=403)
    if request.method != "POST":
        return _mapping(request, job, sample, _proposed(job, sample))
    draft = _said(request, job, sample)
    if request.POST.get("run") != "save":
        return _mapping(request, job, sample, draft)
    return _save(request, job, job.company, sample, draft)


def _proposed(job: Import, sample: Sample, file: str = "orders", above: int | None = None) -> Draft:
    """A first mapping of the table."""
    if above is None:
        top = sample.table(0)
        above = likely_above(top.headings, top.first)
    table = sample.table(above)
    return replace(proposed(table.headings, table.first, own_profiles(job.company), file), above=above)


def _said(request: HttpRequest, job: Import, sample: Sample) -> Draft:
    """What the form says. Where it chose another file or row of headings, it is proposed anew."""
    said = request.POST.dict()
    above = draft_of(said, ()).above
    table = sample.table(above)
    draft = draft_of(said, table.headings)
    if (draft.file, str(above)) == (said.get("was-file"), said.get("was-above")):
        return draft
    return replace(_proposed(job, sample, draft.file, above), name=draft.name)


def _save(request: SignedInRequest, job: Import, company: Company, sample: Sample, draft: Draft) -> HttpResponseBase:
    errors = reasons_against(draft)
    if not errors:
        try:
            definition = to_data(profile_of(draft, NEW))
            at, actor = timezone.now(), request.principal.actor
            create_profile(company=company, name=draft.name, definition=definition, at=at, actor=actor)
        except ProfileError as error:
            errors = [str(error)]
    if errors:
        return _mapping(request, job, sample, draft, errors, status=422)
    if not look_again(job):
        messages.warning(request, _("These files were answered for already."))
    return redirect("intake:import", job.pk)


def _mapping(
    request: SignedInRequest, job: Import, sample: Sample, draft: Draft, errors: Sequence[str] = (), status: int = 200
) -> HttpResponse:
    table = sample.table(draft.above)
    rows = [cells for _line, cells, bad in table.rows() if bad is None]
    back = reverse("intake:import", args=[job.pk])
    made = Made(rows, _tried(draft, table), errors, sample.file, back)
    page = mapping_page(nav(request, current="data"), draft, made)
    return render_page(request, "intake/mapping/map.html", page, status=status)


def _tried(draft: Draft, table: Table) -> Trial | None:
    if reasons_against(draft):
        return None
    with suppress(ProfileError), TemporaryDirectory() as folder:
        return try_rows(profile_of(draft, NEW), table, Path(folder))
    return None


# ── Profiles that were made ────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profiles(request: SignedInRequest) -> HttpResponseBase:
    """The profiles of the person's companies, and a file of one to take in."""
    if request.method != "POST":
        return _list(request)
    company = writable_companies(request.principal).filter(pk=_number(request.POST.get("company", ""))).first()
    if company is None:
        return HttpResponse(_("Only owners and managers of a company change its profiles."), status=403)
    try:
        name, definition = from_file(_shared(request))
        at, actor = timezone.now(), request.principal.actor
        create_profile(company=company, name=name, definition=definition, at=at, actor=actor)
    except ProfileError as error:
        return _list(request, str(error), status=422)
    messages.success(request, _("The profile %(name)s is there now.") % {"name": name})
    return redirect("intake:profiles")


def _shared(request: HttpRequest) -> Any:
    """The content of an uploaded profile; raises ProfileError."""
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > LARGEST_FILE:
        raise ProfileError(_("Choose the file of a profile."))
    try:
        return json.loads(file.read())
    except (ValueError, RecursionError):
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _list(request: SignedInRequest, error: str = "", status: int = 200) -> HttpResponse:
    kept = list(visible_profiles(request.principal))
    page = profiles_page(
        nav(request, current="data"),
        kept,
        names_of_actors([one.actor for one in kept]),
        list(writable_companies(request.principal).order_by("name", "pk")),
        error,
    )
    return render_page(request, "intake/mapping/profiles.html", page, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profile_edit(request: SignedInRequest, profile_id: int) -> HttpResponseBase:
    """Change a profile's columns and words."""
    kept = get_profile(request.principal, profile_id)
    try:
        present = draft_of_profile(from_data(kept.definition, kept.code, kept.name))
    except ProfileError as error:
        messages.error(request, str(error))
        return redirect("intake:profiles")
    if request.method != "POST":
        return _editor(request, kept, present, kept.version)
    if not may_change(request.principal, kept):
        return HttpResponse(_("Only owners and managers of a company change its profiles."), status=403)
    draft, version = draft_of(request.POST.dict(), present.headings), _number(request.POST.get("version", ""))
    if request.POST.get("run") != "save":
        return _editor(request, kept, draft, version)
    return _change(request, kept, draft, version)


def _change(request: SignedInRequest, kept: ImportProfile, draft: Draft, version: int) -> HttpResponseBase:
    errors = reasons_against(draft)
    if errors:
        return _editor(request, kept, draft, version, errors, status=422)
    try:
        definition = to_data(profile_of(draft, kept.code))
        at, actor = timezone.now(), request.principal.actor
        change_profile(kept, name=draft.name, definition=definition, version=version, at=at, actor=actor)
    except ProfileError as error:
        return _editor(request, kept, draft, version, [str(error)], status=422)
    except ChangedMeanwhileError:
        return _changed_meanwhile(request, kept, draft)
    messages.success(request, _("Version %(number)s is saved.") % {"number": kept.version})
    return redirect("intake:profiles")


def _changed_meanwhile(request: SignedInRequest, kept: ImportProfile, draft: Draft) -> HttpResponse:
    """Who was faster, and what was to be saved, which may be saved now."""
    kept.refresh_from_db()
    said = {"who": names_of_actors([kept.actor])[kept.actor], "number": kept.version}
    error = _("%(who)s saved version %(number)s meanwhile. Look at yours once more; saving it replaces theirs.") % said
    return _editor(request, kept, draft, kept.version, [error], status=409)


def _editor(
    request: SignedInRequest,
    kept: ImportProfile,
    draft: Draft,
    version: int,
    errors: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    made = Made([], None, errors, kept.name, reverse("intake:profiles"), version)
    page = mapping_page(nav(request, current="data"), draft, made)
    return render_page(request, "intake/mapping/map.html", page, status=status)


@require_POST
@signed_in
def profile_rename(request: SignedInRequest, profile_id: int) -> HttpResponseBase:
    """Call a profile otherwise."""
    kept = get_profile(request.principal, profile_id)
    if not may_change(request.principal, kept):
        return HttpResponse(_("Only owners and managers of a company change its profiles."), status=403)
    name, version = request.POST.get("name", "").strip(), _number(request.POST.get("version", ""))
    try:
        at, actor = timezone.now(), request.principal.actor
        change_profile(kept, name=name, definition=kept.definition, version=version, at=at, actor=actor)
    except ProfileError as error:
        return _list(request, str(error), status=422)
    except ChangedMeanwhileError:
        return _list(request, _("Somebody changed this profile meanwhile: look at it once more."), status=409)
    return redirect("intake:profiles")


@require_POST
@signed_in
def profile_delete(request: SignedInRequest, profile_id: int) -> HttpResponseBase:
    """Delete a profile; what was imported with it stays."""
    kept = get_profile(request.principal, profile_id)
    if not may_change(request.principal, kept):
        return HttpResponse(_("Only owners and managers of a company change its profiles."), status=403)
    if not request.POST.get("confirm"):
        return _list(request, _("Tick that you want to delete the profile."), status=422)
    if delete_profile(kept, at=timezone.now(), actor=request.principal.actor):
        messages.success(request, _("The profile %(name)s is deleted.") % {"name": kept.name})
    return redirect("intake:profiles")


@require_safe
@signed_in
def profile_file(request: SignedInRequest, profile_id: int) -> HttpResponse:
    """A profile as a file to share."""
    kept = get_profile(request.principal, profile_id)
    try:
        said = to_file(from_data(kept.definition, kept.code, kept.name))
    except ProfileError:
        raise Http404 from None
    text = json.dumps(said, ensure_ascii=False, indent=1)
    return attached(HttpResponse(text, content_type="application/json"), f"{safe_name(kept.name)}.json")

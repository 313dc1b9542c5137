"""Policy versions: the list, the editor of a draft, comparing, the second person, the impact preview (DM-30, BX-14).

Whoever may read policy versions reads drafts; whoever may add versions changes, submits and confirms them.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.pages.attachments import attached
from core.pages.components import Banner
from core.pages.responses import render_page
from dashboard.forms.policy import DraftForm, PolicyFileForm, ReasonForm
from dashboard.presenters.policy import editor
from dashboard.presenters.policy.choices import unknown_codes
from dashboard.presenters.policy.impact import (
    field_effects,
)
from dashboard.presenters.policy.versions import ComparePage, PolicyPage, draft_row, version_rows
from dashboard.queries.policy import (
    DraftState,
    closed_drafts,
    draft_impact,
    draft_state,
    saves_since,
    waiting_drafts,
)
from dashboard.rules.policy_post import collisions, posted_changes, rebased
from dashboard.views.policy_impact import EDIT, READ, draft_of, panel_of, url_of
from rulebook.models import PolicyDraft, PolicyVersion
from rulebook.queries import latest_version, version_at, whole_data
from rulebook.services import (
    PolicyRefusedError,
    SamePersonError,
    confirm_draft,
    discard_draft,
    open_draft,
    rebase_draft,
    return_draft,
    save_draft,
    submit_draft,
)
from stores.actors import names_of_actors
from stores.claims import name_of
from stores.desk import desk_nav, staff_of
from stores.models import User
from stores.principals import Person

LIST_URL = "admin:policy"


# ── The list ───────────────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def policy_list(request: HttpRequest) -> HttpResponse:
    """Drafts and versions; a post begins a draft, from a file where one is sent."""
    user = staff_of(request, EDIT if request.method == "POST" else READ)
    if request.method != "POST":
        return _list(request, user)
    changes: Mapping[str, Any] = {}
    if request.FILES:
        form = PolicyFileForm(request.POST, request.FILES, base=whole_data(latest_version()))
        if not form.is_valid():
            return _list(request, user, errors=[str(one) for one in form.errors["file"]], status=422)
        changes = form.cleaned_data["file"]
    draft = open_draft(at=timezone.now(), actor=_actor(user), changes=changes)
    return HttpResponseRedirect(url_of(draft))


def _list(request: HttpRequest, user: User, *, errors: list[str] | None = None, status: int = 200) -> HttpResponse:
    waiting, closed = waiting_drafts(), closed_drafts()
    names = names_of_actors({one.saved_by for one in (*waiting, *closed)})
    versions = list(PolicyVersion.objects.defer("data").order_by("-number"))
    page = PolicyPage(
        drafts=[draft_row(one, names) for one in waiting],
        closed=[draft_row(one, names) for one in closed],
        versions=version_rows(versions, version_at(timezone.now())),
        may_edit=user.has_perm(EDIT),
        errors=errors or [],
        banner=None,
        nav=desk_nav(request, "policy"),
    )
    return render_page(request, "dashboard/policy.html", page, status=status)


# ── The editor ─────────────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def policy_draft(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The fields of a draft; a post saves what is shown and does what its button says."""
    user, draft = staff_of(request, EDIT if request.method == "POST" else READ), draft_of(pk)
    if request.method != "POST":
        return _editor(request, user, draft_state(draft))
    answers: dict[str, Callable[[HttpRequest, User, PolicyDraft], HttpResponseBase]] = {
        "confirm": _confirm,
        "return": _return,
        "discard": _discard,
        "rebase": _rebase,
        "submit": _submit,
    }
    return answers.get(request.POST.get("do", ""), _save)(request, user, draft)


def _save(request: HttpRequest, user: User, draft: PolicyDraft) -> HttpResponseBase:
    """Keep what is written; a field that can't be read is kept as it was written."""
    changes, form = _posted(request, draft)
    if not form.is_valid():
        banner = Banner("red", _("Not saved"), _("Say the instant as year, month, day, hour and minute."))
        return _editor(request, user, draft_state(draft, changes), banner=banner, status=422)
    if not _keep(draft, changes, form, user):
        return _conflict(request, user, draft, changes)
    if request.headers.get("HX-Request"):
        return _editor(request, user, draft_state(draft))
    messages.success(request, _("Draft saved."))
    return HttpResponseRedirect(request.get_full_path() + _place(request.POST.get("do", "")))


def _posted(request: HttpRequest, draft: PolicyDraft) -> tuple[dict[str, Any], DraftForm]:
    state = draft_state(draft)
    changes = posted_changes(request.POST, state.fields, state.base, draft.changes)
    for key in request.POST.getlist("undo"):
        changes.pop(key, None)
    if mend := request.POST.get("mend"):
        changes |= _mended(state, mend)
    return changes, DraftForm(request.POST)


def _mended(state: DraftState, text: str) -> dict[str, Any]:
    """A button's change, as long as it is one of a field."""
    try:
        given = json.loads(text)
        key, value = str(given["key"]), given["value"]
    except (ValueError, KeyError, TypeError):
        return {}
    if key not in state.fields or not state.fields[key].fits(value):
        return {}
    return {key: {**(state.data.get(key) or state.base[key]), "value": value}}


def _keep(draft: PolicyDraft, changes: Mapping[str, Any], form: DraftForm, user: User) -> bool:
    return save_draft(
        draft=draft,
        version=form.cleaned_data["version"],
        changes=changes,
        effective_from=form.cleaned_data["effective_from"],
        note=form.cleaned_data["note"],
        at=timezone.now(),
        actor=_actor(user),
    )


def _conflict(request: HttpRequest, user: User, draft: PolicyDraft, changes: Mapping[str, Any]) -> HttpResponse:
    """Somebody saved meanwhile, or the draft is no longer open: who changed what, with this person's entries laid over
    it, which are saved only when the button is pressed again (RL-06)."""
    version = request.POST.get("version", "")
    theirs = saves_since(draft, int(version) if version.isdecimal() else 0)
    names = names_of_actors({one.actor for one in theirs})
    merged = rebased(changes, draft.changes, collisions(changes, [one.changes for one in theirs]))
    is_open = draft.state == PolicyDraft.State.OPEN
    state = draft_state(draft, merged if is_open else None)
    conflicts = [editor.conflict_of(state, names[one.actor], one.at, one.changes) for one in theirs]
    text = _("Your entries are in the fields below, laid over what was saved. Look at them, then save again.")
    if not is_open:
        text = _("The draft can't be changed any more: %(state)s.") % {"state": draft.get_state_display()}
    banner = Banner("red", _("Somebody was faster: nothing of what you sent was saved."), text)
    return _editor(request, user, state, banner=banner, conflicts=conflicts, status=409)


def _submit(request: HttpRequest, user: User, draft: PolicyDraft) -> HttpResponseBase:
    changes, form = _posted(request, draft)
    if not form.is_valid():
        return _save(request, user, draft)
    if not _keep(draft, changes, form, user):
        return _conflict(request, user, draft, changes)
    state, now = draft_state(draft), timezone.now()
    try:
        _refuse_unknown(state)
        submitted = submit_draft(draft=draft, version=draft.version, at=now, actor=_actor(user))
    except PolicyRefusedError as refused:
        banner = editor.refused_banner(refused.reasons)
        return _editor(request, user, draft_state(draft), banner=banner, status=422)
    if not submitted:
        return _conflict(request, user, draft, draft.changes)
    messages.success(request, _("Submitted: another policy editor confirms it."))
    return HttpResponseRedirect(url_of(draft))


def _refuse_unknown(state: DraftState) -> None:
    if found := unknown_codes(state.fields, state.base, state.data):
        raise PolicyRefusedError(found)


def _confirm(request: HttpRequest, user: User, draft: PolicyDraft) -> HttpResponseBase:
    state, now = draft_state(draft), timezone.now()
    author = state.names.get(draft.submitted_by) or name_of(None)
    try:
        _refuse_unknown(state)
        version = confirm_draft(draft=draft, version=_version(request), author=author, at=now, actor=_actor(user))
    except SamePersonError:
        text = _("You submitted this draft yourself: another policy editor has to confirm it.")
        return _editor(request, user, state, banner=Banner("red", _("Not confirmed"), text), status=403)
    except PolicyRefusedError as refused:
        return _editor(request, user, state, banner=editor.refused_banner(refused.reasons), status=422)
    if version is None:
        return _conflict(request, user, draft, draft.changes)
    messages.success(request, _("Version %(number)s is confirmed.") % {"number": version.number})
    return HttpResponseRedirect(url_of(draft))


def _return(request: HttpRequest, user: User, draft: PolicyDraft) -> HttpResponseBase:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        banner = Banner("red", _("Not sent"), _("Say why it goes back: whoever wrote it reads the reason."))
        return _editor(request, user, draft_state(draft), banner=banner, status=422)
    returned = return_draft(
        draft=draft,
        version=_version(request),
        reason=form.cleaned_data["reason"],
        at=timezone.now(),
        actor=_actor(user),
    )
    return _moved(request, user, draft, moved=returned, text=_("The draft can be changed again."))


def _rebase(request: HttpRequest, user: User, draft: PolicyDraft) -> HttpResponseBase:
    rebased_now = rebase_draft(draft=draft, version=_version(request), at=timezone.now(), actor=_actor(user))
    return _moved(request, user, draft, moved=rebased_now, text=_("The changes lie over the latest version now."))


def _discard(request: HttpRequest, user: User, draft: PolicyDraft) -> HttpResponseBase:
    done = discard_draft(draft=draft, version=_version(request), at=timezone.now(), actor=_actor(user))
    if not done:
        return _conflict(request, user, draft, draft.changes)
    messages.success(request, _("The draft is discarded."))
    return HttpResponseRedirect(reverse(LIST_URL))


def _moved(request: HttpRequest, user: User, draft: PolicyDraft, *, moved: bool, text: str) -> HttpResponseBase:
    if not moved:
        return _conflict(request, user, draft, draft.changes)
    messages.success(request, text)
    return HttpResponseRedirect(url_of(draft))


def _editor(
    request: HttpRequest,
    user: User,
    state: DraftState,
    *,
    banner: Banner | None = None,
    conflicts: list[editor.Conflict] | None = None,
    status: int = 200,
) -> HttpResponse:
    now, view, draft = timezone.now(), editor.view_of(request.GET), state.draft
    impact = draft_impact(state, now, get_language() or "")
    effects = field_effects(impact.preview, state.changes)
    fields = editor.shown_fields(state, view)
    may_edit, mine = user.has_perm(EDIT), draft.submitted_by == _actor(user)
    is_open = draft.state == PolicyDraft.State.OPEN
    page = editor.EditorPage(
        head=editor.draft_head(state, now),
        banners=[one for one in (banner, *editor.state_banners(state, mine=mine)) if one is not None],
        conflicts=conflicts or [],
        sections=editor.section_links(state, view),
        filters=editor.filter_tabs(state, view),
        view=view,
        groups=editor.groups_of(state, fields, effects),
        others=[(problem.concerned[0], str(problem)) for problem in editor.other_problems(state)],
        count=len(fields),
        version=draft.version,
        effective_from=request.POST.get("effective_from") or editor.local_minutes(draft.effective_from),
        note=request.POST.get("note", draft.note),
        may_edit=may_edit and is_open,
        locked=not (may_edit and is_open),
        may_confirm=may_edit and draft.state == PolicyDraft.State.SUBMITTED and not mine,
        may_take_back=may_edit and draft.state == PolicyDraft.State.SUBMITTED,
        is_outdated=is_open and state.latest.pk != draft.base.pk,
        url=request.get_full_path(),
        compare_url=reverse("admin:policy_compare", args=[draft.pk]),
        list_url=reverse(LIST_URL),
        json_url=reverse("admin:policy_draft_data", args=[draft.pk]),
        base=draft.base.number,
        impact=panel_of(draft, impact, may_ask=may_edit),
        now=now,
        nav=desk_nav(request, "policy"),
    )
    return render_page(request, "dashboard/policy_editor.html", page, status=status)


def _place(anchor: str) -> str:
    """Where the page goes on after a row was added."""
    return f"#{anchor}" if anchor.startswith("f-") else ""


# ── Comparing, files ───────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
def policy_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """What a draft changes of its base."""
    staff_of(request, READ)
    draft, now = draft_of(pk), timezone.now()
    state = draft_state(draft)
    page = ComparePage(
        head=editor.draft_head(state, now),
        base=draft.base.number,
        rows=editor.differences_of(state, url_of(draft)),
        effective_from=draft.effective_from,
        note=draft.note,
        url=url_of(draft),
        nav=desk_nav(request, "policy"),
    )
    return render_page(request, "dashboard/policy_compare.html", page)


@require_safe
def policy_draft_data(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft's changes as a JSON file, which can be made a draft again."""
    staff_of(request, READ)
    draft = draft_of(pk)
    changes = {key: entry for key, entry in draft.changes.items() if entry is not None}
    answer = JsonResponse(changes, json_dumps_params={"indent": 1, "sort_keys": True, "ensure_ascii": False})
    return attached(answer, f"policy-draft-{draft.pk}.json")


# ── Common ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _actor(user: User) -> str:
    return Person(user).actor

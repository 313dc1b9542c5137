"""The list of policy versions and of drafts, for policy editors (DM-30)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.components import Banner
from dashboard.presenters.policy.editor import Difference, DraftHead
from rulebook.models import PolicyDraft, PolicyVersion


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft in the list. ``mark``: the shape of its state."""

    title: str
    text: str
    url: str
    state: str
    mark: str
    changes: int
    begins: datetime | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the list."""

    number: int
    url: str
    json_url: str
    begins: datetime | None
    state: str
    mark: str
    author: str
    note: str


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """Context of dashboard/policy.html."""

    drafts: Sequence[DraftRow]
    closed: Sequence[DraftRow]
    versions: Sequence[VersionRow]
    may_edit: bool
    errors: Sequence[str]
    banner: Banner | None
    nav: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Context of dashboard/policy_compare.html."""

    head: DraftHead
    base: int
    rows: Sequence[Difference]
    effective_from: datetime | None
    note: str
    url: str
    nav: Mapping[str, Any]


def draft_row(draft: PolicyDraft, names: Mapping[str, str]) -> DraftRow:
    """A draft in one line."""
    zone = timezone.get_current_timezone()
    text = _("based on version %(number)s · saved by %(who)s, %(at)s") % {
        "number": draft.base.number,
        "who": names.get(draft.saved_by, draft.saved_by),
        "at": formats.instant(draft.saved_at, zone, named=False),
    }
    title = _("Draft %(number)s") % {"number": draft.pk}
    if draft.result is not None:
        title = _("Version %(number)s") % {"number": draft.result.number}
    marks = {PolicyDraft.State.SUBMITTED: "yellow", PolicyDraft.State.CONFIRMED: "ok"}
    return DraftRow(
        title=title,
        text=text,
        url=reverse("admin:policy_draft", args=[draft.pk]),
        state=draft.get_state_display(),
        mark=marks.get(PolicyDraft.State(draft.state), "few"),
        changes=len(draft.changes),
        begins=draft.effective_from,
    )


def version_rows(versions: Sequence[PolicyVersion], current: PolicyVersion) -> list[VersionRow]:
    """The versions, the latest first."""
    return [
        VersionRow(
            number=one.number,
            url=reverse("rulebook:version", args=[one.number]),
            json_url=reverse("rulebook:version_data", args=[one.number]),
            begins=None if one.is_shipped else one.effective_from,
            state=_state(one, current),
            mark="ok" if one == current else "few",
            author=one.author,
            note=one.note,
        )
        for one in versions
    ]


def _state(version: PolicyVersion, current: PolicyVersion) -> str:
    if version == current:
        return _("in force")
    later = (version.effective_from, version.number) > (current.effective_from, current.number)
    return _("coming") if later else _("past")

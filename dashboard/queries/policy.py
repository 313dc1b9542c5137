"""Drafts of policy versions with what they change and what is wrong (DM-30)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from notifications.models import ImpactNotice, ImpactPreview
from notifications.services.previewing import PREVIEWS, find_preview
from rulebook.fields import PolicyField, is_counted, is_judged, policy_fields
from rulebook.models import PolicyDraft, PolicyDraftSave, PolicyVersion
from rulebook.policy.build import Data
from rulebook.policy.problems import Problem
from rulebook.queries import latest_version, whole_data
from rulebook.revision import drafted, find_problems, judged_changes
from stores.actors import names_of_actors
from stores.models import Category

MOST_CLOSED = 20
WAITING = (PolicyDraft.State.OPEN, PolicyDraft.State.SUBMITTED)


@dataclass(frozen=True, slots=True)
class DraftState:
    """A draft over its base: the data it stands for, every parameter, the problems; ``latest``: the version published
    last; ``names``: who is who."""

    draft: PolicyDraft
    base: Data
    changes: Mapping[str, Any]
    data: Data
    fields: Mapping[str, PolicyField]
    problems: Sequence[Problem]
    latest: PolicyVersion
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def problems_by_key(self) -> dict[str, list[Problem]]:
        """The problems of each parameter, one of several parameters with each of them."""
        found: dict[str, list[Problem]] = {}
        for problem in self.problems:
            for key in problem.concerned:
                found.setdefault(key, []).append(problem)
        return found


def draft_with(pk: int) -> PolicyDraft | None:
    """A draft with its base and what became of it."""
    return PolicyDraft.objects.select_related("base", "result").filter(pk=pk).first()


def draft_state(draft: PolicyDraft, changes: Mapping[str, Any] | None = None) -> DraftState:
    """A draft, or what it would be with other changes."""
    base = whole_data(draft.base)
    kept = dict(draft.changes if changes is None else changes)
    data = drafted(base, kept)
    people = {draft.author, draft.saved_by, draft.submitted_by, draft.decided_by} - {""}
    return DraftState(
        draft=draft,
        base=base,
        changes=kept,
        data=data,
        fields=policy_fields({**base, **data}),
        problems=find_problems(base, kept) if kept else [],
        latest=latest_version(),
        names=names_of_actors(people),
    )


def saves_since(draft: PolicyDraft, version: int) -> list[PolicyDraftSave]:
    """What was saved after a version of a draft, in order."""
    return list(PolicyDraftSave.objects.filter(draft=draft, version__gt=version).order_by("version"))


def waiting_drafts() -> list[PolicyDraft]:
    """Drafts that are worked on or wait for a second person."""
    return list(PolicyDraft.objects.select_related("base").filter(state__in=WAITING))


def closed_drafts() -> list[PolicyDraft]:
    """Drafts that became a version or were given up, the latest first."""
    return list(PolicyDraft.objects.select_related("base", "result").exclude(state__in=WAITING)[:MOST_CLOSED])


def submitted_count() -> int:
    """How many drafts wait for a second person."""
    return PolicyDraft.objects.filter(state=PolicyDraft.State.SUBMITTED).count()


# ── Impact ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class DraftImpact:
    """The preview of a draft's judged changes, None where it was not asked for; ``judged``, ``counted``, ``wrong``,
    ``without_effect``: the changed parameters that are in it, that change what is counted, that are wrong, and that
    notices don't depend on."""

    preview: ImpactPreview | None
    failed: bool
    judged: Mapping[str, Any]
    counted: Sequence[str]
    wrong: Sequence[str]
    without_effect: Sequence[str]
    categories: Mapping[str, str]
    sizes: Sequence[int]


def draft_impact(state: DraftState, at: datetime, language: str) -> DraftImpact:
    """What is known of a draft's impact."""
    judged = judged_changes(state.base, state.changes) if state.changes else {}
    wrong = [key for key in state.changes if key in state.problems_by_key]
    left = [key for key in state.changes if key not in judged and key not in wrong]
    preview = find_preview(base=state.draft.base, changes=judged, at=at) if judged else None
    return DraftImpact(
        preview=preview,
        failed=preview is not None and PREVIEWS.given_up(_only(preview), at=at).exists(),
        judged=judged,
        counted=[key for key in left if is_counted(key)],
        wrong=wrong,
        without_effect=[key for key in left if not is_counted(key) and not is_judged(key)],
        categories=category_names(language),
        sizes=_sizes(state),
    )


def _only(preview: ImpactPreview) -> QuerySet[ImpactPreview]:
    return ImpactPreview.objects.filter(pk=preview.pk, state=ImpactPreview.State.WAITING)


def _sizes(state: DraftState) -> Sequence[int]:
    """The steps that previews count by are the base's, as changes of them are no judged ones."""
    steps: list[int] = state.base["beyond.impact_sizes"]["value"]
    return steps


def category_names(language: str) -> dict[str, str]:
    """What categories are called, by code."""
    chinese = language.startswith("zh")
    return {
        code: name if chinese or not english else english
        for code, name, english in Category.objects.values_list("code", "name", "name_en")
    }


def impact_notices(preview: ImpactPreview) -> QuerySet[ImpactNotice]:
    """The notices that differ, by store, metric and day."""
    rows = ImpactNotice.objects.filter(preview=preview).select_related("store")
    return rows.order_by("store", "metric", "level", "pk")

"""The head and the steps that all pages of a draft share: what it is against, how long there is, what is saved."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from appeals.presenters.effects import EffectPart, effect_part
from appeals.presenters.wording import subject_name, subject_title, subject_url
from appeals.queries.draft_page import Draft
from appeals.rules import Step
from core.pages import formats
from rulebook.policy import Policy
from rulebook.reading import word


@dataclass(frozen=True, slots=True)
class StepLink:
    """A step with what is said of it; ``done``: it has what it needs."""

    place: int
    label: str
    note: str
    url: str
    done: bool
    current: bool


@dataclass(frozen=True, slots=True)
class NeededKind:
    """A kind of evidence that the orders need: whether a file of the draft is declared as it, or the product has it."""

    name: str
    attached: bool
    on_record: bool


@dataclass(frozen=True, slots=True)
class EffectFragment:
    """What templates/appeals/_effect.html reads; None while no order is ticked."""

    effect: EffectPart | None


@dataclass(frozen=True, slots=True)
class CaseFrame:
    """What stays in sight on every step. ``until``: the last second to submit, None without a limit; ``version``: which
    state of the draft the page shows."""

    title: str
    level: str
    line: str
    back_url: str
    back: str
    until: datetime | None
    saved_at: datetime | None
    saved_by: str
    number: str
    version: int
    is_second: bool
    governed: bool
    steps: list[StepLink]
    effect: EffectPart | None
    effect_url: str
    needed: list[NeededKind]
    max_files: int
    max_megabytes: int
    max_pages: int
    previous_url: str
    next_label: str
    discard_url: str
    list_url: str


def case_frame(draft: Draft, step: Step, policy: Policy) -> CaseFrame:
    """The frame of a step of a draft."""
    subject, appeal = draft.subject, draft.appeal
    steps = _steps(draft, step, policy)
    place = [link.current for link in steps].index(True)
    following = steps[place + 1 : place + 2]
    where = [subject.store.store_no, appeal.number]
    kinds = {file.kind for file in draft.files}
    return CaseFrame(
        title=subject_title(subject),
        level=subject.notice.level if subject.notice else "",
        line=_second_line(draft),
        back_url=subject_url(subject),
        back=subject_name(subject.kind, subject.key),
        until=draft.until,
        saved_at=draft.changed.at if draft.changed else None,
        saved_by=draft.changed_by,
        number=appeal.number,
        version=appeal.version,
        is_second=appeal.previous_id is not None,
        governed=subject.store.mode == subject.store.Mode.GOVERNED,
        steps=steps,
        effect=effect_part(draft.effect) if draft.effect else None,
        effect_url=reverse("appeals:effect", args=where),
        needed=[NeededKind(word(kind), kind in kinds, kind in draft.on_record) for kind in draft.needed],
        max_files=policy.appeals.max_files,
        max_megabytes=policy.appeals.max_file_bytes // 2**20,
        max_pages=policy.appeals.pdf_max_pages,
        previous_url=steps[place - 1].url if place else "",
        next_label=_("Next: %(step)s") % {"step": following[0].label} if following else "",
        discard_url=reverse("appeals:withdraw", args=where),
        list_url=reverse("appeals:list", args=where[:1]),
    )


def _second_line(draft: Draft) -> str:
    parts = [subject_name(draft.subject.kind, draft.subject.key), draft.appeal.number]
    if draft.appeal.previous is not None:
        parts.append(_("second appeal after %(number)s") % {"number": draft.appeal.previous.number})
    return " · ".join(parts)


def _steps(draft: Draft, current: Step, policy: Policy) -> list[StepLink]:
    limits = policy.appeals
    named, files = len(draft.orders), len(draft.files)
    hours = {"hours": formats.number(limits.review_hours)}
    used = {"used": formats.number(files), "most": formats.number(limits.max_files)}
    chosen = ngettext("%(count)s chosen", "%(count)s chosen", named) % {"count": formats.number(named)}
    told: dict[Step, tuple[Any, Any, bool]] = {
        Step.ORDERS: (pgettext("step", "Orders"), chosen, named > 0),
        Step.STATEMENT: (pgettext("step", "Reasons"), "", bool(draft.appeal.statement.strip())),
        Step.EVIDENCE: (pgettext("step", "Evidence"), _("%(used)s of %(most)s files") % used, files > 0),
        Step.CHECK: (pgettext("step", "Check"), _("automatic"), current == Step.CONFIRM),
        Step.CONFIRM: (pgettext("step", "Submit"), _("reviewed within %(hours)s h") % hours, False),
    }
    where = [draft.subject.store.store_no, draft.appeal.number]
    return [
        StepLink(place, str(label), str(note), reverse(f"appeals:{step}", args=where), done, step == current)
        for place, (step, (label, note, done)) in enumerate(told.items(), 1)
    ]

"""The editor of a policy version: sections, fields, what is changed and wrong, what comes next (DM-30)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.components import Banner, Tab
from dashboard.forms.policy import MINUTES
from dashboard.presenters.policy.fields import FieldContext, FieldView, anchor_of, entry_text, field_view
from dashboard.presenters.policy.impact import ImpactPanel
from dashboard.queries.policy import DraftState
from metrics.catalogue import METRICS
from rulebook.fields import SECTIONS, PolicyField, section_of
from rulebook.models import PolicyDraft
from rulebook.policy.problems import Problem
from rulebook.texts.parameters import also_called, parameter_name, value_word

ALL, CHANGED, WRONG = "all", "changed", "wrong"
SHOWS = (ALL, CHANGED, WRONG)
State = PolicyDraft.State


@dataclass(frozen=True, slots=True)
class View:
    """Which fields are shown: those of a section, or with words or a filter those of all; all of it in the address."""

    section: str
    show: str
    words: str

    @property
    def spans_sections(self) -> bool:
        """Whether fields of several sections are shown."""
        return bool(self.words) or self.show != ALL

    def query(self, **other: str) -> str:
        """The address of the view with other values."""
        values = {"section": self.section, "show": self.show, "q": self.words, **other}
        kept = {name: value for name, value in values.items() if value and (name, value) != ("show", ALL)}
        return "?" + urlencode(kept)


@dataclass(frozen=True, slots=True)
class SectionLink:
    """A section in the list beside the fields, with how many are changed and wrong."""

    label: str
    url: str
    current: bool
    changed: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one heading; ``unset``: those that no version has to have and this one hasn't."""

    title: str
    anchor: str
    fields: Sequence[FieldView]
    unset: Sequence[FieldView]

    @property
    def every(self) -> Sequence[FieldView]:
        return [*self.fields, *self.unset]


@dataclass(frozen=True, slots=True)
class Difference:
    """A changed parameter with its value before and after."""

    label: str
    before: str
    after: str
    url: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """What somebody else saved meanwhile."""

    who: str
    at: datetime
    changes: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class DraftHead:
    """What a draft's pages say at their top and bottom. ``next_wrong``: the address of the first wrong field."""

    number: int
    state: str
    is_open: bool
    is_submitted: bool
    said: str
    changed: int
    wrong: int
    next_wrong: str
    announcement: Banner | None


@dataclass(frozen=True, slots=True)
class EditorPage:
    """Context of dashboard/policy_editor.html."""

    head: DraftHead
    banners: Sequence[Banner]
    conflicts: Sequence[Conflict]
    sections: Sequence[SectionLink]
    filters: Sequence[Tab]
    view: View
    groups: Sequence[Group]
    others: Sequence[tuple[str, str]]
    count: int
    version: int
    effective_from: str
    note: str
    may_edit: bool
    locked: bool
    may_confirm: bool
    may_take_back: bool
    is_outdated: bool
    base: int
    url: str
    compare_url: str
    list_url: str
    json_url: str
    impact: ImpactPanel
    now: datetime
    nav: Mapping[str, Any]


def section_labels() -> dict[str, str]:
    """What the sections are called."""
    return {
        "metrics": _("Metrics and thresholds"),
        "judging": _("Evaluation"),
        "counting": _("Counting"),
        "rating": _("Store rating"),
        "scores": _("Scores and factors"),
        "notices": _("Notices"),
        "appeals": _("Appeals"),
        "penalties": _("Penalties and points"),
        "disputes": _("Disputes"),
        "transactions": _("Orders and funds"),
        "feedback": _("Feedback"),
        "beyond": _("Fairness and foresight"),
        "privacy": _("Buyers' data"),
        "words": _("Word lists"),
        "reference": _("Reference data"),
        "rates": _("Exchange rates"),
        "calendar": _("Working days"),
    }


def view_of(query: Mapping[str, Any]) -> View:
    """The view that an address asks for; unknown values are left out."""
    section, show = str(query.get("section", "")), str(query.get("show", ""))
    return View(
        section if section in SECTIONS else next(iter(SECTIONS)),
        show if show in SHOWS else ALL,
        str(query.get("q", ""))[:100].strip(),
    )


def draft_head(state: DraftState, at: datetime) -> DraftHead:
    """A draft in a few words."""
    draft, by_key = state.draft, state.problems_by_key
    wrong = [key for key in state.fields if key in by_key]
    first = f"{View(section_of(wrong[0]), ALL, '').query()}#{anchor_of(wrong[0])}" if wrong else ""
    return DraftHead(
        number=draft.result.number if draft.result else state.latest.number + 1,
        state=draft.get_state_display(),
        is_open=draft.state == State.OPEN,
        is_submitted=draft.state == State.SUBMITTED,
        said=_("based on version %(number)s · saved by %(who)s, %(at)s")
        % {
            "number": draft.base.number,
            "who": state.names.get(draft.saved_by, draft.saved_by),
            "at": formats.instant(draft.saved_at, timezone.get_current_timezone(), named=False),
        },
        changed=len(state.changes),
        wrong=len(wrong),
        next_wrong=first,
        announcement=announcement(state, at),
    )


def announcement(state: DraftState, at: datetime) -> Banner | None:
    """A warning where a version begins sooner than changes are announced ahead."""
    begins, entry = state.draft.effective_from, state.base["beyond.announce_days"]
    days = entry["value"]
    if begins is None or begins <= at or begins >= at + timedelta(days=days):
        return None
    text = _("Changes are announced %(days)s days ahead: companies would learn of this one later than that.")
    return Banner("yellow", _("Begins soon"), text % {"days": days})


def shown_fields(state: DraftState, view: View) -> list[PolicyField]:
    """The fields of a view, in the order of the sections."""
    by_key = state.problems_by_key
    return [field for field in state.fields.values() if _is_shown(field, state, view, by_key)]


def _is_shown(field: PolicyField, state: DraftState, view: View, problems: Mapping[str, Any]) -> bool:
    if view.show == CHANGED and field.key not in state.changes:
        return False
    if view.show == WRONG and field.key not in problems:
        return False
    if view.words:
        return _matches(field, state, view.words)
    return view.show != ALL or section_of(field.key) == view.section


def _matches(field: PolicyField, state: DraftState, words: str) -> bool:
    """Whether every word occurs in a parameter's name, key, metric's other name or rule id."""
    key = field.key
    entry = state.data.get(key) or state.base.get(key) or {"rules": []}
    names = [parameter_name(key, language) for language in ("en", "zh-hans")]
    also = also_called(key.split(".")[1], get_language() or "")
    haystack = " ".join((key, *names, also, *entry["rules"])).casefold()
    return all(word in haystack for word in words.casefold().split())


def groups_of(state: DraftState, fields: Iterable[PolicyField], effects: Mapping[str, str]) -> list[Group]:
    """Fields by metric, else by section."""
    context = FieldContext(state.base, state.data, state.changes, state.problems_by_key, effects)
    found: dict[tuple[int, str], list[FieldView]] = {}
    for field in fields:
        found.setdefault(_group_key(field), []).append(field_view(field, context, label=_label_in_group(field)))
    return [
        Group(title, f"g-{place}", [one for one in views if one.is_set], [one for one in views if not one.is_set])
        for place, ((_order, title), views) in enumerate(sorted(found.items(), key=lambda item: item[0][0]))
    ]


def _group_key(field: PolicyField) -> tuple[int, str]:
    section, places = section_of(field.key), list(SECTIONS)
    if section == "metrics":
        code = field.key.split(".")[1]
        order = list(METRICS).index(code) if code in METRICS else len(METRICS)
        return order, value_word(code, get_language() or "")
    return 1_000 + places.index(section), section_labels()[section]


def _label_in_group(field: PolicyField) -> str:
    """Under the heading of a metric its name need not be repeated."""
    if not field.key.startswith("metrics."):
        return ""
    name = parameter_name(field.key, get_language() or "")
    separator = "：" if "：" in name else ": "
    label = name.partition(separator)[2] or name
    return label[:1].upper() + label[1:]


def section_links(state: DraftState, view: View) -> list[SectionLink]:
    """The sections with counts of what is changed and wrong."""
    changed, wrong = (_by_section(keys) for keys in (state.changes, state.problems_by_key))
    return [
        SectionLink(
            label,
            View(name, ALL, "").query(),
            name == view.section and not view.spans_sections,
            changed.get(name, 0),
            wrong.get(name, 0),
        )
        for name, label in section_labels().items()
    ]


def _by_section(keys: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key in keys:
        counts[section_of(key)] = counts.get(section_of(key), 0) + 1
    return counts


def filter_tabs(state: DraftState, view: View) -> list[Tab]:
    """All, changed, wrong: each count opens as many."""
    wrong = sum(1 for key in state.fields if key in state.problems_by_key)
    changed = sum(1 for key in state.fields if key in state.changes)
    counts = {ALL: len(state.fields), CHANGED: changed, WRONG: wrong}
    labels = {ALL: _("All"), CHANGED: _("Changed"), WRONG: _("Wrong")}
    return [Tab(labels[show], view.query(show=show, q=""), view.show == show, counts[show]) for show in SHOWS]


def other_problems(state: DraftState) -> list[Problem]:
    """Problems of parameters that have no field, such as one that a file brought and no policy has."""
    return [problem for problem in state.problems if not any(key in state.fields for key in problem.concerned)]


def differences_of(state: DraftState, url: str = "") -> list[Difference]:
    """What a draft changes of its base."""
    return [_difference(state, key, state.base.get(key), entry, url) for key, entry in sorted(state.changes.items())]


def conflict_of(state: DraftState, who: str, at: datetime, changes: Mapping[str, Any]) -> Conflict:
    """What one save of somebody else changed."""
    return Conflict(who, at, [_difference(state, key, pair[0], pair[1], "") for key, pair in sorted(changes.items())])


def _difference(state: DraftState, key: str, before: Any, after: Any, url: str) -> Difference:
    field = state.fields.get(key)
    names = {"effective_from": _("effective from"), "note": _("note")}
    if key in names or field is None:
        texts = [str(one["value"] if isinstance(one, Mapping) else one or "–") for one in (before, after)]
        return Difference(names.get(key, key), texts[0], texts[1], "")
    view = View(section_of(key), ALL, "").query()
    texts = [_("not set") if one is None else entry_text(field, state.base, one["value"]) for one in (before, after)]
    name = parameter_name(key, get_language() or "")
    return Difference(name, texts[0], texts[1], f"{url}{view}#{anchor_of(key)}")


def state_banners(state: DraftState, *, mine: bool) -> list[Banner]:
    """What has to be known before working on a draft."""
    draft, found = state.draft, []
    if draft.state == State.SUBMITTED:
        who = state.names.get(draft.submitted_by, "")
        text = _("Submitted by %(who)s. It can't be changed while it waits; another policy editor confirms it.")
        if mine:
            text = _("You submitted it: another policy editor has to confirm it before it begins.")
        found.append(Banner("info", _("Waits for a second person"), text % {"who": who}))
    if draft.state == State.OPEN and draft.reason:
        who = state.names.get(draft.decided_by, "")
        found.append(Banner("yellow", _("Returned by %(who)s") % {"who": who}, draft.reason))
    if draft.state in (State.OPEN, State.SUBMITTED) and state.latest.pk != draft.base.pk:
        text = _("Version %(number)s was published since. Take it as the base: your changes are laid over it.")
        found.append(Banner("yellow", _("The base is out of date"), text % {"number": state.latest.number}))
    if draft.state == State.DISCARDED:
        found.append(Banner("stale", _("Discarded"), _("The draft stays as a record.")))
    if draft.result is not None:
        found.append(
            Banner(
                "ok",
                _("Confirmed"),
                _("Confirmed by %(who)s.") % {"who": state.names.get(draft.decided_by, "")},
                reverse("rulebook:version", args=[draft.result.number]),
                _("Version %(number)s") % {"number": draft.result.number},
            )
        )
    return found


def refused_banner(problems: Sequence[Problem]) -> Banner:
    """Why a draft could not be submitted or confirmed."""
    title = ngettext("%(count)s thing stands in the way", "%(count)s things stand in the way", len(problems))
    language = get_language() or ""
    words = {"effective_from": _("effective from"), "changes": _("changes"), "base": _("base"), "number": _("number")}
    texts = [f"{words.get(one.place) or parameter_name(one.place, language)}: {one.text}" for one in problems[:5]]
    return Banner("red", title % {"count": len(problems)}, " · ".join(texts))


def local_minutes(moment: datetime | None) -> str:
    """An instant as a field for local time takes it."""
    return "" if moment is None else timezone.localtime(moment).strftime(MINUTES)

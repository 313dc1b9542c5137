"""The page of an improvement plan: what it has to reach, the three questions, what comes next (PN-10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from core.models import Deadline
from core.pages import formats
from core.pages.charts import Annotation
from core.pages.components import Banner
from dashboard.forms.plan import PlanForms
from dashboard.presenters.history_chart import ChartTable, chart_of, table_of
from dashboard.presenters.plan_causes import CauseChoice, cause_choices, cause_label
from dashboard.queries.plan import PlanCourse, PlanPage
from insights.history import Future
from metrics import words
from notifications.models import Notice
from notifications.presenters.parts import notice_url
from notifications.queries.notices import PLAN_DUE, PLAN_VERIFY
from notifications.rules import DONE, PREVENTION, Measure, PlanContent, PlanGap, State, cause_key, plan_gaps
from notifications.titles import title_of
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store, User

# Each requirement as it reads when it is met.
NEEDS: dict[PlanGap, Any] = {
    PlanGap.NO_CAUSE: gettext_lazy("at least one root cause is named"),
    PlanGap.NO_EXPLANATION: gettext_lazy("it is explained why it came about"),
    PlanGap.NOTHING_DONE: gettext_lazy("something was done already, by whom and when"),
    PlanGap.CAUSE_WITHOUT_PREVENTION: gettext_lazy("each cause has a prevention"),
    PlanGap.MEASURE_INCOMPLETE: gettext_lazy("every measure names its cause, the person responsible and a day"),
}
PLAN_STATES: dict[str, tuple[str, Any]] = {
    "draft": ("yellow", pgettext_lazy("state of a plan", "to be handed in")),
    "running": ("info", pgettext_lazy("state of a plan", "being verified")),
    State.APPEALING: ("info", pgettext_lazy("state of a plan", "waits for the second appeal")),
    State.RESOLVED: ("ok", pgettext_lazy("state of a plan", "passed")),
    State.FAILED: ("red", pgettext_lazy("state of a plan", "failed, manual review")),
}


@dataclass(frozen=True, slots=True)
class PlanClock:
    """A countdown of the plan; ``calm``: nobody has to act."""

    name: str
    due: datetime
    calm: bool


@dataclass(frozen=True, slots=True)
class Need:
    """Something that reviewers look for, and whether it is there."""

    text: str
    met: bool


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure of a plan that is read only."""

    text: str
    cause: str
    owner: str
    day: str
    proof: str


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """What templates/dashboard/plan.html reads; ``forms`` where the reader may write, else the answers as text."""

    nav: dict[str, Any]
    store: Store
    now: datetime
    notice: Notice
    notice_url: str
    metric: str
    level: str
    state: str
    saved: str
    clocks: list[PlanClock]
    banner: Banner | None
    goal: str
    chart: dict[str, Any]
    chart_table: ChartTable
    course: str
    forms: PlanForms | None
    is_draft: bool
    causes: list[CauseChoice]
    needs: list[Need]
    explanation: str
    done: list[MeasureRow]
    prevention: list[MeasureRow]


def plan_document_of(
    request: StoreRequest,
    page: PlanPage,
    known: Mapping[str, Mapping[str, Any]],
    forms: PlanForms | None,
    now: datetime,
    banner: Banner | None = None,
) -> PlanDocument:
    """The plan of a notice of the request's store."""
    content = page.content
    chosen = [cause_key(cause) for cause in content.causes] if forms is None else forms.chosen()
    shown = known if forms is not None else {cause_key(cause): cause for cause in content.causes}
    level, state = _state(page)
    return PlanDocument(
        nav=nav(request, current="notices"),
        store=request.store,
        now=now,
        notice=page.notice,
        notice_url=notice_url(page.notice, request.store.store_no),
        metric=str(title_of(page.notice.metric)),
        level=level,
        state=state,
        saved=_saved(page),
        clocks=_clocks(page.deadlines),
        banner=banner,
        goal=_goal(page),
        chart=_chart(page),
        chart_table=table_of(page.found.history),
        course=_course_text(page.course),
        forms=forms,
        is_draft=page.is_draft,
        causes=cause_choices(shown, chosen),
        needs=_needs(content),
        explanation=content.explanation,
        done=measure_rows(page, DONE),
        prevention=measure_rows(page, PREVENTION),
    )


def _state(page: PlanPage) -> tuple[str, str]:
    state: str = page.notice.state
    if state == State.PLAN:
        state = "draft" if page.is_draft else "running"
    level, word = PLAN_STATES.get(state, ("info", page.notice.get_state_display()))
    return level, str(word)


def _saved(page: PlanPage) -> str:
    plan = page.plan
    if plan.submitted_at is not None:
        return _("handed in by %(name)s") % {"name": plan.submitted_by or "–"}
    if plan.saved_at is not None:
        return _("draft saved by %(name)s") % {"name": plan.saved_by or "–"}
    return ""


def _clocks(deadlines: Mapping[str, Deadline]) -> list[PlanClock]:
    names = {PLAN_DUE: _("Hand in within"), PLAN_VERIFY: _("Verified in")}
    return [
        PlanClock(name, deadlines[kind].due_at, kind == PLAN_VERIFY)
        for kind, name in names.items()
        if kind in deadlines and deadlines[kind].state == Deadline.State.OPEN
    ]


def _goal(page: PlanPage) -> str:
    """What the verification asks for."""
    status = page.found.status
    if status.result.red is None:
        return _("When the time of verification is over, the metric must be out of red.")
    line = {"line": words.threshold_text(status.result.red, status.unit)}
    if page.verified_on is None:
        return _("The plan passes when the metric is out of red: its threshold is %(line)s.") % line
    day = {"day": formats.day(page.verified_on)}
    return _("The plan passes if the metric is out of red by %(day)s: its threshold is %(line)s.") % {**line, **day}


def _chart(page: PlanPage) -> dict[str, Any]:
    return chart_of(page.found.history, _future(page.course), _annotations(page))


def _future(course: PlanCourse | None) -> Future | None:
    if course is None:
        return None
    named = (
        (pgettext("forecast", "usual pace"), course.pace),
        (pgettext("forecast", "no new failures"), course.target),
    )
    return Future(course.days, [(name, [point.value for point in points]) for name, points in named])


def _annotations(page: PlanPage) -> list[Annotation]:
    """The notice's day, the hand-in, and the time of verification, as far as the chart shows them."""
    days = [*page.found.history.days, *(page.course.days if page.course else ())]
    found = [Annotation(_("notice"), page.notice.day, "red")]
    if page.plan.start_day is not None:
        found.append(Annotation(_("handed in"), page.plan.start_day, "accent", page.verified_on))
    elif page.verified_on is not None:
        found.append(Annotation(pgettext("plan", "verified"), page.verified_on, "accent"))
    return [one for one in found if days[0] <= one.day <= days[-1]]


def _course_text(course: PlanCourse | None) -> str:
    if course is None:
        return ""
    if course.back is None:
        return _("Even without new failures the metric stays in red until then: what counts leaves its window later.")
    return _("Without new failures the metric is out of red on %(day)s.") % {"day": formats.day(course.back)}


def _needs(content: PlanContent) -> list[Need]:
    missing = plan_gaps(content)
    return [Need(str(text), gap not in missing) for gap, text in NEEDS.items()]


def measure_rows(page: PlanPage, kind: str) -> list[MeasureRow]:
    """The measures of a kind as text."""
    labels = {cause_key(cause): cause_label(cause) for cause in page.content.causes}
    return [_measure_row(one, labels, page.owners) for one in page.content.measures if one.kind == kind]


def _measure_row(measure: Measure, labels: Mapping[str, str], owners: Mapping[int, User]) -> MeasureRow:
    return MeasureRow(
        text=measure.text,
        cause=labels.get(measure.cause, ""),
        owner=str(owners.get(measure.owner_id or 0, "")),
        day=formats.day(measure.day) if measure.day else "",
        proof=measure.proof,
    )


def conflict_banner(page: PlanPage) -> Banner:
    """What somebody else did meanwhile (RL-06)."""
    if not page.is_draft:
        text = _("Its state is: %(state)s.") % {"state": _state(page)[1]}
        return Banner("yellow", _("This plan can't be changed any more"), text)
    name = {"name": page.plan.saved_by or "–"}
    text = _("What you wrote stands below and is not saved yet. Saving it replaces what %(name)s wrote.") % name
    return Banner("yellow", _("%(name)s saved this plan meanwhile") % name, text)


def refused_banner() -> Banner:
    """Something can't be read."""
    return Banner("red", _("Not saved yet"), _("Correct what is marked below."))


def incomplete_banner(gaps: Sequence[PlanGap]) -> Banner:
    """What keeps a plan from being handed in; the draft is saved."""
    missing = "; ".join(str(NEEDS[gap]) for gap in gaps)
    text = _("The draft is saved. To hand it in, see to it that %(missing)s.") % {"missing": missing}
    return Banner("red", _("The plan is not complete"), text)

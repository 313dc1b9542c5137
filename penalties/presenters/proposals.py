"""Proposals of penalties as their queue and page show them, and the penalties in force (PN-42)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, npgettext, pgettext

from core.pages.components import Banner, Fact, Tab
from core.rules import has_lapsed
from core.templatetags.ui import instant
from orders.cases import PastEvent, case_kind
from orders.presenters.working import ClaimBar
from penalties.models import Penalty, PenaltyProposal, PointsEntry
from penalties.presenters.verdicts import points_text
from penalties.presenters.words import effect_words as kind_effect
from penalties.presenters.words import points_cause
from penalties.rules import PenaltyKind
from penalties.sources import declared_sources, source_named
from stores.claims import Holder, holder_of, is_claimed, name_of
from stores.models import User

WAITING, IN_FORCE, DECIDED = "waiting", "in_force", "decided"
PARTS = (WAITING, IN_FORCE, DECIDED)
State, Action = PenaltyProposal.State, PenaltyProposal.Action
LEVELS = {State.CONFIRMED: "red", State.REFUSED: "ok", State.WITHDRAWN: "info"}
# Where penalties come from; a source that is not here shows its name.
SOURCES: Mapping[str, Any] = {
    "manual": gettext_lazy("proposed by operations"),
    "verdict": gettext_lazy("risk cases"),
    "notice": gettext_lazy("red notices"),
    "points": gettext_lazy("penalty points"),
    "defects": gettext_lazy("months over the line of defects"),
    "liability": gettext_lazy("liability rate"),
    "commission": gettext_lazy("liability rate over months"),
    "insurance": gettext_lazy("insurance of the month"),
    "freeze": gettext_lazy("rating freezes"),
    "health": gettext_lazy("health score"),
    "service": gettext_lazy("service level"),
}


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal in the queue; ``act``: claim, continue or look."""

    url: str
    title: str
    terms: str
    store: str
    proposer: str
    proposed_at: datetime
    due_at: datetime | None
    overdue: bool
    level: str
    word: str
    holder: Holder | None
    act: str


@dataclass(frozen=True, slots=True)
class PenaltyRow:
    """A penalty in force; ``lift_url`` leads to proposing its lifting, ``waiting_url`` to a proposal that waits."""

    title: str
    subject: str
    store: str
    store_url: str
    cause: str
    cause_url: str
    starts_at: datetime
    ends_at: datetime | None
    lifted_by: str
    predicted: bool
    lift_url: str
    waiting_url: str


@dataclass(frozen=True, slots=True)
class ProposalQueuePage:
    """What templates/penalties/proposal_queue.html reads; ``filters`` only of the penalties in force."""

    tabs: list[Tab]
    rows: Sequence[ProposalRow]
    penalties: Sequence[PenaltyRow]
    page: Page[Any]
    filters: Any
    clear: str
    may_decide: bool
    may_propose: bool
    now: datetime
    nav: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """What templates/penalties/proposal.html reads. ``effect``: what a confirmation brings, in sentences."""

    title: str
    store: str
    store_url: str
    due_at: datetime | None
    proposer: str
    proposed_at: datetime
    facts: list[Fact]
    reason: str
    effect: list[str]
    past: list[PastEvent]
    bar: ClaimBar
    banners: list[Banner]
    form: Any
    may_withdraw: bool
    action_url: str
    queue_url: str
    now: datetime
    nav: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ProposePage:
    """What templates/penalties/propose.html reads; ``facts`` of the penalty that is to be lifted."""

    title: str
    text: str
    facts: list[Fact]
    form: Any
    banner: Banner | None
    queue_url: str
    now: datetime
    nav: dict[str, Any]


def proposal_tabs(part: str, waiting: int) -> list[Tab]:
    url = reverse("admin:penalties_penaltyproposal_queue")
    words = {WAITING: _("To decide"), IN_FORCE: _("Penalties in force"), DECIDED: _("Decided")}
    return [Tab(words[one], f"{url}?part={one}", one == part, waiting if one == WAITING else None) for one in PARTS]


def title_of(proposal: PenaltyProposal) -> str:
    """What is proposed."""
    kind = str(proposal.get_kind_display())
    if proposal.action == Action.LIFT:
        return _("Lift: %(penalty)s") % {"penalty": kind}
    return str(capfirst(kind))


def terms_of(proposal: PenaltyProposal) -> str:
    """Listing, points and period."""
    return " · ".join(_terms(proposal))


def _terms(proposal: PenaltyProposal) -> Iterator[str]:
    if proposal.subject:
        yield proposal.subject
    if proposal.points:
        yield points_text(proposal.points)
    elif proposal.action == Action.APPLY:
        yield period_text(proposal.days)


def period_text(days: int | None) -> str:
    if days is None:
        return pgettext("period of a penalty", "until lifted")
    return npgettext("duration", "%(days)s day", "%(days)s days", days) % {"days": days}


def proposal_row(proposal: PenaltyProposal, *, user: User, at: datetime) -> ProposalRow:
    is_open = proposal.state == State.OPEN
    holder = holder_of(proposal, user=user, at=at) if is_open else None
    may_claim = is_open and holder is None and proposal.proposed_by_id != user.pk
    return ProposalRow(
        url=reverse("admin:penalties_penaltyproposal_decide", args=[proposal.pk]),
        title=title_of(proposal),
        terms=terms_of(proposal),
        store=proposal.store.name,
        proposer=name_of(proposal.proposed_by),
        proposed_at=proposal.proposed_at,
        due_at=proposal.due_at if is_open else None,
        overdue=is_open and has_lapsed(proposal.due_at, at),
        level="" if is_open else LEVELS[State(proposal.state)],
        word=str(proposal.get_state_display()),
        holder=holder,
        act="claim" if may_claim else "continue" if holder is not None and holder.mine else "look",
    )


def proposal_facts(proposal: PenaltyProposal) -> list[Fact]:
    """What is proposed in detail, and where it comes from."""
    facts = [Fact(_("Proposal"), title_of(proposal))]
    if terms := terms_of(proposal):
        facts.append(Fact(_("Terms"), terms))
    if proposal.penalty is not None:
        facts += penalty_facts(proposal.penalty)
    if proposal.entry is not None:
        facts += entry_facts(proposal.entry)
    if proposal.case is not None:
        url = reverse("admin:orders_riskcase_decide", args=[proposal.case.pk])
        label = str(case_kind(proposal.case.kind).label)
        facts.append(Fact(_("Risk case"), label, proposal.case.subject_key, url))
    return facts


def penalty_facts(penalty: Penalty) -> list[Fact]:
    """A penalty in force: what for, since when, until when."""
    words = source_named(penalty.source).words(penalty)
    end = (
        instant(penalty.ends_at)
        if penalty.ends_at
        else words.lifted_by or pgettext("period of a penalty", "until lifted")
    )
    return [
        Fact(_("Cause"), words.cause, "", words.url),
        Fact(_("Since"), instant(penalty.starts_at)),
        Fact(_("Until"), end),
    ]


def entry_facts(entry: PointsEntry) -> list[Fact]:
    """Points that count: what for, since when."""
    return [Fact(_("Cause"), points_cause(entry)), Fact(_("Added"), instant(entry.at))]


def effect_words(proposal: PenaltyProposal) -> list[str]:
    """What follows from a confirmation."""
    kind = PenaltyKind(proposal.kind)
    if proposal.action == Action.LIFT:
        first = _("The points count no more.") if proposal.entry is not None else _("The penalty ends at once.")
    elif kind == PenaltyKind.PENALTY_POINTS:
        first = _("The store gets %(points)s, and what the ladder of points brings.") % {
            "points": points_text(proposal.points)
        }
    else:
        period = {"penalty": capfirst(str(proposal.get_kind_display())), "period": period_text(proposal.days)}
        first = _("%(penalty)s, from the confirmation: %(period)s.") % period
    more = kind_effect(kind) if proposal.action == Action.APPLY else ""
    return [first, *([more] if more else []), _("The company gets a message with the reason.")]


def proposal_banner(proposal: PenaltyProposal, user: User, *, is_own: bool, at: datetime) -> Banner | None:
    """What stands against deciding: it was decided, by whom; it is the reader's own; somebody else has it."""
    if proposal.state != State.OPEN:
        given = {
            "state": proposal.get_state_display(),
            "who": name_of(proposal.decided_by),
            "at": instant(proposal.decided_at),
        }
        return Banner("info", _("%(state)s by %(who)s on %(at)s") % given, proposal.answer)
    if proposal.proposed_by_id == user.pk:
        return Banner("yellow", "", _("You proposed it; somebody else decides. You can withdraw it."))
    if is_own:
        return Banner("yellow", "", _("It is about a company that you are a member of; somebody else decides it."))
    if is_claimed(proposal, at) and proposal.claimed_by_id != user.pk:
        return Banner("info", "", _("%(who)s has claimed it; you can look.") % {"who": name_of(proposal.claimed_by)})
    return None


def penalty_row(penalty: Penalty, waiting: Mapping[int, int]) -> PenaltyRow:
    words = source_named(penalty.source).words(penalty)
    proposal = waiting.get(penalty.pk)
    may_lift = proposal is None and not penalty.predicted
    return PenaltyRow(
        title=str(capfirst(str(penalty.get_kind_display()))),
        subject=penalty.subject,
        store=penalty.store.name,
        store_url=reverse("dashboard:panel", args=[penalty.store.store_no]),
        cause=words.cause,
        cause_url=words.url,
        starts_at=penalty.starts_at,
        ends_at=penalty.ends_at,
        lifted_by=words.lifted_by,
        predicted=penalty.predicted,
        lift_url=reverse("admin:penalties_penalty_lift", args=[penalty.pk]) if may_lift else "",
        waiting_url=reverse("admin:penalties_penaltyproposal_decide", args=[proposal]) if proposal else "",
    )


def source_choices() -> dict[str, Any]:
    """The sources of penalties by name, as a filter offers them."""
    return {name: SOURCES.get(name, name) for name in declared_sources()}

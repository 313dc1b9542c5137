"""The arbitration queue and the page on which a verdict is made (DP-19)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from appeals.presenters.review_evidence import EvidenceViewer, ViewedFile, evidence_of
from appeals.presenters.review_queue import QueueGroup, QueueRow, clock_used, marks_of, rows_by_due
from appeals.queries.arbitration_case import ArbitrationCase
from core.pages import formats
from core.pages.components import Banner, Fact, Tab
from core.rules import has_lapsed
from core.templatetags.ui import instant, money
from disputes.commands.arbitrating import Verdict
from disputes.models import Arbitration, Dispute, DisputeAnswer, DisputeEvidence
from disputes.presenters.guard import GuardRow, guard_rows
from disputes.queries.arbitrations import WAITING, ArbitrationQueue
from disputes.rules.reading import Because
from evidence.models import EvidenceFile
from orders.models import Message, TrackingEvent
from rulebook.reading import word
from stores.claims import Holder, holder_of, name_of
from stores.models import User

PART_WORDS: dict[str, Any] = {
    WAITING: gettext_lazy("Waiting"),
    "unclaimed": gettext_lazy("Unclaimed"),
    "mine": gettext_lazy("Mine"),
    "complex": gettext_lazy("Complex"),
    "ended": gettext_lazy("Decided"),
}
SELLER = DisputeEvidence.Side.SELLER


@dataclass(frozen=True, slots=True)
class ArbitrationQueuePage:
    """What templates/appeals/arbitrations.html reads."""

    tabs: list[Tab]
    text: str
    part: str
    groups: list[QueueGroup]
    page: Page[Any]
    may_decide: bool
    now: datetime
    nav: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SideFile:
    """A file of either side in the viewer."""

    pk: int
    place: int
    name: str
    kind: str
    round: int
    file_id: int
    file: EvidenceFile


@dataclass(frozen=True, slots=True)
class WordsOfSide:
    """Evidence that is no file."""

    side: str
    kind: str
    text: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class LiabilityChoice:
    """A party that may be liable."""

    code: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ArbitrationPage:
    """What templates/appeals/arbitration.html reads; ``reasons``: why the first reading recommends ``recommended``."""

    number: str
    kind: str
    store: str
    dispute_url: str
    order_url: str
    file_url: str
    tags: list[str]
    due_at: datetime | None
    holder: Holder | None
    claims: bool
    decides: bool
    banners: list[Banner]
    facts: list[Fact]
    evidence: EvidenceViewer
    words: list[WordsOfSide]
    answer: DisputeAnswer | None
    answer_plan: str
    answered_elsewhere: bool
    scans: Sequence[TrackingEvent]
    messages_of_order: Sequence[Message]
    guard: list[GuardRow]
    earlier: list[str]
    recommended: str
    reasons: list[str]
    choices: list[LiabilityChoice]
    outcome: str
    most: Decimal
    reason: str
    gaps: list[str]
    complex_until: datetime | None
    colleagues: list[tuple[int, str]]
    version: int
    action_url: str
    queue_url: str
    now: datetime
    nav: dict[str, Any]


def queue_groups(queue: ArbitrationQueue, *, user: User, at: datetime, zone: tzinfo) -> list[QueueGroup]:
    """The rows of the queue by when they are due."""
    return rows_by_due([_row(one, user=user, at=at) for one in queue.rows], at, zone)


def queue_tabs(queue: ArbitrationQueue, part: str) -> list[Tab]:
    """The parts of the queue as tabs."""
    url = reverse("admin:disputes_arbitration_queue")
    return [
        Tab(str(label), f"{url}?{urlencode({'part': name})}", name == part, queue.counts[name])
        for name, label in PART_WORDS.items()
    ]


def _row(one: Arbitration, *, user: User, at: datetime) -> QueueRow:
    dispute, holder = one.dispute, holder_of(one, user=user, at=at)
    found = one.first_reading.get("findings", {}).get(SELLER, [])
    claimed = "" if dispute.claimed_usd is None else formats.money(dispute.claimed_usd, "USD")
    over = one.ended_at is not None
    return QueueRow(
        pk=one.pk,
        number=dispute.dispute_no,
        url=reverse("admin:disputes_arbitration_decide", args=[one.pk]),
        store=dispute.store.name,
        level=str(dispute.store.get_level_display()),
        tags=[_("complex")] if one.is_complex else [],
        subject=str(dispute.get_kind_display()),
        line=claimed,
        value="",
        status="",
        orders=dispute.order.order_no,
        evidence=_("recommended: %(who)s") % {"who": liable_word(one.first_reading.get("liability", ""))},
        findings=marks_of(Counter(finding["severity"] for finding in found)),
        due_at=one.ended_at if over else one.due_at,
        used="100" if over else clock_used(one.begun_at, one.due_at, at),
        overdue=not over and has_lapsed(one.due_at, at),
        holder=holder,
        act="watch" if over else "claim" if holder is None else "continue" if holder.mine else "watch",
    )


def liable_word(code: str) -> str:
    """A liable party in words; a dash for none yet."""
    return str(dict(Dispute.Liability.choices).get(code, "–"))


def arbitration_page(
    case: ArbitrationCase,
    *,
    user: User,
    given: Verdict,
    gaps: list[str],
    banner: Banner | None,
    may_decide: bool,
    barred: bool,
    colleagues: Sequence[User],
    complex_until: datetime,
    asked: str | None,
    nav: dict[str, Any],
    at: datetime,
) -> ArbitrationPage:
    """The page of an arbitration, for reading or for deciding."""
    one, dispute = case.arbitration, case.dispute
    holder, waits = holder_of(one, user=user, at=at), one.ended_at is None
    decides = waits and may_decide and not barred and holder is not None and holder.mine
    store_no = dispute.store.store_no
    return ArbitrationPage(
        number=dispute.dispute_no,
        kind=str(dispute.get_kind_display()),
        store=dispute.store.name,
        dispute_url=reverse("dashboard:dispute", args=[store_no, dispute.dispute_no]),
        order_url=reverse("dashboard:order", args=[store_no, dispute.order.order_no]),
        file_url=reverse("dashboard:dispute_case_file", args=[store_no, dispute.dispute_no]),
        tags=_tags(case),
        due_at=one.due_at if waits else None,
        holder=holder,
        claims=waits and may_decide and not barred and holder is None,
        decides=decides,
        banners=[*([banner] if banner else []), *_banners(case, holder, barred=barred)],
        facts=_facts(case),
        evidence=_viewer(case, asked),
        words=_words(case),
        answer=case.answer,
        answer_plan=str(case.answer.get_plan_display()) if case.answer else "",
        answered_elsewhere=case.answer is None and dispute.responded_at is not None,
        scans=case.scans,
        messages_of_order=case.messages,
        guard=guard_rows(case.guard, at),
        earlier=[
            f"{past.dispute_no} · {past.get_kind_display()} · {past.get_state_display()}" for past in case.earlier
        ],
        recommended=_recommended(one.first_reading),
        reasons=reading_reasons(one.first_reading),
        choices=[
            LiabilityChoice(code, str(label), code == given.liability) for code, label in Dispute.Liability.choices
        ],
        outcome="" if given.outcome_usd is None else f"{given.outcome_usd:.2f}",
        most=dispute.order.total_usd,
        reason=given.reason,
        gaps=[str(GAP_WORDS[code]) for code in gaps],
        complex_until=None if one.is_complex or not decides else complex_until,
        colleagues=[(colleague.pk, name_of(colleague)) for colleague in colleagues],
        version=one.version,
        action_url=reverse("admin:disputes_arbitration_decide", args=[one.pk]),
        queue_url=reverse("admin:disputes_arbitration_queue"),
        now=at,
        nav=nav,
    )


GAP_WORDS: dict[str, Any] = {
    "liability": gettext_lazy("Say who is liable."),
    "outcome": gettext_lazy("Give an amount from 0 to the order's total."),
    "reason": gettext_lazy("Write a reason that the seller can act on."),
}


def reading_reasons(reading: Mapping[str, Any]) -> list[str]:
    """Why the first reading recommends what it does, in words."""
    return [REASONS[Because(one["code"])](one["params"]) for one in reading.get("reasons", ())]


def _recommended(reading: Mapping[str, Any]) -> str:
    if not reading:
        return ""
    amount = money(Decimal(reading["outcome_usd"]))
    told = {"who": liable_word(reading["liability"]), "amount": amount}
    return _("Liable: %(who)s; to the buyer: %(amount)s") % told


def _tags(case: ArbitrationCase) -> list[str]:
    held = (
        (case.arbitration.is_complex, _("complex")),
        (case.arbitration.round > 0, _("re-opened")),
        (case.auto_reviewed, _("raised after the system's review")),
        (not case.has_evidence, _("no evidence in time")),
    )
    return [text for holds, text in held if holds]


def _banners(case: ArbitrationCase, holder: Holder | None, *, barred: bool) -> list[Banner]:
    one, found = case.arbitration, []
    if barred:
        text = _("You are a member of this company; somebody else decides it.")
        found.append(Banner("yellow", "", text))
    if one.ended_at is not None:
        by = name_of(one.decided_by) if one.decided_by_id else ""
        title = _("Decided by %(name)s on %(at)s") if by else _("Ended without a verdict on %(at)s")
        found.append(Banner("info", title % {"name": by, "at": instant(one.ended_at)}, _verdict(one)))
    elif holder is not None and not holder.mine:
        text = _("%(name)s has claimed it until %(at)s.") % {"name": holder.name, "at": instant(holder.until)}
        found.append(Banner("info", "", text))
    if one.ended_at is None and not case.has_evidence:
        text = _("The seller gave no evidence while the clock ran, so the seller is liable whatever you choose.")
        found.append(Banner("yellow", "", text))
    return found


def _verdict(one: Arbitration) -> str:
    if not one.liability:
        return ""
    told = {"who": one.get_liability_display(), "amount": money(one.outcome_usd)}
    return f"{_('Liable: %(who)s; to the buyer: %(amount)s') % told}. {one.reason}"


def _facts(case: ArbitrationCase) -> list[Fact]:
    dispute, order = case.dispute, case.dispute.order
    rows = (
        (_("Opened"), instant(dispute.opened_at)),
        (_("Claimed"), "" if dispute.claimed_usd is None else money(dispute.claimed_usd)),
        (_("Order's total"), money(order.total_usd)),
        (_("Answered"), instant(dispute.responded_at) if dispute.responded_at else _("not answered")),
        (_("Dispatched"), instant(order.shipped_at) if order.shipped_at else ""),
        (pgettext("instant", "Delivered"), instant(order.delivered_at) if order.delivered_at else ""),
        (_("Carrier"), case.carrier),
        (_("Tracking number"), order.tracking_no),
        (_("Site"), case.site),
    )
    return [Fact(name, value) for name, value in rows if value]


def _viewer(case: ArbitrationCase, asked: str | None) -> EvidenceViewer:
    """The files of both sides, the seller's first; a buyer's says so."""
    files: list[ViewedFile] = [
        SideFile(one.pk, place, f"{one.get_side_display()}: {one.name}", one.kind, 0, one.file.pk, one.file)
        for place, one in enumerate((one for one in case.evidence if one.file is not None), 1)
        if one.file is not None
    ]
    kept = case.arbitration.first_reading.get("findings", {})
    return evidence_of(files, [finding for side in kept.values() for finding in side], asked)


def _words(case: ArbitrationCase) -> list[WordsOfSide]:
    return [
        WordsOfSide(str(one.get_side_display()), word(one.kind), one.tracking_no or one.text, one.added_at)
        for one in case.evidence
        if one.file is None
    ]


def _kinds(params: Mapping[str, Any]) -> str:
    return _("Needed evidence is missing: %(kinds)s.") % {"kinds": ", ".join(word(kind) for kind in params["kinds"])}


def _contradicted(params: Mapping[str, Any]) -> str:
    count = params["count"]
    text = ngettext(
        "The seller's files contradict the order in %(count)s place.",
        "The seller's files contradict the order in %(count)s places.",
        count,
    )
    return text % {"count": count}


REASONS: Mapping[Because, Callable[[Mapping[str, Any]], str]] = {
    Because.NO_EVIDENCE: lambda _params: _("The seller gave no evidence within the response clock."),
    Because.WITHDRAWN: lambda _params: _("There is a notice that the buyer withdrew."),
    Because.PARCEL_LOST: lambda _params: _("The carrier's trace says that the parcel was lost or returned."),
    Because.CONTRADICTED: _contradicted,
    Because.NOT_DELIVERED: lambda _params: _("The carrier's trace shows no delivery."),
    Because.DELIVERED: lambda _params: _("The carrier's trace shows the delivery."),
    Because.KINDS_MISSING: _kinds,
    Because.KINDS_COMPLETE: lambda _params: _("The seller gave every kind of evidence that this dispute needs."),
    Because.BUYER_PROVES: lambda _params: _("The buyer gave evidence too; weigh both."),
    Because.OFFERED: lambda params: _("The seller offered %(amount)s.") % {"amount": money(Decimal(params["amount"]))},
}

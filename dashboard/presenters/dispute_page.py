"""One dispute on the desk: clock, both sides, the answer and its evidence (PG-08, DP-10)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from appeals.presenters.findings import Findings, present_findings
from core.pages.components import Banner
from core.templatetags.ui import instant, money, percent
from dashboard.presenters.dispute_list import ClockBar, clock_bar, window_word
from dashboard.queries.dispute_desk import DisputeDetails, Trace
from disputes.models import Dispute, DisputeAnswer, DisputeEvidence
from disputes.presenters.guard import GuardRow, guard_rows
from disputes.rules.windows import AnswerWindow
from disputes.services.drafting import Said
from evidence.presenters import FileRow, UploadPanel, file_row
from evidence.rules import Limits, RefusedFileError
from orders.models import Message
from orders.presenters.reply_subjects import LANGUAGE_NAMES, SUBJECTS
from orders.replies import ReplySubject
from rulebook.policy.conduct import Disputes
from rulebook.reading import word
from stores.models import Store

FORM, CONTROLS = "answer", "dashboard/_dispute_file.html"


@dataclass(frozen=True, slots=True)
class WindowLine:
    """A window under the bar."""

    tone: str
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """An after-sales plan."""

    code: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class KindLine:
    """A kind of evidence: whether the dispute needs it, what there is, and what can be cited at a press of a button."""

    level: str
    label: str
    need: str
    note: str
    cites: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class WordsRow:
    """Evidence that is no file."""

    key: int
    kind: str
    text: str
    added_at: datetime
    added_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow(FileRow):
    """A file that was given as evidence; ``chosen`` of ``kinds``: what it was declared as."""

    attached: int
    chosen: str
    kinds: list[tuple[str, str]]
    form: str
    removable: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """What the answer's form holds, and what is wrong with it."""

    said: Said
    error: str = ""
    refused: Sequence[RefusedFileError] = ()
    banner: Banner | None = None


@dataclass(frozen=True, slots=True)
class TemplateChoices:
    """Which templates there are, in which languages, and the chosen one in the reader's language."""

    subjects: list[tuple[str, str]]
    languages: list[tuple[str, str]]
    translation: str


@dataclass(frozen=True, slots=True)
class DisputePart:
    """What templates/dashboard/_dispute.html reads. ``answers``: the reader may answer now, ``prepares``: the store
    mirrors another platform, where the answer is given, ``adds``: evidence can still be given; ``clock``: the running
    window with its bar."""

    number: str
    dispute: Dispute
    kind: str
    site: str
    order_url: str
    action_url: str
    case_file_url: str
    banners: list[Banner]
    clock: AnswerWindow | None
    clock_word: str
    clock_tone: str
    bar: ClockBar
    lines: list[WindowLine]
    waits_until: datetime | None
    said_by_buyer: Sequence[Message]
    buyers_words: list[WordsRow]
    buyers_files: list[FileRow]
    traces: Sequence[Trace]
    guard: list[GuardRow]
    answers: bool
    prepares: bool
    adds: bool
    plans: list[PlanChoice]
    amount: str
    most: Decimal
    kinds: list[KindLine]
    words: list[WordsRow]
    upload: UploadPanel
    findings: Findings | None
    filled: Filled
    templates: TemplateChoices
    language: str
    answered: DisputeAnswer | None
    answered_plan: str
    missing: str
    form: str


def dispute_part(
    found: DisputeDetails,
    *,
    store: Store,
    filled: Filled,
    templates: TemplateChoices,
    terms: Disputes,
    limits: Limits,
    may_write: bool,
    at: datetime,
) -> DisputePart:
    """The page's right side."""
    dispute = found.dispute
    running = next((window for window in found.windows if window.state == "running"), None)
    where = [store.store_no, dispute.dispute_no]
    submitted = found.answer if found.answer and found.answer.submitted_at else None
    ended = dispute.responded_at or dispute.closed_at
    mirrored = store.mode == Store.Mode.MIRRORED
    waits = dispute.waits_for_answer
    return DisputePart(
        number=dispute.dispute_no,
        dispute=dispute,
        kind=str(dispute.get_kind_display()),
        site=found.site,
        order_url=reverse("dashboard:order", args=[store.store_no, dispute.order.order_no]),
        action_url=reverse("dashboard:dispute_answer", args=where),
        case_file_url=reverse("dashboard:dispute_case_file", args=where),
        banners=[*([filled.banner] if filled.banner else []), *_banners(found, mirrored=mirrored)],
        clock=running if waits else None,
        clock_word=window_word(running.code) if running and waits else "",
        clock_tone=_tone(running) if waits else "",
        bar=clock_bar(found.windows, dispute.clock_starts_at, ended or at, runs=True),
        lines=[_line(window, dispute, terms) for window in found.windows],
        waits_until=found.waits_until,
        said_by_buyer=found.messages,
        buyers_words=_words(found.buyers_evidence, found.actors),
        buyers_files=[file_row(one.file, name=one.name) for one in found.buyers_evidence if one.file],
        traces=found.traces,
        guard=guard_rows(found.guard, at),
        answers=may_write and waits and not mirrored and running is not None,
        prepares=may_write and mirrored and dispute.closed_at is None,
        adds=may_write and found.may_add,
        plans=[PlanChoice(code, str(label), code == filled.said.plan) for code, label in DisputeAnswer.Plan.choices],
        amount="" if filled.said.amount_usd is None else f"{filled.said.amount_usd:.2f}",
        most=dispute.order.total_usd,
        kinds=_kinds(found, terms, may_cite=may_write and found.may_add),
        words=_words(found.own_evidence, found.actors),
        upload=upload_panel(found, where, terms, limits, filled.refused),
        findings=present_findings(found.findings, [one for one in found.own_evidence if one.file_id])
        if found.findings
        else None,
        filled=filled,
        templates=templates,
        language=LANGUAGE_NAMES.get(filled.said.language, filled.said.language),
        answered=submitted,
        answered_plan=str(submitted.get_plan_display()) if submitted else "",
        missing=_missing(found, terms),
        form=FORM,
    )


def template_choices(chosen: Said, languages: Sequence[str], translation: str) -> TemplateChoices:
    """The lists of the form; ``translation``: the chosen template in the reader's language."""
    disputes = (ReplySubject.NOT_RECEIVED, ReplySubject.NOT_AS_DESCRIBED, ReplySubject.QUALITY, ReplySubject.CLAIM)
    return TemplateChoices(
        subjects=[(str(one), str(SUBJECTS[one])) for one in disputes],
        languages=[(one, LANGUAGE_NAMES.get(one, one)) for one in languages],
        translation=translation,
    )


def _tone(running: AnswerWindow | None) -> str:
    return {"golden": "ok", "late": "yellow", "default": "red"}[running.code] if running else "red"


def _line(window: AnswerWindow, dispute: Dispute, terms: Disputes) -> WindowLine:

    if window.code == "golden":
        note = _("%(share)s of later appeals succeed") % {"share": percent(window.success)}
        return WindowLine("ok", _("golden %(hours)s h") % {"hours": terms.golden_hours}, note)
    if window.code == "late":
        note = _("%(share)s of later appeals succeed") % {"share": percent(window.success)}
        return WindowLine("yellow", _("late %(hours)s h") % {"hours": terms.late_hours}, note)
    note = _("then arbitration without your side; without evidence you are liable, whatever you pay")
    return WindowLine("red", _("%(days)s days") % {"days": terms.answer_days}, note)


def _banners(found: DisputeDetails, *, mirrored: bool) -> list[Banner]:
    dispute, banners = found.dispute, []
    latest = found.arbitrations[-1] if found.arbitrations else None
    if dispute.closed_at is not None:
        liable = str(dispute.get_liability_display()) if dispute.liability else _("not judged")
        text = _("%(state)s on %(at)s. Liable: %(liable)s; paid to the buyer: %(amount)s.") % {
            "state": dispute.get_state_display(),
            "at": instant(dispute.closed_at),
            "liable": liable,
            "amount": money(dispute.outcome_usd) if dispute.outcome_usd is not None else "–",
        }
        reason = latest.reason if latest is not None and latest.reason else ""
        banners.append(Banner("info", "", f"{text} {reason}".strip()))
    elif dispute.state == Dispute.State.ARBITRATION:
        banners.append(Banner("info", _("Operations decide now"), _("You are told the verdict with its reason.")))
    elif dispute.state == Dispute.State.RESPONDED:
        banners.append(Banner("ok", _("Answered"), _("The buyer may accept or withdraw; else operations decide.")))
    if dispute.reopened_at is not None and dispute.closed_at is None:
        text = _("The clocks began anew on %(at)s.") % {"at": instant(dispute.reopened_at)}
        banners.append(Banner("yellow", _("The buyer re-opened this dispute"), text))
    if mirrored and dispute.closed_at is None:
        text = _("This store mirrors another platform. Prepare the answer here, copy it and give it there.")
        banners.append(Banner("info", _("Answer on the platform"), text))
    return banners


def _kinds(found: DisputeDetails, terms: Disputes, *, may_cite: bool) -> list[KindLine]:
    needed = terms.needed_evidence.get(found.dispute.kind, ())
    given = {one.kind for one in found.own_evidence}
    lines = []
    for kind in terms.evidence_kinds:
        note, cites = _at_hand(kind, found)
        need = _("needed") if kind in needed else _("optional")
        level = "ok" if kind in given else "yellow" if kind in needed else "none"
        lines.append(KindLine(level, word(kind), need, note, cites if may_cite else []))
    return lines


def _at_hand(kind: str, found: DisputeDetails) -> tuple[str, list[tuple[str, str]]]:
    """What there is of a kind already, and what can be cited: the value of the button and its words."""
    cited = {one.tracking_no for one in found.own_evidence if one.tracking_no}
    if kind == "full_trace":
        notes = [_trace_note(trace) for trace in found.traces]
        cites = [
            (f"cite:{trace.parcel.number}", _("Give the trace %(number)s") % {"number": trace.parcel.tracking_no})
            for trace in found.traces
            if trace.count and trace.parcel.tracking_no not in cited
        ]
        return "; ".join(notes) or _("no scan is known"), cites
    if kind == "buyer_confirmation":
        quoted = {one.text for one in found.own_evidence}
        cites = [
            (f"quote:{message.pk}", _("Quote the message of %(at)s") % {"at": instant(message.sent_at)})
            for message in found.messages
            if message.text not in quoted
        ]
        return _("quote what the buyer wrote in the messages"), cites[:2]
    if kind == "quality_report":
        return _("of a laboratory accredited by CNAS, as a file"), []
    return _("the system's notice, if the buyer withdrew"), []


def _trace_note(trace: Trace) -> str:
    end = _("delivered") if trace.delivered else _("no proof of delivery")
    return _("%(number)s: %(count)s scans, %(end)s") % {
        "number": trace.parcel.tracking_no or "–",
        "count": trace.count,
        "end": end,
    }


def _words(evidence: Sequence[DisputeEvidence], actors: Mapping[str, str]) -> list[WordsRow]:
    return [
        WordsRow(one.pk, word(one.kind), one.tracking_no or one.text, one.added_at, actors.get(one.actor, ""))
        for one in evidence
        if not one.file_id
    ]


def upload_panel(
    found: DisputeDetails, where: Sequence[str], terms: Disputes, limits: Limits, refused: Sequence[RefusedFileError]
) -> UploadPanel:
    """The seller's files, and room for more."""
    kinds = [(kind, word(kind)) for kind in (*terms.evidence_kinds, *terms.supporting_kinds)]
    removable = found.may_add and found.dispute.waits_for_answer
    rows = [
        EvidenceRow(
            **{
                **asdict(file_row(one.file, name=one.name, added_at=one.added_at)),
                "controls": "dashboard/_dispute_file.html",
            },
            attached=one.pk,
            chosen=one.kind,
            kinds=kinds,
            form=FORM,
            removable=removable,
        )
        for one in found.own_evidence
        if one.file is not None
    ]
    return UploadPanel(reverse("dashboard:dispute_upload", args=list(where)), limits, rows, refused)


def _missing(found: DisputeDetails, terms: Disputes) -> str:
    """What is still needed, in words; empty where nothing is."""
    given = {one.kind for one in found.own_evidence}
    if "withdrawal" in given:
        return ""
    left = [word(kind) for kind in terms.needed_evidence.get(found.dispute.kind, ()) if kind not in given]
    return ", ".join(left)

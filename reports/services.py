"""Weekly reports: who gets them, making them up, sending each once (RL-01, RL-02)."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.typesetting import TypesettingError, has_chinese_font, typeset
from core.events import SYSTEM, record_event
from core.leases import Leases
from core.pages.people_sheets import Reader, write_xlsx
from notifications.channels.declaring import Answer, Outcome
from notifications.channels.mail.transport import Mailer
from notifications.channels.notes import keyed_hash, language_of, speaking
from reports.models import ReportSubscription, TeamReport
from reports.presenters import report_data, report_sheet
from reports.queries import Report, is_member, report_of
from reports.rules import due_day, due_instant
from stores.middleware import zone_of
from stores.models import Company, User

log = structlog.get_logger("dianwei.reports")

REPORTS = Leases(duration=timedelta(minutes=10), max_attempts=8, first_retry=timedelta(minutes=5))
SIGNER = signing.Signer(salt="reports.unsubscribe")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
State = TeamReport.State


@transaction.atomic
def subscribe(
    *, company: Company, person: User, weekday: int, language: str, actor: str, at: datetime
) -> ReportSubscription:
    """Send a member the company's report from the next such day on; one who had it gets it as asked now."""
    chosen = {"weekday": weekday, "language": language, "created_at": at, "stopped_at": None}
    row, _made = ReportSubscription.objects.update_or_create(company=company, person=person, defaults=chosen)
    _record(row, "report.subscribed", actor=actor, at=at, weekday=weekday, language=language)
    return row


@transaction.atomic
def remove(*, subscription: ReportSubscription, actor: str, at: datetime) -> None:
    """Send a member no report any more."""
    _record(subscription, "report.removed", actor=actor, at=at)
    subscription.delete()


@transaction.atomic
def unsubscribe(*, subscription: ReportSubscription, at: datetime) -> None:
    """Stop a report by the link in it."""
    rows = ReportSubscription.objects.filter(pk=subscription.pk, stopped_at=None)
    if rows.update(stopped_at=at):
        _record(subscription, "report.unsubscribed", actor=f"person:{subscription.person_id}", at=at)


def _record(row: ReportSubscription, kind: str, *, actor: str, at: datetime, **after: object) -> None:
    record_event(
        kind=kind,
        subject_kind="report",
        subject_key=str(row.pk),
        company_no=row.company.company_no,
        actor=actor,
        at=at,
        after={"person": f"person:{row.person_id}", **after},
    )


# ── Each week's ────────────────────────────────────────────────────────────────────────────────────────────────────


def make_due(*, at: datetime) -> int:
    """Add the row of each report whose day and hour have come; returns how many. After an outage the latest week's is
    made up, those before are not."""
    hour = settings.REPORT_HOUR
    new = []
    for row in ReportSubscription.objects.filter(stopped_at=None):
        day = due_day(row.weekday, hour, at)
        if due_instant(day, hour) >= row.created_at:
            new.append(TeamReport(subscription=row, day=day))
    present = set(
        TeamReport.objects.filter(subscription__in=[one.subscription_id for one in new]).values_list(
            "subscription_id", "day"
        )
    )
    missing = [one for one in new if (one.subscription_id, one.day) not in present]
    TeamReport.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def send_due(*, at: datetime) -> int:
    """Send what waits; returns how many reports went."""
    make_due(at=at)
    mailer, sent = Mailer(), 0
    try:
        while claimed := REPORTS.claim(_waiting(), at=at, limit=1):
            sent += _send(claimed[0], mailer, at)
    finally:
        mailer.close()
    for row in REPORTS.given_up(_waiting(), at=at):
        TeamReport.objects.filter(pk=row.pk, state=State.WAITING).update(state=State.FAILED)
    return sent


def _waiting() -> QuerySet[TeamReport]:
    rows = TeamReport.objects.filter(state=State.WAITING)
    return rows.select_related("subscription__company", "subscription__person").order_by("pk")


def _send(row: TeamReport, mailer: Mailer, at: datetime) -> int:
    subscription = row.subscription
    if subscription.stopped_at is not None or not is_member(subscription):
        REPORTS.settle(row, state=State.SKIPPED)
        return 0
    try:
        mail = compose_report(subscription, at, f"report {row.pk}")
    except TypesettingError as error:
        log.warning("report not made", report=row.pk, error=str(error))
        REPORTS.put_off(row, at=at, error=str(error)[:255])
        return 0
    answer = mailer.send(mail)
    return _settle(row, answer, at)


def _settle(row: TeamReport, answer: Answer, at: datetime) -> int:
    if answer.outcome == Outcome.SENT:
        with transaction.atomic():
            if REPORTS.settle(row, state=State.SENT, sent_at=at, error=""):
                _record(row.subscription, "report.sent", actor=SYSTEM, at=at, day=row.day.isoformat())
        return 1
    if answer.outcome in (Outcome.REFUSED, Outcome.UNREACHABLE):
        REPORTS.settle(row, state=State.FAILED, error=answer.text[:255])
    else:
        REPORTS.put_off(row, at=at, error=answer.text[:255])
    return 0


def send_now(*, subscription: ReportSubscription, at: datetime) -> Answer:
    """Send the report as it is now, beside the weekly ones."""
    mailer = Mailer(timeout=10)
    try:
        return mailer.send(compose_report(subscription, at, f"preview {subscription.pk} {at.isoformat()}"))
    finally:
        mailer.close()


# ── The mail ───────────────────────────────────────────────────────────────────────────────────────────────────────


def report_pdf(report: Report, language: str) -> bytes:
    """The page in the active zone; in English where this machine has no font for Chinese. Raises TypesettingError."""
    shown = language if has_chinese_font() else "en"
    with speaking(shown, timezone.get_current_timezone()):
        return typeset("team_report.typ", report_data(report, shown), report.at)


def compose_report(subscription: ReportSubscription, at: datetime, what: str) -> EmailMultiAlternatives:
    """The mail with the page and the workbook; composed again it has the same Message-ID."""
    person, language = subscription.person, language_of(subscription.language)
    with speaking(language, zone_of(person)):
        report = report_of(subscription.company, person, at)
        pdf = report_pdf(report, language)
        title = _("Weekly report: %(company)s") % {"company": subscription.company.name}
        link = settings.BASE_URL + reverse("reports:unsubscribe", args=[SIGNER.sign(str(subscription.pk))])
        context = {
            "title": title,
            "language": language,
            "lines": report_data(report, language)["changes"],
            "url": settings.BASE_URL + reverse("dashboard:stores"),
            "unsubscribe": link,
        }
        mail = EmailMultiAlternatives(
            settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + " ".join(title.split()),
            render_to_string("reports/mail.txt", context),
            to=[person.email],
            headers={
                "Message-ID": f"<{keyed_hash(what)}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>",
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{link}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
        mail.attach_alternative(render_to_string("reports/mail.html", context), "text/html")
        mail.attach(f"report-{at:%Y%m%d}.pdf", pdf, "application/pdf")
        mail.attach(f"report-{at:%Y%m%d}.xlsx", _workbook(report, language), XLSX)
    return mail


def _workbook(report: Report, language: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        write_xlsx(path, report_sheet(report), Reader(language, timezone.get_current_timezone()))
        return path.read_bytes()


def subscription_of_token(token: str) -> ReportSubscription | None:
    """Whose report a link stops; None for a link that we did not make, or a subscription that is gone."""
    try:
        key = SIGNER.unsign(token)
    except signing.BadSignature:
        return None
    return ReportSubscription.objects.select_related("company").filter(pk=int(key)).first()

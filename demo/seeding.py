"""The demo (IX-15): a believable year imported like anyone's data, its people, and the nights that close it."""

import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from core.events import record_event
from core.maintenance import stop_if_paused
from core.outbox.delivering import run_outbox
from core.sweeping import sweep
from core.timebase import SHANGHAI, days_between, performance_day
from demo.casework.channels import connect_channels
from demo.casework.desks import act_at_desks
from demo.casework.operations import act_as_operations
from demo.casework.play import Play
from demo.generator import DemoSummary, generate
from demo.resetting import building_alone, note_built
from insights.services.checks import check_stores
from insights.services.training import train_model
from intake.services import Options, open_import, run_import
from metrics.catalogue import Calendar
from metrics.facts.updating import apply_dirty
from metrics.rules.days import last_complete_day, run_begins
from metrics.services.night import run_night
from orders.services.examining import examine_messages
from orders.services.fakes import open_fake_dispatch_cases
from orders.services.manipulation import examine_reviews
from stores.actors import DEMO
from stores.models import Company, Membership, Store, User
from stores.purging import demo_companies, remove_company
from stores.roles import MORE as STAFF_ROLES
from stores.services import add_member, record_period

# Days whose scorecards are published as if the demo had been running: enough for every trend on the pages.
NIGHTS = 35
SEED = 20_260_301
SIGN_INS = "sign-ins.txt"
# Two of them: nobody decides a second appeal whose first they decided (BX-05).
STAFF = ("staff@example.com", "senior@example.com")

Say = Callable[[str], None]


@dataclass(frozen=True)
class SignIn:
    """How a person of the demo signs in."""

    email: str
    password: str
    what: str


def seed_demo(*, seed: int = SEED, at: datetime, scale: float = 1.0, nights: int = NIGHTS, say: Say) -> list[SignIn]:
    """Build the demo, anew where it is there; returns its sign-ins, which are also kept in DATA_DIR for the owner's
    eyes. Passwords that are kept there hold on. Raises BusyError.

    After it was killed it begins anew: what people did follows from the nights, so half a demo can't go on. Companies
    that are not the demo's stay as they are.
    """
    with building_alone():
        for company in demo_companies():
            remove_company(company=company, actor=DEMO, at=at)
        others = Company.objects.exists()
        if others:
            _catch_up(datetime.now(UTC))
        sign_ins = _build(seed=seed, at=at, scale=scale, nights=nights, say=say, has_others=others)
        note_built(at=at)
    return sign_ins


def _catch_up(now: datetime) -> None:
    """Do for other companies what the schedule would do by now, so that the demo's past finds nothing of theirs."""
    sweep(at=now)
    for examine in (examine_messages, examine_reviews):
        while examine(at=now):
            pass
    open_fake_dispatch_cases(at=now)
    while run_outbox(at=now).delivered:
        pass


def _build(*, seed: int, at: datetime, scale: float, nights: int, say: Say, has_others: bool) -> list[SignIn]:
    folder = settings.DATA_DIR / "demo"
    today = at.astimezone(SHANGHAI).date()
    say(_("Generating a year of data for 12 stores …"))
    summary = generate(seed=seed, today=today, folder=folder, scale=scale, now=at.replace(microsecond=0))
    _mark_companies(summary)
    for bundle in summary.bundles:
        _import(bundle, at, say)
    _close_stores(summary, at)
    sign_ins = _make_people(summary, at)
    stores = Store.objects.filter(company__is_demo=True)
    # Nights of the past are those of the demo's stores alone where there are others.
    store_nos = list(stores.values_list("store_no", flat=True)) if has_others else None
    last = last_complete_day(at, Calendar.PERFORMANCE)
    say(_("Computing facts …"))
    apply_dirty()
    play = Play(_reviewers())
    play.begin_reviews(at)
    first = last - timedelta(days=nights - 1)
    # The night before the first one came too late, as after an outage: its notices are historical (MX-09).
    run_night(day=first - timedelta(days=1), at=run_begins(first, Calendar.PERFORMANCE), store_nos=store_nos)
    for day in days_between(first, last):
        stop_if_paused()
        for calendar in (Calendar.PERFORMANCE, Calendar.RATING):
            night = min(run_begins(day, calendar), at)
            play.go_on(night)
            run_night(day=day, at=night, calendars=[calendar], store_nos=store_nos)
    act_at_desks(reviewers=_reviewers(), at=at)
    act_as_operations(reviewers=_reviewers(), at=at)
    play.appeal_lately(at)
    play.go_on(at)
    connect_channels(company_no=summary.companies[0][0], at=at)
    say(_("Learning which orders get into trouble …"))
    if not has_others:
        train_model(at=at)
    check_stores(store_ids=list(stores.values_list("pk", flat=True)), at=at)
    shutil.rmtree(folder, ignore_errors=True)
    _keep_sign_ins(sign_ins)
    return sign_ins


def _mark_companies(summary: DemoSummary) -> None:
    """Companies known as the demo's before anything of theirs comes in: what is left of a killed demo is theirs too."""
    Company.objects.bulk_create(
        [Company(company_no=number, name=name, is_demo=True) for number, name in summary.companies],
        ignore_conflicts=True,
    )


def _import(bundle: Path, at: datetime, say: Say) -> None:
    say(_("Importing %(name)s …") % {"name": bundle.name})
    job = open_import(path=bundle, options=Options(is_demo=True), actor=DEMO, at=at)
    report = run_import(job)
    if report is None or report.total("refused") or report.rejected_files:
        raise RuntimeError(f"the demo's own data was refused: see import {job.pk}")


def _close_stores(summary: DemoSummary, at: datetime) -> None:
    """A bundle can't say that a store was closed."""
    for made in summary.stores:
        store = Store.objects.get(store_no=made.store_no)
        if made.closed_at is None or store.status == Store.Status.CLOSED:
            continue
        store.status = Store.Status.CLOSED
        store.save(update_fields=["status"])
        record_period(store=store, day=performance_day(made.closed_at))
        record_event(
            kind="store.closed", subject_kind="store", subject_key=store.store_no, store_no=store.store_no,
            actor=DEMO, at=at, after={"status": store.status}, cause="DM-11",
        )  # fmt: skip


def _make_people(summary: DemoSummary, at: datetime) -> list[SignIn]:
    sign_ins, kept = [], _kept_passwords()
    for number, (company_no, name) in enumerate(summary.companies, start=1):
        roles = list(Membership.Role) if number == 1 else [Membership.Role.OWNER]
        for role in roles:
            email = f"{role}{'' if number == 1 else number}@example.com"
            sign_in = SignIn(email, _password(email, kept), f"{role.label} · {name}")
            person = _person(sign_in)
            add_member(company=Company.objects.get(company_no=company_no), user=person, role=role, actor=DEMO, at=at)
            sign_ins.append(sign_in)
    role_of_staff = _("operations: sets up a second factor first")
    staff = [SignIn(email, _password(email, kept), role_of_staff) for email in STAFF]
    for sign_in in staff:
        person = _person(sign_in)
        person.is_staff = True
        person.save()
        person.groups.set(Group.objects.filter(name__in=STAFF_ROLES))
    return [*sign_ins, *staff]


def _reviewers() -> tuple[User, User]:
    first, second = (User.objects.get(email=email) for email in STAFF)
    return first, second


def _password(email: str, kept: dict[str, str]) -> str:
    return kept.get(email) or secrets.token_urlsafe(9)


def _kept_passwords() -> dict[str, str]:
    """The passwords of a former demo: those of a public one are known to its visitors."""
    try:
        lines = (settings.DATA_DIR / SIGN_INS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return {words[0]: words[1] for line in lines if len(words := line.split()) > 1}


def _person(sign_in: SignIn) -> User:
    """The account as it was made, whatever a visitor of the demo did to it; its sessions end."""
    person = User.objects.filter(email=sign_in.email).first() or User(email=sign_in.email)
    Authenticator.objects.filter(user__email=sign_in.email).delete()
    person.name, person.is_active = sign_in.email.partition("@")[0], True
    person.set_password(sign_in.password)
    person.save()
    return person


def _keep_sign_ins(sign_ins: list[SignIn]) -> None:
    path = settings.DATA_DIR / SIGN_INS
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"  {row.email:<24} {row.password:<16} {row.what}\n" for row in sign_ins)

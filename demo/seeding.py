"""The demo (IX-15): a believable year imported like anyone's data, its people, and the nights that close it."""

import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from core.events import record_event
from core.timebase import SHANGHAI, days_between, performance_day
from demo.casework.channels import connect_channels
from demo.casework.desks import act_at_desks
from demo.casework.operations import act_as_operations
from demo.casework.play import Play
from demo.generator import DemoSummary, generate
from insights.services.checks import check_stores
from insights.services.training import train_model
from intake.services import Options, open_import, run_import
from metrics.catalogue import Calendar
from metrics.facts.updating import apply_dirty
from metrics.rules.days import last_complete_day, run_begins
from metrics.services.night import run_night
from stores.actors import DEMO
from stores.models import Company, Membership, Store, User
from stores.purging import demo_companies, remove_company
from stores.roles import MORE as STAFF_ROLES
from stores.services import add_member, record_period

# Days whose scorecards are published as if the demo had been running: enough for every trend on the pages.
NIGHTS = 35
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


def seed_demo(*, seed: int, at: datetime, scale: float = 1.0, nights: int = NIGHTS, say: Say) -> list[SignIn]:
    """Fill the database with the demo; returns its sign-ins, which are also kept in DATA_DIR for the owner's eyes.

    After it was killed it begins anew: what people did follows from the nights, so half a demo can't go on.
    """
    for company in demo_companies():
        remove_company(company=company, actor=DEMO, at=at)
    folder = settings.DATA_DIR / "demo"
    today = at.astimezone(SHANGHAI).date()
    say(_("Generating a year of data for 12 stores …"))
    summary = generate(seed=seed, today=today, folder=folder, scale=scale, now=at.replace(microsecond=0))
    _mark_companies(summary)
    for bundle in summary.bundles:
        _import(bundle, at, say)
    _close_stores(summary, at)
    sign_ins = _make_people(summary, at)
    last = last_complete_day(at, Calendar.PERFORMANCE)
    say(_("Computing facts …"))
    apply_dirty()
    play = Play(_reviewers())
    play.begin_reviews(at)
    first = last - timedelta(days=nights - 1)
    # The night before the first one came too late, as after an outage: its notices are historical (MX-09).
    run_night(day=first - timedelta(days=1), at=run_begins(first, Calendar.PERFORMANCE))
    for day in days_between(first, last):
        for calendar in (Calendar.PERFORMANCE, Calendar.RATING):
            night = min(run_begins(day, calendar), at)
            play.go_on(night)
            run_night(day=day, at=night, calendars=[calendar])
    act_at_desks(reviewers=_reviewers(), at=at)
    act_as_operations(reviewers=_reviewers(), at=at)
    play.appeal_lately(at)
    play.go_on(at)
    connect_channels(company_no=summary.companies[0][0], at=at)
    say(_("Learning which orders get into trouble …"))
    train_model(at=at)
    check_stores(store_ids=list(Store.objects.values_list("pk", flat=True)), at=at)
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
    sign_ins = []
    for number, (company_no, name) in enumerate(summary.companies, start=1):
        roles = list(Membership.Role) if number == 1 else [Membership.Role.OWNER]
        for role in roles:
            email = f"{role}{'' if number == 1 else number}@example.com"
            sign_in = SignIn(email, secrets.token_urlsafe(9), f"{role.label} · {name}")
            person = _person(sign_in)
            add_member(company=Company.objects.get(company_no=company_no), user=person, role=role, actor=DEMO, at=at)
            sign_ins.append(sign_in)
    staff = [SignIn(email, secrets.token_urlsafe(9), _("operations: sets up a second factor first")) for email in STAFF]
    for sign_in in staff:
        person = _person(sign_in)
        person.is_staff = True
        person.save()
        person.groups.set(Group.objects.filter(name__in=STAFF_ROLES))
    return [*sign_ins, *staff]


def _reviewers() -> tuple[User, User]:
    first, second = (User.objects.get(email=email) for email in STAFF)
    return first, second


def _person(sign_in: SignIn) -> User:
    person = User.objects.filter(email=sign_in.email).first() or User(email=sign_in.email)
    person.name = sign_in.email.partition("@")[0]
    person.set_password(sign_in.password)
    person.save()
    return person


def _keep_sign_ins(sign_ins: list[SignIn]) -> None:
    path = settings.DATA_DIR / SIGN_INS
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"  {row.email:<24} {row.password:<16} {row.what}\n" for row in sign_ins)

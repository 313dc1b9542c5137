"""What goes where, and when: a company's routes, schedules and chain, and a person's quiet hours (PG-18, BX-08)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.events import record_event
from notifications.models import ChainMember, CompanySchedule, PersonSchedule, Route
from notifications.queries.routing import channel_rules_at, routes_of
from notifications.rules import DIGEST_AT, ChannelName, MessageGroup, Pace
from stores.models import Company, Membership, User
from stores.principals import Person


@transaction.atomic
def choose_routes(
    *, company: Company, paces: Mapping[tuple[MessageGroup, ChannelName], Pace], actor: str, at: datetime
) -> None:
    """Keep how a company has groups of messages sent by channels; what is mandatory can't be changed (PN-02)."""
    present, rules = routes_of([company.pk]), channel_rules_at(at)
    chosen = {
        (group, channel): pace
        for (group, channel), pace in paces.items()
        if not rules.is_mandatory(group, channel) and present.get((company.pk, group, channel)) != pace
    }
    Route.objects.bulk_create(
        [
            Route(company=company, group=group.value, channel=channel.value, pace=pace.value)
            for (group, channel), pace in chosen.items()
        ],
        update_conflicts=True,
        unique_fields=["company", "group", "channel"],
        update_fields=["pace"],
    )
    after = {f"{group} {channel}": pace.value for (group, channel), pace in chosen.items()}
    _record("routes.chosen", company, actor, at, after)


@transaction.atomic
def schedule_company(
    *,
    company: Company,
    quiet_from: time | None,
    quiet_until: time | None,
    digest_at: time = DIGEST_AT,
    time_zone: str = "Asia/Shanghai",
    chain_hours: int | None = None,
    actor: str,
    at: datetime,
) -> None:
    """Keep a company's quiet hours, digest and pause of the chain. Raises ValidationError."""
    _check_hours(quiet_from, quiet_until)
    _check_zone(time_zone)
    values = {
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "digest_at": digest_at,
        "time_zone": time_zone,
        "chain_hours": chain_hours,
    }
    CompanySchedule.objects.update_or_create(company=company, defaults=values)
    after = {name: None if value is None else str(value) for name, value in values.items()}
    _record("schedule.chosen", company, actor, at, after)


@transaction.atomic
def schedule_person(
    *, user: User, quiet_from: time | None, quiet_until: time | None, digest_at: time = DIGEST_AT, at: datetime
) -> None:
    """Keep a person's own quiet hours and digest, in the person's zone. Raises ValidationError."""
    _check_hours(quiet_from, quiet_until)
    values = {"quiet_from": quiet_from, "quiet_until": quiet_until, "digest_at": digest_at}
    PersonSchedule.objects.update_or_create(user=user, defaults=values)
    record_event(
        kind="schedule.personal",
        subject_kind="person",
        subject_key=str(user.pk),
        actor=Person(user).actor,
        at=at,
        cause="BX-08",
    )


@transaction.atomic
def choose_chain(*, company: Company, steps: Sequence[Sequence[User]], actor: str, at: datetime) -> None:
    """Keep in which order members are told of a red notice that nobody opens; no steps: by role. Raises
    ValidationError for somebody who is no member, or is named twice."""
    people = [user.pk for step in steps for user in step]
    members = Membership.objects.filter(company=company, user__in=people).count()
    if len(set(people)) != len(people) or members != len(people):
        raise ValidationError(_("Name each member of the company once at most."))
    ChainMember.objects.filter(company=company).delete()
    ChainMember.objects.bulk_create(
        [ChainMember(company=company, user=user, place=place) for place, step in enumerate(steps) for user in step]
    )
    after = {"steps": [[Person(user).actor for user in step] for step in steps]}
    _record("chain.chosen", company, actor, at, after)


def _check_hours(quiet_from: time | None, quiet_until: time | None) -> None:
    if (quiet_from is None) != (quiet_until is None):
        raise ValidationError(_("Give both ends of the quiet hours, or none."))


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValidationError(_("There is no such time zone.")) from error


def _record(kind: str, company: Company, actor: str, at: datetime, after: dict[str, Any]) -> None:
    record_event(
        kind=kind,
        subject_kind="company",
        subject_key=company.company_no,
        company_no=company.company_no,
        actor=actor,
        at=at,
        after=after,
        cause="PG-18",
    )

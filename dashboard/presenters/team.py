"""The page of a company's people (PG-18, BX-08)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.components import Banner
from dashboard.forms.team import InviteForm, RoleForm
from dashboard.presenters.message_settings import MessagesPart
from dashboard.queries.team import Member, Team
from notifications.presenters.unheard import unheard_banners
from rulebook.policy import Policy
from stores.context_processors import nav
from stores.models import Company, Invitation, Membership, User
from stores.services.inviting import INVITATION_DAYS

Role = Membership.Role


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member. What only owners see and do is empty for others."""

    name: str
    email: str
    role: str
    is_self: bool
    last_seen_at: datetime | None
    has_second_factor: bool
    is_stopped: bool
    form: RoleForm | None
    role_url: str
    remove_url: str
    ownership_url: str


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation that was not accepted yet."""

    invitation: Invitation
    is_expired: bool
    withdraw_url: str


@dataclass(frozen=True, slots=True)
class TeamPage:
    """What templates/dashboard/team.html reads. ``link``: that of an invitation made just now."""

    nav: dict[str, Any]
    company: Company
    members: list[MemberRow]
    invitations: list[InvitationRow]
    form: InviteForm | None
    link: str
    link_days: str
    chain: list[str]
    chain_hours: str
    reminder_hours: str
    open_hours: str
    is_owner: bool
    banners: Sequence[Banner]
    message_settings: MessagesPart


def team_page_of(
    request: HttpRequest,
    team: Team,
    message_settings: MessagesPart,
    policy: Policy,
    now: datetime,
    *,
    form: InviteForm | None = None,
    link: str = "",
    banner: Banner | None = None,
) -> TeamPage:
    """The page; ``form``: one that was filled in wrongly."""
    return TeamPage(
        nav=nav(request, current="team"),
        company=team.company,
        members=[_member(team, member, request) for member in team.members],
        invitations=[_invitation(team.company, one, now) for one in team.invitations],
        form=(form or InviteForm()) if team.is_owner else None,
        link=link,
        link_days=formats.number(INVITATION_DAYS),
        chain=[_people(step) for step in team.chain],
        chain_hours=formats.number(team.chain_hours),
        reminder_hours=" / ".join(formats.number(hours) for hours in policy.notices.open_reminder_hours),
        open_hours=formats.number(policy.notices.open_hours),
        is_owner=team.is_owner,
        banners=[*([banner] if banner else []), *unheard_banners([team.unheard] if team.unheard else [])],
        message_settings=message_settings,
    )


def _people(people: Sequence[User]) -> str:
    return _(", ").join(str(user) for user in people)


def _member(team: Team, member: Member, request: HttpRequest) -> MemberRow:
    user, own = member.user, team.is_owner
    is_self = user.pk == request.user.pk
    address = [team.company.company_no, user.pk]
    return MemberRow(
        name=user.name or (user.email if own or is_self else _("member without a name")),
        email=user.email if own or is_self else "",
        role=member.membership.get_role_display(),
        is_self=is_self,
        last_seen_at=member.last_seen_at if own else None,
        has_second_factor=member.has_second_factor,
        is_stopped=member.is_stopped and own,
        form=RoleForm(initial={"role": member.membership.role}, prefix=f"m{user.pk}") if own else None,
        role_url=reverse("dashboard:member_role", args=address),
        remove_url=reverse("dashboard:member_remove", args=address),
        ownership_url=reverse("dashboard:member_ownership", args=address)
        if own and not is_self and member.membership.role != Role.OWNER
        else "",
    )


def _invitation(company: Company, invitation: Invitation, now: datetime) -> InvitationRow:
    return InvitationRow(
        invitation,
        is_expired=invitation.expires_at < now,
        withdraw_url=reverse("dashboard:invitation_withdraw", args=[company.company_no, invitation.pk]),
    )

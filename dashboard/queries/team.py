"""The people of a company: members, invitations, and who is told of a red notice (PG-18, BX-08)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Max

from notifications.models import StoppedAddress
from notifications.queries.recipients import chain_of, chain_pauses, chain_places, members_of
from notifications.queries.unheard import Unheard, unheard_company
from stores.models import Company, Invitation, Membership, User
from stores.principals import Person
from stores.services import open_invitations

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True, slots=True)
class Member:
    """A membership with when the person was here last, whether sign-in takes two steps, and whether mail arrives."""

    membership: Membership
    last_seen_at: datetime | None
    has_second_factor: bool
    is_stopped: bool

    @property
    def user(self) -> User:
        return self.membership.user


@dataclass(frozen=True, slots=True)
class Team:
    """What the page of a company's people shows; ``invitations`` are for owners only."""

    company: Company
    members: Sequence[Member]
    invitations: Sequence[Invitation]
    chain: Sequence[Sequence[User]]
    chain_hours: int
    is_owner: bool
    unheard: Unheard | None


def team_page(person: Person, company: Company, at: datetime) -> Team:
    """The people of a company as one of them sees them."""
    memberships = members_of([company.pk])[company.pk]
    role = next((one.role for one in memberships if one.user_id == person.user.pk), "")
    is_owner = role == Membership.Role.OWNER
    return Team(
        company=company,
        members=_members(memberships),
        invitations=list(open_invitations(company).select_related("created_by")) if is_owner else [],
        chain=chain_of(memberships, None, chain_places([company.pk]).get(company.pk)),
        chain_hours=int(chain_pauses([company.pk], at)[company.pk].total_seconds()) // 3600,
        is_owner=is_owner,
        unheard=unheard_company(company, at) if is_owner else None,
    )


def _members(memberships: Sequence[Membership]) -> list[Member]:
    users = [one.user_id for one in memberships]
    seen = dict(UserSession.objects.filter(user__in=users).values_list("user").annotate(Max("last_seen_at")))
    strong = set(Authenticator.objects.filter(user__in=users, type__in=STRONG).values_list("user", flat=True))
    addresses = [one.user.email for one in memberships]
    stopped = set(StoppedAddress.objects.filter(address__in=addresses).values_list("address", flat=True))
    return [
        Member(
            one,
            max((instant for instant in (seen.get(one.user_id), one.user.last_login) if instant), default=None),
            one.user_id in strong,
            one.user.email in stopped,
        )
        for one in memberships
    ]

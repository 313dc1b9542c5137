"""Inviting people into a company by a link that works once (PG-18)."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.events import record_event
from core.rules import has_lapsed
from stores.models import Company, Invitation, Membership, User
from stores.principals import Person
from stores.services.companies import add_member

INVITATION_DAYS = 7
INVITATIONS_A_DAY = 20


class AlreadyMemberError(ValidationError):
    """The address belongs to a member of the company."""

    def __init__(self) -> None:
        super().__init__(_("This person is a member already."), code="member")


class TooManyInvitationsError(ValidationError):
    """The company invited as many people within a day as it may."""

    def __init__(self) -> None:
        text = _("A company can invite %(count)s people a day. Try again tomorrow.")
        super().__init__(text % {"count": INVITATIONS_A_DAY}, code="too_many")


class InvitationGoneError(LookupError):
    """The invitation was accepted or withdrawn, or its time is over."""


class AddressTakenError(ValidationError):
    """The address has an account, whose owner has to sign in."""

    def __init__(self) -> None:
        super().__init__(_("No account could be opened. If you have one with this address, sign in."), code="taken")


@transaction.atomic
def invite_member(*, company: Company, email: str, role: str, inviter: User, at: datetime) -> tuple[Invitation, str]:
    """Invite an address; returns the token of the link too, which is stored nowhere. An earlier invitation of the
    address is withdrawn. Raises AlreadyMemberError and TooManyInvitationsError."""
    Company.objects.select_for_update().get(pk=company.pk)
    email = email.lower()
    if Membership.objects.filter(company=company, user__email=email).exists():
        raise AlreadyMemberError
    if company.invitations.filter(created_at__gt=at - timedelta(days=1)).count() >= INVITATIONS_A_DAY:
        raise TooManyInvitationsError
    actor = Person(inviter).actor
    for earlier in open_invitations(company).filter(email=email):
        withdraw_invitation(invitation=earlier, actor=actor, at=at)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        company=company,
        email=email,
        role=role,
        token_hash=_hash(token),
        created_at=at,
        created_by=inviter,
        expires_at=at + timedelta(days=INVITATION_DAYS),
    )
    _record("member.invited", invitation, actor, at)
    return invitation, token


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, actor: str, at: datetime) -> bool:
    """The link works no more. False where it worked no more before."""
    Company.objects.select_for_update().get(pk=invitation.company_id)
    if open_invitations(invitation.company).filter(pk=invitation.pk).update(withdrawn_at=at) != 1:
        return False
    _record("invitation.withdrawn", invitation, actor, at)
    return True


def open_invitations(company: Company) -> QuerySet[Invitation]:
    """Those that were neither accepted nor withdrawn, expired ones too; newest first."""
    return Invitation.objects.filter(company=company, accepted_at=None, withdrawn_at=None).order_by(
        "-created_at", "-id"
    )


def find_invitation(token: str, *, at: datetime) -> Invitation | None:
    """The invitation of a link that works at ``at``."""
    rows = Invitation.objects.select_related("company").filter(token_hash=_hash(token))
    found = rows.filter(accepted_at=None, withdrawn_at=None).first()
    return None if found is None or has_lapsed(found.expires_at, at) else found


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: User, at: datetime) -> Membership:
    """Make the person whose address was invited a member; who is one already keeps the role.

    Raises InvitationGoneError where the link works no more, or not for this person.
    """
    if user.email != invitation.email or has_lapsed(invitation.expires_at, at):
        raise InvitationGoneError
    # First the company, as those who invite and withdraw do: so neither waits for the other's row.
    Company.objects.select_for_update().get(pk=invitation.company_id)
    if open_invitations(invitation.company).filter(pk=invitation.pk).update(accepted_at=at, accepted_by=user) != 1:
        raise InvitationGoneError
    actor = Person(user).actor
    _record("invitation.accepted", invitation, actor, at)
    present = Membership.objects.filter(company=invitation.company, user=user).first()
    return present or add_member(company=invitation.company, user=user, role=invitation.role, actor=actor, at=at)


@transaction.atomic
def join_with_account(
    *, invitation: Invitation, name: str, password: str, language: str, at: datetime
) -> tuple[User, Membership]:
    """Open an account with the invited address, for which the owner vouches, and accept with it. Raises
    AddressTakenError and InvitationGoneError."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, name=name, language=language)
    except IntegrityError as error:
        # The form was sent twice, or somebody opened the account meanwhile.
        raise AddressTakenError from error
    return user, accept_invitation(invitation=invitation, user=user, at=at)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _record(kind: str, invitation: Invitation, actor: str, at: datetime) -> None:
    record_event(
        kind=kind,
        subject_kind="invitation",
        # No address: the log keeps no personal data (DM-33).
        subject_key=f"{invitation.company.company_no}/{invitation.pk}",
        company_no=invitation.company.company_no,
        actor=actor,
        at=at,
        after={"role": invitation.role},
        cause="PG-18",
    )

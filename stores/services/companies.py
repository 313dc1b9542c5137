"""What changes in companies, their members and stores."""

from datetime import date, datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.dirty import mark_stores_dirty
from core.events import record_event
from core.timebase import EPOCH_DAY, performance_day
from stores.models import Company, Membership, ShownCode, Store, StorePeriod, User
from stores.numbering import check_number

# Periods of 30 seconds after which a code is wrong anyway.
CODES_KEPT = 10


class LastOwnerError(ValidationError):
    """A company would be left without an owner, so that nobody could manage its people any more."""

    def __init__(self) -> None:
        super().__init__(_("A company needs an owner. Make another member owner first."), code="last_owner")


# ── Companies and members ──────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def create_company(
    *,
    company_no: str,
    name: str,
    actor: str,
    at: datetime,
    license_no: str = "",
    controller_id: str = "",
    owner: User | None = None,
) -> Company:
    """Make a company, with its first owner when one is named. Raises ValidationError for a number that can't be one,
    IntegrityError when it is taken."""
    check_number(company_no)
    company = Company.objects.create(
        company_no=company_no, name=name, license_no=license_no, controller_id=controller_id
    )
    record_event(
        kind="company.created",
        subject_kind="company",
        subject_key=company_no,
        company_no=company_no,
        actor=actor,
        at=at,
        after={"company_no": company_no},
    )
    if owner is not None:
        add_member(company=company, user=owner, role=Membership.Role.OWNER, actor=actor, at=at)
    return company


@transaction.atomic
def add_member(*, company: Company, user: User, role: str, actor: str, at: datetime) -> Membership:
    """Give a person a role in a company, or another one (DM-01). Raises LastOwnerError when it was the last owner's."""
    Company.objects.select_for_update().get(pk=company.pk)
    membership = Membership.objects.filter(company=company, user=user).first()
    former = membership.role if membership else None
    if membership and former == role:
        return membership
    if membership is None:
        membership = Membership(company=company, user=user)
    elif former == Membership.Role.OWNER:
        _require_other_owner(membership)
    membership.role = role
    membership.save()
    _record_membership("member.added" if former is None else "member.changed", membership, actor, at, former, role)
    return membership


@transaction.atomic
def change_role(*, company: Company, user: User, role: str, actor: str, at: datetime) -> Membership:
    """`add_member` for who is a member. Raises Membership.DoesNotExist for who left meanwhile, who is not let in again
    by it, and LastOwnerError."""
    Company.objects.select_for_update().get(pk=company.pk)
    Membership.objects.get(company=company, user=user)
    return add_member(company=company, user=user, role=role, actor=actor, at=at)


@transaction.atomic
def remove_member(*, company: Company, user: User, actor: str, at: datetime) -> bool:
    """End a person's membership; from the next request on they see nothing of the company.

    Returns False when there was none; raises LastOwnerError for the last owner.
    """
    # The company's row is the lock: two owners who remove each other at once must not both succeed.
    Company.objects.select_for_update().get(pk=company.pk)
    membership = Membership.objects.filter(company=company, user=user).first()
    if membership is None:
        return False
    if membership.role == Membership.Role.OWNER:
        _require_other_owner(membership)
    membership.delete()
    _record_membership("member.removed", membership, actor, at, membership.role, None)
    return True


@transaction.atomic
def hand_over_ownership(*, company: Company, owner: User, to: User, actor: str, at: datetime) -> None:
    """Make another member owner and the present one manager. Raises Membership.DoesNotExist where ``owner`` is none, or
    ``to`` no member (any more)."""
    Company.objects.select_for_update().get(pk=company.pk)
    former = Membership.objects.get(company=company, user=owner, role=Membership.Role.OWNER)
    successor = Membership.objects.get(company=company, user=to, user__is_active=True)
    for membership, role in ((successor, Membership.Role.OWNER), (former, Membership.Role.MANAGER)):
        before, membership.role = membership.role, role
        membership.save(update_fields=["role"])
        _record_membership("member.changed", membership, actor, at, before, role)


def _require_other_owner(membership: Membership) -> None:
    owners = Membership.objects.filter(company=membership.company_id, role=Membership.Role.OWNER, user__is_active=True)
    if not owners.exclude(user=membership.user_id).exists():
        raise LastOwnerError


def _record_membership(
    kind: str, membership: Membership, actor: str, at: datetime, former: str | None, role: str | None
) -> None:
    company_no = membership.company.company_no
    record_event(
        kind=kind,
        subject_kind="membership",
        # A person is named by number: the log keeps no personal data of whom it speaks (DM-33).
        subject_key=f"{company_no}/{membership.user_id}",
        company_no=company_no,
        actor=actor,
        at=at,
        before={"role": former} if former else {},
        after={"role": role} if role else {},
        cause="DM-01",
    )


# ── People ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def disable_person(*, user: User, actor: str, at: datetime) -> None:
    """Close a person's account: no sign-in any more, and every session ends now (RL-11)."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    record_event(
        kind="person.disabled", subject_kind="person", subject_key=str(user.pk), actor=actor, at=at, cause="RL-11"
    )


@transaction.atomic
def end_sessions(user: User, *, but: str | None = None) -> None:
    """End every session of a person, but for the one with the key ``but``."""
    ending = UserSession.objects.filter(user=user).exclude(session_key=but or "")
    Session.objects.filter(session_key__in=list(ending.values_list("session_key", flat=True))).delete()
    ending.delete()


# ── Stores ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def record_period(*, store: Store, day: date) -> bool:
    """Note that the store's level, category and status as they are now hold from ``day`` on (DM-11).

    Call it in the transaction that changes them. The first period holds since ever. Returns whether a new period
    began; later periods stay as they are.
    """
    present = {"level": store.level, "primary_category": store.primary_category, "status": store.status}
    periods = StorePeriod.objects.filter(store=store)
    former = periods.filter(effective_from__lte=day).order_by("-effective_from").first()
    if former is not None and present == {name: getattr(former, name) for name in present}:
        return False
    start = day if former is not None or periods.exists() else EPOCH_DAY
    StorePeriod.objects.update_or_create(store=store, effective_from=start, defaults=present)
    # What is computed for the store depends on it (MX-02).
    mark_stores_dirty(store_ids=[store.pk])
    return True


@transaction.atomic
def change_status(*, store: Store, status: str, at: datetime, actor: str, cause: str) -> bool:
    """Change a store's status from the performance day of ``at`` on (DM-11); False where it is that already."""
    before = Store.objects.select_for_update(no_key=True).values_list("status", flat=True).get(pk=store.pk)
    store.status = before
    if before == status:
        return False
    # What holds for all earlier days is the status that it had.
    record_period(store=store, day=performance_day(at))
    store.status = status
    store.save(update_fields=["status"])
    record_period(store=store, day=performance_day(at))
    record_event(
        kind="store.status_changed",
        subject_kind="store",
        subject_key=store.store_no,
        store_no=store.store_no,
        company_no=store.company.company_no,
        actor=actor,
        at=at,
        before={"status": before},
        after={"status": status},
        cause=cause,
    )
    return True


def use_code(*, user: User, counter: int) -> bool:
    """Note that the code of a period was shown; False when it was before, even a moment ago (RL-11)."""
    try:
        with transaction.atomic():
            ShownCode.objects.create(user=user, counter=counter)
    except IntegrityError:
        return False
    ShownCode.objects.filter(user=user, counter__lt=counter - CODES_KEPT).delete()
    return True

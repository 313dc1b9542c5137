"""Claims of what people of operations decide: one person at a time, until the claim is released or runs out (RL-06).

A model inherits `ClaimedModel`. Every change of a claim compares and swaps, under a condition of the caller that the
row still waits, such as ``Q(state="open")``. The minutes are policy's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from core.rules import has_lapsed
from core.timebase import from_epoch, to_epoch
from rulebook.queries import policy_at
from stores.models import Membership, User


class ClaimedModel(models.Model):
    """A row that ``claimed_by`` decides on until ``claimed_until``, its last second included (RL-05)."""

    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("claimed by")
    )
    claimed_until = InstantField(_("claimed until"), null=True)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=ClaimedModel)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has claimed a row until when; ``mine``: the reader."""

    name: str
    until: datetime | None
    mine: bool


# ── Who has it ─────────────────────────────────────────────────────────────────────────────────────────────────────


def unclaimed(at: datetime) -> Q:
    """The rows that nobody has claimed at an instant; the whole last second of a claim is claimed (RL-05)."""
    return Q(claimed_by=None) | Q(claimed_until__lt=from_epoch(to_epoch(at)))


def free_for(person: User, at: datetime) -> Q:
    """The rows that nobody else has claimed."""
    return unclaimed(at) | Q(claimed_by=person)


def is_claimed(row: ClaimedModel, at: datetime) -> bool:
    """Whether somebody has a claim that still holds."""
    return row.claimed_by_id is not None and row.claimed_until is not None and not has_lapsed(row.claimed_until, at)


def holder_of(row: ClaimedModel, *, user: User, at: datetime) -> Holder | None:
    """Who has a claim that still holds, as ``user`` sees it."""
    if row.claimed_by is None or not is_claimed(row, at):
        return None
    return Holder(name_of(row.claimed_by), row.claimed_until, row.claimed_by_id == user.pk)


def name_of(user: User | None) -> str:
    """A colleague's name; a dash for an account that is gone."""
    return (user.name or user.get_username()) if user else "–"


# ── Who may have it ────────────────────────────────────────────────────────────────────────────────────────────────


def is_of_company(person: User, company_id: int) -> bool:
    """Whether the person is a member of the company, and so no judge of its matters."""
    return Membership.objects.filter(user=person, company=company_id).exists()


def people_who_may(permission: str, *, company_id: int) -> QuerySet[User]:
    """The staff with a permission (``app.codename``) who are no members of the company, by name."""
    return staff_who_may(permission).exclude(memberships__company=company_id)


def staff_who_may(permission: str) -> QuerySet[User]:
    """The staff with a permission (``app.codename``), by name."""
    app_label, _dot, codename = permission.partition(".")
    held = Permission.objects.filter(content_type__app_label=app_label, codename=codename)
    entitled = Q(is_superuser=True) | Q(groups__permissions__in=held) | Q(user_permissions__in=held)
    people = User.objects.filter(entitled, is_active=True, is_staff=True)
    return people.distinct().order_by("name", "email")


# ── Claim, release, hand over ──────────────────────────────────────────────────────────────────────────────────────


def claim_end(at: datetime) -> datetime:
    """The last second of a claim made at ``at``."""
    return at + timedelta(minutes=policy_at(at).appeals.claim_minutes)


def claim(row: ClaimedModel, *, waits: Q, person: User, at: datetime) -> bool:
    """Claim a row, or extend one's own claim; False where it waits no more or is somebody else's. ``row`` then holds
    the present claim."""
    rows = _rows_of(row).filter(free_for(person, at), waits)
    claimed = rows.update(claimed_by=person, claimed_until=claim_end(at)) == 1
    row.refresh_from_db(fields=["claimed_by", "claimed_until"])
    return claimed


def release(row: ClaimedModel, *, waits: Q, person: User) -> bool:
    """Give a row back; False where it was no longer the person's."""
    rows = _rows_of(row).filter(waits, claimed_by=person)
    return rows.update(claimed_by=None, claimed_until=None) == 1


def hand_over(row: ClaimedModel, *, waits: Q, holder: User | None, to: User, at: datetime) -> bool:
    """Give the claim of ``holder`` (None: nobody's) to somebody else, for whom it begins anew; False where it was not
    the holder's any more."""
    rows = _rows_of(row).filter(waits, claimed_by=holder)
    return rows.update(claimed_by=to, claimed_until=claim_end(at)) == 1


def _rows_of(row: Row) -> QuerySet[Row]:
    return type(row)._default_manager.filter(pk=row.pk)

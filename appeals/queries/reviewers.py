"""Who may review an appeal, and which are claimed (AP-04, BX-05, BX-07)."""

from datetime import datetime

from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet

from appeals.models import Appeal, AppealReview
from appeals.rules import Bar
from core.timebase import from_epoch, to_epoch
from stores.models import Membership, User

REVIEW_PERMISSION = "appeals.review_appeal"
REASSIGN_PERMISSION = "appeals.reassign_appeal"


def bar_of(appeal: Appeal, reviewer: User) -> Bar | None:
    """Why the person may not review the appeal, if anything stands against it."""
    deciders = {appeal.decided_by_id, appeal.previous.decided_by_id if appeal.previous else None}
    if reviewer.pk in deciders:
        return Bar.DECIDED_BEFORE
    if Membership.objects.filter(user=reviewer, company=appeal.store.company_id).exists():
        return Bar.OWN_COMPANY
    return None


def blind_bar_of(appeal: Appeal, reviewer: User) -> Bar | None:
    """Why the person may not decide the appeal a second time blind: nobody who has decided on it before is blind."""
    decided = AppealReview.objects.filter(
        appeal__in=[appeal.pk, appeal.previous_id], reviewer=reviewer, decided_at__isnull=False
    )
    return Bar.DECIDED_BEFORE if decided.exists() else bar_of(appeal, reviewer)


def reviewers_for(appeal: Appeal) -> QuerySet[User]:
    """The people to whom the appeal can be handed over."""
    codename = REVIEW_PERMISSION.partition(".")[2]
    permission = Permission.objects.filter(content_type__app_label="appeals", codename=codename)
    entitled = Q(is_superuser=True) | Q(groups__permissions__in=permission) | Q(user_permissions__in=permission)
    deciders = [pk for pk in (appeal.decided_by_id, appeal.previous and appeal.previous.decided_by_id) if pk]
    return (
        User.objects.filter(entitled, is_active=True, is_staff=True)
        .exclude(pk__in=deciders)
        .exclude(memberships__company=appeal.store.company_id)
        .distinct()
        .order_by("name", "email")
    )


def unclaimed(at: datetime) -> Q:
    """The rows that nobody has claimed at an instant; the whole last second of a claim is claimed (RL-05)."""
    return Q(claimed_by=None) | Q(claimed_until__lt=from_epoch(to_epoch(at)))


def free_for(reviewer: User, at: datetime) -> Q:
    """The rows that nobody else has claimed."""
    return unclaimed(at) | Q(claimed_by=reviewer)

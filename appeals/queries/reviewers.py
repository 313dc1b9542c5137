"""Who may review an appeal (AP-04, BX-05, BX-07)."""

from django.db.models import QuerySet

from appeals.models import Appeal, AppealReview
from appeals.rules import Bar
from stores.claims import is_of_company, people_who_may
from stores.models import User

REVIEW_PERMISSION = "appeals.review_appeal"
REASSIGN_PERMISSION = "appeals.reassign_appeal"


def bar_of(appeal: Appeal, reviewer: User) -> Bar | None:
    """Why the person may not review the appeal, if anything stands against it."""
    deciders = {appeal.decided_by_id, appeal.previous.decided_by_id if appeal.previous else None}
    if reviewer.pk in deciders:
        return Bar.DECIDED_BEFORE
    if is_of_company(reviewer, appeal.store.company_id):
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
    deciders = [pk for pk in (appeal.decided_by_id, appeal.previous and appeal.previous.decided_by_id) if pk]
    return people_who_may(REVIEW_PERMISSION, company_id=appeal.store.company_id).exclude(pk__in=deciders)

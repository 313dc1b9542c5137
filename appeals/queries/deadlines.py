"""The deadlines of appeals: their kinds, and those of given appeals (PN-09, AP-05a)."""

from collections.abc import Collection

from appeals.models import Appeal
from core.models import Deadline
from stores.models import Store

SUBJECT = "appeal"
# Operations decide by then.
REVIEW = "appeal_review"
# The seller hands in what a reviewer asked for by then.
SUPPLEMENT = "appeal_supplement"
# The seller submits a draft by then.
DRAFT = "appeal_draft"
KINDS = (DRAFT, REVIEW, SUPPLEMENT)


def deadlines_of(store: Store, numbers: Collection[str]) -> dict[str, dict[str, Deadline]]:
    """The latest deadline of each kind: number of the appeal → kind → deadline."""
    found: dict[str, dict[str, Deadline]] = {number: {} for number in numbers}
    rows = Deadline.objects.filter(store_id=store.pk, subject_kind=SUBJECT, subject_key__in=found, kind__in=KINDS)
    for deadline in rows.order_by("id"):
        found[deadline.subject_key][deadline.kind] = deadline
    return found


def latest_deadline(appeal: Appeal, kind: str) -> Deadline | None:
    """The appeal's deadline of a kind that was opened last."""
    rows = Deadline.objects.filter(store_id=appeal.store_id, kind=kind, subject_kind=SUBJECT, subject_key=appeal.number)
    return rows.order_by("-id").first()

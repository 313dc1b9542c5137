"""One side of a dispute as the Smart Check examines it: its evidence and the disputed order (DP-09, DP-19)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from appeals.checks.cases import Case, CheckedFile, CheckedOrder
from appeals.checks.loading import other_numbers
from appeals.models import AppealFile
from appeals.queries.on_record import kinds_on_record
from appeals.rules import AppealKind
from disputes.models import Dispute, DisputeEvidence
from orders.models import Order
from orders.queries.parcels import numbers_of_orders
from rulebook.queries import policy_at


def load_side(dispute: Dispute, side: str, at: datetime) -> Case:
    """The evidence of a side with the order, read as a verdict's appeal is; ``dispute`` has its store loaded.

    What the buyer gives need not be of the kinds that a seller needs.
    """
    terms = policy_at(at).disputes
    evidence = list(DisputeEvidence.objects.filter(dispute=dispute, side=side).select_related("file").order_by("pk"))
    files = _files(dispute, [one for one in evidence if one.file is not None])
    is_seller = side == DisputeEvidence.Side.SELLER
    return Case(
        kind=AppealKind.VERDICT,
        at=at,
        orders=(_order(dispute, evidence, at),),
        files=files,
        needed=terms.needed_evidence if is_seller else {},
        valid=frozenset(terms.evidence_kinds) if is_seller else frozenset(),
        others=other_numbers(dispute.store.company_id, [dispute.order], files),
    )


def _order(dispute: Dispute, evidence: Sequence[DisputeEvidence], at: datetime) -> CheckedOrder:
    order: Order = dispute.order
    known = kinds_on_record(store=dispute.store, dispute=dispute, order_ids=[order.pk], at=at)
    begun = [instant for instant in (order.shipped_at, order.first_scan_at) if instant is not None]
    return CheckedOrder(
        order_no=order.order_no,
        exception=dispute.kind,
        numbers=tuple(sorted(numbers_of_orders([order])[order.pk])),
        site=order.site,
        created_at=order.created_at,
        ship_by=order.ship_by,
        dispatched_at=min(begun) if begun else None,
        at_hand=known.get(order.pk, frozenset()) | {one.kind for one in evidence if one.file is None},
    )


def _files(dispute: Dispute, rows: Sequence[DisputeEvidence]) -> tuple[CheckedFile, ...]:
    reused = _reused(dispute, [row.file_id for row in rows if row.file_id])
    return tuple(
        CheckedFile(
            id=row.pk,
            place=place,
            name=row.name,
            kind=row.kind,
            content=row.file.kind,
            facts=row.file.facts,
            reused_in=tuple(reused[row.file.pk]),
        )
        for place, row in enumerate(rows, 1)
        if row.file is not None
    )


def _reused(dispute: Dispute, file_ids: Collection[int]) -> dict[int, list[str]]:
    """Where the company handed in the same files: other disputes, and appeals about something else. Those of other
    stores are not named."""
    found: dict[int, list[str]] = defaultdict(list)
    company = dispute.store.company_id
    disputes = DisputeEvidence.objects.filter(file__in=file_ids, dispute__store__company=company).exclude(
        dispute=dispute
    )
    for file_id, store_id, number in disputes.values_list("file_id", "store_id", "dispute__dispute_no"):
        found[file_id].append(number if store_id == dispute.store_id else "")
    appeals = AppealFile.objects.filter(file__in=file_ids, appeal__store__company=company, appeal__submitted_at__gt=0)
    for file_id, store_id, number in appeals.exclude(appeal__dispute=dispute).values_list(
        "file_id", "appeal__store_id", "appeal__number"
    ):
        found[file_id].append(number if store_id == dispute.store_id else "")
    return found

"""Removes data of buyers once it is as old as policy says (RL-14). May run twice and be killed at any point."""

import shutil
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from core.events import SYSTEM, record_event
from disputes.models import Dispute
from evidence.services.expiring import remove_expired_content
from intake.models import ErasedBuyer, Import
from intake.personal.buyers import ERASED, digest_of, erase_buyer
from intake.personal.columns import COLUMNS, PersonalColumn
from orders.models import Order, OrderState
from rulebook.queries import policy_at

EVENT_PURGED = "personal.purged"
# Rows of one transaction.
AT_ONCE = 500
# For so long after an erasure imports are looked through that ran at the same time.
MISSED = timedelta(days=3)
UNDER_WAY = (OrderState.CREATED, OrderState.PAID, OrderState.SHIPPED)


def purge_personal(*, at: datetime) -> dict[str, int]:
    """Remove addresses and texts of orders that are old enough and over, evidence of cases that ended as long ago, and
    files of rejected rows; returns how many rows of each column. Figures don't change."""
    ages = policy_at(at).privacy
    days = {column: getattr(ages, column.group) for column in COLUMNS}
    removed = {column.name: _purge(column, at - timedelta(days=age)) for column, age in days.items() if age is not None}
    removed["erased"] = _erase_missed(at)
    removed["evidence"] = remove_expired_content(before=at - timedelta(days=ages.evidence_days), at=at)
    removed["imports"] = _purge_rejected(at - timedelta(days=ages.rejected_days))
    removed = {name: rows for name, rows in removed.items() if rows}
    if removed:
        record_event(
            kind=EVENT_PURGED,
            subject_kind="personal_data",
            subject_key=at.date().isoformat(),
            actor=SYSTEM,
            at=at,
            cause="RL-14",
            after=removed,
        )
    return removed


def _purge(column: PersonalColumn, before: datetime) -> int:
    total = 0
    while ids := list(_due(column, before).values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            rows = column.model._default_manager.filter(pk__in=ids)
            total += rows.update(**{column.column: column.removed})
    return total


def _due(column: PersonalColumn, before: datetime) -> QuerySet[Any]:
    """Rows whose order is old enough and over, without an open dispute."""
    rows = column.model._default_manager.exclude(**{f"{column.column}__in": {"", column.removed}})
    rows = rows.filter(**{column.of_order("created_at__lt"): before})
    rows = rows.exclude(**{column.of_order("state__in"): UNDER_WAY})
    open_disputes = Dispute.objects.filter(order=OuterRef(column.of_order("pk")), closed_at=None)
    return rows.exclude(Exists(open_disputes)).order_by("pk")


def _erase_missed(at: datetime) -> int:
    """Erase what an import wrote while its buyer was being erased, which then saw nothing of each other."""
    count = 0
    for erased in ErasedBuyer.objects.filter(erased_at__gte=at - MISSED).select_related("company"):
        orders = Order.objects.filter(store__company=erased.company).exclude(buyer_ref__startswith=ERASED)
        for reference in orders.order_by().values_list("buyer_ref", flat=True).distinct().iterator():
            if digest_of(erased.company_id, reference) == erased.digest:
                erase_buyer(company=erased.company, reference=reference, actor=SYSTEM, at=at)
                count += 1
    return count


def _purge_rejected(before: datetime) -> int:
    """Remove the files of rejected rows of old imports; their counts stay."""
    count = 0
    for job in Import.objects.filter(finished_at__lt=before).order_by("pk").iterator():
        if job.errors_folder.exists():
            shutil.rmtree(job.errors_folder, ignore_errors=True)
            count += 1
    return count

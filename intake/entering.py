"""Rows that people enter by hand (IX-08): taken in as from a file, with an event of their own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from core.events import record_event
from intake.pipeline.context import IntakeContext
from intake.pipeline.rows import RowResult, take_rows
from stores.models import Store


@transaction.atomic
def enter_row(*, store: Store, file: str, row: Mapping[str, Any], at: datetime, actor: str) -> RowResult:
    """Take in a row of one canonical file of a store; what it changed is in the audit trail. ``store`` has its company
    loaded."""
    context = IntakeContext(at=at, now=at, companies=frozenset({store.company_id}), company_id=store.company_id)
    (result,) = take_rows(context, file, [row])
    record_event(
        kind="row.entered",
        subject_kind="store",
        subject_key=store.store_no,
        store_no=store.store_no,
        company_no=store.company.company_no,
        actor=actor,
        at=at,
        after={"file": file, "row": {name: str(value) for name, value in row.items()}, "verdict": result.verdict},
        cause="IX-08",
    )
    return result

"""What is kept of one buyer of a company: found, exported, erased (RL-14)."""

import io
import json
import secrets
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils.crypto import salted_hmac

from core.events import record_event
from disputes.models import Dispute, DisputeEvidence
from intake.models import ErasedBuyer, WaitingRow
from intake.personal.columns import COLUMNS, PersonalColumn
from orders.models import Message, Order, OutgoingMessage, Refund, ReturnParcel, Review
from orders.rules.buyers import without_mark
from orders.updates import note_updates
from stores.models import Company

ERASED = "erased-"
EVENT_EXPORTED, EVENT_ERASED = "buyer.exported", "buyer.erased"
PER_QUERY = 500
# The files of an export: what each holds, with the path from its rows to the order.
EXPORTED: dict[str, tuple[type[Model], str]] = {
    "orders": (Order, ""),
    "messages": (Message, "order__"),
    "messages_written_here": (OutgoingMessage, "order__"),
    "reviews": (Review, "order__"),
    "disputes": (Dispute, "order__"),
    "dispute_evidence": (DisputeEvidence, "dispute__order__"),
    "refunds": (Refund, "order__"),
    "returns": (ReturnParcel, "order__"),
}


@dataclass(frozen=True, slots=True)
class BuyerFound:
    """``reference``: how the company's orders name the buyer; ``rows``: by file of an export."""

    company: Company
    reference: str
    rows: dict[str, int]

    @property
    def is_erased(self) -> bool:
        return self.reference.startswith(ERASED)


def digest_of(company_id: int, reference: str) -> str:
    """The keyed hash by which an erased buyer is recognised; of no use in another company."""
    said = f"{company_id}:{without_mark(reference)}"
    return salted_hmac("intake.erased_buyer", said, algorithm="sha256").hexdigest()


def find_buyer(company: Company, asked: str) -> BuyerFound | None:
    """The buyer with this reference, or of the order with this number, among the company's own orders."""
    asked = asked.replace("\x00", "").strip()
    orders = Order.objects.filter(store__company=company, buyer_ref__gt="")
    named = orders.filter(Q(buyer_ref=asked) | Q(order_no=asked)) if asked else orders.none()
    reference = named.values_list("buyer_ref", flat=True).first()
    if reference is None:
        return None
    rows = {name: _rows(company, reference, name).count() for name in EXPORTED}
    return BuyerFound(company, reference, {name: count for name, count in rows.items() if count})


def _rows(company: Company, reference: str, name: str) -> QuerySet[Any]:
    model, path = EXPORTED[name]
    ours = {f"{path}store__company": company, f"{path}buyer_ref": reference}
    return model._default_manager.filter(**ours).order_by("pk")


# ── Export ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def export_buyer(*, found: BuyerFound, actor: str, at: datetime) -> bytes:
    """All that is kept of the buyer, as a ZIP of JSON files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in found.rows:
            rows = list(_exported(_rows(found.company, found.reference, name)))
            archive.writestr(f"{name}.json", json.dumps(rows, ensure_ascii=False, indent=1))
    record_event(**_event(EVENT_EXPORTED, found.company, found.reference, actor, at), after={"rows": found.rows})
    return packed.getvalue()


def _exported(rows: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    """Columns with a value, without ids."""
    columns = [field for field in rows.model._meta.concrete_fields if not field.primary_key and not field.is_relation]
    for row in rows.iterator():
        values = {field.column: field.value_from_object(row) for field in columns}
        yield {name: _shown(value) for name, value in values.items() if value not in (None, "")}


def _shown(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value if isinstance(value, bool | int) else str(value)


# ── Erasure ────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def erase_buyer(*, company: Company, reference: str, actor: str, at: datetime) -> ErasedBuyer:
    """Replace the reference by a token, remove addresses and texts, and keep the hash so that no import brings them
    back. Figures stay as they are. Done twice it changes nothing more."""
    erased, made = ErasedBuyer.objects.get_or_create(
        company=company,
        digest=digest_of(company.pk, reference),
        defaults={"token": f"{ERASED}{secrets.token_hex(12)}", "actor": actor, "erased_at": at},
    )
    orders = Order.objects.filter(store__company=company, buyer_ref=reference)
    ids = list(orders.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), PER_QUERY):
        erase_orders(ids[start : start + PER_QUERY], erased.token)
    waiting = _erase_waiting(company, reference, erased.token)
    if made or ids:
        counts = {"orders": len(ids), "waiting": waiting}
        record_event(**_event(EVENT_ERASED, company, reference, actor, at), after=counts)
    return erased


def erase_orders(order_ids: list[int], token: str) -> None:
    """Put the token in the reference's place and remove what is personal of some orders of one buyer."""
    Order.objects.filter(pk__in=order_ids).update(buyer_ref=token)
    note_updates(order_ids)
    for column in COLUMNS:
        remove_column(column, order_ids)


def remove_column(column: PersonalColumn, order_ids: list[int]) -> int:
    """Remove a column's values of some orders; an empty one stays empty."""
    rows = column.model._default_manager.filter(**{column.of_order("pk__in"): order_ids})
    held = rows.exclude(**{f"{column.column}__in": {"", column.removed}})
    return held.update(**{column.column: column.removed})


def _erase_waiting(company: Company, reference: str, token: str) -> int:
    """Rows of the buyer that wait for their store."""
    rows = list(WaitingRow.objects.filter(company=company, kind="orders", data__buyer_ref=reference).order_by("pk"))
    for row in rows:
        row.data = {**row.data, "buyer_ref": token} | {
            column.column: "" for column in COLUMNS if column.model is Order and column.column in row.data
        }
        row.save(update_fields=["data"])
    return len(rows)


def _event(kind: str, company: Company, reference: str, actor: str, at: datetime) -> dict[str, Any]:
    """The audit trail names the buyer by the keyed hash alone."""
    return {
        "kind": kind,
        "subject_kind": "buyer",
        "subject_key": digest_of(company.pk, reference)[:32],
        "company_no": company.company_no,
        "actor": actor,
        "at": at,
        "cause": "RL-14",
    }

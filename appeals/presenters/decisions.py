"""Decisions on orders in the words that sellers and reviewers read (BX-12, BX-18)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from appeals.models import AppealOrder
from appeals.rules import EvidenceField, FailingField, Gap, OrderDecision, Verdict
from core.pages import formats
from core.templatetags.ui import sentences
from core.timebase import SHANGHAI
from orders.models import Order
from rulebook.reading import word

FIELD_WORDS: dict[EvidenceField, Any] = {
    EvidenceField.TRACKING_NO: pgettext_lazy("field of evidence", "tracking number"),
    EvidenceField.ORDER_NO: pgettext_lazy("field of evidence", "order number"),
    EvidenceField.SHIPPED_AT: pgettext_lazy("field of evidence", "time of hand-over"),
    EvidenceField.FIRST_SCAN_AT: pgettext_lazy("field of evidence", "first scan"),
    EvidenceField.DESTINATION: pgettext_lazy("field of evidence", "destination"),
    EvidenceField.PERIOD: pgettext_lazy("field of evidence", "period"),
    EvidenceField.SEAL: pgettext_lazy("field of evidence", "stamp or signature"),
    EvidenceField.KIND: pgettext_lazy("field of evidence", "kind of evidence"),
    EvidenceField.LEGIBILITY: pgettext_lazy("field of evidence", "legibility"),
    EvidenceField.CLAIM: pgettext_lazy("field of evidence", "what was claimed"),
}
GAP_WORDS: dict[Gap, Any] = {
    Gap.DECISION: gettext_lazy("Decide this order."),
    Gap.REASON: gettext_lazy("Choose a reason."),
    Gap.FIELDS: gettext_lazy("Tick at least one field that fails."),
    Gap.EVIDENCE: gettext_lazy("Write what the evidence says in each ticked field."),
    Gap.REMEDY: gettext_lazy("Write what would pass."),
}


def decision_sentences(verdict: Verdict, place: int) -> str:
    """What the seller reads of the decision on the order at a place of the appeal; nothing while it is not made."""
    if verdict.decision == OrderDecision.PENDING:
        return ""
    if verdict.decision == OrderDecision.ACCEPTED:
        return _("Order %(place)s is accepted.") % {"place": place}
    first = (
        _("Order %(place)s is not accepted: %(reason)s.")
        if verdict.decision == OrderDecision.REJECTED
        else _("Order %(place)s needs a supplement: %(reason)s.")
    )
    parts = [first % {"place": place, "reason": word(verdict.reason_code) or "…"}]
    parts += [_field_sentence(failing.field, failing.evidence, failing.system) for failing in verdict.fields]
    if verdict.remedy.strip():
        parts.append(_("This would pass: %(remedy)s") % {"remedy": verdict.remedy.strip()})
    return sentences(parts)


def stored_verdict(stored: Mapping[str, Any]) -> Verdict:
    """A verdict that was kept as JSON."""
    fields = tuple(
        FailingField(EvidenceField(one["field"]), one["evidence"], one["system"]) for one in stored["fields"]
    )
    return Verdict(OrderDecision(stored["decision"]), stored["reason_code"], fields, stored["remedy"])


def row_verdict(row: AppealOrder) -> Verdict:
    """What is decided about an order of an appeal."""
    columns = ("decision", "reason_code", "fields", "remedy")
    return stored_verdict({name: getattr(row, name) for name in columns})


def recorded_value(order: Order, field: EvidenceField, needed: Iterable[str] = ()) -> str:
    """What the records have in a field of evidence; empty where they keep nothing. Instants are in Shanghai time, since
    reviewer and seller read the same sentence. ``needed``: the kinds of evidence that the exception needs."""
    return {
        EvidenceField.TRACKING_NO: order.tracking_no,
        EvidenceField.ORDER_NO: order.order_no,
        EvidenceField.SHIPPED_AT: _instant(order.shipped_at),
        EvidenceField.FIRST_SCAN_AT: _instant(order.first_scan_at),
        EvidenceField.DESTINATION: order.site,
        EvidenceField.PERIOD: " – ".join(filter(None, [_instant(order.paid_at), _instant(order.ship_by)])),
        EvidenceField.KIND: ", ".join(word(kind) for kind in needed),
    }.get(field, "")


def _instant(value: datetime | None) -> str:
    return "" if value is None else formats.instant(value, SHANGHAI)


def _field_sentence(field: str, evidence: str, system: str) -> str:
    given = {
        "field": capfirst(FIELD_WORDS[EvidenceField(field)]),
        "evidence": evidence.strip() or "…",
        "system": system,
    }
    if not system:
        return _("%(field)s: the evidence says “%(evidence)s”.") % given
    return _("%(field)s: the evidence says “%(evidence)s”, the records say “%(system)s”.") % given

"""The queues of operations and the audit trail as files (PG-20, DM-33)."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from appeals.presenters.arbitration import PART_WORDS
from core.events import event_label, event_text
from core.models import Event
from disputes.models import Arbitration
from disputes.queries.arbitrations import WAITING as TO_DECIDE
from disputes.queries.arbitrations import listed_arbitrations
from exports.columns import ListColumn, code, instant, label, text, truth, whole, word
from exports.declaring import Asked, ListFile, OfStaff, beside, list_export, of_rows
from exports.downloads import dated
from orders.cases import declared_case_kinds
from orders.models import LogisticsClaim, RiskCase
from orders.queries.working import listed_cases, listed_claims
from penalties.forms import PenaltyFilterForm
from penalties.models import Penalty, PenaltyProposal
from penalties.presenters.proposals import DECIDED as DECIDED_PROPOSALS
from penalties.presenters.proposals import IN_FORCE, source_choices
from penalties.presenters.words import KIND_WORDS
from penalties.queries.proposals import listed_penalties, listed_proposals
from stores.actors import names_of_actors
from stores.claims import name_of
from stores.principals import Person

STORE = pgettext_lazy("column", "Store")
DECIDED = "decided"


def _number(url_name: str) -> ListColumn:
    return code(
        "id",
        pgettext_lazy("column", "Case"),
        lambda row: str(row.pk),
        link=lambda row: reverse(url_name, args=[row.pk]),
    )


def _claimed_by(model: Any) -> ListColumn:
    return text(
        "claimed_by", label(model, "claimed_by"), lambda row: name_of(row.claimed_by) if row.claimed_by else None
    )


@list_export("desk_cases", page="admin:orders_riskcase_queue", access=OfStaff("orders.view_riskcase"))
def cases(asked: Asked) -> ListFile:
    """The risk cases of a kind, or those that were decided."""
    kind = asked.params.get("kind", "")
    rows = listed_cases(kind=kind.replace("\x00", ""), decided=kind == DECIDED)
    kinds = {one.name: one.label for one in declared_case_kinds()}
    columns = [
        _number("admin:orders_riskcase_decide"),
        code("store_no", STORE, lambda row: row.store.store_no),
        word("kind", label(RiskCase, "kind"), kinds, width=26),
        code("subject_key", label(RiskCase, "subject_key"), width=24),
        word("state", label(RiskCase, "state"), dict(RiskCase.State.choices)),
        instant("opened_at", label(RiskCase, "opened_at")),
        instant("due_at", label(RiskCase, "due_at")),
        _claimed_by(RiskCase),
        instant("decided_at", label(RiskCase, "decided_at")),
    ]
    return of_rows(dated("risk-cases", asked.at), pgettext_lazy("sheet", "Risk cases"), columns, rows)


@list_export("desk_claims", page="admin:orders_logisticsclaim_queue", access=OfStaff("orders.view_logisticsclaim"))
def claims(asked: Asked) -> ListFile:
    """The pickup proofs or the logistics claims that wait, or those that were decided."""
    part = asked.params.get("part", "")
    rows = listed_claims(part=part if part in ("claims", DECIDED) else "proofs").defer("order__ship_address")
    columns = [
        _number("admin:orders_logisticsclaim_review"),
        code("store_no", STORE, lambda row: row.store.store_no),
        code("order_no", pgettext_lazy("column", "Order number"), lambda row: row.order.order_no),
        word("kind", label(LogisticsClaim, "kind"), dict(LogisticsClaim._meta.get_field("kind").flatchoices)),
        code("tracking_no", label(LogisticsClaim, "tracking_no"), width=24),
        word("state", label(LogisticsClaim, "state"), dict(LogisticsClaim._meta.get_field("state").flatchoices)),
        instant("submitted_at", label(LogisticsClaim, "submitted_at")),
        instant("due_at", label(LogisticsClaim, "due_at")),
        _claimed_by(LogisticsClaim),
        instant("decided_at", label(LogisticsClaim, "decided_at")),
    ]
    return of_rows(dated("logistics-claims", asked.at), pgettext_lazy("sheet", "Logistics claims"), columns, rows)


@list_export("desk_arbitrations", page="admin:disputes_arbitration_queue", access=OfStaff("disputes.view_arbitration"))
def arbitrations(asked: Asked) -> ListFile:
    """A part of the disputes in arbitration, by when they are due."""
    assert isinstance(asked.principal, Person)
    part = asked.params.get("part", "")
    part = part if part in PART_WORDS else TO_DECIDE
    rows = listed_arbitrations(part, asked.params.get("q", ""), user=asked.principal.user, at=asked.at)
    columns = [
        code(
            "dispute_no",
            pgettext_lazy("column", "Dispute"),
            lambda row: row.dispute.dispute_no,
            link=lambda row: reverse("admin:disputes_arbitration_decide", args=[row.pk]),
        ),
        code("store_no", STORE, lambda row: row.dispute.store.store_no),
        code("order_no", pgettext_lazy("column", "Order number"), lambda row: row.dispute.order.order_no),
        truth("complex", label(Arbitration, "is_complex"), lambda row: row.is_complex),
        instant("begun_at", label(Arbitration, "begun_at")),
        instant("due_at", label(Arbitration, "due_at")),
        _claimed_by(Arbitration),
        instant("ended_at", label(Arbitration, "ended_at")),
    ]
    return of_rows(dated("arbitrations", asked.at), pgettext_lazy("sheet", "Arbitrations"), columns, rows)


@list_export(
    "desk_proposals", page="admin:penalties_penaltyproposal_queue", access=OfStaff("penalties.view_penaltyproposal")
)
def proposals(asked: Asked) -> ListFile:
    """What waits for a second person, the penalties in force as filtered, or what was decided."""
    part = asked.params.get("part", "")
    if part == IN_FORCE:
        return _penalties_in_force(asked)
    columns = [
        _number("admin:penalties_penaltyproposal_decide"),
        code("store_no", STORE, lambda row: row.store.store_no),
        word("action", label(PenaltyProposal, "action"), dict(PenaltyProposal.Action.choices)),
        word("kind", label(PenaltyProposal, "kind"), KIND_WORDS, width=26),
        word("state", label(PenaltyProposal, "state"), dict(PenaltyProposal.State.choices)),
        whole("days", label(PenaltyProposal, "days")),
        instant("proposed_at", label(PenaltyProposal, "proposed_at")),
        instant("due_at", label(PenaltyProposal, "due_at")),
        _claimed_by(PenaltyProposal),
        instant("decided_at", label(PenaltyProposal, "decided_at")),
    ]
    rows = listed_proposals(decided=part == DECIDED_PROPOSALS)
    return of_rows(dated("proposals", asked.at), pgettext_lazy("sheet", "Proposals"), columns, rows)


def _penalties_in_force(asked: Asked) -> ListFile:
    filters = PenaltyFilterForm(asked.params, sources=source_choices()).filters()
    columns = [
        code("store_no", STORE, lambda row: row.store.store_no),
        word("kind", label(Penalty, "kind"), KIND_WORDS, width=26),
        code("listing", label(Penalty, "subject"), lambda row: row.subject),
        code("source", label(Penalty, "source")),
        code("cause", label(Penalty, "cause"), width=30),
        instant("starts_at", label(Penalty, "starts_at")),
        instant("ends_at", label(Penalty, "ends_at")),
        truth("predicted", label(Penalty, "predicted")),
    ]
    rows = listed_penalties(filters, asked.at)
    return of_rows(dated("penalties", asked.at), pgettext_lazy("sheet", "Penalties"), columns, rows)


@list_export("desk_audit", page="admin:core_event_changelist", access=OfStaff("core.view_event"))
def audit(asked: Asked) -> ListFile:
    """The audit trail: of a store, then of a kind of subject and its key, as its page searches."""
    words = asked.params.get("q", "").replace("\x00", "").split(maxsplit=2)
    found = dict(zip(("store_no", "subject_kind", "subject_key"), words, strict=False))
    rows = Event.objects.filter(**found).order_by("-pk")
    return ListFile(
        dated("audit", asked.at),
        pgettext_lazy("sheet", "Audit"),
        _event_columns(),
        lambda: beside(rows, _names),
        rows.count,
    )


def _names(batch: Sequence[Event]) -> dict[str, str]:
    return names_of_actors(event.actor for event in batch)


def _event_columns() -> list[ListColumn]:
    def of(name: str) -> Callable[[Any], Any]:
        return lambda row: getattr(row[0], name) or None

    return [
        instant("at", label(Event, "at"), of("at")),
        text("kind", label(Event, "kind"), of("kind"), shown=lambda row: event_label(row[0])),
        code("store_no", label(Event, "store_no"), of("store_no")),
        code("company_no", label(Event, "company_no"), of("company_no")),
        code("subject_kind", label(Event, "subject_kind"), of("subject_kind")),
        code("subject_key", label(Event, "subject_key"), of("subject_key"), width=24),
        text("actor", label(Event, "actor"), of("actor"), shown=lambda row: row[1][row[0].actor]),
        code("cause", label(Event, "cause"), of("cause")),
        text(
            "changes",
            pgettext_lazy("column", "Changes"),
            lambda row: json.dumps({"before": row[0].before, "after": row[0].after}, ensure_ascii=False),
            shown=lambda row: event_text(row[0]),
            width=60,
        ),
    ]

"""Appeals as sellers make them: started, filled in, submitted, by explicit people at explicit instants."""

from datetime import datetime
from typing import Any

from appeals.models import Appeal
from appeals.queries.kinds import Subject, find_subject
from appeals.services.drafting import ClaimedOrder, attach_file, save_orders, save_statement, start_appeal
from appeals.services.submitting import submit_appeal
from evidence.models import EvidenceFile
from stores.models import Company, Store
from stores.principals import Person, Principal
from tests.appeals.build import NIGHT
from tests.stores.people import make_person


def seller_of(store: Store, name: str = "seller") -> Person:
    return Person(make_person(name, store.company))


def subject(store: Store, kind: str, key: str) -> Subject:
    found = find_subject(store, kind, key)
    assert found is not None
    return found


def started(store: Store, kind: str, key: str, who: Principal, at: datetime = NIGHT) -> Appeal:
    return start_appeal(subject=subject(store, kind, key), at=at, principal=who)


def filled(store: Store, kind: str, key: str, who: Principal, at: datetime = NIGHT, orders: Any = ("L1",)) -> Appeal:
    """A draft with everything that it needs."""
    appeal = started(store, kind, key, who, at)
    claimed = [ClaimedOrder(number, "carrier_fault", "No scan for three days") for number in orders]
    save_orders(appeal=appeal, orders=claimed, at=at, principal=who, version=appeal.version)
    words = f"The carrier had order {orders[0]} in time and scanned it late."
    save_statement(appeal=appeal, statement=words, at=at, principal=who, version=appeal.version)
    return appeal


def submitted(store: Store, kind: str, key: str, who: Principal, at: datetime = NIGHT, **more: Any) -> Appeal:
    appeal = filled(store, kind, key, who, at, **more)
    submit_appeal(appeal=appeal, expedited=False, at=at, principal=who, version=appeal.version)
    return Appeal.objects.select_related("store__company", "notice").get(pk=appeal.pk)


def make_file(company: Company, letter: str = "a", at: datetime = NIGHT) -> EvidenceFile:
    return EvidenceFile.objects.create(
        company=company, sha256=letter * 64, kind="pdf", name=f"{letter}.pdf", size=1000, uploaded_at=at
    )


def attached(appeal: Appeal, who: Principal, letter: str = "a", at: datetime = NIGHT) -> None:
    file = make_file(appeal.store.company, letter)
    attach_file(appeal=appeal, file=file, name=file.name, kind="carrier_trace", at=at, principal=who)

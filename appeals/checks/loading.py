"""Everything that the Smart Check compares, read with a fixed number of queries (PN-28). Only the company's own stores,
appeals and files are looked at."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from appeals.checks.cases import Case, CheckedFile, CheckedOrder, EarlierPicture
from appeals.checks.likeness import are_near
from appeals.checks.numbers import by_number, compact
from appeals.checks.reuse import pictures_in
from appeals.models import Appeal, AppealFile, AppealOrder
from appeals.queries.on_record import kinds_on_record
from appeals.rules import AppealKind
from evidence.models import EvidenceFile
from orders.models import Order, ReplacedShipment
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Store

# What is compared at most: numbers in the files, the latest statements and files with pictures of the company.
MAX_NUMBERS, MAX_STATEMENTS, MAX_FILES = 3000, 200, 300


def load_case(appeal: Appeal, at: datetime) -> Case:
    """The appeal with its orders, its files and what the company handed in before. ``appeal`` has its store loaded."""
    policy = policy_at(at)
    rows = list(AppealOrder.objects.filter(appeal=appeal).select_related("order").order_by("place"))
    orders = _orders(appeal, rows, at)
    files = _files(appeal)
    needed, valid = _needed(appeal, policy)
    return Case(
        kind=AppealKind(appeal.kind),
        at=at,
        orders=orders,
        files=files,
        statement=appeal.statement,
        claims=tuple(row.claim for row in rows if row.claim),
        metric=appeal.notice.metric if appeal.notice is not None else "",
        needed=needed,
        valid=valid,
        others=other_numbers(appeal.store.company_id, [row.order for row in rows], files),
        earlier_statements=_earlier_statements(appeal),
        earlier_pictures=_earlier_pictures(appeal, files),
        boilerplate_share=policy.appeals.boilerplate_share,
    )


def _orders(appeal: Appeal, rows: Sequence[AppealOrder], at: datetime) -> tuple[CheckedOrder, ...]:
    ids = [row.order_id for row in rows]
    replaced: dict[int, list[str]] = defaultdict(list)
    for order_id, number in ReplacedShipment.objects.filter(order__in=ids).values_list("order_id", "tracking_no"):
        replaced[order_id].append(number)
    at_hand = kinds_on_record(store=appeal.store, dispute=appeal.dispute, order_ids=ids, at=at)
    kind = appeal.dispute.kind if appeal.dispute is not None else ""
    return tuple(
        _order(row.order, kind or row.exception, replaced[row.order_id], at_hand.get(row.order_id, frozenset()))
        for row in rows
    )


def _order(order: Order, exception: str, replaced: Sequence[str], at_hand: frozenset[str]) -> CheckedOrder:
    begun = [instant for instant in (order.shipped_at, order.first_scan_at) if instant is not None]
    return CheckedOrder(
        order_no=order.order_no,
        exception=exception,
        numbers=tuple(filter(None, (order.tracking_no, *replaced))),
        site=order.site,
        created_at=order.created_at,
        ship_by=order.ship_by,
        dispatched_at=min(begin for begin in begun) if begun else None,
        at_hand=at_hand,
    )


def _needed(appeal: Appeal, policy: Policy) -> tuple[Mapping[str, tuple[str, ...]], frozenset[str]]:
    if appeal.kind == AppealKind.VERDICT:
        return policy.disputes.needed_evidence, frozenset(policy.disputes.evidence_kinds)
    return policy.appeals.exception_evidence, frozenset()


def _files(appeal: Appeal) -> tuple[CheckedFile, ...]:
    rows = list(AppealFile.objects.filter(appeal=appeal).select_related("file").order_by("place"))
    reused = _reused(appeal, [row.file_id for row in rows])
    return tuple(
        CheckedFile(
            id=row.pk,
            place=row.place,
            name=row.name,
            kind=row.kind,
            content=row.file.kind,
            facts=row.file.facts,
            reused_in=tuple(reused[row.file_id]),
        )
        for row in rows
    )


def _handed_in_before(appeal: Appeal) -> QuerySet[AppealFile]:
    """Files of the company's other submitted appeals. A second appeal may bring those of the first (BX-05)."""
    rows = AppealFile.objects.filter(appeal__store__company=appeal.store.company_id, appeal__submitted_at__isnull=False)
    same = Q(appeal__store=appeal.store_id, appeal__kind=appeal.kind, appeal__subject_key=appeal.subject_key)
    return rows.exclude(appeal=appeal.pk).exclude(same)


def _reused(appeal: Appeal, file_ids: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = _handed_in_before(appeal).filter(file__in=file_ids).order_by("appeal")
    for file_id, number, store_id in rows.values_list("file_id", "appeal__number", "appeal__store_id"):
        found[file_id].append(number if store_id == appeal.store_id else "")
    return found


def other_numbers(company_id: int, orders: Sequence[Order], files: Iterable[CheckedFile]) -> dict[str, str]:
    """The numbers in files that belong to other orders of the company, by compact number."""
    seen = dict.fromkeys(number.text for file in files for number in file.numbers)
    numbers = list(seen)[:MAX_NUMBERS]
    stores = Store.objects.filter(company=company_id).values("pk")
    others = Order.objects.filter(store__in=stores).exclude(pk__in=[order.pk for order in orders])
    found = others.filter(Q(order_no__in=numbers) | Q(tracking_no__in=numbers, tracking_no__gt=""))
    known = {order_no: [tracking_no] for order_no, tracking_no in found.values_list("order_no", "tracking_no")}
    own = {compact(order.tracking_no) for order in orders} | {compact(order.order_no) for order in orders}
    return {number: order_no for number, order_no in by_number(known).items() if number not in own}


def _earlier_statements(appeal: Appeal) -> tuple[tuple[str, str], ...]:
    """Statements of the company's other appeals: the appeal's number, empty for another store's, and the text."""
    rows = Appeal.objects.filter(store__company=appeal.store.company_id, submitted_at__isnull=False)
    rows = rows.exclude(pk=appeal.pk).exclude(store=appeal.store_id, kind=appeal.kind, subject_key=appeal.subject_key)
    latest = rows.order_by("-submitted_at", "-pk").values_list("store_id", "number", "statement")[:MAX_STATEMENTS]
    return tuple((number if store_id == appeal.store_id else "", text) for store_id, number, text in latest if text)


def _earlier_pictures(appeal: Appeal, files: Sequence[CheckedFile]) -> tuple[EarlierPicture, ...]:
    """Pictures of earlier files that can be those of a file of the appeal, with what is read in them."""
    mine = [page.picture for file in files for page in file.pages if page.picture]
    if not mine:
        return ()
    rows = _handed_in_before(appeal).exclude(file__in=AppealFile.objects.filter(appeal=appeal).values("file"))
    rows = rows.exclude(file__facts__pictures=[]).order_by("-pk")
    latest = rows.values_list("file_id", "file__facts__pictures", "appeal__number", "appeal__store_id")[:MAX_FILES]
    near = {
        file_id: number if store_id == appeal.store_id else ""
        for file_id, pictures, number, store_id in latest
        if any(are_near(one, other) for one in mine for other in pictures or ())
    }
    found = EvidenceFile.objects.filter(pk__in=near)
    return tuple(picture for file in found for picture in _pictures(file, near[file.pk]))


def _pictures(file: EvidenceFile, appeal_no: str) -> Iterable[EarlierPicture]:
    return pictures_in(CheckedFile(0, 0, file.name, "", file.kind, file.facts), appeal_no)

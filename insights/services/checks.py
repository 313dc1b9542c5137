"""Checks of risks: flags and scores of stores, brought in line now and then (TM-06, TM-14)."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from core.leases import Leases
from insights.models import RiskCheck
from insights.queries.flags import FINDERS
from insights.services.scoring import score_orders
from orders.queries.flags import Scope
from orders.services.flags import refresh_flags
from stores.models import Store

log = structlog.get_logger("dianwei.risk")

# A store is checked so often; sooner after something was done in it.
EVERY = timedelta(minutes=5)
STORES_AT_ONCE = 100
CHECKS = Leases(duration=timedelta(minutes=15), max_attempts=8, first_retry=timedelta(minutes=1))

Clock = Callable[[], datetime]


def work_checks(*, clock: Clock, until: datetime) -> int:
    """Check the stores whose check is due, longest due first, until none is left or it is late; returns how many.

    Any number of workers may do so at once: each store is checked by one of them. A check that dies is made again.
    """
    add_checks(at=clock())
    checked = 0
    while (at := clock()) < until:
        batch = CHECKS.claim(
            RiskCheck.objects.filter(due_at__lte=at).order_by("due_at", "pk"), at=at, limit=STORES_AT_ONCE
        )
        if not batch:
            break
        for company_id, checks in _by_company(batch).items():
            checked += _check(company_id, checks, at)
    return checked


def check_stores(*, store_ids: Sequence[int], at: datetime) -> None:
    """Check stores at an instant, whenever they are due, and tell of nothing: what a demo begins with."""
    for company_id, ids in _stores_by_company(store_ids).items():
        refresh_flags(Scope(tuple(ids)), FINDERS, at=at, silent=frozenset(ids))
        score_orders(company_id=company_id, store_ids=ids, at=at)
    add_checks(at=at)
    RiskCheck.objects.filter(store__in=store_ids).update(checked_at=at, due_at=at + EVERY)


def add_checks(*, at: datetime) -> None:
    """A check for each store that has none yet."""
    new = Store.objects.filter(risk_check=None).values_list("pk", flat=True)
    RiskCheck.objects.bulk_create(
        [RiskCheck(store_id=pk, due_at=at) for pk in new], ignore_conflicts=True, batch_size=1_000
    )


def _check(company_id: int, checks: Sequence[RiskCheck], at: datetime) -> int:
    """Flags, then scores. The first check of a store tells nothing: what an import brought is no news (TM-14)."""
    ids = [check.store_id for check in checks]
    first = frozenset(check.store_id for check in checks if check.checked_at is None)
    try:
        changes = refresh_flags(Scope(tuple(ids)), FINDERS, at=at, silent=first)
        score_orders(company_id=company_id, store_ids=ids, at=at)
    except Exception:
        log.exception("risk check failed", company=company_id, stores=len(ids))
        for check in checks:
            CHECKS.put_off(check, at=at)
        return 0
    log.info("risks checked", stores=len(ids), raised=changes.total_raised, cleared=changes.cleared)
    return sum(CHECKS.settle(check, checked_at=at, due_at=at + EVERY, attempts=0, retry_at=None) for check in checks)


def _by_company(checks: Sequence[RiskCheck]) -> dict[int, list[RiskCheck]]:
    by_store = {check.store_id: check for check in checks}
    return {company_id: [by_store[pk] for pk in ids] for company_id, ids in _stores_by_company(list(by_store)).items()}


def _stores_by_company(store_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for pk, company_id in Store.objects.filter(pk__in=store_ids).order_by("pk").values_list("pk", "company_id"):
        found[company_id].append(pk)
    return found

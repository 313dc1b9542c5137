"""Every declared list with the address under which it holds something, and a small world in which it does."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from appeals.models import Appeal
from core.events import record_event
from core.models import Deadline
from disputes.models import Arbitration, Dispute
from metrics.catalogue import METRICS
from metrics.models import Problem
from orders.models import LogisticsClaim, Order, RiskCase, Settlement
from penalties.models import Penalty, PenaltyProposal, PointsEntry
from tests.stores.people import client_of, make_person, make_staff
from tests.stores.world import NOON, Tenant, build_tenant

AT = NOON + timedelta(hours=2)
DESK = "admin:desk_list"


@dataclass(frozen=True)
class Listed:
    """A list's route, the further parts of its address, and the page's parameters."""

    route: str
    parts: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    # How many rows the small world has of it.
    rows: int = 1

    def address(self, tenant: Tenant, code: str, suffix: str) -> str:
        given: dict[str, Any] = {"suffix": suffix}
        if self.route == DESK:
            given["code"] = code
        elif self.route not in OF_PEOPLE:
            given["store_no"] = tenant.store.store_no
        given |= {name: part(tenant) if isinstance(part, Callable) else part for name, part in self.parts.items()}
        return reverse(self.route, kwargs=given)


OF_PEOPLE = ("dashboard:stores_file", "notifications:messages_file", "intake:imports_file")
LISTS: dict[str, Listed] = {
    "abnormal_logistics": Listed("orders:logistics_file"),
    "appeals": Listed("appeals:list_file", query={"part": "all"}, rows=2),
    "correction": Listed(
        "appeals:correction_file", {"cause_no": lambda tenant: tenant.correction.cause_no, "place": 1}
    ),
    "deadlines": Listed("dashboard:deadlines_file", rows=2),
    "desk_appeals": Listed(DESK),
    "desk_arbitrations": Listed(DESK),
    "desk_audit": Listed(DESK),
    "desk_cases": Listed(DESK),
    "desk_claims": Listed(DESK),
    "desk_proposals": Listed(DESK),
    "disputes": Listed("dashboard:disputes_file", query={"kind": "quality"}),
    "gap_orders": Listed("dashboard:gap_orders_file", {"code": "late_dispatch"}),
    "held_funds": Listed("dashboard:held_funds_file"),
    "imports": Listed("intake:imports_file", rows=2),
    "listings": Listed("dashboard:listings_file"),
    "messages": Listed("notifications:messages_file"),
    "notice_orders": Listed("dashboard:notice_orders_file", {"number": lambda tenant: tenant.notice.number}),
    "notices": Listed("dashboard:notices_file", query={"part": "record"}),
    "orders": Listed("dashboard:orders_file", query={"tab": "all"}, rows=2),
    "penalties": Listed("penalties:penalties_file"),
    "points": Listed("penalties:points_file"),
    "problem_orders": Listed("dashboard:problems_file", {"code": "late_dispatch"}),
    "ratings": Listed("dashboard:ratings_file", rows=30),
    "refunds": Listed("orders:refunds_file", query={"tab": "answer"}),
    "reviews": Listed("dashboard:reviews_file", query={"part": "buyers"}),
    "risk_lane": Listed("dashboard:risk_lane_file", {"code": "dispute_open"}),
    "scorecards": Listed("dashboard:scorecards_file", rows=30 * len(METRICS)),
    "settlements": Listed("dashboard:settlements_file"),
    "stores": Listed("dashboard:stores_file"),
    "threads": Listed("orders:messages_file", query={"part": "all"}),
    "trade": Listed("dashboard:trade_file", rows=12),
}

# Lists whose files say more than their page, or name rows by words that the page has in another form.
UNNAMED = frozenset(
    {
        *("correction", "deadlines", "desk_audit", "desk_proposals", "gap_orders", "imports", "messages", "penalties"),
        *("points", "problem_orders", "ratings", "scorecards", "settlements"),
    }
)


@dataclass(frozen=True)
class ListWorld:
    """A tenant with a row in each list, and who sees them."""

    tenant: Tenant
    owner: Client
    senior: Client

    def get(self, code: str, suffix: str, **more: str) -> Any:
        """Ask for the list's file as who sees it."""
        listed = LISTS[code]
        browser = self.senior if listed.route == DESK else self.owner
        return browser.get(listed.address(self.tenant, code, suffix), {**listed.query, **more})

    def page(self, code: str, route: str, **more: str) -> str:
        """The page of the list, with the same parameters."""
        listed = LISTS[code]
        given = {name: part(self.tenant) if callable(part) else part for name, part in listed.parts.items()}
        if listed.route != DESK and listed.route not in OF_PEOPLE:
            given["store_no"] = self.tenant.store.store_no
        place = {"place": str(given.pop("place"))} if "place" in given else {}
        browser = self.senior if listed.route == DESK else self.owner
        response = browser.get(reverse(route, kwargs=given), {**listed.query, **place, **more})
        assert response.status_code == 200, (code, response.status_code)
        return html.unescape(response.content.decode())

    def fetch(self, code: str, suffix: str, **more: str) -> bytes:
        response = self.get(code, suffix, **more)
        assert response.status_code == 200, (code, response.status_code)
        content: bytes = response.getvalue()
        return content


def build_lists() -> ListWorld:
    tenant = build_tenant("asked")
    order = make_late_order(tenant)
    make_cases(tenant, order)
    owner, senior = (
        client_of(make_person("owner", tenant.company, "owner")),
        client_of(make_staff("senior", "senior reviewer")),
    )
    owner.cookies["language"] = senior.cookies["language"] = "en"
    return ListWorld(tenant, owner, senior)


def make_late_order(tenant: Tenant) -> Order:
    """An order shipped late into a silent trace, whose funds are held."""
    due = datetime(2026, 4, 27, 4, tzinfo=UTC)
    order = Order.objects.create(
        store=tenant.store,
        order_no=f"{tenant.canary}-L",
        tracking_no=f"{tenant.canary}-LT",
        created_at=due - timedelta(days=3),
        paid_at=due - timedelta(days=3),
        ship_by_given=due,
        ship_by=due,
        shipped_at=due + timedelta(hours=5),
        abnormal_from=due + timedelta(days=3),
        state="shipped",
        total_amount=10,
        currency="USD",
        total_usd=10,
    )
    Problem.objects.create(
        store=tenant.store, counter="dispatch_late", day=due.date(), order_id=order.pk, subject_id=order.pk
    )
    Settlement.objects.create(
        store=tenant.store, order=order, amount=10, currency="USD", held_reason="dispute_open", held_since=NOON
    )
    return order


def make_cases(tenant: Tenant, order: Order) -> None:
    """What waits for operations, and what they did."""
    store = tenant.store
    waiting: dict[str, Any] = {"store": store, "due_at": AT + timedelta(days=1)}
    shown = {"cause": "no_pickup", "detail": "", "at": NOON.isoformat(), "carrier": "", "tracking_no": "", "site": ""}
    RiskCase.objects.create(
        **waiting,
        kind="fake_dispatch",
        subject_kind="order",
        subject_key=order.order_no,
        dedupe="1",
        opened_at=NOON,
        facts={**shown, "shipped_at": NOON.isoformat()},
    )
    LogisticsClaim.objects.create(**waiting, order=order, kind="pickup", tracking_no="T1", submitted_at=NOON)
    dispute = Dispute.objects.get(store=store)
    Arbitration.objects.create(**waiting, dispute=dispute, begun_at=NOON)
    made = {"store": store, "source": "manual", "rule": "PN-42"}
    Penalty.objects.create(**made, kind="promotion_block", cause="1", starts_at=NOON, facts={"reason": "sold copies"})
    PointsEntry.objects.create(**made, points=2, cause="1", at=NOON)
    PenaltyProposal.objects.create(**waiting, action="apply", kind="promotion_block", reason="1", proposed_at=NOON)
    appeal = Appeal.objects.create(
        store=store,
        number=f"{tenant.canary}-AR",
        kind="verdict",
        state="review",
        subject_key=order.order_no,
        created_at=NOON,
    )
    for kind in ("appeal_review", "dispute_answer"):
        Deadline.objects.create(
            store_id=store.pk, kind=kind, subject_kind="appeal", subject_key=appeal.number, opened_at=NOON, due_at=AT
        )
    record_event(
        kind="export.requested",
        subject_kind="export",
        subject_key="1",
        actor="system",
        at=NOON,
        store_no=store.store_no,
    )


CURRENT_TAB = re.compile(r'<nav class="tabs".*?aria-current="page"[^>]*>[^<]*<span class="count">([\d,]+)<', re.DOTALL)
PAGER = re.compile(r'<nav class="pager".*?\d+–\d+ of ([\d,]+)<', re.DOTALL)


def counts_shown(page: str) -> set[int]:
    """How many rows a page says that its list has: beside the tab that it shows, and in its pager."""
    return {int(count.replace(",", "")) for pattern in (CURRENT_TAB, PAGER) for count in pattern.findall(page)}

"""The problem orders of a metric's window, for suppositions that take many of them at once (BX-04)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import Count, OuterRef, Subquery

from insights.queries.whatif.simulation import shown_days
from insights.queries.whatif.ticked_orders import MOST_ORDERS
from metrics.catalogue import METRICS, Kind, problem_counters
from metrics.queries.problems import ProblemQuery, problems_of
from metrics.scorecards.store_profiles import load_profiles
from orders.models import Order
from rulebook.policy import Policy
from stores.models import Carrier, Store

# A carrier of a single problem order is quicker ticked.
MOST_CARRIERS, LEAST_ORDERS = 3, 2
# A failure of an order: the counter that it fails and the order's number.
Failed = tuple[str, str]


def problem_days(policy: Policy, code: str) -> int:
    """How many days of problem orders a metric's value is made of."""
    if METRICS[code].kind == Kind.STARS:
        return policy.rating.window_days
    return policy.metrics[code].window_days


def window_query(*, store: Store, code: str, at: datetime, asked: date | None) -> ProblemQuery:
    """All problem orders behind the value that what-if starts from."""
    profile = load_profiles([store])[0]
    calendar = METRICS[code].calendar
    last = shown_days(profile, at, asked).of(calendar)
    days = problem_days(profile.policy_on(last, calendar), code)
    return ProblemQuery(store.id, problem_counters(code), last - timedelta(days=days - 1), last)


def failed_orders(query: ProblemQuery, carrier: str = "") -> list[Failed]:
    """The failures of the newest orders, of one carrier's where it is given: no more than can be ticked."""
    number = Order.objects.filter(pk=OuterRef("order_id")).values("order_no")[:1]
    rows = problems_of(replace(query, order={"carrier": carrier} if carrier else {}))
    rows = rows.annotate(number=Subquery(number)).exclude(number=None).order_by("-day", "-order_id")
    return list(rows.values_list("counter", "number")[:MOST_ORDERS])


def failing_carriers(query: ProblemQuery) -> list[tuple[str, str, int]]:
    """The carriers of most problem orders, where it is several: code, name, orders."""
    carrier = Order.objects.filter(pk=OuterRef("order_id")).values("carrier")[:1]
    rows = problems_of(query).annotate(carrier=Subquery(carrier)).exclude(carrier=None).exclude(carrier="")
    counted = rows.values("carrier").annotate(orders=Count("order_id", distinct=True))
    common = counted.filter(orders__gte=LEAST_ORDERS).order_by("-orders", "carrier")
    most = list(common.values_list("carrier", "orders")[:MOST_CARRIERS])
    names = dict(Carrier.objects.filter(pk__in=[code for code, _orders in most]).values_list("code", "name"))
    return [(code, names.get(code) or code, orders) for code, orders in most]

"""The validity of orders' traces, from stored scans (AF-06)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from orders.models import Order, TrackingEvent
from orders.queries.parcels import FIRST, parcels_of
from orders.rules.traces import Scan, TraceFault, TraceLimits, judge_traces
from rulebook.policy import Policy
from rulebook.queries import policies, policy_in


def trace_faults_of(orders: Iterable[Order], at: datetime) -> dict[int, list[TraceFault]]:
    """What breaks the traces of each order's parcels by what was scanned up to ``at``, by the order's id; an empty list
    where all are valid. By the policy in force at the order's creation."""
    known = list(orders)
    scans: dict[int, dict[int, list[Scan]]] = {
        order_id: {parcel.number: [] for parcel in parcels} for order_id, parcels in parcels_of(known).items()
    }
    rows = TrackingEvent.objects.filter(order__in=[order.pk for order in known], at__lte=at)
    for order_id, parcel_no, instant, kind in rows.values_list("order_id", "parcel_no", "at", "kind"):
        traces = scans.setdefault(order_id, defaultdict(list))
        traces.setdefault(parcel_no or FIRST, []).append(Scan(instant, kind))
    periods = policies()
    return {
        order.pk: judge_traces(
            scans.get(order.pk, {FIRST: []}),
            limits=trace_limits(policy_in(periods, order.created_at)),
            delivered_at=order.delivered_at,
        )
        for order in known
    }


def trace_limits(policy: Policy) -> TraceLimits:
    """When a trace is valid by a policy."""
    feedback = policy.feedback
    return TraceLimits(
        timedelta(hours=feedback.trace_window_hours),
        feedback.trace_min_events,
        timedelta(hours=feedback.trace_silence_hours),
    )

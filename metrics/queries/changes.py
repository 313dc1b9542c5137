"""Why a store's rating moved, by part and by order, and the late orders that still weigh on it (SR-12)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import Count, Max, Q

from metrics.catalogue import RATED, Calendar
from metrics.figures.loading import load_figures
from metrics.figures.store import Figures, StoreContext
from metrics.models import OrderContribution, Problem
from metrics.rules.change import WORTH, Flow, RatingChange, change_of, unit_effect
from metrics.rules.rating import STARS, Rating
from orders.models import Order
from stores.models import Store

# The orders of a part that are listed one by one: the rest gave all their stars or were on time.
LISTED = {
    "described_low": "described",
    "communication_low": "communication",
    "r_dispatch_late": "dispatch",
    "r_delivery_late": "delivery",
}
COUNTERS = {
    "described": ("described_n", "described_sum"),
    "communication": ("communication_n", "communication_sum"),
    "dispatch": ("r_dispatch_n", "r_dispatch_ontime"),
    "delivery": ("r_delivery_n", "r_delivery_ontime"),
}
STAR_COLUMNS = {"described_low": "described_sum", "communication_low": "communication_sum"}
MOST_LISTED = 2_000


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """An order that entered or left a part's window, and what that did to the rating."""

    order_no: str
    part: str
    entered: bool
    stars: int
    effect: Fraction


@dataclass(frozen=True, slots=True)
class LateOrder:
    """A late order in the window: what the rating lacks for it, and the day on which it leaves."""

    order_no: str
    late_dispatch: bool
    late_delivery: bool
    weight: Fraction
    leaves_on: date


@dataclass(frozen=True, slots=True)
class Changes:
    """The change between two rating days; ``others`` is the effect of all orders that are not listed."""

    old_day: date
    new_day: date
    change: RatingChange | None
    orders: list[OrderEffect]
    others: Fraction
    late: list[LateOrder]


def rating_changes(
    *, store: Store, old_day: date, new_day: date, listed: int = 10, context: StoreContext | None = None
) -> Changes:
    """What moved the rating from one day to a later one; the ``listed`` orders that moved it most. ``context``: the
    store's own where it is at hand."""
    contexts = None if context is None else [context]
    figures = load_figures([store], old_day, new_day, codes=RATED, contexts=contexts)[store.id]
    policy = figures.policy(new_day, Calendar.RATING)
    window, span = policy.rating.window_days, (new_day - old_day).days
    old, new = figures.rating(old_day), figures.rating(new_day)
    flows = {part: _flow(figures, part, new_day, window, span) for part in COUNTERS}
    change = change_of(old, new, flows)
    effects = sorted(_effects(store, old, new, new_day, window, span), key=lambda row: (-abs(row.effect), row.order_no))
    kept = effects[:listed] if change else []
    moved = sum((part.entered + part.left for part in change.parts), Fraction()) if change else Fraction()
    return Changes(
        old_day=old_day,
        new_day=new_day,
        change=change,
        orders=kept,
        others=moved - sum((row.effect for row in kept), Fraction()),
        late=late_orders(store, new, new_day, window, policy.rating.late_orders_shown),
    )


def _flow(figures: Figures, part: str, day: date, window: int, span: int) -> Flow:
    number, worth = COUNTERS[part]
    total, gone = figures.totals.total, day - timedelta(days=window)
    return Flow(
        entered_n=total(number, day, span),
        entered_sum=WORTH[part] * total(worth, day, span),
        left_n=total(number, gone, span),
        left_sum=WORTH[part] * total(worth, gone, span),
    )


def _effects(store: Store, old: Rating, new: Rating, day: date, window: int, span: int) -> Iterator[OrderEffect]:
    """Effects of the orders that failed, entered ones and left ones."""
    for entered, last in ((True, day), (False, day - timedelta(days=window))):
        problems = list(
            Problem.objects.filter(
                store=store, counter__in=LISTED, day__gt=last - timedelta(days=span), day__lte=last
            ).order_by("-day", "-order_id")[:MOST_LISTED]
        )
        ids = {row.order_id for row in problems}
        numbers = dict(Order.objects.filter(id__in=ids).values_list("id", "order_no"))
        stars = OrderContribution.objects.in_bulk(ids)
        for row in problems:
            part = LISTED[row.counter]
            mean = old.parts[part]
            if mean is None or new.parts[part] is None or row.order_id not in stars:
                continue
            worth = getattr(stars[row.order_id], STAR_COLUMNS[row.counter]) if row.counter in STAR_COLUMNS else 0
            effect = unit_effect(new, part) * (worth - mean)
            yield OrderEffect(numbers.get(row.order_id, "–"), part, entered, worth, effect if entered else -effect)


def late_orders(store: Store, rating: Rating, day: date, window: int, most: int) -> list[LateOrder]:
    """The late orders of the window that weigh most, of equal ones those that leave last."""
    weights = {
        part: STARS * unit_effect(rating, part) if rating.parts[part] is not None else Fraction()
        for part in ("dispatch", "delivery")
    }
    heavier = "r_dispatch_late" if weights["dispatch"] >= weights["delivery"] else "r_delivery_late"
    rows = (
        Problem.objects.filter(
            store=store,
            counter__in=("r_dispatch_late", "r_delivery_late"),
            day__gt=day - timedelta(days=window),
            day__lte=day,
        )
        .values("order_id")
        .annotate(
            kinds=Count("counter"),
            dispatch=Count("counter", filter=Q(counter="r_dispatch_late")),
            delivery=Count("counter", filter=Q(counter="r_delivery_late")),
            heavy=Count("counter", filter=Q(counter=heavier)),
            last=Max("day"),
        )
        .order_by("-kinds", "-heavy", "-last", "order_id")[:most]
    )
    found = list(rows)
    numbers = dict(Order.objects.filter(id__in=[row["order_id"] for row in found]).values_list("id", "order_no"))
    return [
        LateOrder(
            order_no=numbers.get(row["order_id"], "–"),
            late_dispatch=bool(row["dispatch"]),
            late_delivery=bool(row["delivery"]),
            weight=row["dispatch"] * weights["dispatch"] + row["delivery"] * weights["delivery"],
            leaves_on=row["last"] + timedelta(days=window),
        )
        for row in found
    ]

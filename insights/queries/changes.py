"""Why a store's rating moved, by part and by order, and the late orders that still weigh on it (SR-12)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import Count, Max, Q

from insights.rules.change import WORTH, Flow, RatingChange, change_of, unit_effect
from metrics.catalogue import RATED, Calendar
from metrics.models import OrderContribution, Problem
from metrics.rules.rating import STARS, Rating
from metrics.scorecards.loading import load_spans
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import StoreProfile
from orders.models import Order, Review
from stores.models import Listing, Store

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
SHOWN_OF_A_GROUP = 5
# A comparison of rating days reaches back this far.
MOST_DAYS_BACK = 180


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """An order that entered or left a part's window, and what that did to the rating. ``group``: what the part's
    orders are gathered by, the listing for buyers' stars and the carrier for the others; empty where there is none.
    ``stars``: of a buyer's review; ``text``: of the same, only for orders that are shown."""

    order_id: int
    order_no: str
    part: str
    group: str
    entered: bool
    stars: int
    effect: Fraction
    text: str = ""


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """What the listed orders of one listing, or of one carrier, did to the rating through one part: those that moved
    it most one by one, ``more`` others."""

    part: str
    group: str
    name: str
    effect: Fraction
    orders: list[OrderEffect]
    more: int


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
    groups: list[GroupEffect]
    late: list[LateOrder]


def changes_since(store: Store, day: date, since: date | None, profile: StoreProfile) -> Changes:
    """What moved the rating up to a day since an earlier one, a week before where none is asked for; as far back as
    figures go."""
    asked = since or day - timedelta(days=7)
    old_day = max(min(asked, day - timedelta(days=1)), day - timedelta(days=MOST_DAYS_BACK))
    return rating_changes(store=store, old_day=old_day, new_day=day, profile=profile)


def rating_changes(
    *, store: Store, old_day: date, new_day: date, listed: int = 10, profile: StoreProfile | None = None
) -> Changes:
    """What moved the rating from one day to a later one; the ``listed`` orders that moved it most. ``profile``: the
    store's own where it is at hand."""
    profiles = None if profile is None else [profile]
    store_span = load_spans([store], old_day, new_day, codes=RATED, profiles=profiles)[store.id]
    policy = store_span.policy(new_day, Calendar.RATING)
    window, span = policy.rating.window_days, (new_day - old_day).days
    old, new = store_span.on(old_day).rating, store_span.on(new_day).rating
    flows = {part: _flow(store_span, part, new_day, window, span) for part in COUNTERS}
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
        groups=group_effects(store, effects) if change else [],
        late=late_orders(store, new, new_day, window, policy.rating.late_orders_shown),
    )


def _flow(store_span: StoreSpan, part: str, day: date, window: int, span: int) -> Flow:
    number, worth = COUNTERS[part]
    total, gone = store_span.sums.total, day - timedelta(days=window)
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
        orders = {order.id: order for order in Order.objects.filter(id__in=ids).only("order_no", "sku", "carrier")}
        stars = OrderContribution.objects.in_bulk(ids)
        for row in problems:
            part = LISTED[row.counter]
            mean = old.parts[part]
            if mean is None or new.parts[part] is None or row.order_id not in stars:
                continue
            worth = getattr(stars[row.order_id], STAR_COLUMNS[row.counter]) if row.counter in STAR_COLUMNS else 0
            effect = unit_effect(new, part) * (worth - mean)
            if order := orders.get(row.order_id):
                group = order.sku if row.counter in STAR_COLUMNS else order.carrier
                effect = effect if entered else -effect
                yield OrderEffect(order.id, order.order_no, part, group, entered, worth, effect)


def group_effects(store: Store, effects: Sequence[OrderEffect]) -> list[GroupEffect]:
    """The effects of orders gathered by part and listing or carrier, the strongest first. Texts of reviews and names
    of listings are asked for once, for the orders that are shown."""
    gathered: dict[tuple[str, str], list[OrderEffect]] = {}
    for row in effects:
        gathered.setdefault((row.part, row.group), []).append(row)
    shown = {row.order_id for rows in gathered.values() for row in rows[:SHOWN_OF_A_GROUP]}
    texts = _texts(shown)
    titles = dict(
        Listing.objects.filter(store=store, sku__in={group for _part, group in gathered}).values_list("sku", "title")
    )
    groups = [
        GroupEffect(
            part=part,
            group=group,
            name=titles.get(group) or group,
            effect=sum((row.effect for row in rows), Fraction()),
            orders=[replace(row, text=texts.get(row.order_id, "")) for row in rows[:SHOWN_OF_A_GROUP]],
            more=max(len(rows) - SHOWN_OF_A_GROUP, 0),
        )
        for (part, group), rows in gathered.items()
    ]
    return sorted(groups, key=lambda one: (-abs(one.effect), one.part, one.group))


def _texts(order_ids: Collection[int]) -> dict[int, str]:
    """The latest text of the buyers' reviews of orders."""
    rows = Review.objects.filter(order_id__in=order_ids, kind=Review.Kind.BUYER).exclude(text="")
    return dict(rows.order_by("created_at", "id").values_list("order_id", "text"))


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

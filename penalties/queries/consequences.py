"""What hangs on a metric of a store: what it brought and what ends it, and the amounts at stake (DP-04, DP-06, DP-11,
DP-12, TM-10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Sum

from core.timebase import performance_day, performance_day_start
from orders.models import Order
from penalties.figures import HEALTH, INSURANCE, LEVELS, LIABILITY, SERVICE, Figure
from penalties.models import Penalty
from penalties.queries.levels import FigureDays, graded_days, policies_on
from penalties.queries.penalties import standing_penalties
from penalties.spells import Spell, month_of, whole_month_spells
from rulebook.policy import Policy
from stores.models import Store

FIGURE_OF: Mapping[str, Figure] = {LIABILITY: LEVELS, "shs": HEALTH, **SERVICE}
SOURCES = {LEVELS.name: ("liability", "insurance", "commission"), HEALTH.name: ("health",)}
SERVICE_SOURCE = "service"
# Orders are paid within this span of their creation, as good as all.
PAID_WITHIN = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Premiums:
    """Premiums of the orders paid this month so far, in USD. ``is_forfeit``: the level was reached in it, so that they
    are not refunded; ``is_surcharged``: it was reached in an earlier month, so that they cost more."""

    paid: Decimal
    is_forfeit: bool
    is_surcharged: bool


@dataclass(frozen=True, slots=True)
class Consequences:
    """What hangs on a metric. ``lasting``: the spells that go on, by grade; ``penalties``: those in force that it
    brought; ``premiums``: None where orders carry none."""

    figure: Figure
    store: Store
    policy: Policy
    lasting: Mapping[int, Spell]
    penalties: Sequence[Penalty]
    premiums: Premiums | None = None


def consequences_of(store: Store, code: str, at: datetime) -> Consequences | None:
    """What hangs on a metric at present; None for one that brings no penalties."""
    figure = FIGURE_OF.get(code)
    if figure is None:
        return None
    policy_on = policies_on(figure.calendar)
    found = graded_days([store.pk], [figure, INSURANCE])
    own = found.get((store.pk, figure.name))
    spells = figure.spells(own.days, policy_on) if own else ()
    return Consequences(
        figure=figure,
        store=store,
        policy=policy_on(performance_day(at)),
        lasting={grade: spell for grade, spell in spells if spell.last is None},
        penalties=_penalties(store, code, at),
        premiums=_premiums(store, found.get((store.pk, INSURANCE.name)), at) if figure is LEVELS else None,
    )


def _penalties(store: Store, code: str, at: datetime) -> list[Penalty]:
    names = SOURCES.get(FIGURE_OF[code].name, (SERVICE_SOURCE,))
    return [
        row for row in standing_penalties(store, at) if row.source in names and row.facts.get("metric", code) == code
    ]


def _premiums(store: Store, insured: FigureDays | None, at: datetime) -> Premiums | None:
    month = month_of(performance_day(at))
    since = performance_day_start(month)
    paid = Order.objects.filter(
        store=store,
        created_at__gte=since - PAID_WITHIN,
        created_at__lte=at,
        paid_at__gte=since,
        paid_at__lte=at,
        insurance_premium_usd__gt=0,
    ).aggregate(total=Sum("insurance_premium_usd"))["total"]
    if paid is None:
        return None
    days = insured.days if insured else ()
    lasting = [spell for spell in whole_month_spells(days) if spell.last is None]
    return Premiums(
        paid=paid,
        is_forfeit=any(spell.first <= one.day for spell in lasting for one in days if one.grade and one.day >= month),
        is_surcharged=any(spell.first < month for spell in lasting),
    )

"""What a policy must satisfy as a whole (DM-30): weights sum to 1, ladders rise, windows are positive."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from rulebook.policy.core import Knots, MetricPolicy, RatingWeights
from rulebook.policy.problems import Mend, Problem
from rulebook.policy.reference import YearPlan
from rulebook.policy.units import plain, said

if TYPE_CHECKING:
    from rulebook.policy import Policy

METRIC_CODES = frozenset(
    re.findall(
        r"\w+",
        """
    odr late_dispatch dispute_rate dsr delivered liability_rate slow_fulfilment sla_dispute_rate positive_rate
    cancel_rate logistics_abnormal delivery_late reply_missed trace_complete refund_rate auto_review_share
    text_review_rate photo_review_rate review_rate avg_handling_hours avg_transit_days orders gmv aov
    avg_collection_days described communication shipping shs sla
    """,
    )
)
SHS_PARTS = frozenset({"liability_rate", "shipping", "refund_rate", "positive_rate"})
FACTOR_KINDS = frozenset({"category", "level", "site"})
PERIODS = ("_days", "_hours", "_months", "_minutes")
FULL = Decimal(1)
LAST_HOUR = 23


def contradictions(policy: "Policy") -> list[Problem]:
    """Every contradiction within a policy whose values all have the right type."""
    return [
        *_scalars(policy),
        *_metrics(policy),
        *_rating(policy),
        *_scores(policy),
        *_factors(policy),
        *_ladders(policy),
        *_reference(policy),
        *_promotions(policy),
        *_kept(policy),
    ]


def _leaves(node: Any, prefix: str = "") -> Iterator[tuple[str, str, Any]]:
    """(key, field name, value) of every plain value in the policy."""
    for spec in fields(node):
        value = getattr(node, spec.name)
        key = f"{prefix}{spec.name}"
        if is_dataclass(value):
            yield from _leaves(value, key + ".")
        elif isinstance(value, Mapping) and spec.metadata.get("by_name"):
            for name, item in value.items():
                if is_dataclass(item):
                    yield from _leaves(item, f"{key}.{name}.")
        else:
            yield key, spec.name, value


def _scalars(policy: "Policy") -> Iterator[Problem]:
    for key, name, value in _leaves(policy):
        if isinstance(value, int) and not isinstance(value, bool):
            if name.endswith(PERIODS) and value <= 0:
                yield Problem(key, _above_zero(key, value))
            elif value < 0:
                yield Problem(key, _("must not be below 0, is %(value)s") % {"value": value})
        elif isinstance(value, Decimal) and name.endswith("_share") and not 0 <= value <= 1:
            text = _("a share lies between 0 %% and 100 %%, this is %(value)s %%")
            yield Problem(key, text % {"value": plain(value * 100)})


def _above_zero(key: str, value: int | Decimal) -> str:
    return _("must be above 0, is %(value)s") % {"value": said(key, value)}


def _metrics(policy: "Policy") -> Iterator[Problem]:
    for code in sorted(METRIC_CODES - set(policy.metrics)):
        yield Problem(f"metrics.{code}", _("missing"))
    for code, metric in policy.metrics.items():
        if code not in METRIC_CODES:
            yield Problem(f"metrics.{code}", _("no such metric"))
        yield from _metric(f"metrics.{code}", metric)


def _metric(key: str, metric: MetricPolicy) -> Iterator[Problem]:
    top = metric.floor_top
    for name in ("yellow", "red", "young_line"):
        yield from _threshold(f"{key}.{name}", "", getattr(metric, name), top)
    for name, line in metric.levels:
        yield from _threshold(f"{key}.levels", f"{name}: ", line, top)
    yield from _red_is_worse(key, metric)
    if not _rises([line for _name, line in metric.levels]):
        yield Problem(f"{key}.levels", _("the thresholds of the levels must rise"))
    if metric.young_line is not None and metric.levels and metric.young_line > metric.levels[0][1]:
        first = metric.levels[0][1]
        text = _("must not be above that of the first level, %(line)s; is %(value)s") % {
            "line": said(f"{key}.levels", first),
            "value": said(f"{key}.young_line", metric.young_line),
        }
        mends = (Mend(f"{key}.young_line", str(first)),)
        yield Problem(f"{key}.young_line", text, (f"{key}.young_line", f"{key}.levels"), mends)
    for kind in metric.scaled:
        if kind not in FACTOR_KINDS:
            text = _("“%(name)s” is none of %(names)s") % {"name": kind, "names": ", ".join(sorted(FACTOR_KINDS))}
            yield Problem(f"{key}.scaled", text)


def _threshold(key: str, part: str, line: Decimal | None, top: Decimal | None) -> Iterator[Problem]:
    if line is None or (line > 0 and (top is None or line < top)):
        return
    if top is None:
        yield Problem(key, part + _above_zero(key, line))
    else:
        text = _("must lie above 0 and below %(top)s, is %(value)s")
        yield Problem(key, part + text % {"top": said(key, top), "value": said(key, line)})


def _red_is_worse(key: str, metric: MetricPolicy) -> Iterator[Problem]:
    if metric.yellow is None or metric.red is None:
        return
    floor = metric.floor_top is not None
    if metric.red < metric.yellow if floor else metric.red > metric.yellow:
        return
    text = _("red must be below yellow") if floor else _("red must be above yellow")
    values = _("yellow is %(yellow)s, red is %(red)s") % {
        "yellow": said(f"{key}.yellow", metric.yellow),
        "red": said(f"{key}.red", metric.red),
    }
    yield Problem(f"{key}.red", f"{text}; {values}", (f"{key}.yellow", f"{key}.red"))


def _rating(policy: "Policy") -> Iterator[Problem]:
    rating = policy.rating
    for name in ("weights", "high_value_weights"):
        key = f"rating.{name}"
        weights = _weights(getattr(rating, name))
        yield from _sums_to_one(key, weights, {part: f"{key}.{part}" for part in weights})
    yield from _steps("rating.tiers", [tier.at_least for tier in rating.tiers])
    if rating.badge_tier not in {tier.code for tier in rating.tiers}:
        yield Problem("rating.badge_tier", _("“%(name)s” is no tier") % {"name": rating.badge_tier})
    if rating.marks_per < 1:
        yield Problem("rating.marks_per", _above_zero("rating.marks_per", rating.marks_per))
    if rating.search_effect_from_hours > rating.search_effect_to_hours:
        keys = ("rating.search_effect_from_hours", "rating.search_effect_to_hours")
        yield Problem(keys[0], _("the earliest must not come after the latest"), keys)
    for code in ("dsr", "described", "communication", "shipping"):
        metric, key = policy.metrics.get(code), f"metrics.{code}.window_days"
        if metric is not None and metric.window_days != rating.window_days:
            text = _("must equal the window of the rating, %(days)s days") % {"days": rating.window_days}
            mends = (Mend(key, rating.window_days), Mend("rating.window_days", metric.window_days))
            yield Problem(key, text, (key, "rating.window_days"), mends)


def _steps(key: str, lines: Sequence[Decimal]) -> Iterator[Problem]:
    """The rows of a table from the best down to one that begins at 0."""
    if not _falls(lines):
        yield Problem(key, _("must fall from the best row to the last"))
    if not lines or lines[-1] != 0:
        yield Problem(key, _("the last row must begin at 0"))


def _scores(policy: "Policy") -> Iterator[Problem]:
    shs, sla = policy.shs, policy.sla
    yield from _sums_to_one("shs.weights", shs.weights)
    yield from _sums_to_one("sla.weights", sla.weights)
    if set(shs.weights) != SHS_PARTS:
        yield Problem("shs.weights", _("the parts are %(names)s") % {"names": ", ".join(sorted(SHS_PARTS))})
    if set(shs.knots) != set(shs.weights):
        keys = ("shs.weights", *(f"shs.knots.{name}" for name in shs.knots))
        yield Problem("shs.knots", _("every part of the score needs knots, and only those"), keys)
    for name, knots in shs.knots.items():
        yield from _knots(f"shs.knots.{name}", knots)
    if shs.manual_review_below > shs.promotion_block_below:
        keys = ("shs.manual_review_below", "shs.promotion_block_below")
        yield Problem(keys[0], _("must not be above the score that blocks promotions"), keys)
    for code in sla.weights:
        metric = policy.metrics.get(code)
        if metric is None or metric.yellow is None or metric.red is None or metric.unit != "share":
            text = _("“%(name)s” is no rate with a yellow and a red threshold") % {"name": code}
            yield Problem("sla.weights", text)
    if not _falls([sla.score_at_zero, sla.score_at_yellow, sla.score_at_red, Decimal(0)]):
        keys = ("sla.score_at_red", "sla.score_at_yellow", "sla.score_at_zero")
        yield Problem(keys[0], _("scores must fall from no failures over yellow to red, and stay above 0"), keys)
    if sla.zero_at_red_times <= 1:
        text = _("must be above 1, is %(value)s") % {"value": plain(sla.zero_at_red_times)}
        yield Problem("sla.zero_at_red_times", text)
    yield from _steps("sla.grades", [grade.at_least for grade in sla.grades])


def _factors(policy: "Policy") -> Iterator[Problem]:
    factors, flags = policy.factors, set(policy.reference.category_flags)
    for flag, by_metric in factors.category.items():
        if flag not in flags:
            yield Problem("factors.category", _("“%(name)s” is no flag of categories") % {"name": flag})
        for code, factor in by_metric.items():
            yield from _category_factor(policy, flag, code, factor)
    for name, table in (("level", factors.level), ("site", factors.site)):
        for code, factor in table.items():
            yield from _positive(f"factors.{name}", code, factor)


def _category_factor(policy: "Policy", flag: str, code: str, factor: Decimal | None) -> Iterator[Problem]:
    metric = policy.metrics.get(code)
    if metric is None:
        yield Problem("factors.category", _("“%(name)s” is no metric") % {"name": code})
    elif factor is not None and "category" not in metric.scaled:
        keys = ("factors.category", f"metrics.{code}.scaled")
        yield Problem(keys[0], _("“%(name)s” is not scaled by category") % {"name": code}, keys)
    if factor is not None:
        yield from _positive("factors.category", f"{flag} {code}", factor)


def _positive(key: str, name: str, value: Decimal) -> Iterator[Problem]:
    if value <= 0:
        text = _("%(name)s must be above 0, is %(value)s") % {"name": name, "value": plain(value)}
        yield Problem(key, text)


def _ladders(policy: "Policy") -> Iterator[Problem]:
    notices, disputes, feedback = policy.notices, policy.disputes, policy.feedback
    transactions = policy.transactions
    rising: tuple[tuple[tuple[str, ...], Sequence[int | Decimal]], ...] = (
        (("notices.ladder",), [step.after_hours for step in notices.ladder]),
        (("notices.open_reminder_hours", "notices.open_hours"), [*notices.open_reminder_hours, notices.open_hours]),
        (("penalties.points_ladder",), [step.points for step in policy.penalties.points_ladder]),
        (
            ("disputes.golden_hours", "disputes.late_hours", "disputes.answer_days"),
            [disputes.golden_hours, disputes.late_hours, disputes.answer_days * 24],
        ),
        (
            ("transactions.funds_review_day", "transactions.funds_release_day"),
            [transactions.funds_review_day, transactions.funds_release_day],
        ),
        (("feedback.guide_days", "feedback.second_guide_days"), [feedback.guide_days, feedback.second_guide_days]),
        (("beyond.impact_sizes",), policy.beyond.impact_sizes),
    )
    for keys, steps in rising:
        if not _rises(steps):
            text = _("must rise step by step, is %(steps)s") % {"steps": ", ".join(map(str, steps))}
            yield Problem(keys[0], text, keys)
    for key, hours in (("beyond", policy.beyond.reminder_hours), ("appeals", policy.appeals.reminder_hours)):
        if not _falls(hours):
            yield Problem(f"{key}.reminder_hours", _("must fall towards the deadline"))
    for name in ("funds_review_hour_utc", "funds_release_hour_utc"):
        if getattr(transactions, name) > LAST_HOUR:
            yield Problem(f"transactions.{name}", _("an hour lies between 0 and 23"))


def _reference(policy: "Policy") -> Iterator[Problem]:
    reference = policy.reference
    for name in ("sites", "categories", "carriers"):
        codes = [row.code for row in getattr(reference, name)]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield Problem(f"reference.{name}", _("%(name)s occurs twice") % {"name": code})
    for category in reference.categories:
        for flag in sorted(set(category.flags) - set(reference.category_flags)):
            text = _("%(name)s has the unknown flag “%(flag)s”") % {"name": category.code, "flag": flag}
            yield Problem("reference.categories", text, ("reference.categories", "reference.category_flags"))
    for year, rates in reference.fx_usd.items():
        if not year.isdigit() or len(year) != 4:
            yield Problem(f"reference.fx_usd.{year}", _("a year of four digits is wanted"))
        for code, rate in rates.items():
            yield from _positive(f"reference.fx_usd.{year}", code, rate)
    for year, plan in policy.calendar.years.items():
        yield from _year_plan(f"calendar.years.{year}", year, plan)


def _year_plan(key: str, year: str, plan: YearPlan) -> Iterator[Problem]:
    for name, days in (("off", plan.off), ("work", plan.work)):
        for day in days:
            if str(day.year) != year:
                yield Problem(f"{key}.{name}", _("%(day)s lies in another year") % {"day": day})
    for day in plan.work:
        if day in plan.off:
            text = _("%(day)s is among the days off as well") % {"day": day}
            yield Problem(f"{key}.work", text, (f"{key}.work", f"{key}.off"))


def _promotions(policy: "Policy") -> Iterator[Problem]:
    promotions = policy.penalties.promotions
    codes = [one.code for one in promotions]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield Problem("penalties.promotions", _("%(name)s occurs twice") % {"name": code})
    for one in promotions:
        if not (one.register_from <= one.register_until <= one.ends and one.starts <= one.ends):
            text = _("%(name)s: its days must be in order, and registration must close before its end")
            yield Problem("penalties.promotions", text % {"name": one.code})


def _kept(policy: "Policy") -> Iterator[Problem]:
    """Messages are kept as long as PN-27 says, whatever is removed of buyers' data."""
    least, days = policy.notices.trace_keep_days, policy.privacy.message_days
    if days is not None and days < least:
        keys = ("privacy.message_days", "notices.trace_keep_days")
        text = _("must not be below the %(least)s days for which messages are kept, is %(value)s")
        mends = (Mend(keys[0], least), Mend(keys[1], days))
        yield Problem(keys[0], text % {"least": least, "value": days}, keys, mends)


def _weights(weights: RatingWeights) -> dict[str, Decimal]:
    return {spec.name: getattr(weights, spec.name) for spec in fields(weights)}


def _sums_to_one(
    place: str, weights: Mapping[str, Decimal], keys: Mapping[str, str] | None = None
) -> Iterator[Problem]:
    """Weights of one table, or of parameters of their own, ``keys`` by name."""
    total = sum(weights.values())
    if total != FULL:
        text = _("the weights must add up to %(wanted)s %%, they are %(total)s %%") % {
            "wanted": plain(FULL * 100),
            "total": plain(total * 100),
        }
        mended = {name: weight + FULL - total for name, weight in weights.items()}
        mends = tuple(_weight_mend(place, weights, keys, name, value) for name, value in mended.items() if value > 0)
        yield Problem(place, text, tuple(keys.values()) if keys else (), mends)
    for name, weight in weights.items():
        if weight <= 0:
            text = _("%(name)s must be above 0, is %(value)s") % {"name": name, "value": plain(weight)}
            yield Problem(keys[name] if keys else place, text)


def _weight_mend(
    place: str, weights: Mapping[str, Decimal], keys: Mapping[str, str] | None, name: str, value: Decimal
) -> Mend:
    if keys:
        return Mend(keys[name], plain(value), name)
    return Mend(place, {other: str(weight) for other, weight in weights.items()} | {name: plain(value)}, name)


def _knots(key: str, knots: Knots) -> Iterator[Problem]:
    xs, ys = [x for x, _y in knots], [y for _x, y in knots]
    if len(knots) < 2 or not (_rises(xs) or _falls(xs)):
        yield Problem(key, _("at least two knots, whose values rise or fall, are wanted"))
    if not _falls(ys):
        yield Problem(key, _("scores must fall from the best value to the worst"))
    if ys and not all(0 <= y <= 100 for y in ys):
        yield Problem(key, _("scores lie between 0 and 100"))


def _rises(values: Iterable[Any]) -> bool:
    return all(a < b for a, b in pairwise(values))


def _falls(values: Iterable[Any]) -> bool:
    return all(a > b for a, b in pairwise(values))

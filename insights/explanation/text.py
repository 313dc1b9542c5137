"""Explanations as lines of text and as data for machines (IX-12)."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from insights.explanation.composition import PartRow
from insights.explanation.counted_orders import Listed, TallyEvent
from insights.explanation.explaining import PLACES, Explanation, number_text
from rulebook.rules import rounded


def explanation_text(explanation: Explanation) -> Iterator[str]:
    """The explanation as lines of text, a composite score's without its components."""
    result, metric = explanation.result, explanation.metric
    yield f"{metric.title} ({metric.code}, {metric.rule}) · {explanation.store.store_no} · {explanation.last}"
    if not explanation.components:
        yield _window(explanation)
    yield _("formula: %(formula)s") % {"formula": explanation.formula}
    yield _("arithmetic: %(arithmetic)s") % {"arithmetic": explanation.arithmetic}
    if explanation.no_value:
        yield _("no value: %(why)s") % {"why": explanation.no_value}
    for name, worth in explanation.parts:
        yield f"  {name}: {worth}"
    for row in explanation.composition:
        yield f"  {_part_text(row)}"
        yield from _knots_text(row)
    yield _("level: %(level)s") % {"level": result.level}
    for name, text in explanation.thresholds.items():
        yield text if name == "applies" else _("%(line)s threshold: %(text)s") % {"line": name, "text": text}
    if result.benchmark is not None:
        yield _("benchmark: %(value)s (%(source)s %(scope)s, %(stores)s stores)") % {
            "value": number_text(result.benchmark.value),
            "source": result.benchmark.source,
            "scope": result.benchmark.scope,
            "stores": result.benchmark.stores,
        }
    if result.deviation is not None:
        yield _("deviation: %(deviation)s") % {"deviation": number_text(result.deviation)}
    yield _("policy version: %(version)s") % {"version": result.policy_version}
    for feed, until in explanation.feeds.items():
        known = until.isoformat() if until else _("never supplied")
        yield _("data stream %(feed)s: known until %(until)s") % {"feed": feed, "until": known}
    if not explanation.components:
        yield from _counted_text(explanation)


def _window(explanation: Explanation) -> str:
    last_second = explanation.end - timedelta(seconds=1)
    return _("window: %(first)s … %(last)s (%(start)s … %(end)s)") % {
        "first": explanation.first,
        "last": explanation.last,
        "start": explanation.start.isoformat(),
        "end": last_second.isoformat(),
    }


def _part_text(row: PartRow) -> str:
    """``Refund rate (refund_rate): 0.02 → 90 × 0.2 = 18``, or why the part is left out."""
    name = f"{row.metric.title} ({row.code}): {number_text(row.value.value)}"
    if row.why:
        return f"{name}  " + _("left out: %(why)s") % {"why": row.why}
    return f"{name} → {number_text(row.score)} × {number_text(row.share)} = {number_text(row.gives)}"


def _knots_text(row: PartRow) -> Iterator[str]:
    if row.scale is not None:
        points = ", ".join(f"{number_text(at)} → {number_text(score)}" for at, score in row.scale.points)
        over = _("share of failures") if row.scale.top is not None else _("value")
        yield "    " + _("knots over the %(what)s: %(knots)s") % {"what": over, "knots": points}


def _counted_text(explanation: Explanation) -> Iterator[str]:
    yield _("sums:")
    for counter in explanation.counted:
        yield f"  {counter.name} = {counter.total}  [{counter.rule}]"
        yield f"    Σ {counter.amount} @ {counter.at} | {counter.where}"
    yield _("failing: %(count)s") % {"count": explanation.failures}
    for failing in explanation.failing:
        yield f"  {failing.day}  {failing.order_no}  {failing.counter}"


def listed_text(lists: Sequence[Listed]) -> Iterator[str]:
    """The orders counted and left out as lines of text, with their totals and rules."""
    for listed in lists:
        tally = listed.tally
        yield _("%(what)s (%(name)s): %(counted)s counted, %(left)s left out") % {
            "what": tally.title,
            "name": tally.name,
            "counted": listed.counted_total,
            "left": listed.left_total,
        }
        for event in listed.counted:
            yield f"  + {event.day}  {event.number}"
        yield from _unshown(listed.counted_total - len(listed.counted))
        for condition, number in listed.left:
            yield _("  left out, %(why)s: %(number)s  [%(rule)s]") % {
                "why": condition.text,
                "number": number,
                "rule": condition.rule,
            }
        for event in listed.left_out:
            yield f"  - {event.day}  {event.number}  {_why(event)}"
        yield from _unshown(listed.left_total - len(listed.left_out))


def _unshown(number: int) -> Iterator[str]:
    if number > 0:
        yield _("    and %(number)s more") % {"number": number}


def _why(event: TallyEvent) -> str:
    """Why an event is left out, with the cause's number and the rule."""
    if event.condition is None:
        return ""
    cause = f" ({event.cause})" if event.cause else ""
    return f"{event.condition.text}{cause} [{event.condition.rule}]"


def listed_data(lists: Sequence[Listed]) -> list[dict[str, Any]]:
    """The same for machines: one object per kind of event."""
    return [
        {
            "counter": listed.tally.name,
            "counted": listed.counted_total,
            "left_out": [
                {"rule": condition.rule, "why": str(condition.text), "orders": number}
                for condition, number in listed.left
            ],
            "newest_counted": [_event_data(event) for event in listed.counted],
            "newest_left_out": [_event_data(event) for event in listed.left_out],
        }
        for listed in lists
    ]


def composition_data(rows: Sequence[PartRow]) -> list[dict[str, Any]]:
    """The parts of a composite score for machines: exact numbers as text, None where there is none."""
    return [
        {
            "metric": row.code,
            "value": _exact(row.value.value),
            "sub_score": _exact(row.score),
            "weight": _exact(row.weight),
            "rescaled_weight": _exact(row.share),
            "left_out": row.why or None,
        }
        for row in rows
    ]


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else format(rounded(value, PLACES), "f")


def _event_data(event: TallyEvent) -> dict[str, str]:
    data = {"order": event.number, "day": event.day.isoformat()}
    if event.condition is not None:
        data |= {"rule": event.condition.rule, "why": str(event.condition.text), "cause": event.cause}
    return data

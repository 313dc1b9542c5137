"""What notices keep of the day they were judged by: the arithmetic and the problem orders (PN-01, PN-04)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any

from django.db import connection

from core.sql import SQL, Composable, Identifier, Parameter, columns, comma, execute, literals, parameters
from core.timebase import day_number, window_start
from metrics.anchors import Subject
from metrics.catalogue import METRICS, Kind, problem_counters
from metrics.counters import ANCHOR_OF
from metrics.reasons.lookup import drop_reasons, make_reasons
from metrics.scorecards.loading import load_spans
from metrics.scorecards.results import PLACES
from metrics.scorecards.spans import StoreSpan
from notifications.models import Notice
from notifications.services.findings import Finding
from rulebook.policy import Policy
from rulebook.rules import EffectiveThreshold, rounded

# Stores loaded at once, each with a quarter of a year and the longest window before it.
STORES_AT_ONCE = 50
INSTANTS = (
    "paid_at", "ship_by", "shipped_at", "estimated_delivery_at", "delivered_at", "cancelled_at", "refunded_at",
)  # fmt: skip
TEXTS = ("order_no", "carrier", "tracking_no", "site", "category")
REASON_COLUMNS = {
    "reason": SQL("COALESCE(r.code, '')"),
    "reason_also": SQL("COALESCE(r.also, '')"),
    "counted_at": SQL("r.at"),
    "since_at": SQL("r.since"),
    "until_at": SQL("r.until"),
}
EXACT = ("value", "yellow", "red", "benchmark")
COUNTS = ("numerator", "denominator")


def snapshot_arithmetic(findings: Sequence[Finding], policy: Policy) -> list[dict[str, Any]]:
    """Of each finding of a day: the window, the thresholds factor by factor, the parts of a rating, the store's own
    mean.

    Figures are computed from current facts (MX-08): what no longer agrees with the published value or threshold, as
    data came in between, is left out, so that a notice never contradicts itself."""
    by_code: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_code[finding.code].append(finding)
    snapshots = {}
    for code, group in by_code.items():
        for start in range(0, len(group), STORES_AT_ONCE):
            part = group[start : start + STORES_AT_ONCE]
            day = part[0].row.day
            first = day - timedelta(days=policy.judging.stable_days)
            store_span = load_spans([finding.store for finding in part], first, day, codes=[code])
            for finding in part:
                snapshots[finding.key] = _arithmetic(finding, store_span[finding.store.pk], policy)
    return [snapshots[finding.key] for finding in findings]


def _arithmetic(finding: Finding, store_span: StoreSpan, policy: Policy) -> dict[str, Any]:
    code, day = finding.code, finding.row.day
    metric, result = METRICS[code], finding.row.scorecard[code]
    window = policy.rating.window_days if metric.kind == Kind.STARS else policy.metrics[code].window_days
    thresholds = store_span.on(day).thresholds(code)
    snapshot: dict[str, Any] = {
        "unit": policy.metrics[code].unit,
        "first": window_start(day, window).isoformat(),
        "days": window,
        "lines": {
            name: _threshold(threshold)
            for name, threshold in (("yellow", thresholds.yellow), ("red", thresholds.red))
            if threshold is not None and _text(threshold.value) == result.get(name)
        },
    }
    if (mean := own_mean(store_span, code, day, policy.judging.stable_days)) is not None:
        snapshot["own_mean"] = _text(mean)
    if metric.kind == Kind.STARS:
        rating = store_span.on(day).rating
        if rating.score is not None and _text(rating.score) == result.get("value"):
            snapshot["parts"] = {
                name: {"value": _text(part), "weight": _text(rating.weights[name])}
                for name, part in rating.parts.items()
                if part is not None
            }
    return snapshot


def own_mean(store_span: StoreSpan, code: str, day: date, back: int) -> Fraction | None:
    """The mean of the metric over the sufficient ones of the ``back`` days before (PN-04, MX-10)."""
    past = store_span.values(code, day - timedelta(days=back), day - timedelta(days=1))
    ratios = [one.exact.as_integer_ratio() for one in past if one.sufficient and one.exact is not None]
    if not ratios:
        return None
    # Over one denominator: adding fractions one by one reduces each sum, which costs ten times as much.
    common = lcm(*(lower for _upper, lower in ratios))
    whole = sum(upper * (common // lower) for upper, lower in ratios)
    return Fraction(whole, common * len(ratios))


def snapshot_orders(notices: Sequence[Notice]) -> None:
    """Copy the problem orders of the notices' windows with their reasons, newest first; the notices need ids, but not
    be stored yet.

    Copied inside the database, so stores of any size need no memory here.
    """
    by_code: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        by_code[notice.metric].append(notice)
    with connection.cursor() as cursor:
        for code, group in by_code.items():
            if not (counters := problem_counters(code)):
                continue
            windows = [(notice.pk, notice.store_id, _first_day(notice)) for notice in group]
            last = day_number(group[0].day)
            make_reasons(cursor, counters, failing_in_windows(windows, counters, last))
            execute(cursor, copy_orders(windows, counters, last))
        drop_reasons(cursor)


def _first_day(notice: Notice) -> int:
    return day_number(date.fromisoformat(notice.snapshot["first"]))


# Of a notice: its id, store and first day.
Window = tuple[int, int, int]


def _made(windows: Sequence[Window]) -> Composable:
    """The notices' windows as a common table expression."""
    rows = comma(SQL("({window})").format(window=parameters(window)) for window in windows)
    return SQL("made (notice_id, store_id, first) AS (VALUES {rows})").format(rows=rows)


def _in_windows(counters: Sequence[str], last: int) -> Composable:
    """Whether a problem row lies in a notice's window, which ends with the day ``last``."""
    return SQL("""p.store_id = made.store_id AND p.counter IN ({counters})
            AND p.day BETWEEN made.first AND {last}""").format(counters=parameters(counters), last=Parameter(last))


def failing_in_windows(windows: Sequence[Window], counters: Sequence[str], last: int) -> Composable:
    """SELECT of the subjects that fail in any of the windows."""
    return SQL("""WITH {made} SELECT DISTINCT p.counter, p.order_id, p.subject_id
        FROM made CROSS JOIN metrics_problem p
        WHERE {in_windows}""").format(made=_made(windows), in_windows=_in_windows(counters, last))


def copy_orders(windows: Sequence[Window], counters: Sequence[str], last: int) -> Composable:
    """Copy the problem orders of the windows to their notices; needs ``tmp_reason``. A complaint has no order: its
    problem names it as its subject."""
    of_complaints = [name for name in counters if ANCHOR_OF[name].subject == Subject.COMPLAINT]
    complaint = SQL("p.counter IN ({counters})").format(counters=literals(of_complaints))
    return SQL("""
        WITH {made}
        INSERT INTO notifications_noticeorder
            (notice_id, place, counter, day, complaint_no, {columns})
        SELECT made.notice_id, ROW_NUMBER() OVER (
                PARTITION BY made.notice_id ORDER BY p.day DESC, p.order_id DESC, p.subject_id DESC, p.counter DESC
            ), p.counter, p.day, COALESCE(c.complaint_no, ''), {texts}, {instants}, {reasons}
        FROM made CROSS JOIN metrics_problem p
        LEFT JOIN orders_order o ON o.id = p.order_id AND NOT ({complaint})
        LEFT JOIN disputes_copyrightcomplaint c ON c.id = p.subject_id AND {complaint}
        LEFT JOIN tmp_reason r ON r.order_id = p.order_id AND r.subject_id = p.subject_id AND r.counter = p.counter
        WHERE {in_windows}""").format(
        made=_made(windows),
        columns=columns((*TEXTS, *INSTANTS, *REASON_COLUMNS)),
        texts=comma(SQL("COALESCE({name}, '')").format(name=Identifier("o", name)) for name in TEXTS),
        instants=columns(INSTANTS, table="o"),
        reasons=comma(REASON_COLUMNS.values()),
        complaint=complaint if of_complaints else SQL("1 = 0"),
        in_windows=_in_windows(counters, last),
    )


def _threshold(threshold: EffectiveThreshold) -> dict[str, Any]:
    return {
        "base": str(threshold.base),
        "top": None if threshold.floor_top is None else str(threshold.floor_top),
        "factors": [{"kind": one.kind, "name": one.name, "value": str(one.value)} for one in threshold.factors],
    }


def _text(value: Fraction) -> str:
    return format(rounded(value, PLACES), "f")


def result_columns(result: Mapping[str, Any]) -> dict[str, Any]:
    """A published result as columns of a notice."""
    exact = {name: None if result.get(name) is None else Decimal(result[name]) for name in EXACT}
    return {**exact, **{name: result.get(name) for name in COUNTS}}

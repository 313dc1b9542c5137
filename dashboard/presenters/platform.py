"""The platform's figures and notices compared with ours, as tables of pages (IX-08)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from insights.queries.platform import Beside, Compared
from insights.rules.platform import Reason
from metrics import words
from metrics.catalogue import METRICS
from metrics.models import PlatformNotice
from stores.models import Store

# Rows that are shown at once; the rest is folded away.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure of the platform beside ours on a day; ``summary``: how many days of the metric agree."""

    name: str
    day: date
    theirs: str
    ours: str
    gap: str
    reason: str
    agrees: bool
    url: str
    summary: str = ""
    why_url: str = ""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice of the platform; ``query`` leads to ours of the same metric and days."""

    number: str
    metric: str
    level: str
    triggered_at: datetime
    state: str
    query: str


@dataclass(frozen=True, slots=True)
class PlatformPart:
    """What templates/dashboard/_platform.html reads: every day of one metric, or the newest day of each."""

    one_metric: bool
    first: date
    last: date
    figure_rows: list[FigureRow]
    more_rows: list[FigureRow]
    summary: str
    notices: list[NoticeRow]


def platform_part(store: Store, found: Beside, code: str | None) -> PlatformPart:
    """The platform's figures of a metric, or of all."""
    rows = (
        [_row(one, found, store) for one in found.by_metric.get(code, [])]
        if code is not None
        else [_newest(code, found, store) for code in METRICS if code in found.by_metric]
    )
    shown = len(rows) if code is None else SHOWN
    return PlatformPart(
        one_metric=code is not None,
        first=found.first,
        last=found.last,
        figure_rows=rows[:shown],
        more_rows=rows[shown:],
        summary=_agreement(found.by_metric[code]) if code in found.by_metric else "",
        notices=[_notice(notice, found) for notice in found.notices],
    )


def _row(one: Compared, found: Beside, store: Store) -> FigureRow:
    unit = found.units[one.code]
    return FigureRow(
        name=str(METRICS[one.code].title),
        day=one.day,
        theirs=words.value_text(one.theirs, unit),
        ours=words.value_text(one.ours.value, unit),
        gap=_gap(one, unit),
        reason=reason_text(one),
        agrees=one.agrees,
        url=f"{reverse('dashboard:platform', args=[store.store_no])}?{urlencode({'metric': one.code})}",
        why_url=_why(one, store),
    )


def _why(one: Compared, store: Store) -> str:
    """Where the difference is taken apart (BX-21)."""
    if not one.has_gap_page:
        return ""
    return f"{reverse('dashboard:gap', args=[store.store_no, one.code])}?{urlencode({'day': one.day.isoformat()})}"


def _newest(code: str, found: Beside, store: Store) -> FigureRow:
    """The newest day of a metric, with how many days agree."""
    days = found.by_metric[code]
    return replace(_row(days[0], found, store), summary=_agreement(days))


def _agreement(days: list[Compared]) -> str:
    agreeing = sum(one.agrees for one in days)
    text = ngettext("%(same)s of %(count)s day agrees", "%(same)s of %(count)s days agree", len(days))
    return text % {"same": agreeing, "count": len(days)}


def _gap(one: Compared, unit: str) -> str:
    """Theirs less ours; shares in percentage points."""
    if one.ours.value is None or one.agrees:
        return ""
    gap = Fraction(one.theirs) - one.ours.value
    if unit != "share":
        return formats.grouped(formats.half_up(gap), signed=True)
    return _("%(points)s points") % {"points": formats.grouped(formats.half_up(100 * gap), signed=True)}


def reason_text(one: Compared) -> str:
    """What the difference comes from, in a few words."""
    orders = one.finding.orders
    if one.finding.reason == Reason.ORDERS_MISSING:
        text = ngettext(
            "orders missing here: the platform counts about %(count)s failure more",
            "orders missing here: the platform counts about %(count)s failures more",
            orders,
        )
        return text % {"count": formats.number(orders)}
    if one.finding.reason == Reason.LATE_SYNC:
        text = ngettext(
            "late sync: %(count)s order is late here only because its number came late",
            "late sync: %(count)s orders are late here only because their numbers came late",
            orders,
        )
        return text % {"count": formats.number(orders)}
    return {
        Reason.SAME: _("the same"),
        Reason.NO_VALUE: _("no value here"),
        Reason.STALE: _("orders missing here: the data of this day is not complete"),
        Reason.WINDOW: _("another window: it ends a day earlier"),
        Reason.UNKNOWN: _("not known"),
    }[one.finding.reason]


def _notice(notice: PlatformNotice, found: Beside) -> NoticeRow:
    metric = METRICS.get(notice.metric)
    period = {"metric": notice.metric, "first": found.first.isoformat(), "last": found.last.isoformat()}
    return NoticeRow(
        number=notice.number,
        metric=str(metric.title) if metric else notice.metric,
        level=notice.level,
        triggered_at=notice.triggered_at,
        state=notice.state,
        query=urlencode(period),
    )

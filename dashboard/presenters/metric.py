"""A metric's page (PG-04): the figure in words, its history, what comes next, how it is calculated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.pages.components import Fact, Tab, Term
from dashboard.forms.days import SPANS
from dashboard.presenters import parts
from dashboard.presenters.annotations import Occurrence, chart_annotations, occurrences
from dashboard.presenters.composition import CompositionPart, composition_part
from dashboard.presenters.counting import counting_url
from dashboard.presenters.forecast import OutlookPart, future_of, outlook_part
from dashboard.presenters.freezes import FreezeRow, freeze_rows
from dashboard.presenters.governance import baseline_sentence, silent_sentences
from dashboard.presenters.history_chart import ChartTable, chart_of, table_of
from dashboard.presenters.metric_facts import facts_of
from dashboard.presenters.metric_terms import terms_of
from dashboard.presenters.problems import ProblemsPart
from dashboard.queries.metric import MetricDetails
from insights.queries.metric import MetricPage
from insights.queries.status import MetricStatus
from insights.rules.causes import has_causes
from insights.rules.fault import has_faults
from insights.rules.forecast import can_forecast
from metrics import words
from metrics.catalogue import METRICS, Kind
from metrics.scorecards.results import Level
from penalties.presenters.consequences import ConsequencesPart, consequences_part
from rulebook.texts.parameters import also_called
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class MetricPageContext:
    """What templates/dashboard/metric.html reads; ``tile``: the figure itself; ``target``: what htmx replaces when the
    list of problem orders changes. Addresses are empty where there is no such part."""

    nav: dict[str, Any]
    now: datetime
    store: Store
    page: MetricPage
    also: str
    tile: parts.Tile
    level: str
    word: str
    sentences: list[str]
    chart: dict[str, Any]
    annotations: list[Occurrence]
    table: ChartTable
    spans: list[Tab]
    outlook: OutlookPart
    terms: list[Term]
    composition: CompositionPart | None
    facts: list[Fact]
    rules: list[str]
    feeds: list[parts.FeedRow]
    behind: str
    has_feeds: bool
    present_url: str
    freezes: list[FreezeRow]
    consequences: ConsequencesPart | None
    platform_url: str
    faults_url: str
    causes_url: str
    counting_url: str
    events_url: str
    package_url: str
    problems: ProblemsPart | None
    target: str


def metric_page_context(
    request: StoreRequest, details: MetricDetails, span: int, now: datetime, problems: ProblemsPart | None, target: str
) -> MetricPageContext:
    """The page of a metric of the request's store."""
    found, store = details.page, request.store
    code, has_data = found.metric.code, found.status.result.value.has_feeds
    annotations = annotations_of(store, details)
    level, word = _level_of(found)
    feeds = needed_rows(found)
    is_composite = found.metric.kind == Kind.COMPOSITE
    return MetricPageContext(
        nav=nav(request, current="panel", figures=parts.figures_of(found.days, found.computed_at, now), now=now),
        now=now,
        store=store,
        page=found,
        also=also_called(code, get_language() or ""),
        tile=parts.tile(found.status, ""),
        level=level,
        word=word,
        sentences=status_sentences(found),
        chart=annotated_chart(details, annotations),
        annotations=annotations,
        table=table_of(found.history),
        spans=span_tabs(request, span),
        outlook=outlook_part(found, details.outlook),
        terms=terms_of(found),
        composition=composition_part(store, found) if is_composite else None,
        facts=facts_of(found),
        rules=rules_of(found),
        feeds=feeds,
        behind=parts.behind(feeds),
        has_feeds=bool(found.store_span.store.feeds),
        present_url=request.path,
        freezes=freeze_rows(details.freezes),
        consequences=_consequences(details),
        platform_url=_platform_url(store, found) if found.platform is not None else "",
        faults_url=_day_url("faults", store, found) if has_faults(code) and has_data else "",
        causes_url=_day_url("causes", store, found) if has_causes(code) and has_data else "",
        counting_url=counting_url(code, found.store_span.policy(found.day, found.metric.calendar)),
        # The orders behind a composite score are listed by its parts.
        events_url="" if is_composite else _day_url("events", store, found),
        package_url=_day_url("package", store, found),
        problems=problems,
        target=target,
    )


def _consequences(details: MetricDetails) -> ConsequencesPart | None:
    if details.consequences is None:
        return None
    page = details.page
    category = page.store_span.store.category_on(page.day)
    return consequences_part(details.consequences, page.status.result.yellow, category.path)


def _level_of(found: MetricPage) -> tuple[str, str]:
    """The level and its word; of a score what it brings or its grade."""
    result = found.status.result
    if found.metric.kind == Kind.COMPOSITE:
        policy = found.store_span.policy(found.day, found.metric.calendar)
        return parts.score_level(result.code, result.value.value, policy)
    return str(result.level), parts.level_word(found.status)


def annotations_of(store: Store, details: MetricDetails) -> list[Occurrence]:
    """What happened on the days of the chart, and what is known to come on those of its forecast."""
    found, forecast = details.page, details.outlook.forecast
    ahead = forecast.days if forecast else ()
    coming = [(day, found.store_span.policy(day, found.metric.calendar).number) for day in ahead]
    return occurrences(store, found.history, details.events, coming)


def annotated_chart(details: MetricDetails, annotations: Sequence[Occurrence]) -> dict[str, Any]:
    """The chart of the page: history, forecast and what happened."""
    history = details.page.history
    return chart_of(history, future_of(details.outlook.forecast), chart_annotations(annotations, history.days[-1]))


def _day_url(name: str, store: Store, found: MetricPage) -> str:
    """A page that takes the number of the shown day apart."""
    return f"{reverse(f'dashboard:{name}', args=[store.store_no, found.metric.code])}?day={found.day.isoformat()}"


def _platform_url(store: Store, found: MetricPage) -> str:
    """The platform's figures beside ours, up to the shown day where the address named one."""
    query = {"metric": found.metric.code} | ({"day": found.day.isoformat()} if found.days.chosen else {})
    return f"{reverse('dashboard:platform', args=[store.store_no])}?{urlencode(query)}"


def needed_feeds(found: MetricPage) -> set[str]:
    """The kinds of data that the metric is made of."""
    metrics = [found.metric]
    if found.metric.kind == Kind.COMPOSITE:
        metrics = [METRICS[code] for code in found.store_day.composite(found.metric.code).parts]
    return {feed for metric in metrics for feed in (*metric.feeds, *metric.any_feed)}


def needed_rows(found: MetricPage) -> list[parts.FeedRow]:
    """The data streams that the metric is made of, with how far they are known."""
    needed = needed_feeds(found)
    return [row for row in parts.feeds_of(found.store_span, found.days.last) if row.kind in needed]


def span_tabs(request: HttpRequest, span: int) -> list[Tab]:
    """Links to 30, 90 and 180 days that keep the rest of the address."""
    tabs = []
    for days in SPANS:
        query = request.GET.copy()
        query["days"] = str(days)
        label = _("%(days)s days") % {"days": days}
        tabs.append(Tab(label, f"?{query.urlencode()}", days == span))
    return tabs


def status_sentences(found: MetricPage) -> list[str]:
    """Where the metric stands, in words (MX-13), and why its level is what it is."""
    status, result = found.status, found.status.result
    if not result.thresholds.applies:
        return [_("This metric does not apply to the store's category: it has no thresholds and triggers nothing.")]
    if not result.value.has_feeds and found.metric.kind == Kind.COMPOSITE:
        return [_("None of the parts of this score has enough data.")]
    if not result.value.has_feeds:
        return [_("A kind of data that this metric needs was never supplied; it shows no value and triggers nothing.")]
    sentences = words.headroom_sentences(status.room_yellow, status.room_red, result.day, result.code)
    if baseline := baseline_sentence(status):
        sentences.append(baseline)
    if result.level == Level.FEW and result.value.value is None:
        sentences.append(_("The window contains nothing that this metric counts."))
    elif result.level == Level.FEW:
        sentences.append(
            _("Fewer than %(least)s in the window: shown, but it triggers nothing.")
            % {"least": status.rules.min_denominator}
        )
    elif result.level == Level.STALE:
        sentences.append(_("The data of this day is not complete yet: computed, but it triggers nothing."))
    elif result.level == Level.SILENT:
        sentences += silent_sentences(found.store_span, status)
    elif held := held_sentence(status):
        sentences.append(held)
    return sentences


def held_sentence(status: MetricStatus) -> str:
    """Why a value past its yellow threshold is not yellow (MX-10); empty where nothing holds it back."""
    held = status.holding
    if held is None:
        return ""
    if held.is_usual:
        return _(
            "It is past the yellow threshold, but no further from it than this store's mean of the months before:"
            " swings of long-stable stores bring no yellow notice. The red threshold holds as ever."
        )
    text = ngettext(
        "It is past the yellow threshold for %(days)s day; yellow needs %(needed)s days in a row.",
        "It is past the yellow threshold for %(days)s days; yellow needs %(needed)s days in a row.",
        held.days,
    )
    return text % {"days": held.days, "needed": held.needed}


def rules_of(found: MetricPage) -> list[str]:
    """The rules that this number follows."""
    ids = [found.metric.rule, "MX-05", "MX-07"]
    if found.status.result.yellow is not None:
        ids += ["DM-31", "MX-10", "MX-13"]
    if found.status.result.benchmark is not None:
        ids.append("MX-11")
    if found.status.result.level == Level.SILENT:
        ids.append("PN-21")
    if found.status.result.has_baseline:
        ids.append("PN-22")
    if can_forecast(found.metric.code):
        ids.append("MX-14")
    return list(dict.fromkeys(ids))

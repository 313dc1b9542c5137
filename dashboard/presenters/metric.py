"""The context of a metric's page (PG-04): worked arithmetic, thresholds factor by factor, facts of the figure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.components import Fact, Tab, Term
from dashboard.forms.days import SPANS
from dashboard.presenters import parts
from dashboard.presenters.annotations import Occurrence, chart_annotations, occurrences
from dashboard.presenters.composition import composition_context
from dashboard.presenters.forecast import future_of, outlook_context
from dashboard.presenters.freezes import freeze_rows
from dashboard.presenters.governance import baseline_sentence, silent_sentences
from dashboard.presenters.history_chart import chart_of, table_of
from dashboard.queries.metric import MetricDetails
from insights.queries.metric import MetricPage
from insights.queries.status import MetricStatus, failures_of
from insights.rules.causes import has_causes
from insights.rules.fault import has_faults
from insights.rules.forecast import can_forecast
from insights.rules.wilson import wilson
from metrics import words
from metrics.catalogue import METRICS, Kind, problem_counters
from metrics.scorecards.results import Level
from rulebook.rules import EffectiveThreshold, crosses
from rulebook.texts.parameters import also_called
from stores.context_processors import nav
from stores.models import Store

Part = dict[str, Any]


def metric_context(request: HttpRequest, store: Store, details: MetricDetails, span: int, now: datetime) -> Part:
    """What templates/dashboard/metric.html reads besides the problem orders."""
    found = details.page
    status, result = found.status, found.status.result
    feeds = parts.feeds_of(found.store_span, found.days.last)
    needed = needed_feeds(found)
    annotations = annotations_of(store, details)
    level, word = str(result.level), parts.level_word(status)
    if found.metric.kind == Kind.COMPOSITE:
        policy = found.store_span.policy(found.day, found.metric.calendar)
        level, word = parts.score_level(result.code, result.value.value, policy)
    return {
        "nav": nav(request, current="panel", figures=parts.figures_of(found.days, found.computed_at, now), now=now),
        "now": now,
        "store": store,
        "page": found,
        "also": also_called(result.code, get_language() or ""),
        "tile": parts.tile(status, ""),
        "level": level,
        "word": word,
        "sentences": status_sentences(found),
        "chart": annotated_chart(details, annotations),
        "annotations": annotations,
        "table": table_of(found.history),
        "spans": span_tabs(request, span),
        "terms": terms_of(found),
        "facts": facts_of(found),
        "rules": rules_of(found),
        "feeds": [row for row in feeds if row.kind in needed],
        "behind": parts.behind(row for row in feeds if row.kind in needed),
        "has_feeds": bool(found.store_span.store.feeds),
        "present_url": request.path,
        "has_problems": bool(problem_counters(result.code)),
        "has_causes": has_causes(result.code) and result.value.has_feeds,
        **outlook_context(found, details.outlook),
        "has_faults": has_faults(result.code) and result.value.has_feeds,
        "faults_url": f"{reverse('dashboard:faults', args=[store.store_no, result.code])}?day={result.day.isoformat()}",
        "platform_url": _platform_url(store, found) if found.platform is not None else "",
        "causes_url": f"{reverse('dashboard:causes', args=[store.store_no, result.code])}?day={result.day.isoformat()}",
        **_proof_urls(store, found),
        "freezes": freeze_rows(details.freezes),
    }


def annotations_of(store: Store, details: MetricDetails) -> list[Occurrence]:
    """What happened on the days of the chart, and what is known to come on those of its forecast."""
    found, forecast = details.page, details.outlook.forecast
    ahead = forecast.days if forecast else ()
    coming = [(day, found.store_span.policy(day, found.metric.calendar).number) for day in ahead]
    return occurrences(store, found.history, details.events, coming)


def annotated_chart(details: MetricDetails, annotations: Sequence[Occurrence]) -> Part:
    """The chart of the page: history, forecast and what happened."""
    history = details.page.history
    return chart_of(history, future_of(details.outlook.forecast), chart_annotations(annotations, history.days[-1]))


def _proof_urls(store: Store, found: MetricPage) -> Part:
    """Where the orders behind the number are listed and packed; those of a composite score are listed by its parts."""
    day = f"?day={found.day.isoformat()}"
    names = ("package",) if found.metric.kind == Kind.COMPOSITE else ("events", "package")
    urls: Part = {
        f"{name}_url": reverse(f"dashboard:{name}", args=[store.store_no, found.metric.code]) + day for name in names
    }
    return urls | (composition_context(store, found) if found.metric.kind == Kind.COMPOSITE else {})


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


def terms_of(found: MetricPage) -> list[Term]:
    """The worked arithmetic: ``14 late ÷ 226 due = 6.19 % > 4.75 % (5 % × 0.95 gold)`` (DM-32)."""
    result = found.status.result
    if result.value.value is None:
        return []
    kind = found.metric.kind
    if kind == Kind.STARS:
        terms = _star_terms(found)
    elif kind == Kind.COMPOSITE:
        composite = found.store_day.composite(result.code)
        terms = _weighted(
            [(METRICS[code].title, composite.weights[code], part) for code, part in composite.parts.items()]
        )
    else:
        terms = _ratio_terms(found)
    shown = words.value_text(result.value.value, found.status.unit, found.status.thresholds)
    return [*terms, Term(op="=", value=shown, result=True), *_threshold_terms(found)]


def _ratio_terms(found: MetricPage) -> list[Term]:
    metric, value = found.metric, found.status.result.value
    lower = words.counters_text(metric.lower)
    if metric.kind == Kind.SUM:
        total = found.store_span.total(metric.upper, found.day, found.status.window_days)
        terms = [Term(value=formats.number(total), note=words.counters_text(metric.upper))]
        return terms if metric.per == 1 else [*terms, Term(op="÷", value=formats.number(metric.per))]
    number = formats.number(value.denominator or 0)
    if metric.kind == Kind.FLOOR:
        failures = formats.number(failures_of(found.status.result) or 0)
        return [
            Term(op="(", value=number, note=lower),
            Term(op="−", value=failures, note=words.counters_text(metric.upper)),
            Term(op=") ÷", value=number, note=lower),
        ]
    terms = _upper_terms(found)
    terms.append(Term(op=") ÷" if len(terms) > 1 else "÷", value=number, note=lower))
    return terms if metric.per == 1 else [*terms, Term(op="÷", value=formats.number(metric.per))]


def _upper_terms(found: MetricPage) -> list[Term]:
    """Each counter of the upper part by itself, in brackets where there are several."""
    upper = found.metric.upper
    first = "(" if len(upper) > 1 else ""
    return [
        Term(
            op="+" if place else first,
            value=formats.number(found.store_span.total([name], found.day, found.status.window_days)),
            note=words.counters_text([name]),
        )
        for place, name in enumerate(upper)
    ]


def _star_terms(found: MetricPage) -> list[Term]:
    rating = found.store_day.rating
    if found.metric.code == "dsr":
        return _weighted(
            [
                (words.PART_WORDS[name], rating.weights[name], part)
                for name, part in rating.parts.items()
                if part is not None
            ]
        )
    if found.metric.code == "shipping":
        present = [name for name in ("dispatch", "delivery") if rating.parts[name] is not None]
        terms: list[Term] = [
            Term(op="+" if place else "(", value=formats.score(rating.parts[name] or 0), note=words.PART_WORDS[name])
            for place, name in enumerate(present)
        ]
        return [*terms, Term(op=") ÷", value=str(len(present)))]
    stars = found.store_span.total([f"{found.metric.code}_sum"], found.day, found.status.window_days)
    reviews = rating.counts[found.metric.code]
    return [
        Term(value=formats.number(stars), note=_("stars")),
        Term(op="÷", value=formats.number(reviews), note=_("reviews")),
    ]


def _weighted(rows: list[tuple[Any, Fraction, Fraction]]) -> list[Term]:
    return [
        Term(op="+" if place else "", value=f"{formats.percent(weight, places=1)} × {formats.score(part)}", note=title)
        for place, (title, weight, part) in enumerate(rows)
    ]


def _threshold_terms(found: MetricPage) -> list[Term]:
    """The threshold that the value is measured by: the red one when it is crossed, else the yellow one."""
    status, result = found.status, found.status.result
    value, thresholds, rules = result.value.value, result.thresholds, status.rules
    if value is None:
        return []

    def crossed(threshold: Fraction | None) -> bool:
        return threshold is not None and crosses(value, threshold, floor_top=rules.floor_top, inclusive=rules.inclusive)

    if result.red is not None and (crossed(result.red) or result.yellow is None):
        threshold, acting = result.red, thresholds.red
    elif result.yellow is not None:
        threshold, acting = result.yellow, thresholds.yellow
    else:
        return []
    sign = ">" if value > threshold else "<" if value < threshold else "="
    note = words.factors_text(acting, status.unit) if acting and acting.value == threshold else _("category benchmark")
    return [Term(op=sign, value=words.threshold_text(threshold, status.unit), note=note)]


def _certainty(found: MetricPage) -> list[Fact]:
    """How sure a share is, and whether a crossed threshold lies within that doubt (BX-02)."""
    result, value = found.status.result, found.status.result.value
    if found.metric.kind not in (Kind.RATE, Kind.FLOOR, Kind.SHARE) or not value.denominator or value.numerator is None:
        return []
    if not 0 <= value.numerator <= value.denominator:
        return []
    beyond = found.store_span.policy(found.day, found.metric.calendar).beyond
    interval = wilson(value.numerator, value.denominator, beyond.wilson_z)
    crossed = result.red if result.level == "red" else result.yellow if result.level == "yellow" else None
    doubtful = crossed is not None and interval.contains(crossed)
    return [
        Fact(
            name=_("%(confidence)s interval") % {"confidence": formats.percent(beyond.confidence, places=0)},
            value=f"{formats.percent(interval.low)} … {formats.percent(interval.high)}",
            note=_("few orders: uncertain, the threshold lies within") if doubtful else "",
        )
    ]


def facts_of(found: MetricPage) -> list[Fact]:
    """Window, thresholds, benchmark, policy version, what was published, what the platform says."""
    status, result = found.status, found.status.result
    first = result.day - timedelta(days=status.window_days - 1)
    calendar = _("days of Shanghai") if found.metric.calendar == "performance" else _("days of UTC")
    window = _("%(first)s … %(last)s, %(days)s days") % {
        "first": formats.day(first), "last": formats.day(result.day), "days": status.window_days
    }  # fmt: skip
    facts: list[Fact] = []
    if found.metric.kind != Kind.COMPOSITE:
        facts.append(Fact(name=_("Window"), value=window, note=calendar))
    facts += [
        Fact(
            name=name,
            value=words.threshold_text(acting, status.unit),
            note=_threshold_note(threshold, acting, status.unit),
        )
        for name, threshold, acting in (
            (_("Yellow threshold"), result.thresholds.yellow, result.yellow),
            (_("Red threshold"), result.thresholds.red, result.red),
        )
        if threshold is not None and acting is not None
    ]
    facts += _certainty(found)
    if result.code == "shs":
        rules = found.store_span.policy(found.day, found.metric.calendar).shs
        facts += [
            Fact(
                name=_("Promotion blocked below"), value=words.threshold_text(rules.promotion_block_below, status.unit)
            ),
            Fact(name=_("Manual review below"), value=words.threshold_text(rules.manual_review_below, status.unit)),
        ]
    if result.benchmark is not None:
        facts.append(
            Fact(
                name=_("Benchmark"),
                value=words.value_text(result.benchmark.value, status.unit),
                note=parts.benchmark_note(result.benchmark),
            )
        )
    if result.deviation is not None:
        deviation = formats.percent(result.deviation, signed=True)
        facts.append(Fact(name=_("Deviation from the benchmark"), value=deviation))
    if status.published is not None:
        value = words.value_text(status.published, status.unit, status.thresholds)
        facts.append(
            Fact(name=_("Published"), value=value, note=_("the first figure of this day; later data changed it"))
        )
    if found.platform is not None:
        value = words.value_text(found.platform.value, status.unit, status.thresholds)
        day = formats.day(found.platform.day)
        facts.append(Fact(name=_("The platform says"), value=value, note=day))
    version = reverse("rulebook:version", args=[result.policy_version])
    number = _("version %(number)s") % {"number": result.policy_version}
    facts.append(Fact(name=_("Policy"), value=number, url=version))
    return facts


def _threshold_note(threshold: EffectiveThreshold, acting: Fraction, unit: str) -> str:
    if threshold.value != acting:
        return _("the benchmark: stricter than %(line)s for a new store") % {
            "line": words.threshold_text(threshold.value, unit)
        }
    return words.factors_text(threshold, unit)


def rules_of(found: MetricPage) -> list[Part]:
    """The rules that this number follows, with their place in the rulebook."""
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
    return [{"id": rule, "url": reverse("rulebook:rule", args=[rule])} for rule in dict.fromkeys(ids)]

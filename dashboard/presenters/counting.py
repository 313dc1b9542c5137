"""What counts in a metric, what doesn't, what can be appealed and what proves it (BX-18, PN-28a, PN-29).

Nothing is told here a second time: reasons, conditions and exceptions are those by which orders are counted, and by
which the steps of an appeal suggest an exception."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from appeals.presenters.wording import EXCEPTIONS
from appeals.rules import EXCEPTION_RULES, ExceptionType, suggested_exception
from insights.presenters.reasons import code_text
from insights.rules.fault import CRITERIA, Criterion, Signals, settled_by
from metrics.anchors import Subject
from metrics.catalogue import METRICS, problem_counters
from metrics.counters import ANCHOR_OF, COUNTERS
from metrics.reasons.codes import codes_of
from rulebook import reading
from rulebook.policy import Policy
from stores.context_processors import nav

Possible = tuple[tuple[ExceptionType, Any], ...]
NO_SIGNAL: Signals = frozenset()


@dataclass(frozen=True, slots=True)
class Exemption:
    """An exception type; ``when``: what the data of an order show that suggest it; ``evidence``: the kinds that it
    needs."""

    title: str
    when: list[str]
    evidence: list[str]


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """Reasons that count and are appealed alike. ``appealable``: whether they can be; ``exemptions``: what their data
    can suggest."""

    reasons: list[str]
    appealable: bool
    exemptions: list[Exemption]


@dataclass(frozen=True, slots=True)
class MetricCounting:
    """``uncounted``: what is left out, in words."""

    code: str
    title: str
    rows: list[ReasonRow]
    uncounted: list[str]


@dataclass(frozen=True, slots=True)
class CountingPage:
    """What templates/dashboard/counting.html reads; ``exceptions``: every type with its evidence."""

    nav: dict[str, Any]
    tabs: list[dict[str, Any]]
    metrics: list[MetricCounting]
    exceptions: list[Exemption]


def counting_page(request: HttpRequest, policy: Policy) -> CountingPage:
    """Every metric that gets notices."""
    return CountingPage(
        nav=nav(request),
        tabs=reading.tabs("dashboard:counting"),
        metrics=[metric_counting(code, policy) for code in METRICS if gets_notices(code, policy)],
        exceptions=[_exemption(one, [], policy) for one in ExceptionType],
    )


def gets_notices(code: str, policy: Policy) -> bool:
    """Whether the metric has a part on the page: appeals are against notices."""
    rules = policy.metrics.get(code)
    return rules is not None and rules.issues == "notice"


def counting_url(code: str, policy: Policy) -> str:
    """The metric's part of the page; empty where it has none."""
    return f"{reverse('dashboard:counting')}#{code}" if gets_notices(code, policy) else ""


def metric_counting(code: str, policy: Policy) -> MetricCounting:
    """A metric's part: reasons in the order of its counters."""
    alike: dict[tuple[bool, Possible], list[str]] = {}
    for counter in problem_counters(code):
        for reason in codes_of(counter, policy):
            key = is_appealable(counter), possible_exceptions(counter, reason)
            alike.setdefault(key, []).append(code_text(reason, counter))
    rows = [ReasonRow(reasons, can, _exemptions(found, policy)) for (can, found), reasons in alike.items()]
    return MetricCounting(code, str(METRICS[code].title), rows, _uncounted(problem_counters(code)))


def is_appealable(counter: str) -> bool:
    """Whether an appeal can name what fails the counter: an order, not a complaint (AP-01)."""
    return ANCHOR_OF[counter].subject != Subject.COMPLAINT


def possible_exceptions(counter: str, reason: str) -> Possible:
    """Every exception that the data of orders failing for a reason can suggest, with its words: asked of the rule that
    suggests them, with the signals that each of its criteria wants."""
    if not is_appealable(counter):
        return ()
    settled = settled_by(reason)
    wanted = [NO_SIGNAL, *(frozenset({rule.signal}) for rule in EXCEPTION_RULES), *_deciding(CRITERIA[counter])]
    cases = (settled.shown | signals for signals in wanted if settled.allows(signals))
    found = (suggested_exception([counter], signals) for signals in cases)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _deciding(criteria: Sequence[Criterion]) -> Iterator[Signals]:
    """Signals on which each of the criteria decides, alone and beside those that keep the earlier ones from it."""
    before = NO_SIGNAL
    for criterion in criteria:
        yield frozenset(criterion.having)
        yield (before | set(criterion.having)) - set(criterion.without)
        before |= set(criterion.without)


def _exemptions(found: Possible, policy: Policy) -> list[Exemption]:
    """By type in the order of the types."""
    whens = {one: [str(text) for exception, text in found if exception == one] for one in ExceptionType}
    return [_exemption(one, when, policy) for one, when in whens.items() if when]


def _exemption(exception: ExceptionType, when: list[str], policy: Policy) -> Exemption:
    kinds: Sequence[str] = policy.appeals.exception_evidence.get(exception, ())
    return Exemption(str(EXCEPTIONS[exception]), when, [reading.word(kind) for kind in kinds])


def _uncounted(counters: Iterable[str]) -> list[str]:
    """What the conditions of the counters leave out; all exclusions are one."""
    own = {counter.name: counter.where for counter in COUNTERS}
    conditions = [one for name in counters for one in (*ANCHOR_OF[name].where, *own[name])]
    excluded = _("left out by an accepted appeal or a protected event")
    texts = [str(one.text) for one in conditions if not one.mark]
    return list(dict.fromkeys([*texts, *(excluded for one in conditions if one.mark)]))

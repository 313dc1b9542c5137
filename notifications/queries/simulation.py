"""The notices that stores would have had on past days under supposed policies (BX-14), from current facts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from core.timebase import days_between, performance_day_start
from metrics.catalogue import METRICS, Kind
from metrics.scorecards.benchmarks import Benchmarks, Means, compute_benchmarks
from metrics.scorecards.evaluating import judge
from metrics.scorecards.loading import load_spans
from metrics.scorecards.memory import uncollected
from metrics.scorecards.results import BenchmarkValue
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import StoreProfile, load_categories, load_profiles
from metrics.scorecards.terms import SharedTerms
from notifications.simulating import NoticeLife, SimulatedNotice
from rulebook.policy import Policy
from rulebook.queries import PolicyPeriod, policies
from stores.models import Store

NOTICE = "notice"
# Loaded whether judged or not: its denominator, the orders paid, is the size of a store.
SIZED_BY = "odr"
MONTH = 30


@dataclass(frozen=True, slots=True)
class Supposition:
    """A sequence of policies, and the metrics whose notices they may change (None: any)."""

    periods: Sequence[PolicyPeriod]
    codes: Collection[str] | None = None
    changes_benchmarks: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedStore:
    """A store with its notices under each supposition, in their order; orders paid in its last 30 days."""

    store: Store
    category: str
    orders: int
    notices: Sequence[Sequence[SimulatedNotice]]


def supposed(policy: Policy, first: date) -> list[PolicyPeriod]:
    """The policies as they would be, had one come into force as a performance day began, and held since."""
    start = performance_day_start(first)
    before = [replace(one, end=start) for one in policies() if one.start < start]
    return [*before, PolicyPeriod(start, None, policy)]


class Simulation:
    """Simulates stores over days under several suppositions; the first one is the base, whose notices count for
    metrics that another supposition can't change."""

    def __init__(self, first: date, last: date, suppositions: Sequence[Supposition]) -> None:
        self.first, self.last, self._suppositions = first, last, suppositions
        self._days = days_between(first, last)
        self._categories = load_categories()
        every = [period for one in suppositions for period in one.periods]
        self._union = SharedTerms(every, self._categories)
        self._shared = [SharedTerms(one.periods, self._categories) for one in suppositions]
        self._codes = sorted({code for period in every for code in judged_codes(period.policy)} | {SIZED_BY})
        self._back = max(max(period.policy.judging.stable_days, period.policy.judging.streak_days) for period in every)
        self._benchmarks = self._load_benchmarks() if self._has_new_stores(every) else None

    def _has_new_stores(self, periods: Sequence[PolicyPeriod]) -> bool:
        """Whether any store is so new that benchmarks are its thresholds (PN-22)."""
        days = max(period.policy.judging.new_store_days for period in periods) + 1
        oldest = performance_day_start(self.first - timedelta(days=days))
        return Store.objects.filter(opened_at__gte=oldest).exists()

    def _load_benchmarks(self) -> list[Benchmarks]:
        return [
            Benchmarks(self.first, self.last, codes=self._codes, means=self._means(one, shared))
            for one, shared in zip(self._suppositions, self._shared, strict=True)
        ]

    def _means(self, supposition: Supposition, shared: SharedTerms) -> Means | None:
        """Those of a supposition that values stores otherwise than the nights did; None: those that are kept."""
        return compute_benchmarks(self._days, shared) if supposition.changes_benchmarks else None

    @uncollected()
    def of(self, stores: Sequence[Store]) -> list[SimulatedStore]:
        """The stores, loaded together."""
        profiles = load_profiles(stores, self._union)
        start = self.first - timedelta(days=self._back)
        spans = load_spans(stores, start, self.last, codes=self._codes, profiles=profiles)
        return [
            self._store(store, profile, spans.pop(store.pk)) for store, profile in zip(stores, profiles, strict=True)
        ]

    def _store(self, store: Store, profile: StoreProfile, span: StoreSpan) -> SimulatedStore:
        mirrored = store.mode == Store.Mode.MIRRORED
        found: list[list[SimulatedNotice]] = []
        for place, supposition in enumerate(self._suppositions):
            own = StoreSpan(replace(profile, shared=self._shared[place]), span.sums)
            codes = self._codes if supposition.codes is None else supposition.codes
            notices = [one for code in codes for one in self._life(own, code, place, mirrored=mirrored)]
            if place:
                notices += [one for one in found[0] if one.metric not in codes]
            found.append(sorted(notices, key=lambda one: (one.day, one.metric)))
        category = profile.category_on(self.last).root
        return SimulatedStore(store, category, span.total(["orders_paid"], self.last, MONTH), found)

    def _life(self, span: StoreSpan, code: str, place: int, *, mirrored: bool) -> list[SimulatedNotice]:
        calendar, life, notices = METRICS[code].calendar, NoticeLife(code, mirrored), []
        for day in self._days:
            policy = span.policy(day, calendar)
            if code not in judged_codes(policy) and life.standing is None:
                continue
            result = judge(span, code, day, self._benchmark(span.store, code, day, place))
            published = {"level": str(result.level), "held_back": result.held_back}
            if code not in judged_codes(policy):
                life.pass_over(day, published)
            elif notice := life.judge(day, published, policy.notices):
                notices.append(notice)
        return notices

    def _benchmark(self, store: StoreProfile, code: str, day: date, place: int) -> BenchmarkValue | None:
        return None if self._benchmarks is None else self._benchmarks[place].of(store, day).get(code)


def judged_codes(policy: Policy) -> frozenset[str]:
    """The metrics whose thresholds issue notices."""
    return frozenset(code for code, rules in policy.metrics.items() if rules.issues == NOTICE and code in METRICS)


def codes_changed(keys: Collection[str], versions: Sequence[Policy]) -> frozenset[str] | None:
    """The judged metrics that changed parameters may concern; None: any of them.

    Parameters of one metric concern it alone, unless a composite score is judged, which is made of others.
    """
    judged = {code for policy in versions for code in judged_codes(policy)}
    if any(METRICS[code].kind is Kind.COMPOSITE for code in judged):
        return None
    if not all(key.startswith("metrics.") for key in keys):
        return None
    return frozenset(key.split(".")[1] for key in keys) & judged


def values_stores_otherwise(keys: Collection[str]) -> bool:
    """Whether changed parameters change values themselves, and so the means of categories."""
    return any(key.startswith("rating.") or key.endswith((".window_days", ".min_denominator")) for key in keys)

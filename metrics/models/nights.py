"""What nights leave: run records, kept benchmarks, published scorecards (MX-03, MX-08, MX-11)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import DayField, InstantField
from core.leases import LeasedModel
from stores.models import Store
from stores.shards import Shard


class Run(LeasedModel):
    """What a worker does of a run in one go: a stage for a shard of stores (MX-03). Unique, so that two schedulers are
    harmless and a dead run is resumed; the shards of a stage together are all stores."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("state of a run", "waiting")
        RUNNING = "running", pgettext_lazy("state of a run", "running")
        DONE = "done", pgettext_lazy("state of a run", "done")
        FAILED = "failed", pgettext_lazy("state of a run", "failed")

    job = models.CharField(_("job"), max_length=16)
    day = DayField(_("day"))
    stage = models.CharField(_("stage"), max_length=16)
    shard = models.IntegerField(_("shard"), default=0)
    after = models.BigIntegerField(_("stores after"), default=0)
    last = models.BigIntegerField(_("last store"), null=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    started_at = InstantField(_("started"), null=True)
    finished_at = InstantField(_("finished"), null=True)
    rows = models.BigIntegerField(_("rows"), default=0)
    milliseconds = models.BigIntegerField(_("milliseconds"), default=0)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        permissions: ClassVar = [("rerun_night", _("Can run a night again"))]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "day", "stage", "shard"], name="one_run_per_stage_and_shard")
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.day} {self.stage} {self.shard}"

    @property
    def stores(self) -> Shard:
        """The stores it is about."""
        return Shard(self.after, self.last)


class Benchmark(models.Model):
    """The mean of a scope on a day, computed from current facts (MX-11). ``scope`` is a first-level category or empty
    for all stores; a row is dropped when facts it was made of change and made again when it is needed. ``value`` is an
    exact fraction; a denominator of 0 stands for "no store with a value"."""

    scope = models.CharField(_("scope"), max_length=64, blank=True)
    day = DayField(_("day"))
    metric = models.CharField(_("metric"), max_length=32)
    stores = models.IntegerField(_("stores"))
    # Hexadecimal, of any length: the exact mean of many stores' ratings has the digits of all their denominators.
    numerator = models.TextField()
    denominator = models.TextField()

    class Meta:
        verbose_name = _("benchmark")
        verbose_name_plural = _("benchmarks")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "day", "metric"], name="one_benchmark_per_scope_day_metric")
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.metric} {self.day}"


class BenchmarkPool(models.Model):
    """What the stores of a shard add to the benchmarks of a day (MX-11): made by a night, merged by it into
    `Benchmark` rows and dropped then, or with them when facts change. ``pools`` holds by first-level category how many
    stores there are and their exact sums, as `metrics.scorecards.pools` writes them."""

    day = DayField(_("day"))
    after = models.BigIntegerField(_("stores after"))
    last = models.BigIntegerField(_("last store"), null=True)
    pools = models.JSONField(_("pooled counts"))

    class Meta:
        verbose_name = _("pooled counts")
        verbose_name_plural = _("pooled counts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "after"], name="one_benchmark_pool_per_day_and_shard")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.after}"


class Published(models.Model):
    """What the first run of a day found for a store (MX-08); never changed afterwards. ``scorecard`` maps a metric's
    code to its published value, counts, thresholds, level and benchmark as decimal strings.

    The result of ``dsr`` holds the computed rating like any other. On a day of a freeze it holds besides ``"frozen":
    true``, and ``"published"``: the rating that stood before and stays (SR-06)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="published", db_index=False)
    day = DayField(_("day"))
    calendar = models.CharField(_("calendar"), max_length=12)
    policy_version = models.IntegerField(_("policy version"))
    computed_at = InstantField(_("computed"))
    scorecard = models.JSONField(_("scorecards"), db_column="cards")

    class Meta:
        verbose_name = _("published scorecards")
        verbose_name_plural = _("published scorecards")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "day", "calendar"], name="published_once_per_store_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.day}"

    @property
    def shown_rating(self) -> Decimal | None:
        """The published rating: the one that tier, badge and promotions go by (SR-05, SR-06)."""
        return shown_rating(self.scorecard)


def shown_rating(scorecard: Mapping[str, Mapping[str, Any]]) -> Decimal | None:
    """The published rating in the scorecard of a day: the held one on days of a freeze."""
    result = scorecard.get("dsr", {})
    text = result.get("published", result.get("value"))
    return None if text is None else Decimal(text)

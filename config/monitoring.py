"""Figures for the operator's monitoring, in the format of Prometheus (RL-17): what keeps up, what waits for a person.

They are read from the database at each request, so every web process gives the same.
"""

import math
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily

from config.backup.keeping import latest_backup
from core.maintenance import is_on
from core.models import OutboxEntry
from core.outbox.delivering import LEASES as OUTBOX
from core.sweeping import DEADLINES, due_deadlines
from intake.models import ConnectionField, Import, Source, StoreConnection
from metrics.models import Run
from notifications.models import Delivery

# What is due longer than this is late: sweeps run every half minute.
LATE = timedelta(minutes=2)
RECENT = timedelta(days=1)
CHANGED = timedelta(days=30)


@require_safe
@never_cache
def monitoring(request: HttpRequest) -> HttpResponse:
    """The figures, for those who send ``METRICS_TOKEN`` as a bearer token; for all others there is nothing here."""
    wanted = settings.METRICS_TOKEN
    if not wanted or not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {wanted}"):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Figures(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Figures:
    """Collects the figures as of an instant, in a fixed number of queries."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: a registry that asks for names would query for them."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each figure with what it says."""
        yield from self._late("deadlines", "Deadlines", due_deadlines(at=self.at - LATE), "due_at")
        stuck = DEADLINES.given_up(due_deadlines(at=self.at), at=self.at).count()
        yield _gauge("deadlines_given_up", "Deadlines that failed too often and wait for a person", stuck)
        waiting = OutboxEntry.objects.all()
        yield _gauge("outbox_waiting", "Events that subscribers have not taken yet", waiting.count())
        given_up = OUTBOX.given_up(waiting, at=self.at).count()
        yield _gauge("outbox_given_up", "Events that a subscriber failed at too often", given_up)
        sending = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lt=self.at - LATE)
        yield from self._late("deliveries", "Messages by mail, chat and other channels", sending, "due_at")
        failed = Delivery.objects.filter(state=Delivery.State.FAILED, due_at__gt=self.at - RECENT).count()
        yield _gauge("deliveries_failed_last_day", "Messages that could not be delivered", failed)
        unfinished = Import.objects.filter(state__in=[Import.State.QUEUED, Import.State.RUNNING])
        yield _by_state("imports", "Imports that are not finished", unfinished)
        runs = Run.objects.exclude(state=Run.State.DONE)
        yield _by_state("night_runs", "Stages of nights that are not done", runs)
        yield _by_state("connections", "Stores connected to a platform", StoreConnection.objects.all())
        added = ConnectionField.objects.filter(added=True, seen_at__gt=self.at - CHANGED).count()
        yield _gauge("connection_fields_added_last_30_days", "Fields that platforms added to their answers", added)
        silent = Source.objects.exclude(silent_since=None).count()
        yield _gauge("sources_silent", "Sources of stores that have fallen silent", silent)
        yield _gauge("maintenance", "Whether maintenance is on", is_on())
        if settings.BACKUP_DIR:
            latest = latest_backup()
            age = (self.at - latest).total_seconds() if latest else math.inf
            yield _gauge("backup_age_seconds", "Age of the newest backup in BACKUP_DIR", age)
        free = shutil.disk_usage(settings.DATA_DIR).free
        yield _gauge("data_dir_free_bytes", "Free space where DATA_DIR lies", free)

    def _late(self, name: str, what: str, rows: QuerySet[Any], column: str) -> Iterator[GaugeMetricFamily]:
        found = rows.order_by().aggregate(count=Count("pk"), since=Min(column))
        seconds = 0 if found["since"] is None else (self.at - found["since"]).total_seconds()
        yield _gauge(f"{name}_late", f"{what} that are past their time", found["count"])
        yield _gauge(f"{name}_late_seconds", f"{what}: how far the oldest one is past its time", seconds)


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"dianwei_{name}", what, value=value)


def _by_state(name: str, what: str, rows: QuerySet[Any]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"dianwei_{name}", what, labels=["state"])
    for state, count in rows.order_by("state").values_list("state").annotate(count=Count("pk")):
        family.add_metric([state], count)
    return family

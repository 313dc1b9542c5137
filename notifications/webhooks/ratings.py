"""A stage of the night: changes of the published rating, for webhooks that want them (IX-23)."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse

from metrics.catalogue import Calendar
from metrics.models import Published
from notifications.models import WebhookEndpoint
from notifications.webhooks.feeding import Occurrence, queue_webhooks
from notifications.webhooks.kinds import RATING_CHANGED
from stores.models import Store
from stores.shards import EVERY_STORE, Shard


@transaction.atomic
def queue_rating_changes(*, day: date, at: datetime, calendar: Calendar, shard: Shard = EVERY_STORE) -> int:
    """Tell of stores whose rating of ``day`` was published with another value than that of the day before; returns
    how many deliveries were asked for."""
    if calendar != Calendar.RATING:
        return 0
    companies = [
        company_id
        for company_id, kinds in WebhookEndpoint.objects.values_list("company", "kinds")
        if RATING_CHANGED in kinds
    ]
    stores = shard.narrow(Store.objects.select_related("company").filter(company__in=companies), "id").in_bulk()
    if not stores:
        return 0
    rows = Published.objects.filter(store__in=stores, calendar=Calendar.RATING, day__in=(day, day - timedelta(days=1)))
    found = {(row.store_id, row.day): row for row in rows}
    told = []
    for store_id, store in sorted(stores.items()):
        row, before = found.get((store_id, day)), found.get((store_id, day - timedelta(days=1)))
        if row is not None and before is not None and row.shown_rating != before.shown_rating:
            told.append(_occurrence(store, row, before))
    return queue_webhooks(told)


def _occurrence(store: Store, row: Published, before: Published) -> Occurrence:
    return Occurrence(
        id=f"rating-{store.pk}-{row.day:%Y%m%d}",
        kind=RATING_CHANGED,
        at=row.computed_at,
        company=store.company,
        store=store,
        data={"day": row.day.isoformat(), "rating": _text(row), "previous": _text(before)},
        path=reverse("dashboard:rating", args=[store.store_no]),
    )


def _text(row: Published) -> str | None:
    return None if row.shown_rating is None else str(row.shown_rating)

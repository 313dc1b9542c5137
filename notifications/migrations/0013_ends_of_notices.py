from datetime import UTC, datetime, time

from django.db import migrations

import core.fields

ENDED = ["accepted", "resolved", "rectified", "cleared", "escalated"]
AT_ONCE = 500


def fill(apps, schema_editor):
    """The audit trail tells when notices ended that act; those apart ended in the night after their last day."""
    notices, events = apps.get_model("notifications", "Notice"), apps.get_model("core", "Event")
    rows = notices.objects.filter(state__in=ENDED).select_related("store").order_by("id")
    _fill(rows.iterator(chunk_size=AT_ONCE), notices, lambda some: _told(events, some))
    apart = notices.objects.filter(ended_day__isnull=False).order_by("id")
    _fill(apart.iterator(chunk_size=AT_ONCE), notices, _nights)


def _fill(rows, notices, ends_of):
    some = []
    for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            _write(notices, some, ends_of)
            some = []
    _write(notices, some, ends_of)


def _write(notices, some, ends_of):
    ends = ends_of(some)
    for row in some:
        row.ended_at = ends.get(row.number)
    notices.objects.bulk_update([row for row in some if row.ended_at is not None], ["ended_at"])


def _told(events, some):
    rows = events.objects.filter(
        store_no__in={row.store.store_no for row in some},
        subject_kind="notice",
        subject_key__in=[row.number for row in some],
        kind__in=[f"notice.{state}" for state in ENDED],
    )
    return dict(rows.order_by("id").values_list("subject_key", "at"))


def _nights(some):
    # 02:00 in Shanghai after the day.
    return {row.number: datetime.combine(row.ended_day, time(18), UTC) for row in some}


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_deadlines_by_kind"),
        ("notifications", "0012_channels"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="ended_at",
            field=core.fields.InstantField(null=True, verbose_name="over since"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]

"""Which kinds of data a bundle supplies for its stores, and until when they are known (MX-07)."""

from collections.abc import Iterable
from datetime import datetime

from intake.canonical import FEED_FILES
from intake.canonical.files import CONFIRMATIONS_COLUMN
from intake.models import WaitingRow
from intake.pipeline.run import Run
from intake.pipeline.waiting import FEED, key_hash, merge_waiting
from rulebook.timebase import from_epoch
from stores.models import Feed, Store


def feeds_of(columns: dict[str, Iterable[str]]) -> list[str]:
    """The feeds that files turn on: file name → its columns."""
    feeds = [feed for name, feed in FEED_FILES.items() if name in columns]
    if CONFIRMATIONS_COLUMN in columns.get("orders", ()):
        feeds.append(Feed.Kind.CONFIRMATIONS)
    return [str(feed) for feed in feeds]


def supply_feeds(run: Run, *, feeds: Iterable[str], stores: set[str], latest: int | None) -> dict[str, int]:
    """Turn feeds on for stores; a store that is not there yet has its claim waiting.

    Known until: what the manifest declares, else the latest instant that happened in any file. A feed without either
    is known until nothing happened: the epoch. Returns known_until per feed, as epoch seconds.
    """
    known = {feed: run.manifest.known_until.get(feed, latest or 0) for feed in feeds}
    present = dict(Store.objects.filter(store_no__in=stores).values_list("store_no", "company_id"))
    waiting = []
    for store_no in sorted(stores):
        if not run.is_operator and present.get(store_no) not in (run.companies or ()):
            continue
        for feed, until in known.items():
            if store_no in present:
                supply_feed(store_no, feed, from_epoch(until), run.now)
            else:
                waiting.append(_claim(store_no, feed, until, run))
    _merge_claims(waiting)
    return known


def supply_feed(store_no: str, feed: str, known_until: datetime, at: datetime) -> None:
    """Turn one feed on; its known_until never goes back."""
    store_id = Store.objects.values_list("pk", flat=True).get(store_no=store_no)
    standing, made = Feed.objects.get_or_create(
        store_id=store_id, kind=feed, defaults={"known_until": known_until, "supplied_at": at}
    )
    if not made:
        Feed.objects.filter(pk=standing.pk, known_until__lt=known_until).update(known_until=known_until)
        Feed.objects.filter(pk=standing.pk, supplied_at__lt=at).update(supplied_at=at)


def _claim(store_no: str, feed: str, until: int, run: Run) -> WaitingRow:
    data = {"feed": feed, "known_until": until}
    return WaitingRow(
        kind=FEED, store_no=store_no, key=key_hash([store_no, feed]), data=data, source_at=run.now, job_id=run.job.pk
    )


def _merge_claims(rows: list[WaitingRow]) -> None:
    standing = {row.key: row for row in WaitingRow.objects.filter(kind=FEED, key__in={row.key for row in rows})}
    for row in rows:
        if (old := standing.get(row.key)) is not None:
            row.data["known_until"] = max(row.data["known_until"], old.data["known_until"])
    merge_waiting(rows)


def as_text(known: dict[str, int]) -> dict[str, str]:
    """Instants for reports, ISO 8601."""
    return {feed: from_epoch(until).isoformat() for feed, until in known.items()}


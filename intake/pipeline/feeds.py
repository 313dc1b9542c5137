"""Which kinds of data a bundle supplies for its stores, and until when they are known (MX-07)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from core.dirty import mark_stores_dirty
from core.timebase import from_epoch, to_epoch
from intake.canonical import FEED_FILES
from intake.canonical.files import CONFIRMATIONS_COLUMN
from intake.models import WaitingRow
from intake.pipeline.after_export import known_by_rows
from intake.pipeline.context import IntakeContext
from intake.pipeline.waiting import FEED, key_hash, merge_waiting
from stores.models import Feed, Store

PER_QUERY = 500
T = TypeVar("T")


def feeds_of(columns: dict[str, Iterable[str]]) -> list[str]:
    """The feeds that files turn on: file name → its columns."""
    feeds = [feed for name, feed in FEED_FILES.items() if name in columns]
    if CONFIRMATIONS_COLUMN in columns.get("orders", ()):
        feeds.append(Feed.Kind.CONFIRMATIONS)
    return [str(feed) for feed in feeds]


def supply_feeds(
    context: IntakeContext, *, feeds: Iterable[str], stores: set[str], latest: int | None
) -> dict[str, int]:
    """Turn feeds on for stores; claims for stores that don't exist yet wait.

    Known until: what the manifest declares, else the latest instant in any file, else (header-only files) the
    export's, and never beyond that. Returns known_until per feed, as epoch seconds.
    """
    found = context.at_epoch if latest is None else latest
    known = {feed: min(context.manifest.known_until.get(feed, found), context.at_epoch) for feed in feeds}
    present = {
        number: (store_id, company_id)
        for part in _parts(sorted(stores))
        for number, store_id, company_id in Store.objects.filter(store_no__in=part).values_list(
            "store_no", "pk", "company_id"
        )
    }
    if not context.is_operator:
        stores = {number for number in stores if number in present and present[number][1] in (context.companies or ())}
    here = [present[number][0] for number in sorted(stores) if number in present]
    for part in _parts(here):
        mend_feeds(part, context.at_epoch)
    for feed, until in known.items():
        supply_feed(here, feed, from_epoch(until), context.now)
    absent = sorted(number for number in stores if number not in present)
    _merge_claims([_claim(number, feed, until, context) for number in absent for feed, until in known.items()])
    return known


def supply_feed(store_ids: Sequence[int], feed: str, known_until: datetime, at: datetime) -> None:
    """Turn one feed of some stores on; its known_until never goes back."""
    for part in _parts(store_ids):
        had = set(Feed.objects.filter(store_id__in=part, kind=feed).values_list("store_id", flat=True))
        mark_stores_dirty(store_ids=[store_id for store_id in part if store_id not in had])
        rows = [Feed(store_id=store_id, kind=feed, known_until=known_until, supplied_at=at) for store_id in part]
        Feed.objects.bulk_create(rows, ignore_conflicts=True)
        standing = Feed.objects.filter(store_id__in=part, kind=feed)
        standing.filter(known_until__lt=known_until).update(known_until=known_until)
        standing.filter(supplied_at__lt=at).update(supplied_at=at)


def mend_feeds(store_ids: Sequence[int], at: int) -> None:
    """Correct known_until values later than every export (IX-05a), which older versions allowed. Only those that reach
    beyond the export at hand can be such."""
    ahead = list(Feed.objects.filter(store_id__in=store_ids, known_until__gt=from_epoch(at)))
    spans = known_by_rows(sorted({feed.store_id for feed in ahead})) if ahead else {}
    for feed in ahead:
        exported, known = spans.get(feed.store_id, (None, None))
        if exported is not None and to_epoch(feed.known_until) > exported:
            feed.known_until = from_epoch(exported if known is None else known)
            feed.save(update_fields=["known_until"])


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Chunks small enough for the parameters of a query on every database."""
    for start in range(0, len(items), PER_QUERY):
        yield items[start : start + PER_QUERY]


def _claim(store_no: str, feed: str, until: int, context: IntakeContext) -> WaitingRow:
    data = {"feed": feed, "known_until": until}
    return WaitingRow(
        kind=FEED,
        store_no=store_no,
        key=key_hash([store_no, feed]),
        data=data,
        source_at=context.now,
        company_id=context.company_id,
        job_id=context.import_id,
    )


def _merge_claims(rows: list[WaitingRow]) -> None:
    """Claims keep the later of two instants."""
    for part in _parts(rows):
        found = WaitingRow.objects.filter(kind=FEED, key__in={row.key for row in part})
        standing = {(row.company_id, row.key): row for row in found}
        for row in part:
            if (old := standing.get((row.company_id, row.key))) is not None:
                row.data["known_until"] = max(row.data["known_until"], old.data["known_until"])
        merge_waiting(part)

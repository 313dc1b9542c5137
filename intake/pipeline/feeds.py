"""Which kinds of data a bundle supplies for its stores, and until when they are known (MX-07)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from core.dirty import mark_dirty
from core.models import DirtySubject
from core.sql import SQL, Composable, Identifier, Parameter, comma, greatest, literals
from core.timebase import from_epoch, to_epoch
from intake.canonical import FEED_FILES
from intake.canonical.files import CONFIRMATIONS_COLUMN
from intake.models import WaitingRow
from intake.pipeline.after_export import known_by_rows
from intake.pipeline.context import IntakeContext
from intake.pipeline.temporary import execute
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
        named = SQL("FROM stores_store s WHERE s.id IN ({ids})").format(ids=literals(part))
        fresh = SQL("""SELECT s.id, s.id AS subject_id {named}
            AND NOT EXISTS (SELECT 1 FROM stores_feed f WHERE f.store_id = s.id AND f.kind = {feed})""")
        mark_dirty(kind=DirtySubject.Kind.STORE, subjects=fresh.format(named=named, feed=Parameter(feed)))
        values = comma(map(Parameter, (feed, to_epoch(known_until), to_epoch(at))))
        execute(_supplied(SQL("SELECT s.id, {values} {named}").format(values=values, named=named)))


def _supplied(rows: Composable) -> Composable:
    """INSERT of feeds; those that are there are known for longer, never for shorter."""
    there = {name: Identifier("stores_feed", name) for name in ("known_until", "supplied_at")}
    new = {name: Identifier("excluded", name) for name in there}
    return SQL("""INSERT INTO stores_feed (store_id, kind, known_until, supplied_at) {rows}
        ON CONFLICT (store_id, kind) DO UPDATE SET {later} WHERE {is_later}""").format(
        rows=rows,
        later=comma(
            SQL("{name} = {latest}").format(name=Identifier(name), latest=greatest(there[name], new[name]))
            for name in there
        ),
        is_later=SQL(" OR ").join(SQL("{old} < {new}").format(old=there[name], new=new[name]) for name in there),
    )


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

"""Notes what each way into a store did, and when it fell silent (PN-20, TM-17)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from core.deadlines import open_deadlines, void_deadlines
from core.events import SYSTEM, record_events
from core.models import Event
from core.timebase import from_epoch
from intake.models import Import, Source
from intake.pipeline.report import COUNT_NAMES, Report
from intake.silence import Pace, learned, silent_from, usual_interval
from rulebook.queries import policies_held, policy_at
from stores.models import Store

SILENCE = "source.silence"
SUBJECT = "source"
SILENT, SPOKE = "source.silent", "source.spoke"
PER_QUERY = 500
FEW_KINDS = 8
_WRITTEN = (
    "last_attempt_at", "last_success_at", "last_error", "failures", "newest_at", "counts",
    "pauses", "day_at", "day_pause", "due_at", "silent_since",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceNote:
    """What a run brought: rows by verdict, the newest instant among its facts; ``error``: a key of
    `intake.models.FAILURES`, or words, empty for a success."""

    store_id: int
    kind: str
    name: str
    at: datetime
    counts: Mapping[str, int] | None = None
    newest_at: datetime | None = None
    error: str = ""

    @property
    def key(self) -> tuple[int, str, str]:
        return self.store_id, self.kind, self.name


def note_source(
    *,
    store: Store,
    kind: str,
    name: str,
    at: datetime,
    counts: Mapping[str, int] | None = None,
    newest_at: datetime | None = None,
    error: str = "",
) -> None:
    """Note what one run of a source did at ``at``; the same note twice changes nothing. ``error``: see `SourceNote`."""
    note_sources([SourceNote(store.pk, str(kind), name, at, counts, newest_at, error)])


def note_sources(notes: Sequence[SourceNote]) -> None:
    """`note_source` for many stores at once: a fixed number of queries per 500 of them."""
    for start in range(0, len(notes), PER_QUERY):
        _note(notes[start : start + PER_QUERY])


def note_import(job: Import, report: Report, *, error: str, companies: Collection[int] | None) -> None:
    """Note an import that ended for the stores that it named and may write; ``companies``: whose those are, None for
    all. Counts are of the whole import, so none are kept where it reached several companies."""
    stores = dict(_stores_named(report.every_store, companies))
    newest = from_epoch(max(report.feeds.values())) if report.feeds else None
    counts = {name: report.total(name) for name in COUNT_NAMES} if len(set(stores.values())) == 1 else {}
    kind = Source.Kind.UPLOAD if job.is_upload else Source.Kind.COMMAND
    kind = Source.Kind.WATCH_FOLDER if job.inbox_name else kind
    at = job.finished_at or job.created_at
    note_sources([SourceNote(store_id, kind, "", at, counts, newest, error) for store_id in stores])


def _stores_named(numbers: Collection[str], companies: Collection[int] | None) -> Iterator[tuple[int, int]]:
    """Ids of stores with those of their companies."""
    named = sorted(numbers)
    for start in range(0, len(named), PER_QUERY):
        stores = Store.objects.filter(store_no__in=named[start : start + PER_QUERY])
        if companies is not None:
            stores = stores.filter(company__in=companies)
        yield from stores.values_list("pk", "company_id")


@policies_held()
@transaction.atomic
def _note(notes: Sequence[SourceNote]) -> None:
    sources = _held(notes)
    before = {key: source.silent_since for key, source in sources.items()}
    for note in sorted(notes, key=lambda note: note.at):
        _apply(sources[note.key], note)
    _arm([source for source in sources.values() if source.due_at is None], max(note.at for note in notes))
    _write(list(sources.values()), _WRITTEN)
    spoke = [source for key, source in sources.items() if before[key] is not None and source.silent_since is None]
    record_events(_events(SPOKE, [(source, source.last_attempt_at, before[_key(source)]) for source in spoke]))


def _key(source: Source) -> tuple[int, str, str]:
    return source.store_id, source.kind, source.name


def _held(notes: Sequence[SourceNote]) -> dict[tuple[int, str, str], Source]:
    """The rows of the sources, made where they are new, locked until the transaction ends."""
    first = {note.key: note for note in reversed(notes)}
    rows = Source.objects.select_for_update(no_key=True).filter(store_id__in={note.store_id for note in notes})
    held = {_key(source): source for source in rows.order_by("pk") if _key(source) in first}
    if len(held) == len(first):
        return held
    missing = [
        Source(store_id=key[0], kind=key[1], name=key[2], last_attempt_at=note.at)
        for key, note in sorted(first.items())
        if key not in held
    ]
    Source.objects.bulk_create(missing, ignore_conflicts=True)
    return {_key(source): source for source in rows.order_by("pk") if _key(source) in first}


def _write(sources: Sequence[Source], names: Sequence[str]) -> None:
    """Write these columns of rows that are held."""
    alike: dict[str, list[Source]] = {}
    for source in sources:
        alike.setdefault(repr([getattr(source, name) for name in names]), []).append(source)
    if len(alike) > FEW_KINDS:
        # As rows in conflict with themselves: `bulk_update` builds an expression for every value of every row, which
        # takes as long as importing twenty orders for each.
        Source.objects.bulk_create(sources, update_conflicts=True, update_fields=names, unique_fields=["id"])
        return
    # An import says the same of all the stores that it names.
    for group in alike.values():
        values = {name: getattr(group[0], name) for name in names}
        Source.objects.filter(pk__in=[source.pk for source in group]).update(**values)


def _apply(source: Source, note: SourceNote) -> None:
    is_first = source.last_success_at is None and not source.failures
    if note.newest_at is not None and not note.error:
        source.newest_at = max(source.newest_at or note.newest_at, note.newest_at)
    if note.at < source.last_attempt_at or (note.at == source.last_attempt_at and not is_first):
        return
    if note.error:
        source.failures += 1
        source.last_error = note.error[:500]
    else:
        _succeed(source, note)
    source.last_attempt_at = note.at


def _succeed(source: Source, note: SourceNote) -> None:
    days = policy_at(note.at).notices.silence_learned_days
    pace = Pace(tuple(source.pauses), source.day_at, source.day_pause)
    pace = learned(pace, source.last_success_at, note.at, days=days)
    source.pauses, source.day_at, source.day_pause = list(pace.pauses), pace.day_at, pace.day_pause
    source.last_success_at, source.last_error, source.failures = note.at, "", 0
    source.silent_since = None
    if note.counts is not None:
        source.counts = {name: number for name, number in note.counts.items() if number}


# ── Silence ────────────────────────────────────────────────────────────────────────────────────────────────────────


def silence_due(source: Source) -> datetime | None:
    """The instant from which on the source counts as silent; None while its interval is not known."""
    interval = usual_interval(source.pauses, source.set_seconds)
    if source.last_success_at is None or interval is None:
        return None
    notices = policy_at(source.last_success_at).notices
    least = timedelta(hours=notices.silence_min_hours)
    return silent_from(source.last_success_at, interval, factor=notices.silence_factor, least=least)


def _arm(sources: Iterable[Source], at: datetime) -> None:
    """Open a deadline for sources that have none. While one is open it is left as it is, however often the source
    speaks: when it lapses, it is moved to where it is due by then."""
    due = {}
    for source in sources:
        if source.silent_since is None and (instant := silence_due(source)) is not None:
            due[source.store_id, str(source.pk)] = source.due_at = instant
    if due:
        open_deadlines(kind=SILENCE, subject_kind=SUBJECT, due=due, at=at)


@policies_held()
@transaction.atomic
def lapse_silence(source_ids: Collection[int], due: Mapping[int, datetime]) -> None:
    """Judge sources whose deadline lapsed at ``due``: those that spoke since get another, the others are silent, which
    is recorded once."""
    rows = Source.objects.select_for_update(no_key=True).filter(pk__in=source_ids).order_by("pk")
    sources = list(rows.select_related("store__company"))
    silent = []
    for source in sources:
        source.due_at = None
        instant = silence_due(source)
        is_open = source.store.status != Store.Status.CLOSED
        if is_open and instant is not None and instant <= due[source.pk] and source.silent_since is None:
            source.silent_since = source.last_success_at
            silent.append(source)
    _arm([source for source in sources if source.store.status != Store.Status.CLOSED], max(due.values()))
    _write(sources, ("due_at", "silent_since"))
    record_events(_events(SILENT, [(source, due[source.pk], source.silent_since) for source in silent]))


@transaction.atomic
def set_interval(*, source: Source, seconds: int | None, at: datetime) -> None:
    """Set, or leave to learning, how often the source is expected to speak; its deadline follows."""
    held = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    held.set_seconds, held.due_at = seconds, None
    void_deadlines(kind=SILENCE, subject_kind=SUBJECT, subjects=[(held.store_id, str(held.pk))], at=at)
    _arm([held], at)
    held.save(update_fields=["set_seconds", "due_at"])


def _events(kind: str, told: Iterable[tuple[Source, datetime, datetime | None]]) -> list[Event]:
    told = list(told)
    if not told:
        return []
    stores = Store.objects.select_related("company").in_bulk({source.store_id for source, _at, _since in told})
    return [
        Event(
            kind=kind,
            subject_kind="store",
            subject_key=stores[source.store_id].store_no,
            store_no=stores[source.store_id].store_no,
            company_no=stores[source.store_id].company.company_no,
            actor=SYSTEM,
            at=at,
            cause="PN-20",
            after={
                "source": source.kind,
                "name": source.name,
                "since": since.isoformat() if since else "",
            },
        )
        for source, at, since in told
    ]

"""Starts, runs, cancels and resumes imports (IX-03, IX-07)."""

import hashlib
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.events import record_event
from core.leases import free, is_held
from core.outages import is_busy, is_full
from core.timebase import from_epoch
from intake.filing import file_away
from intake.leases import IMPORTS, Keeper, LeaseLostError, Watcher
from intake.looking import asks_nothing, forgotten, look_over, ownerless
from intake.models import Import
from intake.pipeline.after_export import CLOCKS
from intake.pipeline.context import IntakeContext
from intake.pipeline.report import CancelledError, OutOfTimeError, Report
from intake.pipeline.runner import Runner
from intake.profiles import RECOGNISED, opener_of
from intake.reading import AnswerBook, BundleError, ManifestError, Opening
from intake.reading.stopping import stopping
from intake.remembering import memory_for, own_profiles, remember
from intake.sources import note_import
from intake.storage import forget_unpacked, forget_upload
from intake.turns import claim_import, could_go_on, in_turn, others_wait
from stores.access import WRITE, visible_companies
from stores.models import Company, User
from stores.principals import principal_of_user

log = structlog.get_logger("dianwei.intake")


class AlreadyRunningError(RuntimeError):
    """Another process is importing the same content."""


@dataclass(frozen=True)
class Options:
    """How a bundle is imported. ``as_of``: the instant of the export where the manifest names none; ``is_asked``: the
    files are looked at first, and a person says what they don't (IX-06b)."""

    profile: str = RECOGNISED
    company: Company | None = None
    as_of: datetime | None = None
    zone: str = ""
    dry_run: bool = False
    strict: bool = False
    is_demo: bool = False
    is_asked: bool = False
    answers: AnswerBook = field(default_factory=AnswerBook)


# ── Starting ───────────────────────────────────────────────────────────────────────────────────────────────────────


def open_import(*, path: Path, options: Options, actor: str, at: datetime) -> Import:
    """The operator's import of a path: the unfinished one of the same content, to go on with, or a new one.

    Raises AlreadyRunningError when another process is at it.
    """
    path = path.absolute()
    fingerprint = _fingerprint(path, options)
    unfinished = Import.objects.filter(
        fingerprint=fingerprint, is_upload=False, state__in=[Import.State.RUNNING, Import.State.FAILED]
    ).order_by("-pk")
    for job in unfinished[:1]:
        if is_held(job, at):
            raise AlreadyRunningError(_("this is being imported already (import %(number)s)") % {"number": job.pk})
        if job.files.exists():
            # A restart by a person is tried at once, however often the import failed.
            unfinished.filter(pk=job.pk).update(attempts=0, retry_at=None)
            return job
    return Import.objects.create(
        profile=options.profile,
        name=path.name[:255],
        path=str(path),
        fingerprint=fingerprint,
        company=options.company,
        actor=actor,
        is_operator=True,
        as_of=options.as_of or at,
        zone=options.zone,
        answers=options.answers.to_json(),
        dry_run=options.dry_run,
        strict=options.strict,
        is_demo=options.is_demo,
        created_at=at,
    )


def _fingerprint(path: Path, options: Options) -> str:
    """What makes two imports the same work: the files, their sizes and times, and the options."""
    company = options.company.company_no if options.company else ""
    said = [str(path), options.profile, company, str(options.as_of), options.zone, repr(options.answers)]
    said += [str(options.dry_run), str(options.strict)]
    files = sorted(path.rglob("*")) if path.is_dir() else [path] if path.exists() else []
    for file in files:
        if file.is_file():
            status = file.stat()
            said.append(f"{file}:{status.st_size}:{status.st_mtime_ns}")
    return hashlib.sha256("\n".join(said).encode("utf-8", "surrogateescape")).hexdigest()


def leave_no_company(job: Import) -> None:
    """Take back the company that was made for a dry run alone: trying changes nothing (IX-04). The record stays."""
    company = job.company
    if company is None:
        return
    with transaction.atomic():
        Import.objects.filter(pk=job.pk).update(company=None)
        # Somebody may have begun to use it meanwhile.
        if not (company.stores.exists() or company.memberships.exists() or company.imports.exists()):
            company.delete()


# ── Running ────────────────────────────────────────────────────────────────────────────────────────────────────────


def run_import(job: Import, *, watch: Watcher | None = None, until: float | None = None) -> Report | None:
    """Run an import, or go on with it, until its end; None when somebody else is at it or it goes on later.

    ``watch`` is told of reading and of every chunk; ``until`` is the monotonic time after which the
    import stops at the end of a chunk and waits for its next turn.
    """
    at = timezone.now()
    if not claim_import(job, at=at):
        return None
    keeper = Keeper(job, watch, until, lambda: others_wait(job, timezone.now()))
    try:
        with stopping(keeper.glance):
            if job.wants_look:
                _look(job, keeper)
                return None
            report = _execute(job, at, keeper)
    except CancelledError:
        _finish(job, Import.State.CANCELLED, error="")
        return Report()
    except OutOfTimeError:
        IMPORTS.give_back(job, state=Import.State.QUEUED)
        return None
    except LeaseLostError:
        return None
    except (BundleError, ManifestError) as error:
        _finish(job, Import.State.FAILED, error=str(error), final=True)
        return Report(rejected_files={job.name: str(error)})
    except BaseException as failure:
        log.exception("import failed", import_id=job.pk)
        _fail(job, failure)
        raise
    _finish_with(job, report, keeper)
    return report


def _look(job: Import, keeper: Keeper) -> None:
    keeper.glance()
    companies = None if job.is_operator else _companies_of(job)
    found = look_over(job, memory_for(job, companies))
    goes_on = bool(job.inbox_name) and asks_nothing(found)
    IMPORTS.give_back(job, state=Import.State.QUEUED if goes_on else Import.State.ASKING, look=found, rows_done=0)
    job.refresh_from_db()


def _execute(job: Import, at: datetime, keeper: "Keeper") -> Report:
    keeper.glance()
    companies = None if job.is_operator else _companies_of(job)
    memory = memory_for(job, companies)
    open_files = opener_of(job.profile, own_profiles(job.company))
    bundle = open_files(Opening(Path(job.path), job.folder, job.zone, AnswerBook.from_json(job.answers), memory))
    exported = bundle.manifest.exported_at
    reject_future("exported_at" if exported else "as_of", from_epoch(exported) if exported else job.as_of, at)
    context = IntakeContext(
        at=job.as_of if exported is None else from_epoch(exported),
        now=at,
        companies=companies,
        company_id=job.company_id,
        manifest=bundle.manifest,
        import_id=job.pk,
        is_demo=job.is_demo,
    )
    if not job.files.exists():
        shutil.rmtree(job.errors_folder, ignore_errors=True)
    report = Runner(job, context, bundle, keeper.progress).execute()
    if not job.dry_run:
        remember(job, bundle.told, companies, at=at)
    report.error_files = (
        sorted(str(path) for path in job.errors_folder.glob("*.csv")) if job.errors_folder.exists() else []
    )
    return report


def reject_future(name: str, exported: datetime, at: datetime) -> None:
    """Raise ManifestError for an export of the future: whatever came later would be older (IX-05a)."""
    if exported > at + timedelta(seconds=CLOCKS):
        raise ManifestError(
            _("%(name)s %(instant)s lies in the future: give the instant of the export, and check its time zone")
            % {"name": name, "instant": exported.isoformat()}
        )


def _fail(job: Import, failure: BaseException) -> None:
    """After an error that is ours: an upload is tried again a little later, a few times; a command when it is started
    again."""
    if job.is_upload and job.attempts < IMPORTS.max_attempts:
        IMPORTS.put_off(job, at=timezone.now(), state=Import.State.QUEUED)
        return
    IMPORTS.settle(job, state=Import.State.FAILED, error=_fault_text(failure), finished_at=timezone.now())
    if job.is_upload:
        _clean(job)


def _fault_text(failure: BaseException) -> str:
    """The message for an internal error."""
    if is_full(failure):
        return _("the server's disk is full: tell whoever runs it, then import again")
    if is_busy(failure):
        return _("other work held the database for too long: import again")
    return type(failure).__name__


def resumable_uploads(*, at: datetime) -> list[int]:
    """Uploads that wait for a worker or lost theirs and whose turn it is (RL-18). Those that were tried too often are
    given up (RL-03)."""
    waiting = []
    for job in Import.objects.filter(is_upload=True, state__in=[Import.State.QUEUED, Import.State.RUNNING]):
        if job.cancel_requested and _end_idle(job, at):
            continue
        if not could_go_on(job, at):
            continue
        if job.attempts >= IMPORTS.max_attempts:
            IMPORTS.given_up(Import.objects.filter(pk=job.pk, state=job.state), at=at).update(
                state=Import.State.FAILED,
                error=_("given up after %(count)s attempts") % {"count": job.attempts},
                finished_at=at,
            )
            _clean(job)
            continue
        waiting.append(job)
    return [job.pk for job in in_turn(waiting, at)]


def forget_uploads(*, at: datetime) -> None:
    """Remove the files of abandoned uploads (IX-06b)."""
    for job in forgotten(at):
        left = Import.objects.filter(pk=job.pk, state=job.state)
        if job.state == Import.State.ASKING:
            left.update(state=Import.State.CANCELLED, finished_at=at)
        _clean(job)
        left.update(path="")
    for folder in ownerless(at):
        shutil.rmtree(folder, ignore_errors=True)


def _companies_of(job: Import) -> frozenset[int]:
    """The companies whose stores an upload may write: those its person may write now, not when it was uploaded; of a
    file of the watched folder the one whose folder it lay in."""
    if job.inbox_name and job.company_id is not None:
        return frozenset({job.company_id})
    if job.person_id is None:
        return frozenset()
    principal = principal_of_user(User.objects.filter(pk=job.person_id).first())
    return frozenset(visible_companies(principal, WRITE).values_list("pk", flat=True))


def _finish(job: Import, state: str, *, error: str, final: bool = False) -> None:
    IMPORTS.settle(job, state=state, error=error, finished_at=timezone.now())
    if final:
        job.files.all().delete()
    _clean(job)
    job.refresh_from_db()


def _finish_with(job: Import, report: Report, keeper: Keeper) -> None:
    failed = is_failure(job, report)
    with transaction.atomic():
        updated = IMPORTS.settle(
            job,
            state=Import.State.FAILED if failed else Import.State.DONE,
            counts=report.counts,
            remarks=report.all_warnings(),
            feeds=report.known_until(),
            stores=report.stores,
            rows_done=keeper.total,
            rows_total=keeper.total,
            error=failure_text(job, report) if failed else "",
            finished_at=timezone.now(),
        )
        job.refresh_from_db()
        if updated and not job.dry_run:
            companies = None if job.is_operator else _companies_of(job)
            note_import(job, report, error=job.error, companies=companies)
    if updated:
        # A finished import has no position to go on from.
        job.files.all().delete()
        # What was tried may be imported as it is.
        _clean(job, keeps_upload=job.dry_run and job.look is not None and not failed)
        if not job.dry_run:
            _record_end(job, report)


def _record_end(job: Import, report: Report) -> None:
    record_event(
        kind="import.finished",
        subject_kind="import",
        subject_key=str(job.pk),
        actor=job.actor,
        at=timezone.now(),
        company_no=job.company.company_no if job.company else "",
        cause="IX-03",
        after={"state": job.state, "counts": report.counts},
    )


def is_failure(job: Import, report: Report) -> bool:
    """Whether nothing of it, or not all files of it, could be read, or a strict run was rejected."""
    return bool(report.rejected_files) or (job.strict and not job.dry_run and report.total("refused") > 0)


def failure_text(job: Import, report: Report) -> str:
    """Why an import failed, in words."""
    if job.strict and report.total("refused"):
        return _("nothing was imported: %(count)s rows were refused, and all or nothing was asked for") % {
            "count": report.total("refused")
        }
    return "; ".join(f"{file}: {reason}" for file, reason in report.rejected_files.items())


def _clean(job: Import, *, keeps_upload: bool = False) -> None:
    """Remove what was uploaded and unpacked: it holds buyers' data; rejected rows stay."""
    forget_unpacked(job)
    if not keeps_upload and job.inbox_name:
        file_away(job)
    if not keeps_upload:
        forget_upload(job)


# ── Cancelling ─────────────────────────────────────────────────────────────────────────────────────────────────────


def cancel_import(*, job: Import, actor: str, at: datetime) -> bool:
    """End an import that waits or whose worker died; ask a running one to stop, which it does within seconds. What
    went in stays. False when it is over already."""
    job.refresh_from_db()
    asked = _end_idle(job, at)
    if not asked:
        running = Import.objects.filter(pk=job.pk, state__in=[Import.State.QUEUED, Import.State.RUNNING])
        asked = running.update(cancel_requested=True) == 1
    if asked:
        record_event(
            kind="import.cancelled", subject_kind="import", subject_key=str(job.pk), actor=actor, at=at, cause="IX-07"
        )
    return asked


def _end_idle(job: Import, at: datetime) -> bool:
    """Cancel an import without a worker, unless one has just taken it."""
    if not (job.is_open or job.state == Import.State.ASKING) or (is_held(job, at)):
        return False
    idle = free(Import.objects.filter(pk=job.pk, state=job.state), at=at)
    if idle.update(state=Import.State.CANCELLED, finished_at=at) != 1:
        return False
    _clean(job)
    return True

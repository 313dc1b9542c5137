"""``manage.py import_bundle PATH``: take a bundle in (IX-10)."""

import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn
from unicodedata import east_asian_width

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from core.identifiers import canonical
from core.terminal import TranslatedCommand
from intake.models import Import
from intake.pipeline.report import COUNT_NAMES, Report
from intake.presenters import COUNT_LABELS, FILE_TITLES
from intake.profiles import PROFILES, RECOGNISED
from intake.profiles.mapping.values import name_key
from intake.reading import AnswerBook, Answers, BundleError
from intake.reading.answers import LEFT_OUT
from intake.reading.encodings import NAMES, known_encoding
from intake.reading.manifest import ManifestError, find_zone
from intake.remembering import own_profiles
from intake.services import (
    AlreadyRunningError,
    Options,
    failure_text,
    is_failure,
    leave_no_company,
    open_import,
    reject_future,
    run_import,
)
from intake.throughput import pace
from stores.actors import command_actor
from stores.models import Company
from stores.numbering import is_usable

ACTOR = command_actor("import_bundle")


class Command(TranslatedCommand):
    # They load every page, which takes longer than a small bundle; `doctor` and `check` run them.
    requires_system_checks: list[str] = []
    help = (
        "Import a bundle: a folder, a ZIP, or one CSV, XLSX or Parquet file. Good rows go in; refused ones are "
        "written to error CSV files that can be corrected and imported again. "
        "Exit status: 0 when every file could be read (refused rows are counted and their error files named), "
        "1 when a file or the whole could not, or when --strict was given and any row was refused. "
        "An import that was killed goes on where it was when it is started again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="PATH")
        parser.add_argument(
            "--profile",
            default=RECOGNISED,
            help=f"the format of the files: {', '.join(sorted(PROFILES))}, or the name of a profile of --company",
        )
        parser.add_argument("--company", metavar="NO", help="the company of stores that name none; made if it is new")
        parser.add_argument(
            "--as-of", metavar="INSTANT", help="when the data was exported, if no manifest.json says so"
        )
        parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
        parser.add_argument("--strict", action="store_true", help="all or nothing: one refused row refuses all")
        parser.add_argument("--zone", metavar="Z", default="", help="time zone of instants without an offset")
        parser.add_argument("--store", metavar="NO", default="", help="the store of files that name none")
        parser.add_argument(
            "--currency", metavar="C", default="", help="currency of amounts without a sign, such as USD"
        )
        parser.add_argument(
            "--encoding", metavar="E", default="", help=f"encoding of files that are not UTF-8: {', '.join(NAMES)}"
        )
        parser.add_argument(
            "--store-name",
            action="append",
            default=[],
            metavar="NAME=NO",
            help="the store that files call by this name; NAME= leaves its rows out; may be given several times",
        )
        parser.add_argument(
            "--date-order", default="", choices=["day", "month"], help="what comes first in dates such as 01/02/2026"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["path"])
        self.machine = bool(options["json"])
        if not path.exists():
            self._fail(_("%(path)s does not exist") % {"path": path})
        company, is_new = self._company(options["company"])
        chosen = Options(
            profile=self._profile(options["profile"], company),
            company=company,
            as_of=self._instant(options["as_of"]),
            zone=self._zone(options["zone"]),
            dry_run=options["dry_run"],
            strict=options["strict"],
            answers=self._answers(options),
        )
        try:
            job = open_import(path=path, options=chosen, actor=ACTOR, at=timezone.now())
        except AlreadyRunningError as error:
            self._fail(str(error))
        watch = None if self.machine else Terminal(self.stderr)
        try:
            report = run_import(job, watch=watch)
        finally:
            if is_new and job.dry_run:
                leave_no_company(job)
        if watch is not None:
            watch.end()
        if report is None:
            self._fail(_("another process took this import over"))
        self._print(job, report)
        if is_failure(job, report):
            sys.exit(1)

    def _print(self, job: Import, report: Report) -> None:
        if self.machine:
            said = {
                "import": job.pk,
                "state": job.state,
                "dry_run": job.dry_run,
                **report.summary(),
                "remarks": job.remarks,
                "error": failure_text(job, report) if is_failure(job, report) else "",
            }
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        if report.counts:
            self.stdout.write(padded("", 24) + "".join(padded(str(COUNT_LABELS[name]), -16) for name in COUNT_NAMES))
        for name, counts in report.counts.items():
            title = padded(str(FILE_TITLES.get(name, name)), 24)
            self.stdout.write(title + "".join(padded(f"{counts.get(count, 0):,}", -16) for count in COUNT_NAMES))
        for remark in job.remarks:
            place = " ".join(str(part) for part in (remark["file"], remark["line"] or "") if part)
            self.stdout.write(f"{place}: {remark['text']}" if place else str(remark["text"]))
        for file in report.error_files:
            self.stdout.write(_("refused rows: %(path)s") % {"path": file})
        if job.dry_run:
            self.stdout.write(_("dry run: nothing was changed"))
        if is_failure(job, report):
            self.stderr.write(failure_text(job, report))

    def _profile(self, name: str, company: Company | None) -> str:
        if name in PROFILES:
            return name
        own = {profile.label: profile.name for profile in own_profiles(company)}
        if name not in own:
            known = ", ".join([*sorted(PROFILES), *own])
            self._fail(_("--profile %(name)s is not known; known are: %(known)s") % {"name": name, "known": known})
        return own[name]

    def _company(self, number: str | None) -> tuple[Company | None, bool]:
        """The company of a number, and whether it was made for this import."""
        if not number:
            return None, False
        standing = Company.objects.filter(company_no=number).first()
        if standing is not None:
            return standing, False
        number = canonical(number)
        if not is_usable(number):
            self._fail(_("--company must be 1 to 64 letters, digits, hyphens, underscores and points"))
        return Company.objects.get_or_create(company_no=number, defaults={"name": number})

    def _instant(self, text: str | None) -> datetime | None:
        if not text:
            return None
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            self._fail(_("--as-of must be an instant with an offset, such as 2024-05-01T10:00:00Z"))
        try:
            reject_future("--as-of", instant, timezone.now())
        except ManifestError as error:
            self._fail(str(error))
        return instant

    def _zone(self, name: str) -> str:
        try:
            return find_zone(name).key if name else ""
        except ManifestError as error:
            self._fail(str(error))

    def _answers(self, options: dict[str, Any]) -> AnswerBook:
        encoding, currency = self._encoding(options["encoding"]), options["currency"].strip().upper()
        if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            self._fail(_("--currency must be a code of three letters, such as USD"))
        pairs = [text.partition("=") for text in options["store_name"]]
        stores = {name_key(name): number.strip() or LEFT_OUT for name, _equals, number in pairs}
        store, order = options["store"].strip(), options["date_order"]
        return AnswerBook(Answers(encoding=encoding, store=store, currency=currency, date_order=order, stores=stores))

    def _encoding(self, name: str) -> str:
        try:
            return known_encoding(name) if name else ""
        except BundleError as error:
            self._fail(str(error))

    def _fail(self, reason: str) -> NoReturn:
        if self.machine:
            self.stdout.write(json.dumps({"error": reason}, ensure_ascii=False))
            sys.exit(1)
        raise CommandError(reason)


def padded(text: str, width: int) -> str:
    """The text with blanks up to a width, on its left for a negative one; Chinese letters are two columns wide."""
    blanks = " " * (abs(width) - sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text))
    return text + blanks if width > 0 else blanks + text


class Terminal:
    """Rows done of total, rate and time left, on one line of the terminal (IX-07); before that, rows read."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.began: tuple[float, int] | None = None
        self.shown = self.started = time.monotonic()
        self.has_rate = False
        self.is_tty = bool(getattr(stream, "isatty", bool)())

    def __call__(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if total is None:
            if now - self.shown >= (0.5 if self.is_tty else 10 if self.has_rate else 1):
                self._say(_("reading the files: %(rows)s rows") % {"rows": f"{done:,}"}, now)
                self.has_rate = True
            return
        if self.began is None:
            self.began, self.has_rate = (now, done), False
            self._say(_("%(done)s of %(total)s rows") % {"done": f"{done:,}", "total": f"{total:,}"}, now)
        elif done >= total or now - self.shown >= (0.5 if self.is_tty else 10) or not self.has_rate:
            rate = pace(done - self.began[1], now - self.began[0])
            if rate is not None or done >= total:
                self._say(self._numbers(done, total, rate), now)
                self.has_rate = True

    def _numbers(self, done: int, total: int, rate: float | None) -> str:
        numbers = {"done": f"{done:,}", "total": f"{total:,}"}
        if rate is None:
            return _("%(done)s of %(total)s rows") % numbers
        numbers |= {"rate": f"{rate:,.0f}", "left": f"{(total - done) / rate:,.0f}"}
        return _("%(done)s of %(total)s rows, %(rate)s a second, %(left)s s left") % numbers

    def _say(self, text: str, now: float) -> None:
        self.shown = now
        self.stream.write(f"\r{text:<78}" if self.is_tty else text, ending="" if self.is_tty else "\n")

    def end(self) -> None:
        """Leave the line."""
        if self.is_tty and self.shown > self.started:
            self.stream.write("")

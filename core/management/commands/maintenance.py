"""`manage.py maintenance on|off|status`: pages say that the site is being maintained, workers begin nothing (RL-17)."""

import json
import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import Error
from django.utils import timezone
from django.utils.translation import gettext as _

from core import maintenance
from core.leases import work_in_hand
from core.management.commands.sweep import an_instant
from core.pages import formats
from core.services import begin_maintenance, end_maintenance
from core.terminal import TranslatedCommand
from core.timebase import SHANGHAI

ACTOR = "command:maintenance"
LOOK_AGAIN = 0.5


class Command(TranslatedCommand):
    """Exit status 1 when --wait ended before the work in hand did."""

    help = (
        "Turn maintenance on or off, or say whether it is on. While it is on, people get a page with status 503, "
        "programs a problem document, and workers finish what they are at and begin nothing new."
    )
    # It has to work while the database is being migrated or restored.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["on", "off", "status"])
        parser.add_argument("--until", type=an_instant, help="when it should be over (ISO 8601 with offset)")
        parser.add_argument("--message-zh", default="", metavar="TEXT", help="what people are told, in Chinese")
        parser.add_argument("--message-en", default="", metavar="TEXT", help="what people are told, in English")
        parser.add_argument(
            "--wait", type=int, default=0, metavar="SECONDS", help="with on: wait until workers have finished"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        at = timezone.now()
        if action == "on":
            messages = {"zh-hans": options["message_zh"], "en": options["message_en"]}
            said = {language: text for language, text in messages.items() if text}
            begin_maintenance(until=options["until"], messages=said, actor=ACTOR, at=at)
        elif action == "off":
            end_maintenance(actor=ACTOR, at=at)
        busy = self._wait(options["wait"] if action == "on" else 0)
        self._tell(maintenance.present(), busy, as_json=options["json"])
        if options["wait"] and busy:
            raise CommandError(_("workers are still at work"))

    def _wait(self, seconds: int) -> dict[str, int]:
        """What workers are at, after up to so many seconds for them to finish."""
        give_up = time.monotonic() + seconds
        while (busy := _work_in_hand()) and time.monotonic() < give_up:
            time.sleep(LOOK_AGAIN)
        return busy

    def _tell(self, present: maintenance.Maintenance | None, busy: dict[str, int], *, as_json: bool) -> None:
        if as_json:
            since, until = (present.since, present.until) if present else (None, None)
            instants = {"since": since and since.isoformat(), "until": until and until.isoformat()}
            self.stdout.write(json.dumps({"on": present is not None, **instants, "work_in_hand": busy}))
            return
        self.stdout.write(_state_of(present))
        for name, count in busy.items():
            self.stdout.write(_("workers are at: %(name)s (%(count)s)") % {"name": name, "count": count})


def _work_in_hand() -> dict[str, int]:
    """Nothing where there is no database to say so: it is being restored."""
    try:
        return work_in_hand(at=timezone.now())
    except Error:
        return {}


def _state_of(present: maintenance.Maintenance | None) -> str:
    if present is None:
        return _("Maintenance is off.")
    if present.until is None:
        return _("Maintenance is on.")
    return _("Maintenance is on; it should be over by %(time)s.") % {"time": formats.instant(present.until, SHANGHAI)}

"""``manage.py remove_company NO`` or ``--demo``: remove a company's data, or the demo's, as a whole (IX-03)."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from core.terminal import TranslatedCommand
from stores.actors import command_actor
from stores.models import Company
from stores.purging import demo_companies, remove_company


class Command(TranslatedCommand):
    help = (
        "Remove a company with its stores, orders and all that is theirs; the audit trail stays. It can't be undone, "
        "so it asks unless --yes is given. Killed half-way, it is finished by running it again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("company", metavar="NO", nargs="?", help="the company's number")
        which.add_argument("--demo", action="store_true", help="the companies of the demo")
        parser.add_argument("--yes", action="store_true", help="don't ask")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        companies = demo_companies() if options["demo"] else self._company(options["company"])
        names = ", ".join(f"{company.name} ({company.company_no})" for company in companies)
        if companies and not options["yes"] and not self._agrees(names):
            raise CommandError(_("nothing was removed"))
        removed = {
            company.company_no: remove_company(
                company=company, actor=command_actor("remove_company"), at=timezone.now()
            )
            for company in companies
        }
        if options["json"]:
            self.stdout.write(json.dumps(removed))
            return
        for number, counts in removed.items():
            for kind, rows in counts.items():
                self.stdout.write(f"{number:24} {kind:36} {rows:>12}")

    def _company(self, number: str) -> list[Company]:
        company = Company.objects.filter(company_no=number).first()
        if company is None:
            raise CommandError(_("there is no company %(number)s") % {"number": number})
        return [company]

    def _agrees(self, names: str) -> bool:
        question = _("Remove %(names)s with all data? Type yes:") % {"names": names}
        return input(f"{question} ").strip().lower() == "yes"

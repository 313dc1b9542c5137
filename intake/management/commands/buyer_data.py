"""``manage.py buyer_data NO BUYER``: what is kept of a buyer, as a file, or erased (RL-14)."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from core.terminal import TranslatedCommand
from intake.personal.buyers import BuyerFound, erase_buyer, export_buyer, find_buyer
from stores.actors import command_actor
from stores.models import Company


class Command(TranslatedCommand):
    help = (
        "Show what is kept of a buyer of a company, by the buyer's reference or an order number; --out writes it to a "
        "ZIP, --erase erases it for good. Figures stay as they are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("company", metavar="NO", help="the company's number")
        parser.add_argument("buyer", metavar="BUYER", help="the buyer's reference, or the number of one of the orders")
        parser.add_argument("--out", metavar="FILE", type=Path, help="write what is kept to this ZIP")
        parser.add_argument("--erase", action="store_true", help="erase it")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        found = self._found(options["company"], options["buyer"])
        actor, at = command_actor("buyer_data"), timezone.now()
        told: dict[str, object] = {"rows": found.rows}
        if options["out"]:
            options["out"].write_bytes(export_buyer(found=found, actor=actor, at=at))
            told["file"] = str(options["out"])
        if options["erase"]:
            told["token"] = erase_buyer(company=found.company, reference=found.reference, actor=actor, at=at).token
        self.stdout.write(json.dumps(told) if options["json"] else "\n".join(f"{k}: {v}" for k, v in told.items()))

    def _found(self, number: str, buyer: str) -> BuyerFound:
        company = Company.objects.filter(company_no=number).first()
        if company is None:
            raise CommandError(_("there is no company %(number)s") % {"number": number})
        found = find_buyer(company, buyer)
        if found is None:
            raise CommandError(_("no order of the company has this number or this buyer"))
        return found

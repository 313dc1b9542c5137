"""`manage.py setup`: sets up an installation without people, as the page does, for machines (PG-18)."""

import json
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from core.terminal import TranslatedCommand
from stores.actors import command_actor
from stores.models import Membership, User
from stores.numbering import check_number
from stores.services import AlreadySetUpError, NewAccount, set_up
from stores.setup_token import setup_link


class Command(TranslatedCommand):
    """Exit status 0 when it was set up, now or before in the same way; 1 when it was set up otherwise."""

    help = (
        "Open the first company with its owner, and perhaps an account for operations, in an installation without "
        "people. Run again it changes nothing, passwords neither."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company-no", metavar="NO", help="the company's number")
        parser.add_argument("--company-name", metavar="NAME", help="the company's name")
        parser.add_argument("--owner-email", metavar="ADDRESS")
        parser.add_argument("--owner-name", default="", metavar="NAME")
        parser.add_argument("--staff-email", default="", metavar="ADDRESS", help="also open an account for operations")
        parser.add_argument("--language", default="zh-hans", choices=["zh-hans", "en"], help="of these accounts")
        passwords = parser.add_mutually_exclusive_group()
        passwords.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the owner's password, then that for operations, a line each",
        )
        passwords.add_argument("--password-file", type=Path, metavar="FILE", help="the same from a file")
        parser.add_argument("--link", action="store_true", help="only print the link of the page that does this")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["link"]:
            self.stdout.write(setup_link())
            return
        _require(options, "company_no", "company_name", "owner_email")
        try:
            self._set_up(options)
        except AlreadySetUpError as error:
            _refuse_otherwise(options, error)
            self._tell(options, is_new=False)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        else:
            self._tell(options, is_new=True)

    def _set_up(self, options: dict[str, Any]) -> None:
        passwords = _passwords(options)
        check_number(options["company_no"])
        owner = _account(options["owner_email"], passwords[0], options["owner_name"])
        staff = _account(options["staff_email"], passwords[1]) if options["staff_email"] else None
        set_up(
            company_no=options["company_no"],
            company_name=options["company_name"],
            owner=owner,
            staff=staff,
            language=options["language"],
            at=timezone.now(),
            actor=command_actor("setup"),
        )

    def _tell(self, options: dict[str, Any], *, is_new: bool) -> None:
        if options["json"]:
            names = ("company_no", "owner_email", "staff_email")
            self.stdout.write(json.dumps({"created": is_new, **{name: options[name] for name in names}}))
        elif is_new:
            self.stdout.write(_("Set up: %(email)s can sign in.") % {"email": options["owner_email"]})
        else:
            self.stdout.write(_("Nothing to do: it was set up like this before."))


def _require(options: dict[str, Any], *names: str) -> None:
    missing = ", ".join(f"--{name.replace('_', '-')}" for name in names if not options[name])
    if missing:
        raise CommandError(_("missing: %(names)s") % {"names": missing})


def _refuse_otherwise(options: dict[str, Any], error: AlreadySetUpError) -> None:
    """Raise CommandError unless the installation is as it was asked for."""
    if not _is_as_asked(options):
        text = _("it was set up before, by %(name)s, and not like this: nothing was changed")
        raise CommandError(text % {"name": error.by or _("somebody")}) from error


def _passwords(options: dict[str, Any]) -> list[str]:
    """The owner's password and that for operations, one per line."""
    if options["password_stdin"]:
        lines = sys.stdin.read().splitlines()
    elif options["password_file"]:
        try:
            lines = options["password_file"].read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise CommandError(str(error)) from error
    else:
        raise CommandError(_("say where the passwords are: --password-stdin or --password-file"))
    wanted = 2 if options["staff_email"] else 1
    if len(lines) < wanted:
        raise CommandError(_("%(wanted)s passwords are needed, one a line") % {"wanted": wanted})
    return lines


def _account(email: str, password: str, name: str = "") -> NewAccount:
    validate_email(email)
    validate_password(password, User(email=email, name=name))
    return NewAccount(email, password, name)


def _is_as_asked(options: dict[str, Any]) -> bool:
    """Whether the company has this owner, and operations this account."""
    owners = Membership.objects.filter(company__company_no=options["company_no"], role=Membership.Role.OWNER)
    if not owners.filter(user__email=options["owner_email"].lower()).exists():
        return False
    email = options["staff_email"].lower()
    return not email or User.objects.filter(email=email, is_staff=True).exists()

"""Setting up an installation that has no people yet: its first company, the owner, and who runs it (PG-18)."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.events import record_event
from core.leases import take_turn
from core.models import Event
from stores.actors import names_of_actors
from stores.models import Company, Membership, User
from stores.principals import Person
from stores.services.companies import add_member, create_company
from stores.setup_token import use_up_token

# Any number that nothing else in the product locks.
SETTING_UP = 0x05E7
KIND = "installation.set_up"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be opened."""

    email: str
    password: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class SetUp:
    """What was set up."""

    company: Company
    owner: User
    staff: User | None


class AlreadySetUpError(RuntimeError):
    """There are people already. ``by`` and ``at``: who set it up, as far as is known, and when."""

    def __init__(self, by: str = "", at: datetime | None = None) -> None:
        super().__init__(by)
        self.by, self.at = by, at


def is_set_up() -> bool:
    """Whether there is anybody who could sign in, or could once: then only they let others in."""
    return User.objects.exists()


def who_set_up() -> AlreadySetUpError:
    """Who set the installation up, and when: as an error to raise or show."""
    if event := Event.objects.filter(kind=KIND).order_by("-at", "-id").first():
        return AlreadySetUpError(names_of_actors([event.actor])[event.actor], event.at)
    return AlreadySetUpError()


@transaction.atomic
def set_up(
    *,
    company_no: str,
    company_name: str,
    owner: NewAccount,
    staff: NewAccount | None,
    language: str,
    at: datetime,
    actor: str | None = None,
) -> SetUp:
    """Open the first accounts and the first company, which may have been made by an import before.

    Of two at once one wins: they take turns, and the second finds people. ``actor``: who does it if not the owner.
    Raises AlreadySetUpError, and ValidationError for a number that can't be a company's.
    """
    take_turn(SETTING_UP)
    if is_set_up():
        raise who_set_up()
    person = User.objects.create_user(owner.email, owner.password, name=owner.name, language=language)
    actor = actor or Person(person).actor
    company = _company(company_no, company_name, person, actor, at)
    operator = None if staff is None else _open_operations(staff, language)
    record_event(
        kind=KIND,
        subject_kind="installation",
        subject_key="installation",
        company_no=company_no,
        actor=actor,
        at=at,
        after={"company_no": company_no, "staff": operator is not None},
        cause="PG-18",
    )
    transaction.on_commit(use_up_token)
    return SetUp(company, person, operator)


def _open_operations(account: NewAccount, language: str) -> User:
    return User.objects.create_superuser(account.email, account.password, name=account.name, language=language)


def _company(company_no: str, name: str, owner: User, actor: str, at: datetime) -> Company:
    company = Company.objects.filter(company_no=company_no).first()
    if company is None:
        return create_company(company_no=company_no, name=name, actor=actor, at=at, owner=owner)
    if company.is_demo:
        raise ValidationError({"company_no": _("The demo uses this number. Choose another one.")})
    company.name = name
    company.save(update_fields=["name"])
    add_member(company=company, user=owner, role=Membership.Role.OWNER, actor=actor, at=at)
    return company

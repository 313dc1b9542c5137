"""Companies that messages don't reach: no working e-mail, or nobody opens notices (PN-37)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from notifications.models import Connection, Notice, StoppedAddress
from notifications.rules import APART_STATES
from rulebook.queries import policy_at
from stores.access import OWN, visible_companies
from stores.models import Company, Membership
from stores.principals import Person


@dataclass(frozen=True, slots=True)
class Unheard:
    """``no_mail``: every member's address is stopped. ``days``: for so many nobody opened a notice, else None.
    ``chats``: the team chats that messages don't reach."""

    company: Company
    no_mail: bool
    days: int | None
    chats: Sequence[Connection] = ()


def unheard_companies(person: Person, at: datetime) -> list[Unheard]:
    """Those that the person owns."""
    return _unheard(visible_companies(person, OWN).order_by("name", "pk"), at)


def unheard_company(company: Company, at: datetime) -> Unheard | None:
    """What keeps messages from reaching a company; None where nothing does."""
    return next(iter(_unheard(Company.objects.filter(pk=company.pk), at)), None)


def _unheard(companies: QuerySet[Company], at: datetime) -> list[Unheard]:
    """Asked with every page that shows it, hence in two queries."""
    days = policy_at(at).notices.unopened_banner_days
    since = at - timedelta(days=days)
    members = Membership.objects.filter(company=OuterRef("pk"), user__is_active=True)
    notices = Notice.objects.filter(store__company=OuterRef("pk")).exclude(state__in=APART_STATES).order_by()
    waiting = notices.filter(opened_at=None, triggered_at__lte=since)
    rows = companies.annotate(
        has_mail=Exists(members.exclude(user__email__in=StoppedAddress.objects.values("address"))),
        waits=Exists(waiting),
        last_opened=Subquery(notices.exclude(opened_at=None).order_by("-opened_at").values("opened_at")[:1]),
    )
    chats = _failing_chats(companies)
    found = []
    for row in rows:
        # Notices wait since before the period, and nobody opened any within it.
        is_unopened = row.waits and (row.last_opened is None or row.last_opened <= since)
        if is_unopened or not row.has_mail or row.pk in chats:
            found.append(Unheard(row, not row.has_mail, days if is_unopened else None, chats.get(row.pk, ())))
    return found


def _failing_chats(companies: QuerySet[Company]) -> dict[int, list[Connection]]:
    """Those of which the companies were told, by company."""
    found: dict[int, list[Connection]] = defaultdict(list)
    rows = Connection.objects.filter(company__in=companies.order_by(), removed_at=None).exclude(alarmed_at=None)
    for connection in rows.order_by("pk"):
        found[connection.company_id].append(connection)
    return found

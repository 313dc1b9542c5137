"""The messages of a person: those to the companies that they are a member of (PG-19)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Prefetch, Q, QuerySet

from core.timebase import performance_day_end, performance_day_start
from notifications.models import Delivery, InboxMessage, MessageRead, StoppedAddress
from notifications.queries.recipients import preferred_paces
from notifications.rules import URGENT_GROUPS, MessageGroup, Pace
from stores.access import WRITE, joined_companies, visible_companies
from stores.models import Store, User
from stores.principals import Person

MESSAGES_A_PAGE = 50
UNREAD, URGENT = "unread", "urgent"
COLUMNS = {"store": "store__store_no", "kind": "kind"}


@dataclass(frozen=True, slots=True)
class MessageQuery:
    """Which of a person's messages: with ``chosen`` values (``store``: a number, ``kind``, ``show``: `UNREAD` or
    `URGENT`), on days from ``first`` to ``last``."""

    person: Person
    chosen: Mapping[str, str] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None

    @property
    def show(self) -> str:
        return self.chosen.get("show", "")


def messages_of(person: Person) -> QuerySet[InboxMessage]:
    """Those to the person's companies and to the person alone, newest first."""
    mine = Q(recipient=None) | Q(recipient=person.user)
    return InboxMessage.objects.filter(mine, company__in=joined_companies(person)).order_by("-at", "-id")


def _reads(person: Person) -> Exists:
    return Exists(MessageRead.objects.filter(user=person.user, message=OuterRef("pk")))


def with_read(messages: QuerySet[InboxMessage], person: Person) -> QuerySet[Any]:
    """Messages with ``is_read``."""
    return messages.annotate(is_read=ExpressionWrapper(_reads(person), output_field=BooleanField()))


def unread_messages(person: Person) -> QuerySet[InboxMessage]:
    """Those that the person has not read."""
    return messages_of(person).filter(~_reads(person))


def find_messages(query: MessageQuery) -> QuerySet[InboxMessage]:
    """Newest first."""
    rows = unread_messages(query.person) if query.show == UNREAD else messages_of(query.person)
    if query.show == URGENT:
        rows = rows.filter(group__in=URGENT_GROUPS)
    rows = rows.filter(**{COLUMNS[name]: value for name, value in query.chosen.items() if name in COLUMNS})
    if query.first:
        rows = rows.filter(at__gte=performance_day_start(query.first))
    if query.last:
        rows = rows.filter(at__lt=performance_day_end(query.last))
    return rows


def listed_messages(query: MessageQuery, page: str | None) -> Page[Any]:
    """For the page: each with ``is_read``, ``may_resend`` and ``shown_deliveries``: the person's own, and to owners and
    managers everybody's and those of team chats."""
    led = visible_companies(query.person, WRITE)
    mine = Q(recipient=query.person.user) | Q(message__company__in=led)
    leads = ExpressionWrapper(Exists(led.filter(pk=OuterRef("company"))), output_field=BooleanField())
    deliveries = Delivery.objects.filter(mine).select_related("recipient", "connection").order_by("pk")
    rows = with_read(find_messages(query), query.person).annotate(may_resend=leads).select_related("store", "notice")
    rows = rows.prefetch_related(Prefetch("deliveries", deliveries, to_attr="shown_deliveries"))
    return Paginator(rows, MESSAGES_A_PAGE).get_page(page)


def failed_deliveries_of(person: Person, message_id: int) -> QuerySet[Delivery] | None:
    """Those of a message that the person may have sent again, as owner or manager; None where there is no such
    message."""
    messages = messages_of(person).filter(pk=message_id, company__in=visible_companies(person, WRITE))
    return Delivery.objects.filter(message__in=messages, state=Delivery.State.FAILED) if messages.exists() else None


def addressed_stores(person: Person) -> QuerySet[Store]:
    """The stores that the person's messages may be about."""
    return Store.objects.filter(company__in=joined_companies(person)).order_by("name", "store_no")


def paces_of(user: User) -> dict[MessageGroup, Pace]:
    """What a person chose, by group."""
    return {MessageGroup(group): pace for (_user_id, group), pace in preferred_paces([user.pk]).items()}


def stopped_address(address: str) -> StoppedAddress | None:
    """That nothing is sent to an address."""
    return StoppedAddress.objects.filter(address=address).first()

"""The messages of a person: those to the companies that they are a member of (PG-19)."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, QuerySet

from notifications.models import InboxMessage, MessageRead
from stores.access import joined_companies
from stores.principals import Person

MESSAGES_A_PAGE = 50


def messages_of(person: Person) -> QuerySet[InboxMessage]:
    """Newest first."""
    return InboxMessage.objects.filter(company__in=joined_companies(person)).order_by("-at", "-id")


def _reads(person: Person) -> Exists:
    return Exists(MessageRead.objects.filter(user=person.user, message=OuterRef("pk")))


def unread_messages(person: Person) -> QuerySet[InboxMessage]:
    """Those that the person has not read."""
    return messages_of(person).filter(~_reads(person))


def listed_messages(person: Person, page: str | None, *, unread_only: bool) -> Page[Any]:
    """For the page: each with ``is_read``."""
    rows = unread_messages(person) if unread_only else messages_of(person)
    read = ExpressionWrapper(_reads(person), output_field=BooleanField())
    return Paginator(rows.annotate(is_read=read).select_related("store", "notice"), MESSAGES_A_PAGE).get_page(page)

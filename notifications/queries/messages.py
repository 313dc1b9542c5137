"""The messages of a person: those to the companies that they are a member of (PG-19)."""

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, QuerySet

from notifications.models import Message, MessageRead
from stores.access import Person, joined_companies
from stores.models import User


def messages_of(user: Person) -> QuerySet[Message]:
    """Newest first."""
    return Message.objects.filter(company__in=joined_companies(user)).order_by("-at", "-id")


def _reads(user: User) -> Exists:
    return Exists(MessageRead.objects.filter(user=user, message=OuterRef("pk")))


def unread_messages(user: User) -> QuerySet[Message]:
    """Those that the person has not read."""
    return messages_of(user).filter(~_reads(user))


def listed_messages(user: User, *, unread_only: bool) -> QuerySet[Message]:
    """For the page: each with ``is_read``."""
    rows = unread_messages(user) if unread_only else messages_of(user)
    read = ExpressionWrapper(_reads(user), output_field=BooleanField())
    return rows.annotate(is_read=read).select_related("store", "notice")

"""The messages of a person as a file (PG-19)."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from exports.columns import ListColumn, code, instant, text, truth, word
from exports.declaring import ROWS_AT_ONCE, Asked, ListFile, OfPerson, list_export
from exports.downloads import dated
from notifications.forms import asked_messages
from notifications.kinds import declared_messages, message_kind
from notifications.queries.messages import find_messages, with_read
from rulebook.queries import policies
from stores.principals import Person


@list_export("messages", page="notifications:messages", access=OfPerson())
def messages(asked: Asked) -> ListFile:
    """The person's messages as filtered, in the reader's words."""
    person = asked.principal
    assert isinstance(person, Person)
    _form, query = asked_messages(asked.params, person)
    found, periods = with_read(find_messages(query), person).select_related("store", "notice"), policies()

    def rows() -> Iterator[Any]:
        for message in found.iterator(ROWS_AT_ONCE):
            yield message, message_kind(message.kind).words(message, periods)

    return ListFile(
        dated("messages", asked.at), pgettext_lazy("sheet", "Messages"), _message_columns(), rows, found.count
    )


def _message_columns() -> list[ListColumn]:
    kinds = {kind.name: kind.label for kind in declared_messages()}
    return [
        instant("at", pgettext_lazy("column", "Sent"), lambda row: row[0].at),
        code("store_no", pgettext_lazy("column", "Store"), lambda row: row[0].store.store_no, link=_store_url),
        word("kind", pgettext_lazy("column", "About"), kinds, lambda row: row[0].kind, width=26),
        text("title", pgettext_lazy("column", "Title"), lambda row: row[1].title, width=40),
        text("text", pgettext_lazy("column", "Text"), lambda row: row[1].text, width=60),
        truth("read", pgettext_lazy("column", "Read"), lambda row: row[0].is_read),
    ]


def _store_url(row: Any) -> str:
    return reverse("dashboard:panel", args=[row[0].store.store_no])

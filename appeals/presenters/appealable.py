"""What of an order can be appealed, as its page shows it (SR-10, DP-08)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from appeals.presenters.wording import subject_title
from appeals.queries.appealable import Appealable


@dataclass(frozen=True, slots=True)
class AppealableRow:
    """A subject with the way to its appeal; ``until``: how long it can be submitted, None without a limit."""

    title: str
    until: datetime | None
    url: str
    action: str


def appealable_rows(found: Iterable[Appealable], store_no: str) -> list[AppealableRow]:
    """A row for each."""
    return [_row(one, store_no) for one in found]


def _row(one: Appealable, store_no: str) -> AppealableRow:
    title = subject_title(one.subject)
    if one.present is not None:
        url = reverse("appeals:appeal", args=[store_no, one.present.number])
        return AppealableRow(title, None, url, _("To the appeal"))
    url = reverse("appeals:start", args=[store_no, one.subject.kind, one.subject.key])
    return AppealableRow(title, one.until, url, _("Appeal against it"))

"""The page that tells who was faster (RL-06)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from appeals.models import Appeal
from appeals.presenters.wording import EXCEPTIONS
from core.events import event_label, event_text
from core.models import Event
from stores.access import StoreRequest
from stores.context_processors import nav


@dataclass(frozen=True, slots=True)
class KeptText:
    """A text that was filled in and not saved."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """What templates/appeals/conflict.html reads."""

    nav: dict[str, Any]
    now: datetime
    number: str
    who: str
    what: str
    details: str
    at: datetime | None
    texts: list[KeptText]
    url: str


def conflict_page(request: StoreRequest, appeal: Appeal, event: Event | None, who: str, now: datetime) -> ConflictPage:
    """Who changed the appeal last, and what the request wanted to save."""
    return ConflictPage(
        nav=nav(request, current="appeals"),
        now=now,
        number=appeal.number,
        who=who,
        what=str(event_label(event)) if event else "",
        details=event_text(event) if event else "",
        at=event.at if event else None,
        texts=_texts(request),
        url=reverse("appeals:appeal", args=[request.store.store_no, appeal.number]),
    )


def _texts(request: StoreRequest) -> list[KeptText]:
    names = {"statement": _("Statement"), "named_error": _("Error of the first decision")}
    for name in request.POST:
        prefix, _dash, rest = name.partition("-")
        if prefix == "claim":
            names[name] = str(EXCEPTIONS.get(rest, rest))
        elif prefix == "answer":
            names[name] = rest
    return [KeptText(label, request.POST[name]) for name, label in names.items() if request.POST.get(name, "").strip()]

"""Appeals that wait for the seller as tasks on the health panel (PG-03, PN-09)."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from appeals.models import Appeal
from appeals.rules import AppealState
from dashboard.presenters.todo_item import Action, Todo
from dashboard.queries.appeals import AppealWork
from notifications.titles import title_of
from stores.models import Store


def appeal_todos(store: Store, work: Iterable[AppealWork]) -> list[Todo]:
    """Each draft and each request for a supplement, with its clock."""
    return [_todo(store, one) for one in work]


def _todo(store: Store, one: AppealWork) -> Todo:
    appeal = one.appeal
    url = appeal_url(store.store_no, appeal)
    draft = appeal.state == AppealState.DRAFT
    title = _("Appeal %(number)s is a draft") if draft else _("Appeal %(number)s needs a supplement")
    return Todo(
        title=title % {"number": appeal.number},
        url=url,
        first=Action(_("Continue") if draft else _("Hand in the supplement"), url),
        level="yellow",
        word=pgettext("urgency", "soon"),
        note=_subject(appeal),
        due=one.deadline.due_at if one.deadline else None,
        due_note=_due_note(draft=draft) if one.deadline else "",
        since=appeal.created_at,
    )


def _due_note(*, draft: bool) -> str:
    return _("left to submit it") if draft else _("left to hand it in, or it is rejected")


def appeal_url(store_no: str, appeal: Appeal) -> str:
    """The page of an appeal; of a draft its present step."""
    return reverse("appeals:appeal", args=[store_no, appeal.number])


def _subject(appeal: Appeal) -> str:
    if appeal.notice is not None:
        return f"{title_of(appeal.notice.metric)} · {appeal.notice.number}"
    return f"{appeal.get_kind_display()} · {appeal.subject_key}"

"""What the views of appeals share."""

from datetime import datetime
from http import HTTPStatus

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from appeals.models import Appeal
from appeals.presenters.conflict import conflict_page
from appeals.queries.progress import last_change
from appeals.rules import AppealState
from core.pages.responses import render_page
from stores.access import StoreRequest
from stores.actors import names_of_actors


def to_appeal(appeal: Appeal, name: str = "appeal") -> HttpResponseRedirect:
    """Redirect to a page of an appeal: its status, or a step."""
    return redirect(reverse(f"appeals:{name}", args=[appeal.store.store_no, appeal.number]))


def is_draft(appeal: Appeal) -> bool:
    return appeal.state == AppealState.DRAFT


def conflict(request: StoreRequest, appeal: Appeal, now: datetime) -> HttpResponse:
    """Somebody was faster: who did what, and what was filled in here, so that it can be copied (RL-06)."""
    appeal.refresh_from_db(fields=["state", "version", "step"])
    event = last_change(appeal)
    actor = names_of_actors([event.actor])[event.actor] if event else ""
    page = conflict_page(request, appeal, event, actor, now)
    return render_page(request, "appeals/conflict.html", page, status=HTTPStatus.CONFLICT)

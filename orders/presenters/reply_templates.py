"""A company's own reply templates as pages show them (PN-15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from orders.models import ReplyTemplate
from orders.presenters.message_desk import shortened
from orders.presenters.reply_subjects import LANGUAGE_NAMES
from orders.rules.texts import VARIABLES
from stores.access import StoreRequest
from stores.context_processors import nav


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template in the list."""

    url: str
    name: str
    language: str
    text: str
    absence: bool
    changed_at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class TemplatesPage:
    """What templates/orders/reply_templates.html reads."""

    nav: dict[str, Any]
    rows: list[TemplateRow]
    new_url: str
    shipped_url: str
    list_url: str
    may_write: bool


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """What templates/orders/reply_template.html reads. ``conflict``: who changed it meanwhile."""

    nav: dict[str, Any]
    form: Any
    name: str
    variables: list[str]
    list_url: str
    remove_url: str
    conflict: str


def templates_page(
    request: StoreRequest, templates: Sequence[ReplyTemplate], names: dict[str, str], may_write: bool
) -> TemplatesPage:
    """The list."""
    number = request.store.store_no
    return TemplatesPage(
        nav=nav(request, current="messages"),
        rows=[
            TemplateRow(
                reverse("orders:reply_template", args=[number, one.pk]),
                one.name,
                LANGUAGE_NAMES.get(one.language, one.language),
                shortened(one.text),
                one.absence,
                one.changed_at,
                names[one.actor],
            )
            for one in templates
        ],
        new_url=reverse("orders:reply_template_new", args=[number]),
        shipped_url=reverse("dashboard:replies", args=[number]),
        list_url=reverse("orders:messages", args=[number]),
        may_write=may_write,
    )


def template_page(request: StoreRequest, form: Any, template: ReplyTemplate | None, conflict: str = "") -> TemplatePage:
    """The form of a template, of a new one without ``template``."""
    number = request.store.store_no
    return TemplatePage(
        nav=nav(request, current="messages"),
        form=form,
        name=template.name if template else "",
        variables=[f"{{{name}}}" for name in VARIABLES],
        list_url=reverse("orders:reply_templates", args=[number]),
        remove_url=reverse("orders:reply_template_remove", args=[number, template.pk]) if template else "",
        conflict=conflict,
    )

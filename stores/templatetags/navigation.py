"""The links of the frame: main navigation and the sections among the pages of a subject."""

from typing import Any

from django import template
from django.template import Context

from stores.access import principal_of
from stores.models import Store
from stores.navigation import data_links, main_links, section_links

register = template.Library()


@register.simple_tag(takes_context=True)
def main_navigation(context: Context, store: Store | None, entries: list[Any]) -> list[Any]:
    """The entries that a page brings itself, else those of the store."""
    user = context.get("user")
    return entries or main_links(store or None, is_staff=bool(user and user.is_staff), context=context)


@register.simple_tag(takes_context=True)
def store_sections(context: Context, store: Store | None, entries: list[Any], current: str) -> list[dict[str, object]]:
    """The pages beside a store's page, which are of one subject with it; none where a page brings its own entries."""
    links = section_links(store, current, context) if store and not entries else []
    return [
        {"label": link.label, "url": link.url, "count": link.count, "current": link.key == current} for link in links
    ]


@register.simple_tag(takes_context=True)
def data_sections(context: Context, current: str) -> list[dict[str, object]]:
    """The sections among the pages of data, as far as the person may see them."""
    links = data_links(principal_of(context["request"]), context["nav"]["store"] or None)
    return [{"label": link.label, "url": link.url, "current": link.key == current} for link in links]

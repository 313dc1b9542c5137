"""The links of the frame: main navigation and the sections among the pages of orders and of data."""

from typing import Any

from django import template
from django.template import Context

from stores.access import principal_of
from stores.models import Store
from stores.navigation import data_links, main_links, order_links

register = template.Library()


@register.simple_tag(takes_context=True)
def main_navigation(context: Context, store: Store | None, entries: list[Any]) -> list[Any]:
    """The entries that a page brings itself, else those of the store."""
    user = context.get("user")
    return entries or main_links(store or None, is_staff=bool(user and user.is_staff), context=context)


@register.simple_tag(takes_context=True)
def order_sections(context: Context, store: Store, current: str) -> list[dict[str, object]]:
    """The sections among the pages of orders, as the component of tabs reads them."""
    links = order_links(store, context)
    return [
        {"label": link.label, "url": link.url, "count": link.count, "current": link.key == current} for link in links
    ]


@register.simple_tag(takes_context=True)
def data_sections(context: Context, current: str) -> list[dict[str, object]]:
    """The sections among the pages of data, as far as the person may see them."""
    links = data_links(principal_of(context["request"]), context["nav"]["store"] or None)
    return [{"label": link.label, "url": link.url, "current": link.key == current} for link in links]

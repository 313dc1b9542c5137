"""Panels of other apps in a page's first answer."""

from copy import copy
from urllib.parse import unquote

from django import template
from django.http import HttpResponse
from django.template import Context
from django.urls import resolve
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag(takes_context=True)
def panel(context: Context, address: str) -> SafeString:
    """What an address of ours gives to htmx, as a part of this page: it needs no JavaScript, and nothing moves when it
    comes. The page knows the other app by this address only."""
    request = copy(context["request"])
    request.htmx = True
    view = resolve(unquote(address))
    answer: HttpResponse = view.func(request, *view.args, **view.kwargs)
    return mark_safe(answer.content.decode())

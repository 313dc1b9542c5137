"""The files of a list, in the head of its page."""

from typing import Any

from django import template
from django.template import RequestContext
from django.urls import reverse
from django.utils.translation import gettext as _

from exports.rules import CSV, FORM, MACHINE, PARQUET, PLACES, XLSX

register = template.Library()


@register.inclusion_tag("components/downloads.html", takes_context=True)
def downloads(context: RequestContext, route: str, *parts: Any) -> dict[str, Any]:
    """Links to the list's files with the page's own filters; ``route`` is that of the files, ``parts`` those of its
    address before the format."""
    asked = context.request.GET.copy()
    for name in PLACES:
        asked.pop(name, None)

    def link(suffix: str, label: str, *, machine: bool = False) -> dict[str, str]:
        query = asked.copy()
        if machine:
            query[FORM] = MACHINE
        address = reverse(route, args=[*parts, suffix])
        return {"label": label, "url": f"{address}?{query.urlencode()}" if query else address}

    files = [
        link(XLSX, "Excel"),
        link(CSV, "CSV"),
        link(CSV, _("CSV for programs"), machine=True),
        link(PARQUET, "Parquet"),
    ]
    return {"files": files}

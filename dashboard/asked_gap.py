"""Which figure of the platform an address asks about, and which explanation of it (BX-21)."""

from django.http import Http404, QueryDict

from dashboard.forms.days import parsed_day
from insights.queries.gap import Gap, take_apart
from metrics.catalogue import METRICS
from metrics.models import PlatformFigure
from stores.models import Store


def asked_gap(store: Store, code: str, params: QueryDict) -> Gap:
    """The figure of the day that the address names, else the newest. Raises Http404 where there is none."""
    if code not in METRICS:
        raise Http404
    rows = PlatformFigure.objects.filter(store=store, metric=code).order_by("-day")
    day = parsed_day(params.get("day"))
    figure = (rows.filter(day=day) if day else rows).first()
    if figure is None:
        raise Http404
    return take_apart(store, figure)


def asked_explanation(found: Gap, params: QueryDict) -> int | None:
    """The place of the explanation that the address names; None for the gap itself. Raises Http404 for others."""
    choice = params.get("choice", "")
    if not choice:
        return None
    if not choice.isascii() or not choice.isdigit() or len(choice) > 4 or int(choice) >= len(found.found):
        raise Http404
    return int(choice)

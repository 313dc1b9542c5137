"""The page on which the platform's own figures and notices are entered by hand (IX-08)."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from dashboard.forms.platform_entry import PlatformFigureForm, PlatformNoticeForm
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class PlatformEntryPage:
    """What templates/dashboard/platform_entry.html reads."""

    nav: dict[str, Any]
    store: Store
    notice: PlatformNoticeForm
    figure: PlatformFigureForm
    notices_url: str
    figures_url: str


def platform_entry_of(
    request: StoreRequest, notice: PlatformNoticeForm, figure: PlatformFigureForm
) -> PlatformEntryPage:
    """Both forms for the request's store."""
    return PlatformEntryPage(
        nav=nav(request, current="notices"),
        store=request.store,
        notice=notice,
        figure=figure,
        notices_url=reverse("notifications:list", args=[request.store.store_no]),
        figures_url=reverse("dashboard:platform", args=[request.store.store_no]),
    )

"""The page of what-if (BX-04)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.forms.days import parsed_day
from dashboard.forms.problems import asked_problems
from dashboard.forms.whatif import WhatIfForm
from dashboard.presenters.whatif.orders import OrdersPart, Place, orders_part
from dashboard.presenters.whatif.page import form_data, what_if_page, worst_metric
from dashboard.presenters.whatif.presets import preset_of, with_ticks
from dashboard.queries.whatif import tick_list, window
from insights.queries.whatif.pace import CODES
from insights.queries.whatif.presets import failed_orders, problem_days, window_query
from insights.queries.whatif.simulation import NoUsualOrdersError, Supposed, WhatIf, ahead_choices, what_if
from insights.queries.whatif.ticked_orders import KINDS, Chosen, choose
from metrics.catalogue import METRICS, problem_counters
from stores.access import StoreRequest, store_view
from stores.models import Store
from stores.principals import Area


@dataclass(frozen=True, slots=True)
class AskedWhatIf:
    """What the address asks: its parameters with the ticks of a preset, the form of them, the orders it ticks."""

    params: QueryDict
    form: WhatIfForm
    given: dict[str, Any]
    chosen: Chosen
    day: date | None


@require_safe
@store_view(area=Area.METRICS)
def what_if_view(request: StoreRequest) -> HttpResponse:
    """Each metric, score and notice as it would be; what is supposed stands in the address, and what makes no sense
    there is told and left out."""
    now, store = timezone.now(), request.store
    asked = _asked(request, now)
    found = _simulated(asked, store, now)
    code = asked.given.get("metric") or worst_metric(found)
    asked.form.data = form_data(asked.params, code, found)
    orders = _orders(asked, store, found, code, now)
    page = what_if_page(request, store, found, asked.form, asked.chosen, code, orders, now)
    return render_page(request, "dashboard/what_if.html", page)


def _asked(request: StoreRequest, now: datetime) -> AskedWhatIf:
    params: QueryDict = request.GET
    day = parsed_day(params.get("day"))
    if preset := preset_of(params):
        query = window_query(store=request.store, code=preset.code, at=now, asked=day)
        params = with_ticks(params, preset, failed_orders(query, preset.carrier))
    form = WhatIfForm(params, metrics=[(code, METRICS[code].title) for code in CODES], ahead=ahead_choices(now))
    chosen = choose(request.store.id, {kind: params.getlist(kind) for kind in KINDS})
    return AskedWhatIf(params, form, form.chosen(), chosen, day)


def _simulated(asked: AskedWhatIf, store: Store, now: datetime) -> WhatIf:
    given, ticked = asked.given, asked.chosen.ticked
    failures, ahead = given.get("failures", 100), given.get("ahead")
    try:
        return what_if(
            store=store, at=now, supposed=Supposed(ticked, given.get("orders"), failures, ahead), asked=asked.day
        )
    except NoUsualOrdersError:
        asked.form.add_error("orders", _("This store has had no recent orders, so new ones can't be estimated."))
        return what_if(store=store, at=now, supposed=Supposed(ticked, None, failures, ahead), asked=asked.day)


def _orders(asked: AskedWhatIf, store: Store, found: WhatIf, code: str, now: datetime) -> OrdersPart | None:
    """The problem orders of the metric; a score has none."""
    counters = problem_counters(code)
    if not counters:
        return None
    day = found.courses[code].days[0].day
    days = problem_days(found.as_is.policy(day, METRICS[code].calendar), code)
    listed = asked_problems(asked.params, store_id=store.id, code=code, last=day, window_days=days)
    place = Place.parse(asked.params.get("place", ""), code)
    ticks = tick_list(listed.query, window(store.id, counters, day, days), earlier=place.earlier, later=place.later)
    return orders_part(asked.params, store, code, listed.form, ticks, asked.chosen, now)

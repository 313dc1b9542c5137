"""Filters of the order list that a person keeps under a name (PG-06)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.forms.orders import KEPT, SavedFilterForm
from stores.access import READ, StoreRequest, colleague, store_view
from stores.principals import Area
from stores.services.filters import MOST_SAVED, TooManyFiltersError, kept_query, remove_filter, save_filter


@require_POST
@store_view(area=Area.ORDERS, write_roles=READ)
def saved_filters(request: StoreRequest) -> HttpResponse:
    """Save the filters of the page that was left under a name, or remove one; members only, each their own."""
    member = colleague(request.principal, request.store)
    if member is None:
        raise PermissionDenied
    removed = request.POST.get("remove", "")
    if removed.isdecimal():
        remove_filter(user=member.user, store=request.store, filter_id=int(removed[:12]))
    query = kept_query(QueryDict(request.POST.get("query", "")[:2000].encode()), KEPT)[:500]
    form = SavedFilterForm(request.POST)
    if not removed and form.is_valid():
        try:
            name, at = form.cleaned_data["name"], timezone.now()
            save_filter(user=member.user, store=request.store, name=name, query=query, at=at)
        except TooManyFiltersError:
            messages.warning(
                request, _("You have %(most)s saved filters here: remove one first.") % {"most": MOST_SAVED}
            )
    return redirect(f"{reverse('dashboard:orders', args=[request.store.store_no])}?{query}")

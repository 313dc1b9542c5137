"""Reply templates for disputes and low ratings (PN-15)."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.presenters.replies import replies_page
from orders.models import Order
from orders.replies import ReplySubject, reply_languages
from rulebook.queries import policy_at
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.ORDERS)
def replies(request: StoreRequest) -> HttpResponse:
    """A template by subject and language; with an order's number, its numbers filled in, in its buyer's language."""
    policy, asked = policy_at(timezone.now()), request.GET.get("order", "").strip()
    order = None if "\x00" in asked else Order.objects.filter(store=request.store, order_no=asked).first()
    languages = [one for one in policy.notices.template_languages if one in reply_languages()]
    about, language = request.GET.get("about", ""), request.GET.get("language", "")
    spoken = [one for site in policy.reference.sites if order and site.code == order.site for one in site.languages]
    if language not in languages:
        language = next((one for one in spoken if one in languages), "en")
    subject = ReplySubject(about) if about in set(ReplySubject) else ReplySubject.NOT_RECEIVED
    return render_page(
        request, "dashboard/replies.html", replies_page(request, subject, language, languages, asked, order)
    )

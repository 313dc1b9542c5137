"""The raw data package of a metric's number (DM-32, IX-12)."""

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_safe

from core.pages.attachments import attached
from dashboard.views.shown import shown_metric
from insights.packages import package_chunks, package_name
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.METRICS)
def package(request: StoreRequest, code: str) -> StreamingHttpResponse:
    """The raw data package of a metric's number, streamed (DM-32, IX-12)."""
    day = shown_metric(request, code).day
    chunks = package_chunks(store=request.store, code=code, day=day)
    response = StreamingHttpResponse(chunks, content_type="application/zip")
    return attached(response, package_name(request.store.store_no, code, day))

"""The documentation of the API, drawn by the server from the OpenAPI document: no scripts, no other hosts (PG-16)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from api.api import api
from api.presenters.reference import reference_page_of
from core.pages.responses import render_page


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """All operations with parameters, bodies, answers and examples."""
    url = reverse("api-v1:openapi-json")
    context = reference_page_of(api.get_openapi_schema(), base=settings.BASE_URL, document_url=url)
    return render_page(request, "api/docs.html", context)

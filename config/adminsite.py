"""The staff admin: its home is the operations desk, its sign-in the product's own (PG-20, RL-11)."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dashboard.queries.policy import submitted_count
from dashboard.views import policy, policy_impact
from dashboard.views.desk import claim_next, desk, tables
from exports.routing import FORMAT
from exports.views import staff_list
from stores.desk import add_desk_page

add_desk_page("desk", "admin:index", pgettext_lazy("navigation", "Desk"), place=0)
add_desk_page("policy", "admin:policy", _("Policy versions"), place=85, waiting=submitted_count)
add_desk_page("tables", "admin:tables", _("Data tables"), place=100)
POLICY_PAGES = (
    ("policy/", policy.policy_list, "policy"),
    ("policy/drafts/<int:pk>/", policy.policy_draft, "policy_draft"),
    ("policy/drafts/<int:pk>/compare/", policy.policy_compare, "policy_compare"),
    ("policy/drafts/<int:pk>/changes.json", policy.policy_draft_data, "policy_draft_data"),
    ("policy/drafts/<int:pk>/impact/", policy_impact.policy_impact, "policy_impact"),
    ("policy/drafts/<int:pk>/impact.csv", policy_impact.policy_impact_file, "policy_impact_file"),
)


class OperationsSite(AdminSite):
    """Django's admin with the pages of the desk."""

    def get_urls(self) -> list[URLResolver | URLPattern]:
        pages = [path(route, self.admin_view(view), name=name) for route, view, name in POLICY_PAGES]
        return [
            path("next/", self.admin_view(claim_next), name="desk_next"),
            path("tables/", self.admin_view(self.tables), name="tables"),
            path(f"lists/<slug:code>.{FORMAT}", self.admin_view(staff_list), name="desk_list"),
            *pages,
            *super().get_urls(),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The operations desk in place of the list of models."""
        return desk(request)

    def tables(self, request: HttpRequest) -> HttpResponse:
        """The tables behind the desk."""
        return tables(request, self.get_app_list(request))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Django's own form would be a way round the second factor."""
        return secure_admin_login(super().login)(request, extra_context)

"""The staff admin: its home is the operations desk, its sign-in the product's own (PG-20, RL-11)."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dashboard.views.desk import desk, tables
from stores.desk import add_desk_page

add_desk_page("desk", "admin:index", pgettext_lazy("navigation", "Desk"), place=0)
add_desk_page("tables", "admin:tables", _("Data tables"), place=100)


class OperationsSite(AdminSite):
    """Django's admin with the pages of the desk."""

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [path("tables/", self.admin_view(self.tables), name="tables"), *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The operations desk in place of the list of models."""
        return desk(request)

    def tables(self, request: HttpRequest) -> HttpResponse:
        """The tables behind the desk."""
        return tables(request, self.get_app_list(request))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Django's own form would be a way round the second factor."""
        return secure_admin_login(super().login)(request, extra_context)

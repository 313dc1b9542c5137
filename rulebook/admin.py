"""Policy versions in the admin, to read (DM-30): new ones are made in the editor (`dashboard.views.policy`)."""

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from rulebook.models import PolicyVersion


@admin.register(PolicyVersion)
class PolicyVersionAdmin(admin.ModelAdmin[PolicyVersion]):
    list_display = ("number", "begins", "author", "note", "made", "rulebook_page")
    ordering = ("-number",)

    @admin.display(description=_("effective from"), ordering="effective_from")
    def begins(self, version: PolicyVersion) -> Any:
        """When it comes into force; the shipped one holds from the beginning."""
        return _("from the beginning") if version.is_shipped else version.effective_from

    @admin.display(description=_("created at"), ordering="created_at")
    def made(self, version: PolicyVersion) -> Any:
        """When it was published."""
        return _("with the product") if version.is_shipped else version.created_at

    @admin.display(description=_("what changed"))
    def rulebook_page(self, version: PolicyVersion) -> SafeString:
        """Link to the rulebook's page of the version."""
        return format_html('<a href="{}">{}</a>', reverse("rulebook:version", args=[version.number]), version.number)

    @admin.display(description=_("parameters"))
    def parameters(self, version: PolicyVersion) -> SafeString:
        """The whole data, readable."""
        return format_html("<pre>{}</pre>", json.dumps(version.data, indent=1, sort_keys=True, ensure_ascii=False))

    def get_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[str, ...]:
        return ("number", "begins", "author", "note", "made", "digest", "parameters")

    def get_readonly_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

"""Policy versions in the admin: read them, publish a new one (DM-30); nothing is ever changed."""

import json
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from rulebook.forms import PolicyVersionForm
from rulebook.models import PolicyVersion
from rulebook.services import PolicyRefusedError, publish_policy


@admin.register(PolicyVersion)
class PolicyVersionAdmin(admin.ModelAdmin[PolicyVersion]):
    """Only policy editors may add versions."""

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
        if obj is None:
            return ("effective_from", "note", "changes", "file", "removed")
        return ("number", "begins", "author", "note", "made", "digest", "parameters")

    def get_readonly_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[str, ...]:
        return () if obj is None else self.get_fields(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, **kwargs)
        return type("PolicyVersionForm", (PolicyVersionForm,), {"author": request.user.get_username()})

    def save_model(self, request: HttpRequest, obj: PolicyVersion, form: Any, change: bool) -> None:
        version = publish_policy(
            data=form.policy_data,
            effective_from=form.cleaned_data["effective_from"],
            author=form.author,
            note=form.cleaned_data["note"],
            at=timezone.now(),
        )
        # The admin goes on with the object it made for the form: it must be the stored one.
        obj.__dict__.update(version.__dict__)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PolicyRefusedError as error:
            # Somebody else published in the same moment: what was checked is no longer what would be published.
            for reason in error.reasons:
                messages.error(request, reason)
            return HttpResponseRedirect(reverse("admin:rulebook_policyversion_changelist"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

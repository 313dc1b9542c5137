"""API clients and grants as operations see them: read all, and revoke in an emergency."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from api.models import ApiClient, Grant
from api.services.clients import ClientChangedError, revoke_client
from stores.adminbase import ReadOnlyAdmin
from stores.principals import principal_of_user


@admin.register(ApiClient)
class ApiClientAdmin(ReadOnlyAdmin):
    """Programs that owners registered. Secrets are shown to nobody."""

    list_display = ("name", "client_id", "company", "kind", "created_at", "revoked_at")
    list_filter = ("kind",)
    list_select_related = ("company",)
    search_fields = ("client_id", "name", "company__company_no")
    exclude = ("secret_hash", "former_hash")
    actions = ("revoke",)

    @admin.action(description=_("Revoke: all access ends at once"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        actor, count = principal_of_user(request.user).actor, 0
        for client in queryset.filter(revoked_at=None).select_related("company"):
            try:
                revoke_client(client=client, actor=actor, at=timezone.now())
            except ClientChangedError:
                continue
            count += 1
        messages.success(request, _("%(count)s API clients are revoked.") % {"count": count})

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("api.revoke_apiclient")


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    """What owners granted, and why it ended."""

    list_display = ("client", "scopes", "granted_by", "granted_at", "last_used_at", "ended_at", "end")
    list_filter = ("end",)
    list_select_related = ("client", "granted_by")
    search_fields = ("client__client_id",)

"""All addresses. Each app brings its own; here they are only put together."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, re_path

from api.api import api
from config import health
from config.monitoring import monitoring
from stores.views import not_offered

# The admin's own login would be a way round the second factor (RL-11).
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler500 = "config.outages.answer_fault"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", monitoring, name="monitoring"),
    path("i18n/", include("django.conf.urls.i18n")),
    # The person who creates an account vouches for its address, so people can't change it themselves.
    path("accounts/email/", not_offered, name="account_email_not_offered"),
    re_path(r"^accounts/confirm-email/", not_offered, name="account_confirmation_not_offered"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("api.urls")),
    path("api/v1/", api.urls),
    path("", include("stores.urls")),
    path("", include("exports.urls")),
    path("", include("orders.urls")),
    path("", include("disputes.urls")),
    path("", include("evidence.urls")),
    path("", include("dashboard.urls")),
    path("", include("reports.urls")),
    path("", include("notifications.urls")),
    path("", include("penalties.urls")),
    path("", include("appeals.urls")),
    path("", include("intake.urls")),
    path("", include("rulebook.urls")),
]

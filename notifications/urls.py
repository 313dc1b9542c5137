"""Addresses of notices and messages (PG-10, PG-19)."""

from django.urls import path

from exports.routing import list_path
from notifications import list_exports, views
from notifications.channels import views as channels
from notifications.webhooks import views as webhooks

app_name = "notifications"
urlpatterns = [
    path("messages/", views.messages, name="messages"),
    path("messages/<int:message_id>/", views.message, name="message"),
    path("messages/<int:message_id>/resend/", views.message_resend, name="message_resend"),
    path("me/mail/", views.preferences, name="preferences"),
    path("me/mail/test/", views.preferences_test, name="preferences_test"),
    path("me/phone/", views.phone, name="phone"),
    path("me/phone/confirm/", views.phone_confirm, name="phone_confirm"),
    path("me/phone/remove/", views.phone_remove, name="phone_remove"),
    path("me/phone/test/", views.phone_test, name="phone_test"),
    path("me/browsers/", views.browser_add, name="browser_add"),
    path("me/browsers/<slug:key>/remove/", views.browser_remove, name="browser_remove"),
    path("me/browsers/<slug:key>/test/", views.browser_test, name="browser_test"),
    path("me/quiet/", views.quiet_hours, name="quiet_hours"),
    path("service-worker.js", views.service_worker, name="service_worker"),
    path("mail/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path(
        "companies/<number:company_no>/connections/add/<slug:channel>/", channels.connection_add, name="connection_add"
    ),
    path("companies/<number:company_no>/connections/<int:connection_id>/", channels.connection, name="connection"),
    path(
        "companies/<number:company_no>/connections/<int:connection_id>/test/",
        channels.connection_test,
        name="connection_test",
    ),
    path(
        "companies/<number:company_no>/connections/<int:connection_id>/remove/",
        channels.connection_remove,
        name="connection_remove",
    ),
    path("companies/<number:company_no>/webhooks/", webhooks.webhooks, name="webhooks"),
    path("companies/<number:company_no>/webhooks/<int:webhook_id>/", webhooks.webhook, name="webhook"),
    path(
        "companies/<number:company_no>/webhooks/<int:webhook_id>/<slug:action>/",
        webhooks.webhook_act,
        name="webhook_act",
    ),
    path("stores/<number:store_no>/notices/", views.notice_list, name="list"),
    list_path(list_exports.messages, "messages", "messages_file"),
]

"""Addresses of notices and messages (PG-10, PG-19)."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("messages/", views.messages, name="messages"),
    path("messages/<int:message_id>/", views.message, name="message"),
    path("me/mail/", views.preferences, name="preferences"),
    path("me/mail/test/", views.preferences_test, name="preferences_test"),
    path("mail/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("stores/<number:store_no>/notices/", views.notice_list, name="list"),
    path("stores/<number:store_no>/notices.csv", views.notice_list_file, {"suffix": "csv"}, name="list_csv"),
    path("stores/<number:store_no>/notices.xlsx", views.notice_list_file, {"suffix": "xlsx"}, name="list_xlsx"),
]

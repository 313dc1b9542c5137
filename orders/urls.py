"""Addresses of the pages about messages and guides. Order numbers are a source's own text and may hold slashes."""

from django.urls import path

from orders.views import guides, messages, reply_templates

app_name = "orders"
urlpatterns = [
    path("stores/<number:store_no>/messages/", messages.message_list_page, name="messages"),
    path("stores/<number:store_no>/messages/thread/<number:order_no>/", messages.thread, name="thread"),
    path(
        "stores/<number:store_no>/messages/thread/<number:order_no>/preview/",
        messages.thread_preview,
        name="thread_preview",
    ),
    path(
        "stores/<number:store_no>/messages/thread/<number:order_no>/panel/", messages.thread_panel, name="thread_panel"
    ),
    path("stores/<number:store_no>/messages/templates/", reply_templates.reply_templates, name="reply_templates"),
    path(
        "stores/<number:store_no>/messages/templates/new/",
        reply_templates.reply_template_new,
        name="reply_template_new",
    ),
    path(
        "stores/<number:store_no>/messages/templates/<int:pk>/", reply_templates.reply_template, name="reply_template"
    ),
    path(
        "stores/<number:store_no>/messages/templates/<int:pk>/remove/",
        reply_templates.reply_template_remove,
        name="reply_template_remove",
    ),
    path("stores/<number:store_no>/messages/guides/", guides.guides, name="guides"),
    path("stores/<number:store_no>/messages/guides/<str:stage>/<str:language>/", guides.guide, name="guide"),
]

"""Addresses of the pages about orders alone. Numbers are a source's own text and may hold slashes."""

from django.urls import path

from exports.routing import list_path
from orders import list_exports
from orders.views import guides, logistics, messages, order_refunds, refunds, reply_templates, returns

app_name = "orders"
_REFUND = "stores/<number:store_no>/refunds/<number:refund_no>/"
_RETURN = "stores/<number:store_no>/returns/<number:return_no>/"
urlpatterns = [
    path("stores/<number:store_no>/messages/", messages.message_list_page, name="messages"),
    list_path(list_exports.threads, "stores/<number:store_no>/messages", "messages_file"),
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
    path("stores/<number:store_no>/refunds/", refunds.desk, name="refunds"),
    list_path(list_exports.refunds, "stores/<number:store_no>/refunds", "refunds_file"),
    path(_REFUND, refunds.refund, name="refund"),
    path(f"{_REFUND}answer/", refunds.refund_answer, name="refund_answer"),
    path(f"{_REFUND}files/", refunds.refund_upload, name="refund_upload"),
    path(f"{_REFUND}files/remove/", refunds.refund_file_remove, name="refund_file_remove"),
    path(_RETURN, returns.return_view, name="return"),
    path(f"{_RETURN}answer/", returns.return_answer, name="return_answer"),
    path(f"{_RETURN}files/", returns.return_upload, name="return_upload"),
    path(f"{_RETURN}files/remove/", returns.return_file_remove, name="return_file_remove"),
    path(
        "stores/<number:store_no>/order-refunds/<number:order_no>/", order_refunds.order_refunds, name="order_refunds"
    ),
    path("stores/<number:store_no>/logistics/", logistics.logistics, name="logistics"),
    list_path(list_exports.abnormal_logistics, "stores/<number:store_no>/logistics", "logistics_file"),
    path(
        "stores/<number:store_no>/order-logistics/<number:order_no>/",
        logistics.order_logistics_page,
        name="order_logistics",
    ),
]

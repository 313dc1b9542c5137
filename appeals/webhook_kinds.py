"""The webhook about appeals (IX-23)."""

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from core.models import Event
from notifications.webhooks.kinds import Data, WebhookKind, declare_webhooks
from stores.models import Store

DECISIONS = ("appeal.accepted", "appeal.rejected")


def _decided(event: Event, _store: Store | None) -> Data:
    return {"number": event.subject_key, "result": event.after["state"]}


def _appeal(event: Event, store: Store | None) -> str:
    return reverse("appeals:appeal", args=[store.store_no, event.subject_key]) if store else "/"


declare_webhooks(
    WebhookKind(
        "appeal.decided",
        pgettext_lazy("webhook", "an appeal is decided"),
        events=DECISIONS,
        data=_decided,
        url=_appeal,
    )
)

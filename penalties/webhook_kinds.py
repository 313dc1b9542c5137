"""The webhooks about penalties. Predictions of mirrored stores are none (DM-11a)."""

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from core.models import Event
from notifications.webhooks.kinds import Data, WebhookKind, declare_webhooks
from stores.models import Store


def _penalty(event: Event, store: Store | None) -> Data | None:
    if store is None or store.mode == Store.Mode.MIRRORED:
        return None
    return {"id": event.subject_key, **event.after}


def _panel(_event: Event, store: Store | None) -> str:
    return reverse("dashboard:panel", args=[store.store_no]) if store else "/"


declare_webhooks(
    WebhookKind(
        "penalty.applied",
        pgettext_lazy("webhook", "a penalty is applied"),
        events=("penalty.applied",),
        data=_penalty,
        url=_panel,
    ),
    WebhookKind(
        "penalty.ended",
        pgettext_lazy("webhook", "a penalty ends"),
        events=("penalty.ended",),
        data=_penalty,
        url=_panel,
    ),
)

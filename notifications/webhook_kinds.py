"""The webhooks about notices, deadlines, ratings, imports and risks (IX-23, TM-14)."""

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from core.models import Event
from notifications.presenters.parts import numbered_url
from notifications.services.reminding import SOON
from notifications.webhooks.kinds import RATING_CHANGED, Data, WebhookKind, declare_webhooks
from stores.models import Store


def _issued(event: Event, _store: Store | None) -> Data | None:
    return None if "replaces" in event.after else {"number": event.subject_key, **event.after}


def _escalated(event: Event, _store: Store | None) -> Data | None:
    return {"number": event.subject_key, **event.after} if "replaces" in event.after else None


def _notice(event: Event, store: Store | None) -> str:
    return numbered_url(store, event.subject_key) if store else "/"


def _soon(event: Event, _store: Store | None) -> Data:
    return {"subject": event.subject_key, "subject_kind": event.subject_kind, **event.after}


def _panel(_event: Event, store: Store | None) -> str:
    return reverse("dashboard:panel", args=[store.store_no]) if store else "/"


def _import(event: Event, _store: Store | None) -> str:
    return reverse("intake:import", args=[event.subject_key])


def _imported(event: Event, _store: Store | None) -> Data:
    return {"number": event.subject_key, **event.after}


def _risk(_event: Event, store: Store | None) -> str:
    return reverse("dashboard:risk", args=[store.store_no]) if store else "/"


declare_webhooks(
    WebhookKind(
        "notice.issued",
        pgettext_lazy("webhook", "a notice is issued"),
        events=("notice.issued",),
        data=_issued,
        url=_notice,
    ),
    WebhookKind(
        "notice.escalated",
        pgettext_lazy("webhook", "a red notice replaces a yellow one"),
        events=("notice.issued",),
        data=_escalated,
        url=_notice,
    ),
    WebhookKind(
        "deadline.soon", pgettext_lazy("webhook", "a deadline ends soon"), events=(SOON,), data=_soon, url=_panel
    ),
    WebhookKind(RATING_CHANGED, pgettext_lazy("webhook", "the published rating changes")),
    WebhookKind(
        "import.finished",
        pgettext_lazy("webhook", "an import ends"),
        events=("import.finished",),
        data=_imported,
        url=_import,
    ),
    WebhookKind(
        "risk.flagged", pgettext_lazy("webhook", "orders are flagged red"), events=("risk.flagged",), url=_risk
    ),
)

"""The page on which a person chooses how messages arrive (PG-18, BX-08)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.forms import Form
from django.urls import reverse

from core.outgoing import detail_words
from notifications.forms import PhoneForm, PreferenceForm, QuietForm
from notifications.models import Phone, PushSubscription, StoppedAddress
from notifications.queries.personal import PersonalChannels
from notifications.rules import DIGEST_AT
from notifications.services.phones import masked_number
from stores.models import User


@dataclass(frozen=True, slots=True)
class PhoneView:
    """``number`` and ``pending`` are masked, or empty."""

    number: str
    pending: str
    error: str
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class BrowserRow:
    """A browser that takes the person's messages. ``key`` lets the browser know itself."""

    label: str
    key: str
    since: datetime
    last_success_at: datetime | None
    error: str
    test_url: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class PreferencesPage:
    """What templates/notifications/preferences.html reads. ``push_key``: what browsers subscribe with."""

    form: Form
    address: str
    stopped: StoppedAddress | None
    phone: PhoneView
    phone_form: Form
    browsers: Sequence[BrowserRow]
    push_key: str
    quiet_form: Form


def preferences_page_of(
    user: User,
    found: PersonalChannels,
    push_key: str,
    *,
    form: Form | None = None,
    phone_form: Form | None = None,
    quiet_form: Form | None = None,
) -> PreferencesPage:
    """The page, with forms as they were filled in."""
    return PreferencesPage(
        form=form or PreferenceForm(None, paces=found.paces, rules=found.rules),
        address=user.email,
        stopped=found.stopped,
        phone=_phone(found.phone),
        phone_form=phone_form or PhoneForm(),
        browsers=[_browser(one) for one in found.browsers],
        push_key=push_key,
        quiet_form=quiet_form or QuietForm(initial=_schedule(found)),
    )


def _phone(phone: Phone | None) -> PhoneView:
    if phone is None:
        return PhoneView("", "", "", False)
    return PhoneView(
        masked_number(phone.number), masked_number(phone.pending_number), phone.error, phone.stopped_at is not None
    )


def _browser(subscription: PushSubscription) -> BrowserRow:
    return BrowserRow(
        subscription.label,
        subscription.key,
        subscription.created_at,
        subscription.last_success_at,
        detail_words(subscription.last_error),
        reverse("notifications:browser_test", args=[subscription.key]),
        reverse("notifications:browser_remove", args=[subscription.key]),
    )


def _schedule(found: PersonalChannels) -> dict[str, object]:
    schedule = found.schedule
    if schedule is None:
        return {"digest_at": DIGEST_AT}
    return {
        "quiet_from": schedule.quiet_from,
        "quiet_until": schedule.quiet_until,
        "digest_at": schedule.digest_at,
    }

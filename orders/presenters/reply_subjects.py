"""What shipped replies are about, and their languages as people who speak them write them (PN-15)."""

from typing import Any

from django.utils.translation import pgettext_lazy

from orders.replies import ReplySubject

SUBJECTS: dict[str, Any] = {
    ReplySubject.NOT_RECEIVED: pgettext_lazy("reply", "not received"),
    ReplySubject.NOT_AS_DESCRIBED: pgettext_lazy("reply", "not as described"),
    ReplySubject.QUALITY: pgettext_lazy("reply", "quality"),
    ReplySubject.CLAIM: pgettext_lazy("reply", "claim"),
    ReplySubject.DESCRIBED: pgettext_lazy("reply", "low star for the description"),
    ReplySubject.COMMUNICATION: pgettext_lazy("reply", "low star for communication"),
    ReplySubject.SHIPPING: pgettext_lazy("reply", "late parcel"),
}
LANGUAGE_NAMES = {
    "zh": "中文", "en": "English", "es": "Español", "fr": "Français", "ru": "Русский", "pt": "Português",
}  # fmt: skip

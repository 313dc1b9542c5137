"""A person's phone: confirmed by a code, stopped by the gateway's word (PN-02, PG-18)."""

import re
import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from core.events import record_event
from core.ratelimits import is_within_limit
from core.rules import has_lapsed
from notifications.models import Phone
from stores.models import User
from stores.principals import Person

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
CHINESE_MOBILE = re.compile(r"1[3-9][0-9]{9}")
CODE_MINUTES = 10
CODE_TRIES = 5
CODES_AN_HOUR = 5


def parse_number(text: str) -> str:
    """A phone number as E.164. Blanks, hyphens and brackets are left out; eleven digits of a Chinese mobile number get
    +86. Raises ValidationError."""
    number = re.sub(r"[\s().-]", "", text)
    number = f"+{number[2:]}" if number.startswith("00") else number
    if CHINESE_MOBILE.fullmatch(number):
        number = f"+86{number}"
    if not E164.fullmatch(number) or (number.startswith("+86") and not CHINESE_MOBILE.fullmatch(number[3:])):
        raise ValidationError(_("Enter a mobile number with its country, such as +86 138 0000 0000."))
    return number


@transaction.atomic
def request_code(*, user: User, number: str, at: datetime) -> str:
    """A new code for a number (E.164), which `confirm_phone` takes; it is stored nowhere. Raises ValidationError for
    too many codes within an hour."""
    if not is_within_limit(f"phone-code:{user.pk}", limit=CODES_AN_HOUR, period=timedelta(hours=1), at=at):
        text = _("You have asked for %(count)s codes within an hour. Wait a little.")
        raise ValidationError(text % {"count": CODES_AN_HOUR})
    code = f"{secrets.randbelow(1_000_000):06}"
    Phone.objects.update_or_create(
        user=user,
        defaults={
            "pending_number": number,
            "code_hash": _hash(user, number, code),
            "code_expires_at": at + timedelta(minutes=CODE_MINUTES),
            "code_tries": 0,
        },
    )
    return code


def confirm_phone(*, user: User, code: str, at: datetime) -> bool:
    """Take the pending number where the code is right and in time; a handful of tries, then a new code is needed."""
    # Counted before it is compared, and kept whatever comes of it.
    waiting = Phone.objects.filter(user=user, code_tries__lt=CODE_TRIES).exclude(code_hash="")
    if not waiting.update(code_tries=F("code_tries") + 1):
        return False
    phone = Phone.objects.filter(user=user).exclude(code_hash="").first()
    if phone is None or phone.code_expires_at is None:
        return False
    if has_lapsed(phone.code_expires_at, at):
        return False
    if not constant_time_compare(phone.code_hash, _hash(user, phone.pending_number, code.strip())):
        return False
    return _confirm(phone, at)


@transaction.atomic
def _confirm(phone: Phone, at: datetime) -> bool:
    taken = Phone.objects.filter(pk=phone.pk, code_hash=phone.code_hash).update(
        number=phone.pending_number, verified_at=at, pending_number="", code_hash="", code_expires_at=None,
        stopped_at=None, error="",
    )  # fmt: skip
    if taken:
        _record("phone.confirmed", phone.user, at)
    return taken == 1


@transaction.atomic
def remove_phone(*, user: User, at: datetime) -> bool:
    """Send a person no SMS any more. False where there was no phone."""
    if not Phone.objects.filter(user=user).delete()[0]:
        return False
    _record("phone.removed", user, at)
    return True


def stop_phone(*, number: str, error: str, at: datetime) -> None:
    """Send nothing more to a number that takes no messages or whose owner answered STOP."""
    Phone.objects.filter(number=number, stopped_at=None).update(stopped_at=at, error=error)


def restart_phone(*, user: User) -> None:
    """Send to a phone again: a test has reached it."""
    Phone.objects.filter(user=user).update(stopped_at=None, error="")


def masked_number(number: str) -> str:
    """A number as it is shown: +86138****0000."""
    return f"{number[:-8]}****{number[-4:]}" if number else ""


def _hash(user: User, number: str, code: str) -> str:
    return salted_hmac("notifications.phone", f"{user.pk} {number} {code}", algorithm="sha256").hexdigest()


def _record(kind: str, user: User, at: datetime) -> None:
    record_event(
        kind=kind, subject_kind="person", subject_key=str(user.pk), actor=Person(user).actor, at=at, cause="PG-18"
    )

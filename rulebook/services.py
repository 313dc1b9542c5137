"""Publishing policy versions (DM-30)."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core.timebase import EPOCH
from rulebook.models import PolicyVersion
from rulebook.policy import validate
from rulebook.shipped import SHIPPED


class PolicyRefusedError(ValueError):
    """A version can't be published; ``reasons`` says why, one line each."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__("; ".join(reasons))


def publish_policy(*, data: Any, effective_from: datetime, author: str, note: str, at: datetime) -> PolicyVersion:
    """Store a new version with the next number; PolicyRefusedError: data not whole, no author, not in the future."""
    reasons = refusals(data=data, effective_from=effective_from, author=author, at=at)
    if reasons:
        raise PolicyRefusedError(reasons)
    try:
        with transaction.atomic():
            last = PolicyVersion.objects.aggregate(last=Max("number"))["last"] or 0
            return PolicyVersion.objects.create(
                number=last + 1,
                effective_from=effective_from.replace(microsecond=0),
                author=author,
                note=note,
                data=data,
                digest=digest(data),
                created_at=at,
            )
    except IntegrityError as error:
        raise PolicyRefusedError(
            [_("another version was published at the same moment: look at it, then repeat")]
        ) from error


def refusals(*, data: Any, effective_from: datetime, author: str, at: datetime) -> list[str]:
    """Every reason why such a version would be refused; empty when it may be published."""
    reasons = validate(data)
    if effective_from <= at:
        reasons.append(_("effective from: must lie in the future; versions in force are never changed"))
    if not author.strip():
        reasons.append(_("author: must be named"))
    return reasons


def install_shipped_policy(*, using: str = "default") -> None:
    """Make version 1 of a fresh database the shipped one, in force since ever; does nothing where it exists."""
    PolicyVersion.objects.using(using).get_or_create(
        number=1,
        defaults={
            "effective_from": EPOCH,
            "author": "Dianwei",
            "note": "",
            "data": SHIPPED,
            "digest": digest(SHIPPED),
            "created_at": EPOCH,
        },
    )


def digest(data: Any) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()

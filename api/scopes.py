"""The scopes that an owner can grant to a program, in words (IX-20)."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from stores.principals import Scope

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

SCOPES: dict[str, "StrPromise"] = {
    "orders:read": _("Read orders, parcels, refunds, disputes, messages and reviews"),
    "orders:write": _("Add and update orders, parcels, refunds, disputes, messages, reviews and listings"),
    "metrics:read": _("Read metrics, ratings and their explanations"),
    "notices:read": _("Read notices, penalties and deadlines"),
    "appeals:read": _("Read appeals and their decisions"),
    "appeals:write": _("Prepare appeals and hand them in"),
}


def known_scopes(text: str | None) -> list[str]:
    """The scopes that a space-separated list names, in our order; names that we don't know are left out."""
    named = set((text or "").split())
    return [scope for scope in SCOPES if scope in named]


def parse_scopes(names: list[str]) -> frozenset[Scope]:
    """The scopes of a program; names that are no scope any more grant nothing."""
    return frozenset(Scope.parse(name) for name in names if name in SCOPES)

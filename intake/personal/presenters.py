"""The page of a buyer's data. No database."""

from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.components import Fact
from intake.personal.buyers import BuyerFound


@dataclass(frozen=True, slots=True)
class BuyersPage:
    """What templates/intake/buyers.html reads; ``form``: None for those who own no company;
    ``asked``: something was searched for; ``kept``: rows by kind."""

    nav: dict[str, Any]
    form: Form | None
    asked: bool
    found: BuyerFound | None
    kept: list[Fact]


def kept_facts(found: BuyerFound) -> list[Fact]:
    """What is kept of a buyer, by kind."""
    words = {
        "orders": _("orders"),
        "messages": _("messages"),
        "messages_written_here": _("messages written here"),
        "reviews": _("reviews"),
        "disputes": _("disputes"),
        "dispute_evidence": _("quoted evidence"),
        "refunds": _("refunds"),
        "returns": _("return parcels"),
    }
    return [Fact(words[name], formats.number(count)) for name, count in found.rows.items()]

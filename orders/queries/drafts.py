"""What there is to say about a text before it is sent (PN-23, AF-12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orders.languages import LanguageDetector
from orders.models import Order
from orders.rules.languages import is_valid_language
from orders.rules.texts import filled, missing_values, unknown_variables
from orders.rules.wordlists import first_word
from rulebook.policy import Policy
from rulebook.queries import policies, policy_at, policy_in


class Doubt(StrEnum):
    """A reason to look at a text again; none of them forbids sending it."""

    LANGUAGE = "language"
    SOLICITING = "soliciting"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Draft:
    """A text as the buyer would read it, its detected language (empty: none), and doubts with what they are about."""

    text: str
    language: str
    doubts: tuple[tuple[Doubt, str], ...]


def draft_of(order: Order, text: str, values: Mapping[str, str], at: datetime) -> Draft:
    """Fill in a text and judge it as the metrics will: by the policy in force when the order was created."""
    full = filled(text.strip(), values)
    language = LanguageDetector().detect(full)
    counting = policy_in(policies(), order.created_at)
    return Draft(full, language, tuple(_doubts(order, text, full, language, values, counting, policy_at(at))))


def _doubts(
    order: Order, text: str, full: str, language: str, values: Mapping[str, str], counting: Policy, present: Policy
) -> list[tuple[Doubt, str]]:
    found = []
    if not is_valid_language(language, order.site, counting):
        found.append((Doubt.LANGUAGE, language))
    if word := first_word(full, present.words.soliciting):
        found.append((Doubt.SOLICITING, word))
    found += [(Doubt.MISSING, name) for name in missing_values(text, values)]
    found += [(Doubt.UNKNOWN, name) for name in unknown_variables(text)]
    return found

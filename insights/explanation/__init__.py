"""Why a number is what it is (DM-32, IX-12)."""

from insights.explanation.composition import PartRow, composition_of
from insights.explanation.counted_orders import EventPage, Listed, TallyEvent, event_page, order_lists
from insights.explanation.data import explanation_data
from insights.explanation.explaining import Explanation, explain, formula_of
from insights.explanation.text import composition_data, explanation_text, listed_data, listed_text

__all__ = [
    "EventPage",
    "Explanation",
    "Listed",
    "PartRow",
    "TallyEvent",
    "composition_data",
    "composition_of",
    "event_page",
    "explain",
    "explanation_data",
    "explanation_text",
    "formula_of",
    "listed_data",
    "listed_text",
    "order_lists",
]

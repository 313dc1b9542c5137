"""An explanation for machines, with its text and the orders that it counts and leaves out (IX-12)."""

from collections.abc import Sequence
from typing import Any

from insights.explanation.counted_orders import Listed, order_lists
from insights.explanation.explaining import Explanation
from insights.explanation.text import composition_data, explanation_text, listed_data, listed_text
from metrics.scorecards.results import result_data


def explanation_data(explanation: Explanation) -> dict[str, Any]:
    """The result with its counters and orders; of a composite score ``composition`` and ``parts``, each an explanation;
    ``text``: all of it as lines in the reader's language."""
    counted = [(one, _orders(one)) for one in explanation.components or [explanation]]
    lines = [*explanation_text(explanation)] if explanation.components else []
    for one, lists in counted:
        lines += [*([""] if lines else []), *explanation_text(one), *listed_text(lists)]
    data = [_data(one, lists) for one, lists in counted]
    if not explanation.components:
        return data[0] | {"text": lines}
    made = {"composition": composition_data(explanation.composition), "parts": data}
    return _data(explanation, []) | made | {"text": lines}


def _orders(explanation: Explanation) -> list[Listed]:
    code, first, last = explanation.metric.code, explanation.first, explanation.last
    return order_lists(store_id=explanation.store.pk, code=code, first=first, last=last)


def _data(explanation: Explanation, lists: Sequence[Listed]) -> dict[str, Any]:
    return result_data(explanation.result) | {
        "store_no": explanation.store.store_no,
        "metric": explanation.metric.code,
        "day": explanation.last.isoformat(),
        "no_value": explanation.no_value or None,
        "counters": {counter.name: counter.total for counter in explanation.counted},
        "orders": listed_data(list(lists)),
    }

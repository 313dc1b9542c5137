"""What the steps of a draft send: fields per order and per exception type (AP-01)."""

from collections.abc import Mapping

from django.http import QueryDict

from appeals.services.drafting import ClaimedOrder

# Fields whose names go on with an order's number, an exception type or a file's id.
EXCEPTION, CLAIM, ANSWER, KIND = "exception-", "claim-", "answer-", "kind-"


def version_in(data: QueryDict) -> int:
    """Which state of the appeal the page showed; -1, which no appeal is at, where that is no number."""
    text = data.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def claimed_orders(data: QueryDict) -> list[ClaimedOrder]:
    """The ticked orders with their exception types."""
    return [ClaimedOrder(number, data.get(EXCEPTION + number, "")) for number in data.getlist("order")]


def texts_in(data: QueryDict, prefix: str) -> dict[str, str]:
    """The fields whose names begin so, by the rest of their names."""
    return {name.removeprefix(prefix): str(data[name]).replace("\x00", "") for name in data if name.startswith(prefix)}


def kinds_in(data: QueryDict) -> Mapping[int, str]:
    """What the attached files are, by id; no id has more than 18 digits."""
    given = texts_in(data, KIND).items()
    return {int(key): kind for key, kind in given if key.isascii() and key.isdecimal() and len(key) < 19}

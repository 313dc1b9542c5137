"""What pydantic found wrong, as errors of fields in the reader's language (IX-24)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from api.problems import FieldError

# By the beginning of pydantic's type of error; places are filled from its context.
_WORDS: dict[str, Promise] = {
    "missing": _("This is required."),
    "extra_forbidden": _("There is no such field."),
    "string_too_long": _("At most %(max_length)s characters."),
    "string_too_short": _("At least %(min_length)s characters."),
    "string_pattern_mismatch": _("It does not have the form that is asked for."),
    "string": _("A text is expected."),
    "bool": _("true or false is expected."),
    "int": _("A whole number is expected."),
    "float": _("A number is expected."),
    "decimal": _('A decimal number is expected, such as "12.50".'),
    "finite_number": _("A finite number is expected."),
    "date_": _("A date is expected, such as 2026-11-30."),
    "date": _("A date or an instant with an offset is expected, such as 2026-11-30T09:30:00+08:00."),
    "timezone_aware": _("The instant needs an offset, such as +08:00 or Z."),
    "enum": _("One of these is expected: %(expected)s."),
    "literal_error": _("One of these is expected: %(expected)s."),
    "too_long": _("At most %(max_length)s items."),
    "too_short": _("At least %(min_length)s items."),
    "list": _("A list is expected."),
    "dict": _("An object is expected."),
    "model": _("An object is expected."),
    "greater_than_equal": _("At least %(ge)s."),
    "greater_than": _("More than %(gt)s."),
    "less_than_equal": _("At most %(le)s."),
    "less_than": _("Less than %(lt)s."),
}
_ELSE = _("This value is not valid.")


def field_errors(found: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Errors of ninja's ValidationError, in its order."""
    return [_field_error(error) for error in found]


def _field_error(error: Mapping[str, Any]) -> FieldError:
    source, *place = error["loc"]
    if source == "body":
        # The first part is the name of the argument of our function.
        return FieldError(_words(error), pointer="#" + "".join(f"/{_escaped(part)}" for part in place[1:]))
    return FieldError(_words(error), parameter=".".join(map(str, place)))


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _words(error: Mapping[str, Any]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        # Raised by our own validators, in the reader's language.
        return str(context.get("error", _ELSE))
    found = next((words for beginning, words in _WORDS.items() if kind.startswith(beginning)), _ELSE)
    return str(found) % context if "%(" in str(found) else str(found)

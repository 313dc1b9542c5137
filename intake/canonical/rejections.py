"""What is said of cells that can't be taken."""

import re

from django.utils.translation import gettext as _

_FULL_WIDTH = re.compile(r"[\uff01-\uff5e\u3000]")


class RejectedCellError(ValueError):
    """A cell that can't be taken; the message says why and what to do, in the reader's language."""


def has_full_width(text: str) -> bool:
    """Whether characters of double width stand where plain ones are meant."""
    return _FULL_WIDTH.search(text) is not None


def full_width_reason() -> str:
    """What is said about them."""
    return _("has full-width characters: write digits and letters in half width")

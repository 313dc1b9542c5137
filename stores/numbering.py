"""Numbers of companies and stores, which are part of addresses (IX-05b)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.identifiers import canonical, is_address_number


def is_usable(number: str) -> bool:
    """Whether a company or store may be numbered so: in the canonical form, and fit for addresses."""
    return is_address_number(number) and canonical(number) == number


def check_number(number: str) -> None:
    """Refuse a number that can't be one; raises ValidationError."""
    if is_usable(number):
        return
    form = canonical(number)
    if is_address_number(form):
        raise ValidationError(_("Write the number as %(number)s."), code="number", params={"number": form})
    raise ValidationError(
        _("A number has 1 to 64 letters, digits, hyphens, underscores and points; it is part of addresses."),
        code="number",
    )

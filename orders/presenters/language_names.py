"""Names of languages in the reader's language."""

from babel import Locale
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _


def language_name(code: str) -> str:
    """The name of a language (ISO 639-1); of an undetected one, that it is so."""
    if not code:
        return _("not detected")
    names = Locale.parse(to_locale(get_language() or "en")).languages
    return str(names.get(code, code))

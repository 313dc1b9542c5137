"""What the codes that orders carry are called (DM-12, DM-13, DM-15)."""

from datetime import datetime

from django.utils.translation import get_language

from rulebook.queries import policy_at
from stores.models import Carrier, Category


def carrier_names() -> dict[str, str]:
    """Code → name of every carrier."""
    return dict(Carrier.objects.values_list("code", "name"))


def category_names() -> dict[str, str]:
    """Code → name of every category in the reader's language."""
    chinese = _reads_chinese()
    rows = Category.objects.values_list("code", "name", "name_en")
    return {code: name if chinese else english or name for code, name, english in rows}


def site_names(at: datetime) -> dict[str, str]:
    """Code → name of every site in the reader's language."""
    chinese = _reads_chinese()
    sites = policy_at(at).reference.sites
    return {site.code: site.name_zh if chinese else site.name_en for site in sites}


def _reads_chinese() -> bool:
    return (get_language() or "").startswith("zh")

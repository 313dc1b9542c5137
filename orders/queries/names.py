"""Names of the codes on orders (DM-12, DM-13, DM-15)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from core.pages.addresses import address_maker
from core.pages.people_sheets import Code
from rulebook.queries import policy_at
from stores.models import Carrier, Category


@dataclass(frozen=True)
class OrderNames:
    """Names of codes, and addresses of orders; read once for a file."""

    carriers: dict[str, str]
    categories: dict[str, str]
    sites: dict[str, str]
    address: Callable[[str], str]

    def carrier(self, code: str) -> str:
        return self.carriers.get(code) or code

    def category(self, code: str) -> str:
        return self.categories.get(code) or code

    def site(self, code: str) -> str:
        return self.sites.get(code) or code

    def order(self, number: str) -> Code:
        """The number with a link to the order's page."""
        return Code(number, self.address(number))


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


def order_names(store_no: str, at: datetime) -> OrderNames:
    """The names in the reader's language."""
    return OrderNames(carrier_names(), category_names(), site_names(at), address_maker("dashboard:order", store_no))


def _reads_chinese() -> bool:
    return (get_language() or "").startswith("zh")

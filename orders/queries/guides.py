"""The after-sales guides of a store: what holds for a listing and a language (AF-09)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from orders.models import GuideText
from stores.models import Store

SHIPPED = Path(__file__).parent.parent / "guide_texts"


@dataclass(frozen=True, slots=True)
class Guide:
    """The text that is sent; ``own`` is the store's version of it, None for the shipped one."""

    text: str
    language: str
    own: GuideText | None

    @property
    def template(self) -> str:
        """How what was sent names the text: whose, which listing's, language and version."""
        if self.own is None:
            return f"guide:{self.language}"
        return f"guide:{self.own.sku or '*'}:{self.language}:{self.own.version}"


def guide_languages() -> list[str]:
    """The languages that have a shipped guide."""
    return sorted(_shipped())


def shipped_guide(language: str, stage: str) -> str:
    """The guide that comes with the product. Raises KeyError for a language that has none."""
    return _shipped()[language][stage]


def guide_of(store: Store, sku: str, language: str, stage: str) -> Guide:
    """What is sent for a listing: its own text, else the store's for all listings, else the shipped one."""
    for own in (own_guide(store, sku, language, stage) if sku else None, own_guide(store, "", language, stage)):
        if own is not None:
            return Guide(own.text, language, own)
    return Guide(shipped_guide(language, stage), language, None)


def own_guide(store: Store, sku: str, language: str, stage: str) -> GuideText | None:
    """The store's latest version; None if it has none, or went back to the shipped text."""
    rows = GuideText.objects.filter(store=store, sku=sku, language=language, stage=stage)
    latest = rows.order_by("-version").first()
    return latest if latest is not None and latest.text else None


@cache
def _shipped() -> Mapping[str, Mapping[str, str]]:
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in SHIPPED.glob("*.toml")}

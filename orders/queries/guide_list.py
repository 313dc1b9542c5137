"""The after-sales guides of a store as its pages show them (AF-09)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orders.models import GuideStage, GuideText, Order
from orders.queries.guides import Guide, guide_languages, guide_of, shipped_guide
from orders.queries.variables import values_of
from stores.models import Listing, Store


@dataclass(frozen=True, slots=True)
class GuideDetails:
    """A guide of a stage and language for a listing, or for all with an empty ``sku``. ``text`` is the one that a form
    begins with, ``version`` the latest own one's, 0 for none; ``values`` are of the store's last order like it."""

    sku: str
    stage: str
    language: str
    text: str
    shipped: str
    version: int
    history: Sequence[GuideText]
    values: Mapping[str, str]


def guides_of(store: Store, sku: str) -> dict[tuple[str, str], Guide]:
    """What is sent for a listing, by stage and language."""
    return {
        (stage, language): guide_of(store, sku, language, stage)
        for stage in GuideStage.values
        for language in guide_languages()
    }


def guide_listings(store: Store) -> list[tuple[str, str]]:
    """SKU and title of the listings that have a text of their own."""
    skus = sorted(set(GuideText.objects.filter(store=store).exclude(sku="").values_list("sku", flat=True)))
    titles = dict(Listing.objects.filter(store=store, sku__in=skus).values_list("sku", "title"))
    return [(sku, titles.get(sku, "")) for sku in skus]


def guide_details(store: Store, sku: str, stage: str, language: str) -> GuideDetails:
    """One guide with its versions."""
    history = list(GuideText.objects.filter(store=store, sku=sku, stage=stage, language=language).order_by("-version"))
    orders = Order.objects.filter(store=store, **({"sku": sku} if sku else {}))
    order = orders.select_related("store").order_by("-created_at", "-pk").first()
    return GuideDetails(
        sku=sku,
        stage=stage,
        language=language,
        text=guide_of(store, sku, language, stage).text,
        shipped=shipped_guide(language, stage),
        version=history[0].version if history else 0,
        history=history,
        values=values_of(order) if order else {"store_name": store.name},
    )


def has_listing(store: Store, sku: str) -> bool:
    """Whether the store offers it, or has sold it."""
    return (
        Listing.objects.filter(store=store, sku=sku).exists() or GuideText.objects.filter(store=store, sku=sku).exists()
    )

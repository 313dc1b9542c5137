"""After-sales guides: in a language of the site, once per order and stage, with the version kept (AF-09)."""

from typing import Any

import pytest

from orders.models import GuideText, Message
from orders.queries.guides import guide_languages, shipped_guide
from orders.rules.texts import unknown_variables
from orders.services.guides import send_guide
from stores.models import Store
from tests.orders.build import NOW, make_order
from tests.stores.people import make_store


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


def write(store: Store, **more: Any) -> GuideText:
    values = {"language": "ru", "stage": "first", "version": 1, "text": "Заказ {order_no}", **more}
    return GuideText.objects.create(store=store, created_at=NOW, actor="person:1", **values)


@pytest.mark.rule("AF-09", "PN-23")
def test_a_guide_is_sent_once_per_stage_as_an_automatic_message(store: Store) -> None:
    order = make_order(store, order_no="A-1", site="UA")
    sent = [send_guide(order=order, stage=stage, at=NOW) for stage in ("first", "first", "second")]
    assert [one is None for one in sent] == [False, True, False]
    messages = Message.objects.order_by("pk")
    assert [(one.sender, one.automatic, one.language, one.sent_at) for one in messages] == [
        ("seller", True, "ru", NOW)
    ] * 2
    assert [one.text for one in messages] == [
        shipped_guide("ru", stage).replace("{order_no}", "A-1") for stage in ("first", "second")
    ]


@pytest.mark.rule("AF-09")
def test_the_text_of_the_listing_comes_before_that_of_the_store(store: Store) -> None:
    of_store, of_listing = write(store), write(store, sku="LAMP", version=3, text="Лампа {order_no} {tracking_no}")
    write(store, sku="LAMP", version=2, text="Старая")
    lamp, other = (make_order(store, order_no=sku, sku_given=sku, site="RU") for sku in ("LAMP", "VASE"))
    sent = [send_guide(order=order, stage="first", at=NOW) for order in (lamp, other)]
    assert [(one.text, one.guide, one.template) for one in sent if one] == [
        ("Лампа LAMP [tracking_no]", of_listing, "guide:LAMP:ru:3"),
        ("Заказ VASE", of_store, "guide:*:ru:1"),
    ]
    # An empty version goes back to the shipped text.
    write(store, version=2, text="")
    back = send_guide(order=make_order(store, site="RU"), stage="first", at=NOW)
    assert back is not None
    assert (back.guide, back.template) == (None, "guide:ru")


@pytest.mark.rule("DM-11a")
def test_a_mirrored_stores_guide_is_prepared(db: None) -> None:
    order = make_order(make_store(mode="mirrored"), site="JP")
    prepared = send_guide(order=order, stage="first", at=NOW)
    assert prepared is not None
    assert (prepared.message, prepared.language) == (None, "en")
    assert not Message.objects.exists()


@pytest.mark.sqlite_only
@pytest.mark.rule("AF-09")
def test_guides_ship_in_six_languages() -> None:
    assert guide_languages() == ["en", "es", "fr", "pt", "ru", "zh"]
    texts = [shipped_guide(language, stage) for language in guide_languages() for stage in ("first", "second")]
    assert len(set(texts)) == 12
    assert all("{order_no}" in text and not unknown_variables(text) for text in texts)

"""The pages of listings: parts, findings, images, delisting, and taking offline and online (PG-14)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from time_machine import travel

from appeals.models import Appeal, AppealOrder
from appeals.services.correcting import correct_accepted
from disputes.models import CopyrightComplaint, ImageFlag, ListingImage
from disputes.services.complaints import report_complaints
from disputes.services.listing_checks import check_listings
from notifications.models import Notice
from notifications.services.plans import open_plan, verify_plans
from stores.models import Listing, Store
from stores.services.listings import delist, take_offline
from tests.notifications.pages import words_of
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.outbox import deliver
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.rule("PG-14", "DP-17"), pytest.mark.sqlite_only]
SOUND = "Sizes may differ by ±1 cm. The colour may vary."


@pytest.fixture
def store(db: None) -> Store:
    store = make_store(mode="governed")
    Listing.objects.create(store=store, sku="A1", title="Unbreakable cup, 3 pcs", description="You get 5 pcs.")
    Listing.objects.create(store=store, sku="B/2", title="Shirt", description="Of cotton.", image_file="shirt.jpg")
    Listing.objects.create(store=store, sku="C3", title="Lamp", description=SOUND, image_file="lamp.jpg")
    check_listings(at=NOW)
    return store


@pytest.fixture
def owner(store: Store) -> Client:
    client = client_of(make_person("owner", store.company))
    client.cookies["language"] = "en"
    return client


def get(client: Client, store: Store, at: datetime = NOW, **query: str) -> Any:
    with travel(at, tick=False):
        return client.get(reverse("dashboard:listings", args=[store.store_no], query=query))


def listing(client: Client, store: Store, sku: str, at: datetime = NOW, **data: str) -> Any:
    url = reverse("dashboard:listing", args=[store.store_no, sku])
    with travel(at, tick=False):
        return client.post(url, data) if data else client.get(url)


def skus(response: Any) -> list[str]:
    return [row.sku for row in response.context["rows"]]


def complain(store: Store, number: str, sku: str, resolved_at: datetime, upheld: bool = True) -> CopyrightComplaint:
    row = CopyrightComplaint.objects.create(
        store=store, complaint_no=number, sku=sku, opened_at=resolved_at - DAY, resolved_at=resolved_at, upheld=upheld
    )
    report_complaints(complaints={row.pk: "new"}, at=resolved_at)
    while deliver():
        pass
    return row


def test_the_worst_stand_first_and_tabs_count_what_they_open(store: Store, owner: Client) -> None:
    response = get(owner, store)
    assert skus(response) == ["A1", "B/2", "C3"]
    assert [row.marks for row in response.context["rows"]] == [
        ["absolute claim", "quantities contradict each other", "no note on colours"],
        ["no note on colours"],
        [],
    ]
    assert [(tab.label, tab.count) for tab in response.context["tabs"]] == [
        ("All", 3),
        ("With findings", 2),
        ("Images flagged", 0),
        ("Delisted", 0),
        ("Offline", 0),
    ]
    assert "67" in response.context["figure"]
    assert skus(get(owner, store, part="mend")) == ["A1", "B/2"]
    assert skus(get(owner, store, check="absolute_claim")) == ["A1"]
    assert skus(get(owner, store, q="lam")) == ["C3"]


def test_a_changed_text_is_checked_again(store: Store, owner: Client) -> None:
    Listing.objects.filter(sku="A1").update(title="Cup", description=SOUND, findings=None)
    assert "not checked yet" in words_of(get(owner, store).content.decode())
    assert [check_listings(at=NOW), check_listings(at=NOW)] == [1, 0]
    assert skus(get(owner, store, part="mend")) == ["B/2"]


def test_a_listing_shows_findings_where_they_stand_with_sentences_to_copy(store: Store, owner: Client) -> None:
    response = listing(owner, store, "A1")
    page = response.content.decode()
    assert "<mark>Unbreakable</mark> cup, <mark>3 pcs</mark>" in page
    assert [item.suggestion for item in response.context["findings"]] == [
        "Because of light and screens, the colour may vary slightly from the pictures.",
        "Properties and warranty are as stated in this description and in our after-sales policy.",
        "Quantity: 3 pcs",
    ]


@pytest.mark.rule("DP-04")
def test_a_delisted_listing_counts_down_and_comes_online_when_it_may(store: Store, owner: Client) -> None:
    until = NOW + 72 * HOUR
    delist(store=store, sku="C3", until=until, at=NOW)
    assert [row.state.until for row in get(owner, store, part="delisted").context["rows"]] == [until]
    refused = listing(owner, store, "C3", until - timedelta(seconds=1), do="online")
    assert refused.status_code == 409
    assert "can't go online before 2026-11-23" in words_of(refused.content.decode())
    assert listing(owner, store, "C3", until, do="online").status_code == 302
    assert Listing.objects.get(sku="C3").status == "online"
    assert skus(get(owner, store, part="delisted")) == []


def test_owners_take_offline_and_analysts_do_not(store: Store, owner: Client) -> None:
    assert listing(owner, store, "B/2", do="offline").status_code == 302
    assert Listing.objects.get(sku="B/2").status == "offline"
    assert skus(get(owner, store, part="offline")) == ["B/2"]
    reader = client_of(make_person("reader", store.company, "analyst"))
    assert listing(reader, store, "B/2", do="online").status_code == 403
    assert listing(reader, store, "B/2").context["offer"] == ""


@pytest.mark.rule("DM-11a")
def test_a_mirrored_store_shows_and_prepares(store: Store, owner: Client) -> None:
    Store.objects.update(mode="mirrored")
    assert listing(owner, store, "C3").context["offer"] == ""
    assert listing(owner, store, "C3", do="offline").status_code == 409
    assert Listing.objects.get(sku="C3").status == "online"


@pytest.mark.rule("PN-24")
def test_a_flagged_image_names_own_complaints_and_nothing_of_others(store: Store, owner: Client) -> None:
    other = make_store("S9")
    theirs = CopyrightComplaint.objects.create(
        store=other, complaint_no="SECRET-9", sku="SECRET-SKU", opened_at=NOW, upheld=True
    )
    image = ListingImage.objects.create(store=store, sku="C3", image_file="lamp.jpg", since_at=NOW)
    ImageFlag.objects.create(store=store, image=image, complaint=theirs, flagged_at=NOW)
    page = words_of(listing(owner, store, "C3").content.decode())
    assert "an image that was the subject of an upheld complaint" in page
    assert "SECRET" not in page
    own = CopyrightComplaint.objects.create(store=store, complaint_no="K7", sku="B/2", opened_at=NOW, upheld=True)
    ImageFlag.objects.create(store=store, image=image, complaint=own, flagged_at=NOW)
    assert "the image of B/2, about which complaint K7 was upheld" in words_of(
        listing(owner, store, "C3").content.decode()
    )
    assert skus(get(owner, store, part="images")) == ["C3"]


@pytest.mark.rule("PN-24", "PN-07")
def test_a_copyright_notice_leads_to_the_listings_it_is_about(store: Store, owner: Client) -> None:
    complain(store, "K1", "C3", NOW - HOUR)
    notice = Notice.objects.get()
    with travel(NOW, tick=False):
        response = owner.get(reverse("dashboard:notice", args=[store.store_no, notice.number]))
    page = words_of(response.content.decode())
    assert "An image-copyright complaint was upheld on 2026-11-20: a yellow notice." in page
    assert "1 listing shows its image still" in page
    assert response.context["ways"].save.action == "Rectify now: 1 listing"
    url = response.context["ways"].save.url
    with travel(NOW, tick=False):
        narrowed = owner.get(url)
    assert skus(narrowed) == ["C3"]
    assert listing(owner, store, "C3").context["notices"][0].text == notice.number


@pytest.mark.rule("PN-24")
@pytest.mark.parametrize(
    "name",
    ["dashboard:notice", "notifications:list", "dashboard:notices_file", "dashboard:panel"],
)
def test_every_page_of_notices_shows_a_copyright_notice(store: Store, owner: Client, name: str) -> None:
    complain(store, "K1", "C3", NOW - DAY)
    complain(store, "K2", "B/2", NOW - HOUR)
    complain(store, "K3", "A1", NOW - HOUR / 2)
    notice = Notice.objects.get(level="red")
    more = {"dashboard:notice": [notice.number], "dashboard:notices_file": ["csv"]}
    arguments = [store.store_no, *more.get(name, [])]
    with travel(NOW, tick=False):
        response = owner.get(reverse(name, args=arguments))
        printed = owner.get(reverse(name, args=arguments), {"print": "1"})
        messages = owner.get(reverse("notifications:messages"))
    assert (response.status_code, printed.status_code, messages.status_code) == (200, 200, 200)
    if name == "dashboard:notice":
        assert "Upheld since K3" in words_of(response.content.decode())
        assert "Complaint K3 upheld" in words_of(messages.content.decode())


@pytest.mark.rule("PN-24", "PN-08")
def test_a_copyright_notice_is_appealed_with_orders_of_the_listing(store: Store, owner: Client) -> None:
    order = make_order(store, sku_given="C3", paid_at=NOW - 2 * DAY)
    complain(store, "K1", "C3", NOW - HOUR)
    notice = Notice.objects.select_related("store__company").get()
    with travel(NOW, tick=False):
        steps = owner.post(reverse("appeals:start", args=[store.store_no, "notice", notice.number]), follow=True)
    assert (steps.status_code, order.order_no in words_of(steps.content.decode())) == (200, True)
    appeal = Appeal.objects.get()
    AppealOrder.objects.create(appeal=appeal, order=order, place=1, exception="platform_error", decision="accepted")
    Notice.objects.update(state="appealing")
    Appeal.objects.update(state="accepted", decided_at=NOW)
    with transaction.atomic():
        (report,) = correct_accepted(numbers=[appeal.number])
    assert [(one["before"], one["after"]) for one in report.outcomes] == [("appealing", "accepted")]
    with travel(NOW, tick=False):
        status = owner.get(reverse("appeals:appeal", args=[store.store_no, appeal.number]))
        shown = owner.get(reverse("dashboard:notice", args=[store.store_no, notice.number]))
    assert (status.status_code, shown.status_code) == (200, 200)


@pytest.mark.rule("PN-24", "PN-10")
def test_the_plan_of_a_copyright_notice_can_be_written_and_is_judged_by_the_listings(
    store: Store, owner: Client
) -> None:
    complain(store, "K1", "C3", NOW - HOUR)
    notice = Notice.objects.select_related("store__company").get()
    Notice.objects.update(state="appealing")
    notice.refresh_from_db()
    open_plan(notice=notice, at=NOW, actor="system", cause="PN-10")
    with travel(NOW, tick=False):
        assert owner.get(reverse("dashboard:plan", args=[store.store_no, notice.number])).status_code == 200
    take_offline(store=store, sku="C3", at=NOW + DAY, actor="person:1")
    verify_plans(due={notice: NOW + 14 * DAY})
    assert Notice.objects.get().state == "resolved"

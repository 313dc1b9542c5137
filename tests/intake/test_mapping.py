"""Mapping columns in the browser: a table that nobody knows becomes data, and its like are known then (IX-06)."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from intake.canonical import FILES
from intake.mapping.draft import draft_of, draft_of_profile, profile_of, proposed
from intake.mapping.presenters import HIDDEN, column_label, mapped_columns, preview_of
from intake.models import Import, ImportProfile, ImportProfileVersion
from intake.profiles.mapping.declared import columns_of_file
from intake.profiles.mapping.stored import ProfileError, from_data, from_file, to_data, to_file
from intake.profiles.shipped import SHIPPED
from intake.reading import Answers
from intake.tasks import run_import_task
from orders.models import Order
from stores.models import Company, Membership, Store, User
from tests.intake.converting import converted, text_file

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("IX-06", "PG-16")]
HEADINGS = ("Bestellung", "Angelegt", "Bezahlt", "Summe", "Zustand", "Von wem", "Artikel", "Empfänger Telefon")
ROWS = (
    ("9001", "13.05.2026 08:00", "13.05.2026 08:05", "1.234,50", "storniert", "Kunde", "LAMP", "0170"),
    ("9002", "14.05.2026 08:00", "", "10,00", "neu", "", "BULB", "0170"),
    ("", "14.05.2026 08:00", "", "10,00", "neu", "", "BULB", "0170"),
)
CHOSEN = {
    "file": "orders", "was-file": "orders", "above": "1", "was-above": "1", "grain": "order", "dates": "day",
    "decimal": "comma", "c0": "order_no", "c1": "created_at", "c2": "paid_at", "c3": "total_amount", "c4": "status",
    "w4-0-word": "neu", "w4-0": "open", "w4-1-word": "storniert", "w4-1": "cancelled", "c5": "cancelled_by",
    "w5-0-word": "Kunde", "w5-0": "buyer", "c6": "sku", "d-currency": "EUR", "name": "Lampenladen",
}  # fmt: skip


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def company(db) -> Company:
    company = Company.objects.create(company_no="C1", name="Mine")
    Store.objects.create(store_no="S1", name="Lamps", company=company)
    return company


@pytest.fixture
def seller(client: Client, company: Company) -> Client:
    person = User.objects.create_user("owner@example.com", "pass-word-1", language="en", name="Olga")
    Membership.objects.create(user=person, company=company, role="owner")
    client.force_login(person)
    client.cookies["language"] = "en"
    return client


def upload(client: Client, name: str = "laden.csv") -> Import:
    lines = ["Bericht vom 14.05.2026;;;;;;;", ";".join(HEADINGS), *map(";".join, ROWS)]
    sent = SimpleUploadedFile(name, "\n".join(lines).encode())
    client.post(reverse("intake:index"), {"files": [sent], "company": Company.objects.get().pk})
    return worked(Import.objects.latest("pk"))


def worked(job: Import) -> Import:
    run_import_task(job.pk)
    job.refresh_from_db()
    return job


# ── The form ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_first_mapping_is_proposed_by_headings_that_are_alike():
    headings = ("Order No", "Created At", "Order Amount", "交易编号", "Buyer Email", "Tracking Number", "Colour")
    rows = [("1", "13/05/2026 10:00", "12,50", "2", "ana@example.com", "LP1", "red")]
    draft = proposed(headings, rows, (), "orders")
    assert draft.columns == ("order_no", "created_at", "total_amount", "", "", "tracking_no", "")
    assert (draft.dates, draft.decimal, draft.missing) == ("decide", "comma", [])


def test_a_draft_becomes_a_profile_and_a_profile_a_draft():
    draft = draft_of(CHOSEN, HEADINGS)
    profile = profile_of(draft, "own-1")
    assert profile.recognised_by == (HEADINGS[:7],)
    assert profile.persons == ("Empfänger Telefon",)
    again = draft_of_profile(from_data(json.loads(json.dumps(to_data(profile))), "own-1", draft.name))
    assert (again.columns[:7], again.words, again.defaults) == (draft.columns[:7], draft.words, draft.defaults)


def test_a_column_mapped_to_the_buyer_is_not_shown_whatever_its_heading():
    headings = ("Bestellung", "Wer")
    draft = draft_of({"file": "orders", "c0": "order_no", "c1": "buyer_ref"}, headings)
    rows = [("9001", "Anna"), ("9002", "")]
    assert [column.examples for column in mapped_columns(draft, rows)] == [["9001", "9002"], [HIDDEN]]
    assert preview_of(draft, rows) == [["9001", HIDDEN], ["9002", ""]]


def test_every_column_has_a_chinese_name():
    with translation.override("zh-hans"):
        labels = [column_label(column) for file in FILES for column in columns_of_file(file)]
    assert [label for label in labels if label.isascii()] == []


def test_what_a_form_can_not_say_is_not_said():
    said = {"file": "users", "c0": "password", "c1": "order_no", "c2": "order_no", "dates": "moon", "above": "1e9",
            "w1-0-word": "x", "w1-0": "y", "d-source": "moon"}  # fmt: skip
    draft = draft_of(said, ("a", "b", "c"))
    assert (draft.file, draft.columns, draft.dates, draft.above, draft.words) == (
        "orders",
        ("", "order_no", ""),
        "year",
        0,
        {},
    )
    with pytest.raises(ProfileError, match="moon is no value of the column source"):
        profile_of(draft_of({**said, "c2": "created_at"}, ("a", "b", "c")), "own-1")


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda profile: profile.name)
def test_shipped_profiles_have_the_same_form(shipped):
    assert from_data(json.loads(json.dumps(to_data(shipped))), shipped.name, shipped.label) == shipped


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ([], "is no import profile"),
        ({"kind": "dianwei import profile", "format": 9}, "another version"),
        ({"kind": "dianwei import profile", "format": 1, "name": "x", "profile": []}, "definition is missing"),
        ({"recognised_by": [["one"]]}, "at least two headings"),
        ({"file": "users"}, "is damaged: file"),
        ({"columns": [{"column": "password", "headings": ["a"]}]}, "is damaged: column"),
        ({"columns": [{"column": "source", "headings": ["a"], "words": {"a": "moon"}}]}, "moon is no value"),
        (
            {"columns": [{"column": "sku", "headings": ["a"]}, {"column": "sku", "headings": ["b"]}]},
            "maps a column twice",
        ),
        ({"persons": [7]}, "is damaged: persons"),
        ({"name": "x" * 81}, "is damaged: name"),
    ],
)
def test_files_of_strangers_are_checked(said, reason):
    good = to_file(profile_of(draft_of(CHOSEN, HEADINGS), "own-1"))
    if isinstance(said, dict) and "kind" not in said:
        said = {**good, **said} if "name" in said else {**good, "profile": {**good["profile"], **said}}
    with pytest.raises(ProfileError, match=reason):
        from_file(said)


def test_a_company_s_profile_comes_before_those_that_are_shipped(tmp_path):
    headings = ("Order Substatus", "RTS Time", "Order ID", "Seller SKU")
    path = text_file(tmp_path / "all.csv", headings, ("Shipped", "", "7", "LAMP"))
    own = profile_of(draft_of({"c2": "order_no", "c3": "sku", "name": "Ours"}, headings), "own-7")
    found = converted(path, Answers(store="S1"), own=[own])
    assert (found.kind, found.rows("order_lines", "order_no", "sku")) == ("own-7", [("7", "LAMP")])


# ── The flow ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_from_a_table_that_nobody_knows_to_orders(seller, company):
    job = upload(seller)
    page = seller.get(reverse("intake:import", args=[job.pk])).text
    assert job.state == Import.State.ASKING
    address = reverse("intake:import_map", args=[job.pk, 0])
    assert address in page
    assert "0170" not in page + str(job.look)
    # The title above the headings is seen by itself.
    shown = seller.get(address).text
    assert '<option value="1" selected>2</option>' in shown
    assert ">Bestellung</label>" in shown
    assert "0170" not in shown
    assert "Say which column holds the order number." in shown
    checked = seller.post(address, {**CHOSEN, "run": "show"}).text
    assert "2 records taken" in checked
    assert "1 refused" in checked
    assert "is required" in checked
    # The refused cell is named by the table's own heading.
    assert 'data-label="Column">Bestellung</td>' in checked
    assert seller.post(address, {**CHOSEN, "run": "save", "name": ""}).status_code == 422
    assert seller.post(address, {**CHOSEN, "run": "save"}).url == reverse("intake:import", args=[job.pk])
    job = worked(job)
    look = job.look["looks"][0]
    assert (look["title"], look["needs"], look["count"]) == ("Lampenladen", ["store", "zone"], 3)
    # No zone is proposed for a table of one's own, so none is chosen by pressing the button.
    page = seller.post(reverse("intake:import_answer", args=[job.pk]), {"f0-store": "S1", "f0-zone": ""}).text
    assert "choose that of the shop or program" in page
    assert "US Pacific" not in page
    assert "This field is required" in page
    said = {"f0-store": "S1", "f0-zone": "Europe/Berlin", "run": "try"}
    seller.post(reverse("intake:import_answer", args=[job.pk]), said)
    job = worked(job)
    assert (job.counts["orders"]["new"], job.counts["orders"]["refused"]) == (2, 1)
    seller.post(reverse("intake:import_now", args=[job.pk]))
    assert worked(Import.objects.latest("pk")).state == Import.State.DONE
    first, second = Order.objects.order_by("order_no")
    assert (str(first.total_amount), first.currency, first.cancelled_by, first.end_unclear) == (
        "1234.5000",
        "EUR",
        "buyer",
        True,
    )
    assert (second.created_at.isoformat(), second.sku_given) == ("2026-05-14T06:00:00+00:00", "BULB")
    assert not (job.folder / "samples").exists()
    # The next one is known.
    (look,) = upload(seller, "laden-2.csv").look["looks"]
    assert (look["title"], look["said"]["zone"]) == ("Lampenladen", "Europe/Berlin")


@pytest.fixture
def kept(company: Company) -> ImportProfile:
    definition = to_data(profile_of(draft_of(CHOSEN, HEADINGS), "own-1"))
    return ImportProfile.objects.create(
        company=company, name="Lampenladen", definition=definition, actor="x", changed_at=0
    )


def test_a_profile_is_changed_by_versions_and_the_slower_one_is_told(seller, kept):
    address = reverse("intake:profile", args=[kept.pk])
    assert "Lampenladen" in seller.get(address).text
    said = {**CHOSEN, "c6": "", "version": "1", "run": "save"}
    assert seller.post(address, said).status_code == 302
    kept.refresh_from_db()
    assert (kept.version, "sku" in str(kept.definition["columns"])) == (2, False)
    assert list(ImportProfileVersion.objects.values_list("version", flat=True)) == [2]
    late = seller.post(address, said)
    assert (late.status_code, "Olga saved version 2 meanwhile" in late.text) == (409, True)


def test_profiles_are_renamed_shared_and_deleted(seller, kept):
    shared = seller.get(reverse("intake:profile_file", args=[kept.pk])).content
    assert not [word for word in ("S1", "C1", "Mine", "Berlin") if word in shared.decode()]
    seller.post(reverse("intake:profile_rename", args=[kept.pk]), {"name": "Shop", "version": "1"})
    sent = {"file": SimpleUploadedFile("profile.json", shared), "company": kept.company_id}
    assert seller.post(reverse("intake:profiles"), sent).status_code == 302
    assert list(ImportProfile.objects.values_list("name", flat=True).order_by("pk")) == ["Shop", "Lampenladen"]
    sent = {"file": SimpleUploadedFile("profile.json", shared), "company": kept.company_id}
    again = seller.post(reverse("intake:profiles"), sent)
    assert (again.status_code, "choose another name" in again.text) == (422, True)
    broken = {"file": SimpleUploadedFile("profile.json", b"{"), "company": kept.company_id}
    assert "is no import profile" in seller.post(reverse("intake:profiles"), broken).text
    assert seller.post(reverse("intake:profile_delete", args=[kept.pk])).status_code == 422
    seller.post(reverse("intake:profile_delete", args=[kept.pk]), {"confirm": "1"})
    assert ImportProfile.objects.count() == 1


@pytest.mark.rule("DM-01")
def test_analysts_see_profiles_and_change_none(seller, kept):
    Membership.objects.update(role="analyst")
    assert "Lampenladen" in seller.get(reverse("intake:profiles")).text
    for name in ("profile", "profile_rename", "profile_delete"):
        assert seller.post(reverse(f"intake:{name}", args=[kept.pk]), {"name": "x", "version": "1"}).status_code == 403
    sent = {"file": SimpleUploadedFile("profile.json", b"{}"), "company": kept.company_id}
    assert seller.post(reverse("intake:profiles"), sent).status_code == 403

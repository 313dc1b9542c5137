"""What apps hold of a company goes with it (IX-03)."""

from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone

from core.models import DirtySubject, Event
from stores import purging
from stores.models import Company, Store
from stores.purging import MOST, on_company_purge, on_store_purge, purge_rows, remove_company
from tests.stores.world import NOON, build_tenant

pytestmark = [pytest.mark.django_db, pytest.mark.clock, pytest.mark.rule("IX-03")]


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """What tests register is forgotten after them."""
    monkeypatch.setattr(purging, "_of_stores", dict(purging._of_stores))
    monkeypatch.setattr(purging, "_of_companies", dict(purging._of_companies))


def company(number: str, *stores: str) -> Company:
    made = Company.objects.create(company_no=number, name=number)
    for store_no in stores:
        Store.objects.create(store_no=store_no, name=store_no, company=made)
    return made


def removed(which: Company) -> dict[str, int]:
    return remove_company(company=which, actor="test", at=timezone.now())


def test_an_app_takes_part_with_rows_and_files(tmp_path: Path):
    left = {"S1": 2 * MOST + 1, "S2": MOST}
    (tmp_path / "C1").mkdir()
    (tmp_path / "C1" / "parcel.jpg").touch()

    def remove_photos(store: Store, most: int) -> int:
        number = min(most, left[store.store_no])
        left[store.store_no] -= number
        return number

    def remove_folder(which: Company) -> int:
        assert not which.stores.exists()
        files = list((tmp_path / which.company_no).iterdir())
        for file in files:
            file.unlink()
        return len(files)

    on_store_purge("photos", remove_photos)
    on_company_purge("photos", remove_folder)
    company("C2", "S3")
    assert removed(company("C1", "S1", "S2")) == {"photos": 3 * MOST + 2, "stores": 2, "companies": 1}
    assert left == {"S1": 0, "S2": 0}
    assert not list((tmp_path / "C1").iterdir())
    assert list(Store.objects.values_list("store_no", flat=True)) == ["S3"]
    assert Event.objects.get(kind="company.removed").after["rows"]["photos"] == 3 * MOST + 2


def test_what_failed_is_finished_by_doing_it_again():
    def fail(which: Company) -> int:
        raise OSError

    gone = company("C1", "S1")
    DirtySubject.objects.create(kind="store", store_id=gone.stores.get().pk, subject_id=1)
    on_company_purge("files", fail)
    with pytest.raises(OSError):
        removed(gone)
    assert (Store.objects.count(), DirtySubject.objects.count(), Company.objects.count()) == (0, 0, 1)
    on_company_purge("files", lambda which: 1)
    assert removed(gone) == {"files": 1, "companies": 1}


def test_rows_with_a_store_id_go_by_declaration():
    purge_rows(DirtySubject)
    gone, other = company("C1", "S1").stores.get(), company("C2", "S2").stores.get()
    DirtySubject.objects.bulk_create(
        DirtySubject(kind="order", store_id=store_id, subject_id=number)
        for store_id in (gone.pk, other.pk)
        for number in range(600)
    )
    assert removed(gone.company) == {"stores_touched": 600, "stores": 1, "companies": 1}
    assert set(DirtySubject.objects.values_list("store_id", flat=True)) == {other.pk}


def tables_with_rows() -> dict[str, int]:
    counts = {model._meta.label: model._base_manager.count() for model in apps.get_models()}
    return {label: count for label, count in counts.items() if count}


@time_machine.travel(NOON, tick=False)
def test_company_with_one_of_everything_goes_whole() -> None:
    before = tables_with_rows()
    removed(build_tenant("gone").company)
    left = tables_with_rows()
    assert {label for label in left if left[label] != before.get(label, 0)} == {
        *("appeals.ProtectedEvent", "core.Event", "stores.User"),
    }

"""The commands import_bundle and remove_company (IX-03, IX-10)."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from intake.models import Import
from orders.models import Order
from stores.models import Company, Store
from tests.intake.helpers import ORDERS, STORES, write

pytestmark = [pytest.mark.django_db, pytest.mark.clock, pytest.mark.rule("IX-10")]
BAD = ORDERS + "S1,003,never,,1,USD\n"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def run(*arguments: str) -> tuple[int, str]:
    """Exit status and output."""
    out = StringIO()
    try:
        call_command("import_bundle", *arguments, stdout=out, stderr=StringIO())
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def run_json(*arguments: str) -> tuple[int, dict]:
    status, out = run(*arguments, "--json")
    return status, json.loads(out)


def test_rejected_rows_alone_are_no_failure_but_are_told(tmp_path):
    status, said = run_json(str(write(tmp_path, stores=STORES, orders=BAD)))
    assert (status, said["state"]) == (0, "done")
    assert (said["counts"]["orders"]["new"], said["counts"]["orders"]["refused"]) == (2, 1)
    [path] = said["errors"]
    assert "never" in Path(path).read_text(encoding="utf-8-sig")
    assert set(said["feeds"]) == {"orders"}


def test_people_read_a_table_and_the_path_of_the_rejected_rows(tmp_path):
    status, out = run(str(write(tmp_path, stores=STORES, orders=BAD)))
    assert status == 0
    assert "refused rows: " in out
    assert "orders" in out


@pytest.mark.parametrize("options", [["--strict"], []])
def test_failures_have_a_status(tmp_path, options):
    content = BAD if options else "no,such,columns\n"
    status, said = run_json(str(write(tmp_path, stores=STORES, orders=content)), *options)
    assert status == 1
    assert said["error"]
    assert Order.objects.count() == 0
    assert Store.objects.exists() != bool(options)


def test_options_reach_the_import(tmp_path):
    orders = "store_no,order_no,created_at,total_amount,currency\nS1,1,2024-05-01T10:00:00,1,USD\n"
    path = str(write(tmp_path, stores="store_no,name\nS1,One\n", orders=orders))
    status, said = run_json(path, "--company", "NEW", "--as-of", "2024-06-01T08:00:00+08:00", "--zone", "Asia/Shanghai")
    assert (status, said["counts"]["orders"]["new"]) == (0, 1)
    stored = Order.objects.get()
    assert stored.store.company.company_no == "NEW"
    assert stored.source_at.isoformat() == "2024-06-01T00:00:00+00:00"
    status, said = run_json(path, "--dry-run", "--zone", "UTC", "--as-of", "2024-06-02T00:00:00Z")
    assert (status, said["dry_run"], said["counts"]["orders"]["changed"]) == (0, True, 1)
    assert Order.objects.get().source_at == stored.source_at


@pytest.mark.parametrize("arguments", [["--as-of", "yesterday"], ["--as-of", "2024-06-01"], ["--zone", "Moon/Base"]])
def test_options_that_make_no_sense_are_rejected(tmp_path, arguments):
    with pytest.raises(CommandError):
        call_command("import_bundle", str(write(tmp_path, stores=STORES)), *arguments)


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="does not exist"):
        call_command("import_bundle", str(tmp_path / "nowhere"))


@pytest.mark.rule("IX-03")
def test_a_company_is_removed_by_number_and_the_demo_by_its_mark(tmp_path):
    run(str(write(tmp_path, stores=STORES, orders=ORDERS)))
    Company.objects.filter(company_no="C2").update(is_demo=True)
    out = StringIO()
    call_command("remove_company", "C1", "--yes", "--json", stdout=out)
    assert json.loads(out.getvalue())["C1"]["orders"] == 2
    call_command("remove_company", "--demo", "--yes", stdout=out)
    assert not Company.objects.exists()
    with pytest.raises(CommandError, match="no company C1"):
        call_command("remove_company", "C1", "--yes")


@pytest.mark.rule("IX-04")
def test_dry_run_for_a_new_company_leaves_no_company(tmp_path):
    path = str(write(tmp_path, stores=STORES, orders=ORDERS))
    status, said = run_json(path, "--company", "NEW", "--dry-run")
    assert (status, said["counts"]["stores"]["new"]) == (0, 2)
    assert not Company.objects.exists()
    assert Import.objects.get().dry_run
    assert run_json(path, "--company", "NEW")[0] == 0
    run_json(path, "--company", "NEW", "--dry-run")
    assert Company.objects.filter(company_no="NEW").exists()

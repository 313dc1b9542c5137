"""Dry and strict runs use shadow tables: they report what the real run does and block no writers (IX-04, RL-18)."""

import random
import sqlite3
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from core.models import Event
from intake.models import Import
from intake.pipeline import chunks
from intake.pipeline.shadows import shadows
from intake.services import Options, cancel_import, open_import, resumable_uploads, run_import
from orders.models import Order
from stores.models import Company, Store
from tests.examples import costly
from tests.intake.helpers import AS_OF, ORDERS, STORES, counts, tables, take, undone, write
from tests.intake.test_uploads import seller, upload
from tests.oracle.bundle import Bundle, split_bundle, write_bundle
from tests.oracle.strategies import bundles_with_corrections

__all__ = ["seller"]
pytestmark = [pytest.mark.rule("IX-04", "RL-18")]
HEADER = "store_no,order_no,created_at,total_amount,currency\n"
MANY = HEADER + "".join(f"S1,{number},2024-05-01T10:00:00Z,1,USD\n" for number in range(100))


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def everything() -> dict[str, list[Any]]:
    """All rows of all tables but those of the imports themselves."""
    models = [model for model in apps.get_models(include_auto_created=True) if model is not Import]
    return {model._meta.db_table: sorted(model._default_manager.values_list(), key=repr) for model in models}


# ── Dry is real ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.django_db
@costly(10)
@given(pair=bundles_with_corrections(), seed=st.integers(0, 2**16), complete=st.booleans())
def test_a_dry_run_tells_what_the_real_run_then_does(pair: tuple[Bundle, Bundle], seed: int, complete: bool) -> None:
    first, second = pair
    rng = random.Random(seed)
    with undone(), tempfile.TemporaryDirectory() as folder:
        # A part of the first alone, so that rows wait for what the second brings.
        part = split_bundle(first, rng, 2)[0]
        take(write_bundle(part, Path(folder) / "1", shuffle=rng))
        path = write_bundle(second, Path(folder) / "2", shuffle=rng)
        if complete and not (path / "manifest.json").exists():
            (path / "manifest.json").write_text('{"complete": true}')
        before = everything()
        dry_job, dry = take(path, dry_run=True, as_of=AS_OF + timedelta(days=1))
        assert everything() == before
        job, real = take(path, as_of=AS_OF + timedelta(days=1))
        assert (dry.counts, dry.feeds, dry.rejected_files) == (real.counts, real.feeds, real.rejected_files)
        assert dry_job.remarks == job.remarks


@pytest.mark.django_db
def test_a_strict_run_without_a_refusal_does_what_a_plain_one_does(tmp_path):
    path = write(tmp_path, stores=STORES, orders=ORDERS)
    with undone():
        _job, plain = take(path)
        tables_then = tables()
    job, strict = take(path, strict=True)
    assert (strict.counts, tables()) == (plain.counts, tables_then)
    assert (job.state, job.remarks) == (Import.State.DONE, [])


@pytest.mark.django_db
def test_a_company_that_was_made_on_shadows_is_made_again(tmp_path):
    Company.objects.create(company_no="first", name="First")
    path = write(tmp_path, stores="store_no,name,company_no\nS1,First,new\nS2,Second,\n", orders=ORDERS)
    job, report = take(path, strict=True)
    assert (job.state, counts(report, "stores")) == (Import.State.DONE, {"new": 2})
    found = Store.objects.order_by("store_no").values_list("store_no", "company__company_no")
    assert list(found) == [("S1", "new"), ("S2", "unassigned")]


@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_nothing_is_written_past_the_shadows():
    before = Company.objects.count()
    with shadows(files=[], store_nos=[], companies=None):
        Company.objects.create(company_no="shadow", name="Shadow")
        assert Company.objects.count() == before + 1
        with pytest.raises(DatabaseError, match=r"prohibited|not authorized"), connection.cursor() as cursor:
            cursor.execute("INSERT INTO main.stores_category (code) VALUES ('x')")
    assert Company.objects.count() == before


# ── Locks ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def lock_everything() -> None:
    """What a writer needs, from another connection and without waiting."""
    if connection.vendor == "sqlite":
        other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        finally:
            other.close()
        return
    names = connection.get_connection_params()
    with psycopg.connect(
        **{key: names[key] for key in ("dbname", "user", "password", "host", "port") if key in names}
    ) as other:
        for table in ("orders_order", "stores_store", "stores_event", "stores_company"):
            other.execute(f"LOCK TABLE public.{table} IN ACCESS EXCLUSIVE MODE NOWAIT")
        other.rollback()


@pytest.mark.slow
@pytest.mark.clock
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("options", [{"dry_run": True}, {"strict": True}, {}])
def test_others_write_between_any_two_chunks(tmp_path, monkeypatch, options):
    monkeypatch.setattr(chunks, "ROWS", {"sqlite": 10, "postgresql": 10})
    path = write(tmp_path, stores=STORES, orders=MANY)
    job = open_import(path=path, options=Options(as_of=AS_OF, **options), actor="test", at=timezone.now())
    seen: list[int] = []

    def watch(done: int, total: int | None) -> None:
        assert not connection.in_atomic_block
        lock_everything()
        # While files are read, their number of rows is not known yet.
        seen.extend([] if total is None else [done])

    report = run_import(job, watch=watch)
    assert report is not None
    assert counts(report, "orders") == {"new": 100}
    trial = [0, *range(2, 103, 10)]
    assert seen == (trial * 2 if options.get("strict") else trial)
    assert Order.objects.count() == (0 if options.get("dry_run") else 100)


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite_only
def test_others_write_while_a_chunk_is_tried():
    lock_everything()
    with shadows(files=["orders"], store_nos=[], companies=None):
        from django.db import transaction

        with transaction.atomic():
            Company.objects.create(company_no="shadow", name="Shadow")
            lock_everything()


# ── Stopped ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.clock
@pytest.mark.django_db(transaction=True)
def test_a_strict_run_that_is_killed_goes_on_without_being_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "ROWS", {"sqlite": 10, "postgresql": 10})
    path = write(tmp_path, stores=STORES, orders=MANY)
    job = open_import(path=path, options=Options(as_of=AS_OF, strict=True), actor="test", at=timezone.now())
    seen: list[int] = []

    def note(done: int, total: int | None) -> None:
        seen.extend([] if total is None else [done])

    def die(done: int, total: int | None) -> None:
        note(done, total)
        if seen.count(52) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_import(job, watch=die)
    assert Order.objects.count() == 50
    job.refresh_from_db()
    seen.clear()
    report = run_import(job, watch=note)
    assert report is not None
    assert seen == [52, *range(62, 103, 10)]
    assert (Order.objects.count(), report.counts["orders"]["new"]) == (100, 100)


@pytest.mark.clock
@pytest.mark.django_db(transaction=True)
def test_a_dry_run_stops_when_another_process_cancels_it(tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "ROWS", {"sqlite": 10, "postgresql": 10})
    path = write(tmp_path, stores=STORES, orders=MANY)
    job = open_import(path=path, options=Options(as_of=AS_OF, dry_run=True), actor="test", at=timezone.now())

    def watch(done: int, _total: int) -> None:
        if done == 32:
            assert cancel_import(job=Import.objects.get(pk=job.pk), actor="owner", at=timezone.now())

    run_import(job, watch=watch)
    job.refresh_from_db()
    assert (job.state, job.rows_done, Order.objects.count()) == (Import.State.CANCELLED, 32, 0)


@pytest.mark.clock
@pytest.mark.django_db
@pytest.mark.rule("IX-07")
def test_a_cancel_survives_a_restart(seller):
    job = upload(seller, orders=ORDERS)
    Import.objects.filter(pk=job.pk).update(
        state="running", lease="elsewhere:1:x", lease_until=timezone.now() + timedelta(minutes=1)
    )
    assert cancel_import(job=job, actor="owner", at=timezone.now())
    job.refresh_from_db()
    assert (job.state, job.cancel_requested) == (Import.State.RUNNING, True)
    # Its worker died, and the next one that looks for work finds it.
    assert resumable_uploads(at=timezone.now() + timedelta(minutes=5)) == []
    job.refresh_from_db()
    assert (job.state, Path(job.path).exists()) == (Import.State.CANCELLED, False)


@pytest.mark.clock
@pytest.mark.django_db
@pytest.mark.rule("IX-07")
def test_an_import_whose_worker_died_is_cancelled_at_once(seller):
    job = upload(seller, orders=ORDERS)
    Import.objects.filter(pk=job.pk).update(state="running", lease="elsewhere:1:x", lease_until=timezone.now())
    assert cancel_import(job=job, actor="owner", at=timezone.now() + timedelta(minutes=1))
    job.refresh_from_db()
    assert (job.state, Event.objects.filter(kind="import.cancelled").count()) == (Import.State.CANCELLED, 1)

"""The page of penalties, what other pages show of them, and their export (PG-12, PG-03, IX-13)."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from notifications.models import Notice
from penalties.services.points import add_points
from stores.models import Store
from tests.notifications.build import NIGHT, ONE_DAY, judged, make_store
from tests.penalties.build import impose, lift, swept
from tests.stores.people import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]

NOW = NIGHT + 4 * ONE_DAY


def page(store: Store, route: str, *more: str) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_person(f"owner-{route}@example.com", store.company))
    with time_machine.travel(NOW, tick=False):
        answer = client.get(reverse(route, args=[store.store_no, *more]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.rule("PG-12", "PN-42", "PN-43")
def test_page_shows_what_is_in_force_points_and_the_past() -> None:
    store = make_store()
    judged(store, late_dispatch="red")
    swept(NIGHT + 3 * ONE_DAY + timedelta(seconds=1))
    lift(impose(store, "account_frozen", NIGHT), NIGHT + ONE_DAY)
    add_points(
        store=store, points=12, source="manual", cause="1", rule="PN-42", at=NIGHT + ONE_DAY, facts={"reason": "Spam"}
    )
    text = page(store, "penalties:penalties")
    in_force, rest = text.split('id="points-title"')
    for words in ("Promotion registration blocked", "Search demotion", "Flash deals blocked"):
        assert f"<b>{words}</b>" in in_force
    number = Notice.objects.get().number
    assert f'<a href="/stores/S1/notices/{number}/">Red notice {number}</a>' in in_force
    assert "12 penalty points in 2026" in in_force
    assert '<b class="figure">12</b> of 24 to the next step' in rest
    assert "Spam" in rest
    assert "Account frozen" in rest


@pytest.mark.rule("PG-12", "PG-22")
def test_empty_page_says_what_would_be_here() -> None:
    text = page(make_store(), "penalties:penalties")
    assert "No penalty is in force" in text
    assert "of 12 to the next step" in text


@pytest.mark.rule("PG-12", "DM-11a")
def test_page_of_a_mirrored_store_predicts() -> None:
    store = make_store(mode="mirrored")
    judged(store, late_dispatch="red")
    text = page(store, "penalties:penalties")
    assert "The platform decides, and nothing is restricted here." in text
    assert "in-force-title" not in text
    assert text.count("predicted</") >= 2


@pytest.mark.rule("PG-03", "PN-30")
def test_panel_and_notice_page_show_penalties() -> None:
    store = make_store()
    judged(store, late_dispatch="red")
    for route, more in (("dashboard:panel", ()), ("dashboard:notice", (Notice.objects.get().number,))):
        text = page(store, route, *more)
        assert "<dt>search demotion</dt><dd>" in text
        assert 'href="/stores/S1/penalties/"' in text


@pytest.mark.rule("IX-13")
def test_export_names_each_penalty_for_programs_and_for_people(tmp_path: Path) -> None:
    store = make_store()
    judged(store, late_dispatch="red")
    impose(store, "funds_hold", NIGHT - 20 * ONE_DAY, days=2)
    out = StringIO()
    days = ["--from", "2026-03-10", "--to", "2026-03-12"]
    call_command("export", "penalties", "--out", str(tmp_path / "a.csv"), *days, "--json", stdout=out)
    assert json.loads(out.getvalue())["rows"] == 2
    header, first, _second = (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()
    assert header == "store_no,kind,scope,listing,source,cause,rule,starts_at,ends_at,ended_at,ending,predicted"
    number = Notice.objects.get().number
    assert first == f"S1,promotion_block,benefit,,notice,{number},PN-14,2026-03-11T02:00:00+08:00,,,,false"
    for name in ("b.xlsx", "c.parquet"):
        call_command("export", "penalties", "--out", str(tmp_path / name), *days, stdout=out)
    people = ["--for", "people", "--language", "en"]
    call_command("export", "penalties", "--out", str(tmp_path / "d.csv"), *days, *people, stdout=out)
    told = (tmp_path / "d.csv").read_text("utf-8-sig")
    assert f"promotion registration blocked,one benefit,,Red notice {number}," in told

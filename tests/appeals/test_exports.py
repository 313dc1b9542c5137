"""``export appeals`` (IX-13)."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from appeals.rules import AppealState
from tests.appeals.build import NIGHT, make_appeal, make_notice, make_store
from tests.appeals.drafts import make_file

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-13")]


def exported(out: Path, *more: str) -> list[dict[str, str]]:
    call_command("export", "appeals", "--out", str(out), *more, stdout=StringIO())
    with out.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_appeals_are_exported_with_their_counts(tmp_path: Path) -> None:
    notice = make_notice(make_store(), state="plan")
    first = make_appeal(notice, AppealState.REJECTED, submitted_at=NIGHT, decided_at=NIGHT)
    first.orders.update(decision="rejected")
    first.orders.filter(place=1).update(decision="accepted")
    for place, letter in enumerate("ab", 1):
        first.files.create(
            file=make_file(notice.store.company, letter), place=place, name=f"{letter}.pdf", added_at=NIGHT
        )
    make_appeal(notice, previous=first)
    # The night falls on the next day in Shanghai.
    rows = exported(tmp_path / "appeals.csv", "--from", "2026-03-11", "--to", "2026-03-11")
    assert rows[0] == {
        "number": "AP20260311-000001", "store_no": "S1", "kind": "notice", "subject": notice.number,
        "metric": "late_dispatch", "state": "rejected", "created_at": "2026-03-11T02:00:00+08:00",
        "submitted_at": "2026-03-11T02:00:00+08:00", "expedited": "false", "complex": "false", "orders": "3",
        "accepted": "1", "rejected": "2", "files": "2", "previous": "", "decided_at": "2026-03-11T02:00:00+08:00",
    }  # fmt: skip
    assert (rows[1]["state"], rows[1]["previous"], rows[1]["files"]) == ("draft", rows[0]["number"], "0")
    assert exported(tmp_path / "none.csv", "--from", "2026-03-10", "--to", "2026-03-10") == []


def test_people_read_appeals_in_words(tmp_path: Path) -> None:
    make_appeal(make_notice(make_store()))
    days = ("--from", "2026-03-11", "--to", "2026-03-11")
    rows = exported(tmp_path / "appeals.csv", *days, "--for", "people", "--language", "en")
    assert (rows[0]["Appeal"], rows[0]["State"], rows[0]["Expedited"]) == ("AP20260311-000001", "draft", "no")

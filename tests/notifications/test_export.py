"""``export notices`` and the stages of the night by command (IX-11, IX-13)."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from metrics.services.stages import register_stage
from notifications.models import Notice
from notifications.services.lifecycle import open_notice
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judged, make_store
from tests.stores.people import make_person

pytestmark = pytest.mark.django_db


@pytest.mark.rule("IX-13", "MX-06", "PN-01")
def test_notices_are_exported_with_their_frozen_figures(tmp_path: Path) -> None:
    store = make_store()
    judged(store, late_dispatch="yellow")
    judged(store, DAY + ONE_DAY, late_dispatch="red")
    judged(make_store("S2", "mirrored"), odr="yellow")
    yellow = Notice.objects.select_related("store__company").get(metric="late_dispatch", level="yellow")
    open_notice(notice=yellow, user=make_person("owner", store.company), at=NIGHT + ONE_DAY)
    out = tmp_path / "notices.csv"
    call_command(
        "export", "notices", "--out", str(out), "--from", "2026-03-10", "--to", "2026-03-11", stdout=StringIO()
    )
    with out.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["number"] for row in rows] == ["PN20260310-000001", "PN20260311-000001", "PN20260310-000002"]
    assert rows[1] == {
        "number": "PN20260311-000001", "store_no": "S1", "metric": "late_dispatch", "level": "red",
        "performance_day": "2026-03-11", "triggered_at": "2026-03-12T02:00:00+08:00", "state": "issued",
        "value": "0.0619469027", "numerator": "14", "denominator": "226", "threshold": "0.0500000000",
        "policy_version": "1", "replaces": "PN20260310-000001", "historical": "false", "predicted": "false",
        "opened_at": "", "opened_by": "",
    }  # fmt: skip
    assert (rows[0]["state"], rows[0]["opened_by"]) == ("escalated", "owner@example.com")
    assert (rows[2]["state"], rows[2]["predicted"], rows[2]["threshold"]) == ("predicted", "true", "0.0400000000")


@pytest.mark.rule("IX-11", "MX-03")
def test_nightly_prints_the_notices_stage() -> None:
    out = StringIO()
    call_command("nightly", "--day", "2026-03-10", "--json", stdout=out)
    runs = json.loads(out.getvalue())["runs"]
    stages = ["notices", "complaints", "advice", "carriers", "webhooks", "levels", "penalties", "corrections"]
    assert [[stage["stage"] for stage in run["stages"]][-8:] for run in runs] == [stages] * 2


def test_a_name_belongs_to_one_stage_and_one_export() -> None:
    def another(**_given: Any) -> int:
        return 0

    with pytest.raises(ValueError, match="notices"):
        register_stage("notices", another)

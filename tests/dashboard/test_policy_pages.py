"""The editor of policy versions: fields, filters, saving, the second person, files, the preview (DM-30, BX-14)."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from dashboard.presenters.policy.choices import unknown_codes
from dashboard.presenters.policy.fields import FieldContext, FieldView, field_view
from dashboard.presenters.policy.inputs import CellView
from dashboard.rules.policy_post import posted_changes, rebased
from notifications.models import ImpactNotice, ImpactPreview
from rulebook.fields import policy_fields
from rulebook.models import PolicyDraft, PolicyVersion
from rulebook.revision import changed_entry, drafted, real_changes
from rulebook.shipped import SHIPPED
from stores.roles import POLICY_EDITOR, REVIEWER
from tests.stores.people import client_of, make_staff, make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]
LIST = reverse("admin:policy")
FIELDS = policy_fields(SHIPPED)
YELLOW = "metrics.late_dispatch.yellow"


def editor_of(name: str, role: str = POLICY_EDITOR, language: str = "en") -> Client:
    client = client_of(make_staff(name, role))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


@pytest.fixture
def lin() -> Client:
    return editor_of("lin")


def new_draft(client: Client) -> str:
    """The address of a new draft, at a section of few fields."""
    return str(client.post(LIST)["Location"]) + "?section=penalties"


def draft() -> PolicyDraft:
    return PolicyDraft.objects.get()


def values() -> dict[str, Any]:
    return {key: entry["value"] for key, entry in draft().changes.items()}


def form(version: int | None = None, days: int = 20, **cells: str) -> dict[str, Any]:
    """What the editor posts of single fields; double underscores mean dots."""
    keys = {name.replace("__", "."): text for name, text in cells.items()}
    begins = timezone.localtime() + timedelta(days=days)
    return {
        "version": draft().version if version is None else version,
        "effective_from": begins.strftime("%Y-%m-%dT%H:%M"),
        "note": "Why",
        "shown": list(keys),
        **{f"v:{key}": text for key, text in keys.items()},
    }


# ── Fields ──


def post_of(fields: list[FieldView]) -> QueryDict:
    """What a browser sends of fields that nobody touched."""
    post = QueryDict(mutable=True)
    for field in fields:
        post.appendlist("shown", field.key)
        if field.cell is None:
            post[f"n:{field.key}"] = str(len(field.rows))
        elif field.cell.mode == "checks":
            post[f"c:{field.key}"] = "1"
        for cell in [field.cell] if field.cell else [cell for row in field.rows for cell in row.cells]:
            post.setlist(cell.name, texts_of(cell))
    return post


def texts_of(cell: CellView) -> list[str]:
    if cell.mode in ("select", "checks"):
        return [option.value for option in cell.options if option.chosen]
    return [cell.text]


def views(data: Mapping[str, Any] = SHIPPED, changes: Mapping[str, Any] | None = None) -> list[FieldView]:
    context = FieldContext(SHIPPED, data, changes or {}, {}, {})
    return [field_view(field, context) for field in FIELDS.values()]


@pytest.mark.rule("DM-30")
def test_every_parameter_is_a_field_and_untouched_fields_change_nothing() -> None:
    shown = views()
    assert {field.key for field in shown} >= SHIPPED.keys()
    assert [field.key for field in shown if not field.help and field.key in SHIPPED] == []
    posted = posted_changes(post_of(shown), FIELDS, SHIPPED, {})
    assert real_changes(SHIPPED, posted) == {}
    assert unknown_codes(FIELDS, {}, SHIPPED) == []


def test_rows_are_added_and_dropped() -> None:
    post = post_of([field for field in views() if field.key in ("penalties.points_ladder", "shs.weights")])
    post["v:penalties.points_ladder:4:0"], post["v:penalties.points_ladder:4:1"] = "60", "0"
    post["d:penalties.points_ladder:0"] = "1"
    post["v:shs.weights:0:1"] = "40"
    changes = real_changes(SHIPPED, posted_changes(post, FIELDS, SHIPPED, {}))
    ladder = (changes["penalties.points_ladder"] or {})["value"]
    assert [row["points"] for row in ladder] == [24, 36, 48, 60]
    assert ladder[-1] == {"points": 60, "days": 0, "actions": []}
    assert (changes["shs.weights"] or {})["value"]["liability_rate"] == "0.4"


def test_threshold_says_what_it_means_for_the_levels_of_stores() -> None:
    changes = {YELLOW: changed_entry(SHIPPED, YELLOW, "0.035")}
    with override("en"):
        [field] = [one for one in views(drafted(SHIPPED, changes), changes) if one.key == YELLOW]
    assert (field.tone, field.say) == ("tighter", "4 % → 3.5 % (gold store 3.325 %, platinum store 3.15 %)")
    assert (field.present, field.unit, field.cell.text if field.cell else "") == ("4 %", "%", "3.5")


@pytest.mark.rule("RL-06")
def test_entries_are_laid_over_what_somebody_else_saved() -> None:
    mine = {"a": 2, "b": 1, "c": 5}
    theirs = {"b": (1, 9), "c": (1, 7)}
    assert rebased(mine, {"b": 9, "c": 7}, theirs) == {"a": 2, "b": 9, "c": 5}


# ── Pages ──


@pytest.mark.rule("DM-30")
def test_every_section_can_be_read_in_chinese() -> None:
    client = editor_of("lin", language="zh-hans")
    address = new_draft(client).partition("?")[0]
    page = client.get(address)
    assert (page.status_code, page.context["filters"][0].count) == (200, len(FIELDS))
    for link in page.context["sections"]:
        answer = client.get(f"{address}{link.url}")
        assert (answer.status_code, answer.context["count"] > 0) == (200, True), link.url


def test_filters_and_search_stand_in_the_address(lin: Client) -> None:
    address = new_draft(lin)
    lin.post(address, form(metrics__late_dispatch__yellow="3.5", metrics__odr__red="0.1"))
    changed = lin.get(address, {"show": "changed"}).context
    wrong = lin.get(address, {"show": "wrong"}).context
    found = lin.get(address, {"q": "pn-21"}).context
    assert [tab.count for tab in changed["filters"]][1:] == [changed["count"], wrong["count"]] == [2, 2]
    keys = [field.key for group in found["groups"] for field in group.every]
    assert keys == ["judging.silent_days", "judging.silent_metrics"]
    sections = {link.label: (link.changed, link.wrong) for link in changed["sections"] if link.changed}
    assert sections == {"Metrics and thresholds": (2, 2)}


def test_unreadable_text_is_kept_and_named(lin: Client) -> None:
    address = new_draft(lin)
    lin.post(address, form(judging__streak_days="three"))
    page = lin.get(address, {"show": "wrong"})
    [field] = page.context["groups"][0].fields
    assert (field.cell.text, [one.text for one in field.problems]) == (
        "three",
        ["a whole number is wanted, not “three”"],
    )
    assert page.content.decode().count("a whole number is wanted, not “three”") == 1


def test_mend_is_one_press(lin: Client) -> None:
    address = new_draft(lin)
    weights = form(shs__weights="")
    weights |= {"n:shs.weights": 4}
    for row, (name, text) in enumerate({**SHIPPED["shs.weights"]["value"], "liability_rate": "0.40"}.items()):
        weights |= {f"v:shs.weights:{row}:0": name, f"v:shs.weights:{row}:1": str(round(float(text) * 100))}
    lin.post(address, weights)
    page = lin.get(address, {"show": "wrong"})
    [problem] = page.context["groups"][0].fields[0].problems
    [mend] = problem.mends
    assert (problem.text, mend.label) == (
        "the weights must add up to 100 %, they are 105 %",
        "Set Shipping to 20 %",
    )
    lin.post(address, {**form(), "mend": mend.value})
    assert values()["shs.weights"]["shipping"] == "0.2"
    assert lin.get(address).context["head"].wrong == 0
    lin.post(address, {**form(), "undo": "shs.weights"})
    assert values() == {}


@pytest.mark.rule("RL-06")
def test_slower_editor_is_told_who_changed_what(lin: Client) -> None:
    address, zhou = new_draft(lin), editor_of("zhou")
    zhou.post(address, form(version=1, metrics__late_dispatch__yellow="3.5"))
    answer = lin.post(address, form(version=1, judging__streak_days="2", metrics__late_dispatch__yellow="4"))
    assert (answer.status_code, values()) == (409, {YELLOW: "0.035"})
    [conflict] = answer.context["conflicts"]
    assert conflict.who == "zhou@example.com"
    assert ("Late dispatch: yellow threshold", "not set", "3.5 %") in [
        (one.label, one.before, one.after) for one in conflict.changes
    ]
    # Pressed again, what was entered is saved beside what the other one saved.
    lin.post(address, form(version=answer.context["version"], judging__streak_days="2"))
    assert values() == {YELLOW: "0.035", "judging.streak_days": 2}


@pytest.mark.clock
@pytest.mark.rule("DM-30")
def test_second_editor_confirms_and_the_first_can_not(lin: Client) -> None:
    address, zhou = new_draft(lin), editor_of("zhou")
    answer = lin.post(address, {**form(metrics__late_dispatch__yellow="3.5"), "do": "submit"})
    assert answer.status_code == 302
    assert lin.post(address, {"do": "confirm", "version": draft().version}).status_code == 403
    assert lin.post(address, form(metrics__late_dispatch__yellow="3")).status_code == 409
    assert zhou.post(address, {"do": "confirm", "version": draft().version}).status_code == 302
    version = PolicyVersion.objects.get(number=2)
    assert (version.author, version.data[YELLOW]["value"]) == ("lin@example.com", "0.035")
    assert lin.post(address, {"do": "confirm", "version": draft().version}).status_code == 409
    assert lin.get(address).status_code == 200


@pytest.mark.clock
def test_early_beginning_warns_and_a_past_one_is_refused(lin: Client) -> None:
    address = new_draft(lin)
    lin.post(address, form(days=3, metrics__late_dispatch__yellow="3.5"))
    assert "15 days ahead" in lin.get(address).content.decode()
    refused = lin.post(address, {**form(days=-1, metrics__late_dispatch__yellow="3.5"), "do": "submit"})
    assert (refused.status_code, draft().state) == (422, "open")
    assert "must lie in the future" in refused.content.decode()


def test_unknown_code_is_not_submitted(lin: Client) -> None:
    file = SimpleUploadedFile("policy.json", json.dumps({"penalties.two_reviewers": ["banishment"]}).encode())
    address = str(lin.post(LIST, {"file": file})["Location"]) + "?section=penalties"
    refused = lin.post(address, {**form(), "do": "submit"})
    assert refused.status_code == 422
    assert "“banishment” is not known" in refused.content.decode()


def test_returned_draft_shows_the_reason(lin: Client) -> None:
    address, zhou = new_draft(lin), editor_of("zhou")
    lin.post(address, {**form(metrics__late_dispatch__yellow="3.5"), "do": "submit"})
    assert zhou.post(address, {"do": "return", "version": draft().version, "reason": ""}).status_code == 422
    zhou.post(address, {"do": "return", "version": draft().version, "reason": "Too strict for toys"})
    assert "Too strict for toys" in lin.get(address).content.decode()
    lin.post(address, {"do": "discard", "version": draft().version})
    assert draft().state == "discarded"


def test_file_of_a_version_makes_a_draft_and_back(lin: Client) -> None:
    data = json.loads(lin.get(reverse("rulebook:version_data", args=[1])).content)
    data[YELLOW]["value"] = "0.035"
    lin.post(LIST, {"file": SimpleUploadedFile("policy.json", b"\xef\xbb\xbf" + json.dumps(data).encode())})
    assert values() == {YELLOW: "0.035"}
    changes = json.loads(lin.get(reverse("admin:policy_draft_data", args=[draft().pk])).content)
    assert changes == draft().changes
    page = lin.get(reverse("admin:policy_compare", args=[draft().pk]))
    assert [(row.before, row.after) for row in page.context["rows"]] == [("4 %", "3.5 %")]


def test_file_that_holds_no_parameters_is_refused(lin: Client) -> None:
    deep = b'{"a": [[[[[[[1]]]]]]]}'
    codes = (
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b'{"a": {"value": 1, "rules": 2, "source": "", "assumption": 0}}',
    )
    for content in (b"{", b"[1]", b"\xff\xfe{", b'{"a": NaN}', b"[" * 3000, deep, *codes):
        answer = lin.post(LIST, {"file": SimpleUploadedFile("policy.json", content)})
        assert (answer.status_code, PolicyDraft.objects.count()) == (422, 0), content[:40]


def test_whoever_may_not_edit_reads_only() -> None:
    lin, reviewer = editor_of("lin"), editor_of("wu", REVIEWER)
    address = new_draft(lin)
    page = reviewer.get(address)
    assert (page.status_code, page.context["may_edit"]) == (200, False)
    assert reviewer.get(LIST).status_code == 200
    for target in (LIST, address, reverse("admin:policy_impact", args=[draft().pk])):
        assert reviewer.post(target, form()).status_code == 403
    outside = client_of(make_staff("outside", factor=False))
    assert outside.get(address).status_code == 302


# ── Impact ──


@pytest.mark.rule("BX-14")
def test_panel_says_what_is_left_out_and_asks_once(lin: Client) -> None:
    address = new_draft(lin)
    lin.post(address, form(metrics__late_dispatch__yellow="3.5", metrics__odr__red="0.1", counting__silence_hours="40"))
    panel = lin.get(address).context["impact"]
    assert (panel.asked, panel.nothing) == (False, False)
    assert panel.left_out == [
        "Wrong, not in the preview: Order defect rate: red threshold.",
        "These fields change what is counted and are not in it: Silence that makes a trace abnormal.",
    ]
    ask = reverse("admin:policy_impact", args=[draft().pk])
    assert lin.post(ask).status_code == 302
    assert lin.get(address).context["impact"].running
    assert lin.get(reverse("admin:policy_impact_file", args=[draft().pk])).status_code == 404


@pytest.mark.rule("BX-14")
def test_list_of_differing_notices_is_a_file(lin: Client) -> None:
    address = new_draft(lin)
    lin.post(address, form(metrics__late_dispatch__yellow="3.5"))
    lin.post(reverse("admin:policy_impact", args=[draft().pk]))
    preview, store = ImpactPreview.objects.get(), make_store()
    days = {"before": date(2026, 3, 9), "after": date(2026, 3, 7)}
    ImpactNotice.objects.create(
        preview=preview, store=store, orders=250, metric="late_dispatch", level="yellow", **days
    )
    ImpactPreview.objects.update(state="done", figures={"rows": 1, "changed": 1})
    panel = lin.get(address).context["impact"]
    assert panel.csv_label == "List of 1 notice (CSV)"
    _headings, line = b"".join(lin.get(panel.csv_url).streaming_content).decode("utf-8-sig").splitlines()
    assert line == ("S1,Store S1,mirrored,,250,100 – 999,late_dispatch,yellow,earlier,2026-03-09,2026-03-07,2")

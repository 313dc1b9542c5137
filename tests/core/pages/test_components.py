"""Components as page authors use them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.http import HttpRequest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

from core.pages.charts import Series, figure
from core.pages.tables import Column, Sort
from core.templatetags import ui
from core.timebase import SHANGHAI

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"), timezone.override(SHANGHAI):
        yield


def tag(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def component(template: str, request: HttpRequest | None = None, /, **context: Any) -> str:
    return render_to_string(f"components/{template}.html", context, request=request)


@pytest.mark.parametrize(
    ("level", "shape", "word", "tone"),
    [
        ("ok", "○", "ok", "ok"),
        ("yellow", "◐", "yellow", "yellow"),
        ("red", "●", "red", "red"),
        ("no_data", "–", "no data", "none"),
        ("few", "◌", "few orders", "none"),
        ("stale", "◌", "stale", "none"),
        ("L3", "●", "level 3", "red"),
        ("never heard of", "–", "never heard of", "none"),
    ],
)
def test_status_has_shape_word_and_tone(level: str, shape: str, word: str, tone: str) -> None:
    assert (ui.status_shape(level), ui.status_word(level), ui.status_tone(level)) == (shape, word, tone)
    html = component("status", level=level)
    assert f"tone-{tone}" in html
    assert word in html
    assert "<svg" in html


def test_filters_show_a_dash_for_nothing() -> None:
    for name in ("percent", "score", "number", "money", "instant", "day", "duration", "limit_percent", "cents"):
        assert tag("{{ nothing|" + name + " }}", nothing=None) == "–"


def test_percent_filter_takes_one_line_or_several() -> None:
    assert tag("{{ v|percent:line }}", v=Decimal("0.04695"), line=Decimal("0.047")) == "4.695\u00a0%"
    assert tag("{{ v|percent:lines }}", v=Decimal("0.04695"), lines=[None, Decimal("0.047")]) == "4.695\u00a0%"
    assert tag("{{ v|percent }}", v=Decimal("0.04695")) == "4.70\u00a0%"


def test_moment_is_readable_by_people_and_programs() -> None:
    html = tag("{% moment at %}", at=NOW)
    assert html == '<time datetime="2026-11-21T01:30:00+00:00">2026-11-21 09:30\u00a0(GMT+8)</time>'


def test_countdown_means_something_without_javascript() -> None:
    due = NOW + timedelta(hours=61, minutes=12, seconds=7)
    html = component("countdown", due=due, now=NOW)
    assert f'data-due="{int(due.timestamp())}"' in html
    assert "61:12:07" in html
    assert "overdue by 00:04:03" in component("countdown", due=NOW - timedelta(seconds=243), now=NOW)
    assert ">2026-11-23 22:42\u00a0(GMT+8)<" in component("countdown", due=due)


def test_metric_tile_shows_value_word_lines_and_headroom() -> None:
    html = component(
        "metric_tile", name="Late dispatch", url="/m", value="6.20 %", level="red", raw=Decimal("0.062"),
        yellow=Decimal("0.04"), red=Decimal("0.05"), points=[1, 2, None, 3], headroom="14 over",
    )  # fmt: skip
    for part in ("Late dispatch", 'href="/m"', "6.20 %", "tone-red", 'x="66.67%"', "<path", "14 over"):
        assert part in html


def test_metric_tile_without_lines_or_value_still_renders() -> None:
    html = component("metric_tile", name="Refund rate", url="/m", value="", level="no_data")
    assert "meter" not in html
    assert "no data" in html


def test_dimension_bar_gives_advice_at_the_alert_line() -> None:
    source = "{% dimension_bar 'shipping' v b d alert %}"
    at_line = tag(source, v=Decimal("4.02"), b=Decimal("4.77"), d=Decimal("-0.15"), alert=Decimal("-0.15"))
    before = tag(source, v=Decimal("4.02"), b=Decimal("4.77"), d=Decimal("-0.14999"), alert=Decimal("-0.15"))
    assert "advice" in at_line
    assert "advice" not in before
    assert "\u221214.999\u00a0%" in before


def test_tier_scale_shows_the_present_tier_and_a_store_without_rating() -> None:
    tiers = [(0, "warning"), (Decimal("4.30"), "good"), (Decimal("4.70"), "outstanding")]
    html = tag("{% tier_scale v tiers %}", v=Decimal("4.695"), tiers=tiers)
    assert "4.695" in html
    assert html.count("aria-current") == 1
    assert "not yet rated" in tag("{% tier_scale v tiers %}", v=None, tiers=tiers)


def test_progress_knows_total_or_says_only_that_it_goes_on() -> None:
    assert 'aria-valuenow="5"' in tag("{% progress 5 20 'Orders' %}")
    assert "aria-valuenow" not in tag("{% progress 5 None 'Orders' %}")


COLUMNS = [
    Column("order_no", "Order", sortable=True),
    Column("late", "Late", figure=True, sortable=True, descending=True),
]


def test_sort_reads_and_turns_the_url() -> None:
    assert Sort.parse("-late", COLUMNS) == Sort("late", descending=True)
    assert Sort.parse("password", COLUMNS, "-late") == Sort("late", descending=True)
    assert Sort("late", descending=True).next_for(COLUMNS[1]) == "late"
    assert Sort("order_no").next_for(COLUMNS[1]) == "-late"
    assert str(Sort("late", descending=True)) == "-late"


def test_table_head_sorts_by_link_and_keeps_filters() -> None:
    request = RequestFactory().get("/orders", {"carrier": "cn", "earlier": "x", "sort": "-late"})
    html = Template("{% load ui %}{% table_head columns sort %}").render(
        Context({"request": request, "columns": COLUMNS, "sort": Sort("late", descending=True)})
    )
    assert 'aria-sort="descending"' in html
    assert 'href="?carrier=cn&amp;sort=late"' in html
    assert 'href="?carrier=cn&amp;sort=order_no"' in html


def test_data_table_shows_its_empty_state_and_pager() -> None:
    request = RequestFactory().get("/orders", {"carrier": "cn"})
    html = component(
        "data_table", request, table_id="orders", caption="Orders", columns=COLUMNS, rows=[], rows_template="none.html",
        empty_title="No orders yet", empty_text="Import a file.", earlier="abc",
    )  # fmt: skip
    assert "No orders yet" in html
    assert 'href="?carrier=cn&amp;earlier=abc"' in html
    assert 'hx-target="#orders"' in html


class TrackingForm(forms.Form):
    number = forms.CharField(label="Tracking number", help_text="One per line.")
    agree = forms.BooleanField(label="Sent")


def test_field_links_help_and_error() -> None:
    html = component("field", field=TrackingForm({"number": ""})["number"])
    assert 'aria-describedby="id_number_helptext id_number_error"' in html
    assert 'id="id_number_helptext"' in html
    assert 'id="id_number_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<label for="id_number">' in html


def test_explanation_is_worked_arithmetic() -> None:
    terms = [
        {"value": "14", "note": "late"},
        {"op": "÷", "value": "226", "note": "due"},
        {"op": "=", "value": "6.19 %", "result": True},
    ]
    html = component("explanation", terms=terms, level="red", rule="PN-04", rule_url="/r#PN-04")
    assert html.index("14") < html.index("÷") < html.index("226") < html.index("6.19 %")
    assert 'href="/r#PN-04"' in html


def test_action_list_says_so_when_nothing_is_to_do() -> None:
    assert "Nothing to do now." in component("action_list", items=[], now=NOW)


def test_timeline_tells_past_from_future() -> None:
    entries = [{"at": NOW, "title": "Paid"}, {"at": NOW + timedelta(days=9), "title": "Delivery", "future": True}]
    html = component("timeline", entries=entries, now=NOW)
    assert html.count("is-future") == 1
    assert html.count("data-due") == 1


def test_chart_carries_its_figure_as_drawing_data_and_table() -> None:
    table = {"columns": ["Day", "Value"], "rows": [["2026-11-20", "6.20 %"]]}
    drawn = figure([Series("6.20 %", [date(2026, 11, 20)], [0.062])], percent=True)
    html = component("chart", chart_id="c", figure=drawn, caption="Over red.", table=table)
    assert '<script id="c-data" type="application/json">' in html
    assert 'data-chart="c-data"' in html
    assert 'role="img" aria-labelledby="c-caption" aria-describedby="c-text"' in html
    assert '<th scope="row">2026-11-20</th>' in html


def test_freshness_names_day_and_staleness() -> None:
    figures = {"day": date(2026, 11, 20), "computed_at": NOW, "stale": True}
    html = component("freshness", figures=figures)
    assert "2026-11-20" in html
    assert "stale" in html


def test_chip_never_takes_a_word_for_markup() -> None:
    word = "<b>late & lost</b>"
    assert tag("{% status 'ok' word %}", word=mark_safe(word)).count("<b>late & lost</b>") == 1
    chip = tag("{% status 'ok' word %}", word=word)
    assert "&lt;b&gt;late &amp; lost&lt;/b&gt;" in chip
    assert "<b>" not in chip


def test_chip_says_its_level_in_the_readers_language() -> None:
    assert "few orders" in tag("{% status 'few' %}")
    with translation.override("zh-hans"):
        assert "few orders" not in tag("{% status 'few' %}")
    assert "few orders" in tag("{% status 'few' %}")


def test_rows_of_figures_escape_their_cells() -> None:
    assert tag("{% figure_rows rows %}", rows=[["<a>", "1 %", "&"], ["b"]]) == (
        '<tr><th scope="row">&lt;a&gt;</th><td class="figure">1 %</td><td class="figure">&amp;</td></tr>'
        '<tr><th scope="row">b</th></tr>'
    )

"""Static files: all are our own or come inside an installed package, and pages load them under the strict policy."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from core.pages.staticfinders import PlotlyFinder, plotly_directory

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_plotly_bundle_is_found_inside_its_package() -> None:
    found = finders.find("vendor/plotly/plotly.min.js")
    assert found == str((plotly_directory() or Path()) / "plotly.min.js")
    assert PlotlyFinder().check() == []
    assert [name for name, _ in PlotlyFinder().list(None)] == ["plotly.min.js"]


def test_plotly_finder_serves_nothing_else_of_the_package() -> None:
    assert PlotlyFinder().find("vendor/plotly/widgetbundle.js") == []
    assert PlotlyFinder().find("plotly.min.js") == []


def test_chart_script_knows_the_bundles_map_style() -> None:
    identifier = re.search(r'MAP_STYLE = "(\w+)"', (ROOT / "static/js/chart.js").read_text())
    assert identifier
    bundle = (plotly_directory() or Path()) / "plotly.min.js"
    assert f'getElementById("{identifier[1]}")' in bundle.read_text()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_have_no_inline_script_or_style_and_no_foreign_host(template: Path) -> None:
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", template.read_text(), flags=re.S)
    # A tag's own parameters, such as with one=…, are no attributes.
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", re.sub(r"{%.*?%}", "", text))
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", text)


@pytest.mark.parametrize(
    "component", sorted((ROOT / "templates/components").glob("*.html")), ids=lambda path: path.name
)
def test_component_says_what_it_is_and_takes(component: Path) -> None:
    assert component.read_text().startswith("{% comment %}")


@pytest.mark.parametrize("script", sorted((ROOT / "static/js").glob("*.js")), ids=lambda path: path.name)
def test_scripts_need_no_eval_and_no_foreign_host(script: Path) -> None:
    text = script.read_text()
    assert not re.search(r"\beval\(|new Function|innerHTML|https?://", text)


SOURCES = sorted(path for app in settings.OWN_APPS for path in (ROOT / app).rglob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_html_made_by_code_has_no_inline_style(source: Path) -> None:
    assert not re.search(r"\bstyle=\\?[\"']", source.read_text())

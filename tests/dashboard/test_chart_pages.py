"""Pages with charts: drawn in the first answer, without Plotly until somebody uses a chart (PG-04, PG-05, BX-04)."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from stores.models import Company
from tests.metrics.pages import NOW, make_store_with_facts
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]
# Script and styles of a page, as they are and as they travel.
MOST_BYTES, MOST_COMPRESSED = 150_000, 50_000


@pytest.fixture
def browser() -> Iterator[Client]:
    with time_machine.travel(NOW, tick=False):
        company = Company.objects.create(company_no="C1", name="Company", license_no="L1", controller_id="K1")
        make_store_with_facts(company)
        yield client_of(make_person("owner", company))


PAGES = [
    pytest.param("metric", ["late_dispatch"], marks=pytest.mark.rule("PG-04")),
    pytest.param("metric", ["dsr"], marks=pytest.mark.rule("PG-04")),
    pytest.param("rating", [], marks=pytest.mark.rule("PG-05")),
    pytest.param("what_if", [], marks=pytest.mark.rule("BX-04")),
]


@pytest.mark.parametrize(("name", "more"), PAGES)
def test_page_draws_its_chart_and_loads_little(browser: Client, name: str, more: list[str]) -> None:
    html = browser.get(reverse(f"dashboard:{name}", args=["S1", *more])).content.decode()
    (drawn,) = re.findall(r'<svg class="drawing .*?</desc>.*?</figure>', html, flags=re.S)
    # A world of one known day has a dot.
    assert re.search(r'<(path|circle) class="tone-ink"', drawn)
    files = re.findall(r'<(?:script src|link rel="stylesheet" href)="/static/([^"]+)"', html)
    assert len(files) == len(set(files)) >= 9
    contents = [Path(str(finders.find(name))).read_bytes() for name in files]
    assert sum(map(len, contents)) <= MOST_BYTES
    assert sum(len(gzip.compress(one)) for one in contents) <= MOST_COMPRESSED
    assert "<script src" not in drawn

"""The frame of every page, and the pages for when something is not right."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from stores.models import User

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
ERRORS = ["400", "403", "403_csrf", "404", "500", "errors/429", "503", "507"]


def frame(cookies: dict[str, str] | None = None, **context: Any) -> str:
    request = RequestFactory().get("/somewhere?a=1")
    request.COOKIES.update(cookies or {})
    request.user = AnonymousUser()
    with translation.override("en"):
        return render_to_string("base.html", context, request=request)


def test_frame_has_skip_link_live_region_and_server_clock() -> None:
    html = frame()
    assert 'href="#content"' in html
    assert 'aria-live="polite"' in html
    assert 'data-server-now="' in html
    assert '<html lang="en"' in html
    assert "X-CSRFToken" in html


def test_frame_takes_the_theme_from_the_cookie_and_nothing_else() -> None:
    assert 'data-theme="dark"' in frame({"theme": "dark"})
    assert 'data-theme="light"' in frame({"theme": "light"})
    assert 'data-theme="' not in frame({"theme": '"><script>'})


def test_frame_switches_language_by_a_form_that_comes_back_here() -> None:
    html = frame()
    assert 'action="/i18n/setlang/"' in html
    assert 'name="next" value="/somewhere?a=1"' in html
    assert 'value="zh-hans"' in html


def test_frame_shows_store_freshness_and_navigation() -> None:
    nav = {
        "store": {"store_no": "S1", "name": "Galaxy"},
        "stores": [
            {"store_no": "S1", "name": "Galaxy", "url": "/s1"},
            {"store_no": "S2", "name": "Moon", "url": "/s2"},
        ],
        "entries": [{"key": "orders", "label": "Orders", "url": "/o", "count": 3}],
        "current": "orders",
        "figures": {"day": date(2026, 11, 20), "computed_at": NOW},
    }
    html = frame(nav=nav)
    assert '<a href="/o" aria-current="page">Orders' in html
    assert '<a href="/s1" aria-current="true">' in html
    assert "Figures of 2026-11-20" in html
    assert "Galaxy" in html


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_error_pages_say_what_to_do_and_are_the_same_for_everyone(name: str, language: str) -> None:
    with translation.override(language):
        bare = render_to_string(f"{name}.html")
        asked = render_to_string(
            f"{name}.html", {"exception": "order 4711", "request_path": "/x"}, request=RequestFactory().get("/secret")
        )
    assert bare == asked
    assert 'class="button primary"' in bare


def test_frame_without_a_store_leads_a_person_to_what_all_stores_share() -> None:
    person = User(username="lin")
    with translation.override("en"):
        html = render_to_string("base.html", {"nav": {"current": "rulebook"}, "user": person})
    assert f'<a href="{reverse("rulebook:index")}" aria-current="page">Rulebook' in html
    assert "Sign out" in html
    assert "Health" not in html

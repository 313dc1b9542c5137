"""What the tests of pages about notices share: a store with a record, requests at an instant, words of a page."""

import re
from html import unescape
from typing import Any

import time_machine
from django.test import Client
from django.urls import reverse

from stores.models import Store
from tests.metrics.pages import NOW
from tests.notifications.build import DAY, ONE_DAY, judge, judged, late_end, make_store, publish


def english(client: Client) -> Client:
    client.cookies["language"] = "en"
    return client


def fetch(client: Client, name: str, *args: str, at: Any = NOW, headers: Any = None, **query: str) -> str:
    app = "dashboard" if name.startswith("notice") else "notifications"
    with time_machine.travel(at, tick=False):
        response = client.get(reverse(f"{app}:{name}", args=args), query, headers=headers)
    assert response.status_code == 200, response.status_code
    return response.getvalue().decode()


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html))).strip()


def make_record(store: Store) -> Store:
    """Five notices: two open, one escalated, one historical, and one of a mirrored store of the same company."""
    judged(store, odr="yellow", late_dispatch="yellow")
    judged(store, DAY + ONE_DAY, late_dispatch="red")
    publish(store, DAY - 90 * ONE_DAY, delivered="red")
    judge(DAY - 90 * ONE_DAY, at=late_end(DAY))
    judged(make_store("S2", "mirrored", store.company), dispute_rate="red")
    return store


def listed(html: str) -> list[str]:
    return re.findall(r">(PN\d{8}-\d{6})<", html)

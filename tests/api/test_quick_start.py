"""The quick start of docs/api.md works when it is pasted into a shell (IX-20, IX-21)."""

import json
import re
import subprocess
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from api.services.clients import Registration, register_client
from tests.api.programs import owner_of
from tests.stores.people import make_store

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.sqlite_only
@pytest.mark.clock
@pytest.mark.django_db(transaction=True)
@pytest.mark.rule("IX-20", "IX-21")
def test_quick_start_works_when_it_is_pasted(live_server: Any) -> None:
    store = make_store("S1001")
    registration = Registration("Quick start", "own", [], [store], ["orders:read", "orders:write"])
    client, secret = register_client(
        company=store.company, registration=registration, owner=owner_of(store.company), at=timezone.now()
    )
    own = {"BASE_URL": live_server.url, "CLIENT_ID": client.client_id, "CLIENT_SECRET": secret, "STORE_NO": "S1001"}
    document = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
    values, lines = BLOCK.findall(document.partition("## Quick start")[2].partition("\n## ")[0])
    assert re.findall(r"^(\w+)=", values, re.MULTILINE) == list(own)
    pasted = "".join(f"{name}='{value}'\n" for name, value in own.items()) + lines
    shell = subprocess.run(["bash"], input=pasted, capture_output=True, text=True, check=True, timeout=60)
    assert shell.stderr == ""
    me, *pushes, order = map(json.loads, shell.stdout.splitlines())
    assert [one["store_no"] for one in me["stores"]] == ["S1001"]
    assert [push["counts"] for push in pushes] == [{"new": 1}] * 2
    assert (order["order_no"], order["state"], order["total_amount"]) == ("QUICK-START-1", "created", "12.50")

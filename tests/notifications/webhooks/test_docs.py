"""What docs/webhooks.md shows works when it is pasted (IX-23, RL-13)."""

import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from notifications.webhooks.kinds import declared_webhooks
from notifications.webhooks.rules import sign, signature_header
from tests.httpserver import http_server

pytestmark = [pytest.mark.rule("RL-13", "IX-23"), pytest.mark.sqlite_only]
PAGE = Path("docs/webhooks.md").read_text()
SECRET, BODY = "whsec_example", '{"id":"evt-1","店":1}'


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_python_example_accepts_what_is_signed_and_nothing_else():
    names: dict[str, Any] = {}
    exec(snippets("python")[0], names)
    is_genuine, now = names["is_genuine"], int(time.time())
    header = signature_header([SECRET, "former"], now, BODY)
    assert is_genuine(SECRET, header, BODY.encode())
    assert is_genuine("former", header, BODY.encode())
    assert not is_genuine("other", header, BODY.encode())
    assert not is_genuine(SECRET, header, BODY.encode() + b" ")
    assert not is_genuine(SECRET, signature_header([SECRET], now - 600, BODY), BODY.encode())
    assert not is_genuine(SECRET, "nonsense", BODY.encode())


def test_the_command_line_example_gives_the_signature(tmp_path):
    (tmp_path / "body.json").write_text(BODY)
    script = snippets("sh")[0].replace("whsec_…", SECRET)
    made = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert made.stdout.strip() == sign(SECRET, 1777636800, BODY)


def test_the_curl_example_sends_a_signed_request():
    with http_server() as server:
        script = snippets("sh")[1].replace("whsec_…", SECRET).replace("https://erp.example.com/hook", server.url)
        subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    [request] = server.received
    stamp, signature = request.headers["dianwei-signature"].split(",")
    assert signature == f"v1={sign(SECRET, int(stamp[2:]), request.body.decode())}"


def test_every_event_is_explained():
    explained = set(re.findall(r"^\| `([a-z.]+)` \|", PAGE, re.MULTILINE))
    assert explained - {"type"} == {kind.name for kind in declared_webhooks()} | {"test"}

"""Which addresses programs may be led back to (IX-20)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules import is_redirect_uri, matches_redirect_uri

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("IX-20")]


@pytest.mark.parametrize(
    ("uri", "is_right"),
    [
        ("https://erp.example/cb", True),
        ("https://erp.example:8443/cb?x=1", True),
        ("http://127.0.0.1/cb", True),
        ("http://[::1]:8080/cb", True),
        ("com.example.erp:/cb", True),
        ("http://erp.example/cb", False),
        ("http://localhost/cb", False),
        ("http://127.0.0.1.evil.example/cb", False),
        ("https://erp.example/cb#x", False),
        ("https://user@erp.example/cb", False),
        ("https://*.erp.example/cb", False),
        ("https://erp.example\\@evil.example/", False),
        ("https:///cb", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://erp.example/c b", False),
        ("https://erp.example/é", False),
        ("https://erp.example:port/", False),
        ("erp:/cb", False),
        ("", False),
    ],
)
def test_redirect_addresses(uri: str, is_right: bool) -> None:
    assert is_redirect_uri(uri) is is_right


@given(st.text(max_size=60), st.sampled_from(["https://erp.example/cb", "http://127.0.0.1/cb", "com.example.erp:/cb"]))
def test_only_ports_of_loopback_may_differ(tail: str, registered: str) -> None:
    for asked in (registered + tail, tail, registered.replace("/cb", tail + "/cb", 1)):
        if matches_redirect_uri(registered, asked) and asked != registered:
            assert registered == "http://127.0.0.1/cb"
            port = asked.removeprefix("http://127.0.0.1:").removesuffix("/cb")
            assert port == "" or 0 <= int(port) <= 65535

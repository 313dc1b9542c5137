"""Requests to addresses that users name reach nothing inside, end in time and never raise (RL-13, IX-23)."""

import datetime
import socket
import ssl
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils.translation import override

from core.outgoing import Failure, Limits, RefusedTargetError, Response, detail_words, parse_target, send
from core.outgoing.networks import is_open
from tests.httpserver import Receiver, allow_loopback, http_server

pytestmark = [pytest.mark.rule("RL-13"), pytest.mark.sqlite_only]

FAST = Limits(connect=1, total=0.4)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    with http_server() as server:
        allow_loopback(settings, server.port)
        yield server


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """The world's name server: answers of each name, one after the other; the last one is repeated."""
    known: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def answer(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        if host not in known:
            return real(host, port, *args, **kwargs)
        answers = known[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return known


# ── Addresses ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254", "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "168.63.129.16", "100.100.100.200",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
        "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:20::1", "2001:db8::1", "2002:7f00:1::1",
        "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%1", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_closed(address):
    assert not is_open(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "223.255.255.255",
     "2001:4860:4860::8888", "2400:3200::1", "2606:4700::1111"],
)  # fmt: skip
def test_public_addresses_are_open(address):
    assert is_open(ip_address(address))


def test_an_allowed_network_is_open_but_never_its_metadata_service(settings, names):
    settings.OUTGOING_PRIVATE_NETWORKS = ["169.254.0.0/16", "10.1.0.0/16"]
    names["inside.example"] = [["169.254.169.254"]]
    assert send("https://inside.example/", limits=FAST).failure == Failure.REFUSED
    names["inside.example"] = [["10.2.0.1"]]
    assert send("https://inside.example/", limits=FAST).failure == Failure.REFUSED


# ── URLs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

HOSTILE = [
    "", "https://", "https:///path", "//127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1:80/",
    "javascript:alert(1)", "http://[::1", "http://127.0.0.1:x/", "http://127.0.0.1:99999/",
    "http://user:pass@127.0.0.1/", "http://example.com@127.0.0.1/", "http://127.0.0.1\\@example.com/",
    "http://127.0.0.1 /", "http://127.0.0.1/\r\nHost: x", "http://\t127.0.0.1/", "http://127.0.0.1%00.example.com/",
    "http://127.1/", "http://0/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/",
    "http://127.0.0.01/", "http://017700000001/", "http://127.0.1/", "http://1.2.3.4.5/", "http://0x/",
    "http://[fe80::1%25eth0]/", "http://[::ffff:127.0.0.1]/", "http://[::1]/", "http://[::]/", "http://127.0.0.1/",
    "http://127.0.0.1./", "http://①②⑦.⓪.⓪.①/", "http://１２７.０.０.１/", "http://localhost/", "http://LOCALHOST/",
    "http://-x-.example-/", "http://exa mple.com/", "http://.example.com/", "http://a..b/", "http://" + "a" * 300 + "/",
    "http://example.com:22/", "http://example.com:6379/",
]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
def test_hostile_urls_reach_nothing(settings, url):
    """Loopback itself is refused too: no operator allowed it here."""
    settings.OUTGOING_ALLOW_HTTP = True
    with http_server(port=0) as server:
        settings.OUTGOING_PORTS = [80, server.port]
        aimed = url.replace("0.0.1/", f"0.0.1:{server.port}/").replace("[::1]/", f"[::1]:{server.port}/")
        response = send(aimed, limits=FAST)
    assert (response.failure, response.status, server.received) == (Failure.REFUSED, 0, [])


def test_plain_http_and_other_ports_are_refused_before_any_look_up(settings):
    with pytest.raises(RefusedTargetError):
        parse_target("http://example.com/")
    with pytest.raises(RefusedTargetError):
        parse_target("https://example.com:8443/")
    settings.OUTGOING_PORTS = [8443]
    target = parse_target("https://Example.COM.:8443/a/b?c=d#fragment")
    assert (target.host, target.netloc, target.path) == ("example.com", "example.com:8443", "/a/b?c=d")


@pytest.mark.parametrize("url", ["https://169.254.169.254/", "https://10.0.0.5/hook", "https://[::1]/"])
def test_addresses_inside_are_refused_before_any_look_up(settings, url):
    with pytest.raises(RefusedTargetError):
        parse_target(url)
    settings.OUTGOING_PRIVATE_NETWORKS = ["10.0.0.0/24"]
    assert parse_target("https://10.0.0.5/hook").host == "10.0.0.5"


def test_what_we_say_of_a_request_is_read_in_the_readers_language():
    with override("zh-hans"):
        assert detail_words(send("https://10.0.0.5/").detail) == "该主机位于内网或保留网段"
        assert detail_words("200 timed out") == "200 超时"
        assert detail_words(send("https://example.com:22/").detail) == "不允许使用 22 端口"
        assert detail_words("robot not found") == "robot not found"


def test_names_in_other_scripts_are_looked_up_in_their_ascii_form():
    assert parse_target("https://例子.测试/钩子".replace("钩子", "%E9%92%A9")).host == "xn--fsqu00a.xn--0zwm56d"


def test_each_private_answer_of_a_name_server_is_refused(names):
    for address in (
        "127.0.0.1",
        "10.0.0.1",
        "192.0.0.8",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ):
        names["hooks.example"] = [[address]]
        assert send("https://hooks.example/", limits=FAST).failure == Failure.REFUSED


def test_a_name_is_looked_up_once_and_the_checked_address_is_connected_to(settings, names, receiver):
    """Rebinding: the second answer of the name server would be another address."""
    with http_server(host="127.0.0.2", port=receiver.port) as inside:
        names["hooks.example"] = [["127.0.0.1"], ["127.0.0.2"]]
        response = send(f"http://hooks.example:{receiver.port}/hook", limits=FAST)
        again = send(f"http://hooks.example:{receiver.port}/hook", limits=FAST)
    assert (response.status, again.failure, inside.received) == (200, Failure.REFUSED, [])
    assert receiver.received[0].headers["host"] == f"hooks.example:{receiver.port}"


def test_only_open_addresses_of_a_name_are_tried_one_after_the_other(names, receiver):
    with http_server(host="127.0.0.2", port=receiver.port) as inside:
        names["hooks.example"] = [["127.0.0.2", "::1", "127.0.0.1"]]
        assert send(f"http://hooks.example:{receiver.port}/", limits=FAST).status == 200
    assert inside.received == []


def test_proxies_of_the_environment_are_not_used(monkeypatch, receiver):
    with http_server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert send(receiver.url).status == 200
    assert proxy.received == []


# ── Exchanges ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_request_carries_its_body_and_headers(receiver):
    response = send(receiver.url, body=b'{"a": 1}', headers={"Content-Type": "application/json", "X-Id": "7"})
    assert response == Response(200, b"ok")
    [request] = receiver.received
    assert (request.line, request.body) == ("POST /hook HTTP/1.1", b'{"a": 1}')
    assert {name: request.headers[name] for name in ("content-type", "x-id", "user-agent", "accept-encoding")} == {
        "content-type": "application/json",
        "x-id": "7",
        "user-agent": "Dianwei",
        "accept-encoding": "identity",
    }


def test_a_header_with_a_line_break_is_not_sent(receiver):
    assert send(receiver.url, headers={"X-Id": "7\r\nX-Other: 8"}).failure == Failure.UNREACHABLE
    assert receiver.received == []


@pytest.mark.parametrize("status", [204, 400, 410, 429, 500, 503])
def test_an_answer_is_given_whatever_its_status(receiver, status):
    receiver.answers, receiver.body = [status], b""
    assert send(receiver.url) == Response(status)


def test_redirects_are_not_followed(receiver):
    with http_server() as other:
        receiver.answers = [f"HTTP/1.1 302 Found\r\nLocation: {other.url}\r\nContent-Length: 0\r\n\r\n".encode()]
        response = send(receiver.url)
    assert (response.status, response.failure, other.received) == (302, Failure.REDIRECT, [])


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Receiver.DIE, Failure.UNREACHABLE),
        (Receiver.DIE_INSIDE, Failure.UNREACHABLE),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", Failure.UNREACHABLE),
        (b"no HTTP at all\r\n\r\n", Failure.UNREACHABLE),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", Failure.UNREACHABLE),
        (Receiver.HANG, Failure.TIMEOUT),
        (Receiver.DRIP, Failure.TIMEOUT),
    ],
)
def test_an_answer_that_does_not_come_whole_is_a_failure(receiver, answer, failure):
    receiver.answers = [answer]
    assert send(receiver.url, limits=FAST).failure == failure


def test_every_exchange_ends_in_time(receiver):
    """The limits of sockets begin anew with each byte, so a server that sends slowly would hold a worker for ever."""
    receiver.answers = [Receiver.DRIP]
    began = time.monotonic()
    send(receiver.url, limits=FAST)
    assert time.monotonic() - began < 2


def test_long_answers_are_cut_off(receiver):
    receiver.body = b"x" * 100_000
    response = send(receiver.url, limits=Limits(answer_bytes=10))
    assert (response.status, response.body, response.failure) == (200, b"x" * 10, Failure.TOO_BIG)


def test_text_of_an_answer_has_no_control_characters():
    assert Response(200, b"a\x00b\x1b[31m\xff\nc\r").text == "ab[31m�\nc"


def test_nobody_listening_and_unknown_names_are_unreachable(settings, receiver, monkeypatch):
    settings.OUTGOING_PORTS = [1]
    assert send("http://127.0.0.1:1/", limits=FAST).failure == Failure.UNREACHABLE

    def unknown(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert send("http://hooks.example:1/", limits=FAST).failure == Failure.UNREACHABLE


def test_a_name_server_that_hangs_holds_nobody_up(settings, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: time.sleep(1) or [])
    began = time.monotonic()
    assert send("https://hooks.example/", limits=Limits(total=0.1)).failure == Failure.TIMEOUT
    assert time.monotonic() - began < 0.8


# ── TLS ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for hooks.example that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "hooks.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return path


def test_the_name_of_the_certificate_is_verified_though_an_address_is_connected_to(settings, names, certificate):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    names["hooks.example"] = names["other.example"] = [["127.0.0.1"]]
    with http_server(tls=tls) as server:
        allow_loopback(settings, server.port)
        unknown = send(f"https://hooks.example:{server.port}/", limits=FAST)
        settings.OUTGOING_CA_FILE = str(certificate)
        known = send(f"https://hooks.example:{server.port}/", limits=Limits(total=5))
        other = send(f"https://other.example:{server.port}/", limits=Limits(total=5))
    assert (unknown.failure, known.status, other.failure) == (Failure.TLS, 200, Failure.TLS)
    assert len(server.received) == 1

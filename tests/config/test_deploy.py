"""What `deploy/` ships, each checked by its own tool: units of systemd, nginx, Compose."""

import http.client
import json
import os
import re
import shlex
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from config import children, launcher
from rulebook.shipped import SHIPPED
from tests.httpserver import Receiver, http_server
from tests.services import free_port

pytestmark = pytest.mark.sqlite_only

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted(path.name for path in (DEPLOY / "systemd").iterdir())
SERVICES = [name for name in UNITS if name.endswith(".service")]


# ── systemd ──


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as if this project were installed at /opt/dianwei; a template stands there as its first instance."""
    for name in UNITS:
        text = (DEPLOY / "systemd" / name).read_text().replace("/opt/dianwei", str(DEPLOY.parent))
        (tmp_path / name.replace("@.", "@1.")).write_text(text)
    return tmp_path


def verify(folder: Path) -> str:
    """What `systemd-analyze verify` has to say: nothing about units that are right."""
    command = ["systemd-analyze", "verify", "--man=no", *sorted(map(str, folder.iterdir()))]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.stdout + ended.stderr


def test_units_are_right_and_the_check_would_say_otherwise(units: Path) -> None:
    assert verify(units) == ""
    web = units / "dianwei-web.service"
    web.write_text(web.read_text().replace("NoNewPrivileges=yes", "NoNewPriviledges=yes"))
    assert "NoNewPriviledges" in verify(units)


@pytest.mark.parametrize("name", SERVICES)
def test_services_may_do_little(name: str, units: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20"]
    ended = subprocess.run([*command, units / name.replace("@.", "@1.")], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-300:] + ended.stderr
    said = (DEPLOY / "systemd" / name).read_text()
    assert {"User=dianwei", "ProtectSystem=strict", "NoNewPrivileges=yes", "StateDirectory=dianwei"} <= set(
        said.split()
    )


def arguments(command: list[str]) -> list[str]:
    """What follows `python -m`."""
    return command[command.index("-m") + 1 :]


def of_unit(name: str) -> list[str]:
    said = (DEPLOY / "systemd" / f"dianwei-{name}.service").read_text().replace("\\\n", " ")
    (line,) = re.findall(r"^ExecStart=(.*)$", said, re.MULTILINE)
    return arguments(shlex.split(line))


def of_service(name: str) -> list[str]:
    image = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    own = yaml.safe_load(re.findall(r"^CMD (.*)$", image, re.MULTILINE)[0])
    return arguments(compose()["services"][name].get("command", own))


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_processes_are_started_as_the_launcher_starts_them(name: str) -> None:
    ours = arguments(launcher.commands(host="HOST", port=8000, web_workers=2, task_workers=3)[name])
    there = {"web": "web", "worker": "worker@", "beat": "beat"}[name]
    places = {"HOST", "127.0.0.1", "0.0.0.0", str(settings.DATA_DIR / "beat-schedule")}
    places |= {"/run/dianwei-beat/schedule", "/tmp/beat-schedule", "--hostname", "%i@%H"}
    for command in (of_unit(there), of_service(name)):
        assert [part for part in command if part not in places] == [part for part in ours if part not in places]


# ── nginx ──


class Proxy(NamedTuple):
    port: int
    plain_port: int
    folder: Path
    behind: Receiver


@pytest.fixture
def behind() -> Iterator[Receiver]:
    with http_server() as receiver:
        yield receiver


@pytest.fixture
def configured(tmp_path: Path, behind: Receiver) -> Proxy:
    """nginx's configuration with this machine's ports and paths instead of those of a server."""
    proxy = Proxy(free_port(), free_port(), tmp_path, behind)
    made = {"fullchain.pem": tmp_path / "fullchain.pem", "privkey.pem": tmp_path / "privkey.pem"}
    make_certificate(*made.values())
    said = (DEPLOY / "nginx" / "dianwei.conf").read_text() + (DEPLOY / "nginx" / "upstream.conf").read_text()
    for ours, here in {
        "listen [::]:": "# ",
        "listen 80 ": f"listen 127.0.0.1:{proxy.plain_port} ",
        "listen 443 ": f"listen 127.0.0.1:{proxy.port} ",
        "127.0.0.1:8000": f"127.0.0.1:{behind.port}",
        "/etc/dianwei/tls/fullchain.pem": str(made["fullchain.pem"]),
        "/etc/dianwei/tls/privkey.pem": str(made["privkey.pem"]),
        "/var/log/nginx/": f"{tmp_path}/",
    }.items():
        assert ours in said
        said = said.replace(ours, here)
    temporary = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {tmp_path}/pid; error_log {tmp_path}/error.log;"
        f"events {{}} http {{ {temporary}\n{said}\n}}"
    )
    return proxy


def make_certificate(chain: Path, key: Path) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dianwei.example.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(secret.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
    chain.write_bytes(made.sign(secret, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key.write_bytes(secret.private_bytes(*pem))


def nginx(proxy: Proxy, *options: str) -> list[str]:
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
    return [program, "-p", str(proxy.folder), "-c", str(proxy.folder / "nginx.conf"), "-e", "error.log", *options]


@pytest.fixture
def proxy(configured: Proxy) -> Iterator[Proxy]:
    """It runs, in front of a server that keeps what it receives."""
    process = children.start(nginx(configured))
    try:
        give_up = time.monotonic() + 20
        while not (configured.folder / "pid").exists() or not (configured.folder / "pid").read_text():
            assert process.poll() is None, (configured.folder / "error.log").read_text()
            assert time.monotonic() < give_up
            time.sleep(0.02)
        yield configured
    finally:
        children.stop(process, patience=10)


def ask(proxy: Proxy, method: str, path: str, headers: dict[str, str] | None = None, body: Any = None) -> int:
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", proxy.port, context=anyone, timeout=20)
    try:
        connection.request(method, path, body, {"Host": "dianwei.example.com", **(headers or {})})
        return connection.getresponse().status
    finally:
        connection.close()


def test_nginx_takes_the_configuration(configured: Proxy) -> None:
    ended = subprocess.run(nginx(configured, "-t"), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "[warn]" not in ended.stderr
    assert "test is successful" in ended.stderr


def test_what_clients_say_of_their_address_is_replaced(proxy: Proxy) -> None:
    forged = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "a", "Forwarded": "for=1"}
    assert ask(proxy, "GET", "/stores/", forged) == 200
    (request,) = proxy.behind.received
    found = {name: value for name, value in request.headers.items() if "forwarded" in name or name == "host"}
    assert found == {"host": "dianwei.example.com", "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https"}


def test_limits_of_bodies_and_addresses_are_those_of_the_product(proxy: Proxy) -> None:
    def answer(path: str, size: int) -> int:
        # It says how long the body is and sends none: too long is refused at once, else nginx waits for it.
        return ask(proxy, "POST", path, {"Content-Length": str(size), "Expect": "100-continue"})

    evidence = SHIPPED["appeals.max_file_bytes"]["value"] * SHIPPED["appeals.max_files"]["value"]
    sizes = {"/data/": settings.IMPORT_MAX_BYTES, "/api/v1/": settings.API_BODY_BYTES, "/stores/": evidence}
    for path, size in sizes.items():
        assert answer(path, 2 * size) == 413
        assert limit_of(path) in range(size, size + 2 * 2**20 + 1), path
    assert ask(proxy, "GET", "/stores/?" + "o=1&" * 7_000) == 200
    assert ask(proxy, "GET", "/stores/?" + "o=1&" * 9_000) == 414


def limit_of(path: str) -> int:
    said = (DEPLOY / "nginx" / "dianwei.conf").read_text()
    places = {"/data/": "location = /data/", "/api/v1/": "location /api/"}
    part = said.split(places[path])[1] if path in places else said
    return int(re.search(r"client_max_body_size (\d+)m;", part)[1]) * 2**20


def test_plain_http_leads_to_https(proxy: Proxy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.plain_port, timeout=20)
    connection.request("GET", "/stores/?a=b", headers={"Host": "dianwei.example.com"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, "https://dianwei.example.com/stores/?a=b")
    connection.close()


# ── Compose ──


def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())


def test_compose_file_fits_the_schema_and_the_check_would_say_otherwise(tmp_path: Path) -> None:
    right, wrong = DEPLOY / "compose" / "compose.yaml", tmp_path / "wrong.yaml"
    wrong.write_text(right.read_text().replace("healthcheck:", "health_check:"))
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [program, "--builtin-schema", "vendor.compose-spec", "--output-format", "json", right, wrong]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    assert {error["filename"] for error in said["errors"]} == {str(wrong)}
    assert "health_check" in said["errors"][0]["message"] + str(said["errors"][0])


def test_files_and_variables_that_compose_names_are_there() -> None:
    services, folder = compose()["services"], DEPLOY / "compose"
    mounted = [volume.split(":")[0] for each in services.values() for volume in each.get("volumes", [])]
    files = [path for path in mounted if path.startswith(".") and path != "./tls"]
    assert len(files) == 2
    assert [path for path in files if not (folder / path).is_file()] == []
    asked = set(re.findall(r"\$\{(\w+)", (folder / "compose.yaml").read_text()))
    assert asked == set(re.findall(r"^#? ?(\w+)=", (folder / ".env.example").read_text(), re.MULTILINE))
    assert "/readyz" in services["web"]["healthcheck"]["test"][-1]
    known = set(re.findall(r"^# (\w+)=", (DEPLOY.parent / ".env.example").read_text(), re.MULTILINE))
    ours = set(re.findall(r"^(?:# )?([A-Z_]+)=", (folder / "dianwei.env.example").read_text(), re.MULTILINE))
    assert (ours | set(services["web"]["environment"])) - known == set()

"""Settings come from the environment and nothing else (IX-09, RL-10)."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.environment import kept_secret

pytestmark = pytest.mark.sqlite_only

SHOW = """
import json, sys
from config import settings as s
names = sys.argv[1:]
print(json.dumps({name: getattr(s, name) for name in names}, default=str))
"""
KNOWN = ("PATH", "HOME", "LANG")


def run(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    plain = {name: os.environ[name] for name in KNOWN if name in os.environ}
    return subprocess.run(
        [sys.executable, *command], env={**plain, **environment}, capture_output=True, text=True, check=False
    )


def settings_with(*names: str, **environment: str) -> dict[str, Any]:
    result = run("-c", SHOW, *names, **environment)
    assert result.returncode == 0, result.stderr
    shown: dict[str, Any] = json.loads(result.stdout)
    return shown


@pytest.mark.rule("IX-09")
def test_embedded_defaults_live_under_data_dir(tmp_path: Path) -> None:
    shown = settings_with(
        "DATABASES", "BROKER_URL", "BROKER_DIR", "DEBUG", "PORT", "HTTPS", "STATIC_ROOT", DATA_DIR=str(tmp_path / "d")
    )
    assert shown["DATABASES"]["default"]["NAME"] == str(tmp_path / "d" / "dianwei.sqlite3")
    assert shown["BROKER_URL"].startswith("dianwei-files://")
    assert shown["BROKER_DIR"] == str(tmp_path / "d" / "broker")
    assert shown["STATIC_ROOT"] == str(tmp_path / "d" / "static")
    assert (shown["DEBUG"], shown["PORT"], shown["HTTPS"]) == (False, 8000, False)


@pytest.mark.rule("IX-09")
def test_environment_chooses_postgres_redis_and_port(tmp_path: Path) -> None:
    shown = settings_with(
        *("DATABASES", "BROKER_URL", "CACHES", "PORT", "ALLOWED_HOSTS", "SECRET_KEY"),
        DATA_DIR=str(tmp_path),
        DATABASE_URL="postgres://me:pw@db:5433/shop",
        REDIS_URL="redis://cache:6379/2",
        PORT="9001",
        ALLOWED_HOSTS="a.example,b.example",
        SECRET_KEY="k" * 60,
    )
    database = shown["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db", 5433, "shop")
    assert shown["BROKER_URL"] == shown["CACHES"]["default"]["LOCATION"] == "redis://cache:6379/2"
    assert (shown["PORT"], shown["ALLOWED_HOSTS"]) == (9001, ["a.example", "b.example"])
    assert shown["SECRET_KEY"] == "k" * 60
    assert not (tmp_path / "secret_key").exists()


def test_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = settings_with("SECRET_KEY", DATA_DIR=str(tmp_path))
    assert first == settings_with("SECRET_KEY", DATA_DIR=str(tmp_path))
    assert len(first["SECRET_KEY"]) >= 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_secret_key_of_many_first_starts_is_one(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from config.environment import kept_secret\n"  # as web, worker and beat do at once
        "print(kept_secret(pathlib.Path(sys.argv[1])))"
    )
    key = tmp_path / "key"
    starts = [
        subprocess.Popen([sys.executable, "-c", script, str(key)], stdout=subprocess.PIPE, text=True) for _ in range(6)
    ]
    assert {start.communicate()[0].strip() for start in starts} == {kept_secret(key)}
    assert list(tmp_path.iterdir()) == [key]


@pytest.mark.slow
@pytest.mark.rule("RL-10")
def test_production_settings_pass_the_deployment_check(tmp_path: Path) -> None:
    result = run(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        DATA_DIR=str(tmp_path),
        SECRET_KEY="Vg2-" + "aB3dE5gH7jK9mN1pQ4sT6vX8" * 3,
        ALLOWED_HOSTS="dianwei.example",
        BASE_URL="https://dianwei.example",
        TRUSTED_PROXIES="1",
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.slow
@pytest.mark.rule("RL-10")
def test_https_address_makes_cookies_secure_and_sends_hsts(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS")
    secure = settings_with(*names, DATA_DIR=str(tmp_path), BASE_URL="https://dianwei.example")
    plain = settings_with(*names, DATA_DIR=str(tmp_path))
    assert list(secure.values()) == [True, True, True, 31_536_000]
    assert list(plain.values()) == [False, False, False, 0]


def test_every_setting_read_from_the_environment_is_in_the_example() -> None:
    source = Path("config/settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    shown = set(re.findall(r"^# ([A-Z_]+)=", Path(".env.example").read_text(), re.MULTILINE))
    assert read == shown


@pytest.mark.rule("IX-09")
def test_a_data_directory_that_is_there_is_closed_to_others_with_its_database(tmp_path: Path) -> None:
    folder = tmp_path / "there"
    folder.mkdir()
    folder.chmod(0o755)
    files = [folder / name for name in ("dianwei.sqlite3", "dianwei.sqlite3-wal")]
    for file in files:
        file.touch()
        file.chmod(0o644)
    settings_with("DATA_DIR", DATA_DIR=str(folder))
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, *files)] == [0o700, 0o600, 0o600]


@pytest.mark.rule("IX-09")
def test_a_new_database_is_private_from_its_first_byte(tmp_path: Path) -> None:
    settings_with("DATA_DIR", DATA_DIR=str(tmp_path / "new"))
    assert stat.S_IMODE((tmp_path / "new" / "dianwei.sqlite3").stat().st_mode) == 0o600


@pytest.mark.rule("IX-09")
def test_a_folder_that_all_users_share_is_no_data_directory(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    result = run("-c", SHOW, "DATA_DIR", DATA_DIR=str(tmp_path))
    assert result.returncode != 0
    assert "shared by all users" in result.stderr
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777

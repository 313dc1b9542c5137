"""The doctor finds what is broken and says how to fix it (IX-16)."""

import io
import json
from collections import namedtuple
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder
from django.utils import translation

from config import doctor, health
from config.backup.keeping import file_name
from stores.models import Company

Usage = namedtuple("Usage", "total used free")

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-16")]


def report() -> tuple[dict[str, dict[str, object]], int]:
    out, status = io.StringIO(), 0
    try:
        call_command("doctor", "--json", stdout=out)
    except SystemExit as end:
        status = int(str(end.code))
    parsed = json.loads(out.getvalue())
    assert parsed["ok"] == (status == 0)
    return {check["name"]: check for check in parsed["checks"]}, status


def broken(found: dict[str, dict[str, object]]) -> list[str]:
    return [name for name, check in found.items() if not check["ok"]]


def test_healthy_installation_passes() -> None:
    found, status = report()
    assert (broken(found), status) == ([], 0)
    assert " ".join(found) == (
        "data_dir disk secret_key database migrations policy broker cache mail channels sealed_secrets connections"
        " evidence backups inbox sandbox time_zones"
    )


@pytest.mark.clock
@pytest.mark.rule("RL-16")
def test_unfinished_restores_and_backups_that_stopped_are_found(settings, tmp_path) -> None:
    settings.DATA_DIR, settings.BACKUP_DIR = tmp_path, str(tmp_path)
    with translation.override("en"):
        with pytest.raises(doctor.UnwellError, match="older than 36 hours, or there is none"):
            doctor.backups()
        (tmp_path / file_name(datetime.now(UTC) - timedelta(hours=35))).touch()
        assert doctor.backups().startswith("The newest backup is of 20")
        (tmp_path / "restore.unfinished").touch()
        with pytest.raises(doctor.UnwellError, match="A restore is not finished"):
            doctor.backups()


@pytest.mark.rule("IX-06")
def test_watched_folders_are_companies(settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path
    with translation.override("en"):
        assert doctor.inbox() == "No folder is watched; DATA_DIR/inbox/COMPANY would be."
        (tmp_path / "inbox" / "C1").mkdir(parents=True)
        with pytest.raises(doctor.UnwellError, match="No company has these numbers: C1"):
            doctor.inbox()
        Company.objects.create(company_no="C1", name="Mine")
        assert doctor.inbox() == "1 folders are watched."


def test_failed_check_shows_reason_and_remedy_and_fails_the_command(monkeypatch) -> None:
    def refuse() -> None:
        raise ConnectionError("connection refused")

    monkeypatch.setattr(health, "check_broker", refuse)
    found, status = report()
    assert (broken(found), status) == (["broker"], 1)
    assert found["broker"]["message"] == "ConnectionError: connection refused"
    assert "REDIS_URL" in str(found["broker"]["mend"])


def test_missing_migration_is_found() -> None:
    MigrationRecorder.Migration.objects.filter(app="stores").delete()
    found, status = report()
    assert (broken(found), status) == (["migrations"], 1)


def test_full_disk_is_found(monkeypatch) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: Usage(10**12, 10**12, doctor.FREE_BYTES - 1))
    assert broken(report()[0]) == ["disk"]
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: Usage(10**12, 0, doctor.FREE_BYTES))
    assert broken(report()[0]) == []


def test_exposed_or_short_secret_key_is_found(settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "secret_key").write_text("k" * 60)
    (tmp_path / "secret_key").chmod(0o644)
    assert broken(report()[0]) == ["secret_key"]
    (tmp_path / "secret_key").chmod(0o600)
    settings.SECRET_KEY = "k" * 49
    assert broken(report()[0]) == ["secret_key"]


def test_unwritable_data_dir_is_found(settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path / "missing"
    assert "data_dir" in broken(report()[0])


def test_mail_server_out_of_reach_is_found(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert broken(report()[0]) == ["mail"]


def test_plain_report_says_how_to_mend(monkeypatch, capsys) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setattr(doctor, "ZONES", ("Nowhere/Land",))
    with pytest.raises(SystemExit):
        call_command("doctor")
    lines = capsys.readouterr().out
    assert "Time zones are missing: Nowhere/Land." in lines
    assert "→ Install the Python package tzdata: make venv" in lines


def test_doctor_finds_a_data_directory_that_others_read(tmp_path, settings) -> None:
    settings.DATA_DIR = tmp_path
    tmp_path.chmod(0o755)
    found, status = report()
    assert (broken(found)[:1], status) == (["data_dir"], 1)
    assert str(tmp_path) in str(found["data_dir"]["message"])
    assert "chmod 700" in str(found["data_dir"]["mend"])


def test_evidence_that_cannot_be_stored_is_found(settings, tmp_path) -> None:
    (tmp_path / "evidence").write_text("a file where a folder should be")
    disk = {"BACKEND": "evidence.storage.DiskStorage", "OPTIONS": {"location": tmp_path / "evidence"}}
    settings.STORAGES = {**settings.STORAGES, "evidence": disk}
    found, _status = report()
    assert broken(found) == ["evidence"]
    assert "EVIDENCE_S3_BUCKET" in str(found["evidence"]["mend"])


@pytest.mark.parametrize(
    ("lets_through", "said"),
    [
        ([], "Evidence is opened in a sandbox: no network, no programs, no other files, limited memory."),
        (["reading"], "Evidence is opened in a sandbox without landlock; its other limits hold."),
        (["network", "programs"], "Evidence is opened in a sandbox without seccomp; its other limits hold."),
        (["memory"], "The sandbox for evidence lacks rlimits."),
        (["writing", "reading"], "The sandbox for evidence lacks seccomp, landlock."),
    ],
)
@pytest.mark.rule("RL-09")
def test_what_the_sandbox_lacks_is_said(lets_through: list[str], said: str) -> None:
    attempts = [name for names in doctor.SANDBOX_PARTS.values() for name in names]
    with translation.override("en"):
        try:
            words = doctor.sandbox_words({name: name not in lets_through for name in attempts})
        except doctor.UnwellError as error:
            words = str(error)
    assert words == said


@pytest.mark.rule("IX-16")
def test_half_configured_gateway_is_found(settings) -> None:
    assert "SMS: console" in report()[0]["channels"]["message"]
    settings.SMS_GATEWAY, settings.SMS_SECRET_ID = "tencent", "x"
    found = report()[0]
    assert broken(found) == ["channels"]
    assert "SMS_APP_ID" in found["channels"]["message"]

"""The checks of `manage.py doctor` (IX-16): each says what it found and, if that is bad, how to fix it."""

import os
import secrets
import shutil
import tempfile
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.mail import get_connection
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import health
from config.backup.keeping import latest_backup
from config.backup.restoring import is_unfinished
from config.environment import open_to_others
from core.sealing import sealed_by_former_keys, sealed_fields
from evidence.sandbox import run as run_sandboxed
from evidence.storage import evidence_storage
from intake.filing import inbox_folder
from intake.models import StoreConnection
from notifications.channels.push.vapid import authorization
from notifications.channels.sms.gateways import Template, template_id
from notifications.models import Connection, PushSubscription
from rulebook.queries import policy_at
from stores.models import Company

FREE_BYTES = 1_000_000_000
ZONES = ("UTC", "Asia/Shanghai", "America/Los_Angeles", "America/Sao_Paulo")
BACKUP_AGE = timedelta(hours=36)
SUPPORTED_POSTGRESQL = 140000
# What keeps code inside the sandbox, and which of its attempts each part refuses.
SANDBOX_PARTS = {
    "seccomp": ("network", "processes", "programs", "writing"),
    "landlock": ("reading",),
    "rlimits": ("memory",),
}


class UnwellError(Exception):
    """A check failed in a way it can explain; the message says what is wrong."""


@dataclass(frozen=True)
class Finding:
    """The outcome of one check; `mend` is empty when all is well."""

    name: str
    ok: bool
    message: str
    mend: str = ""


def data_directory() -> str:
    """DATA_DIR can be written and belongs to us alone."""
    with tempfile.NamedTemporaryFile(dir=settings.DATA_DIR) as probe:
        probe.write(b"x")
        probe.flush()
    for place in (settings.DATA_DIR, *_database_files()):
        if open_to_others(place):
            raise UnwellError(_("%(file)s can be read by other users.") % {"file": place})
    return _("%(folder)s is writable, and private.") % {"folder": settings.DATA_DIR}


def _database_files() -> list[Path]:
    """The SQLite file and the files that SQLite keeps with it."""
    if connection.vendor != "sqlite":
        return []
    file = Path(str(connection.settings_dict["NAME"]))
    return [path for path in file.parent.glob(f"{file.name}*") if path.is_file()]


def secret_key() -> str:
    """The key is long, and kept from others when it lives in a file."""
    kept = settings.DATA_DIR / "secret_key"
    if len(settings.SECRET_KEY) < 50:
        raise UnwellError(_("SECRET_KEY is shorter than 50 characters."))
    if kept.exists() and kept.stat().st_mode & 0o077:
        raise UnwellError(_("%(file)s can be read by other users.") % {"file": kept})
    return _("The secret key is long and private.")


def disk() -> str:
    """Enough room is left for imports and write-ahead logs."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < FREE_BYTES:
        raise UnwellError(_("Only %(free)d MB are free in DATA_DIR.") % {"free": free // 1_000_000})
    return _("%(free)d MB are free in DATA_DIR.") % {"free": free // 1_000_000}


def database() -> str:
    """The database answers and is set up as concurrent writers need it (RL-07)."""
    health.check_database()
    if connection.vendor == "sqlite":
        return _sqlite()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_encoding')")
        version, encoding = cursor.fetchone()
    if version < SUPPORTED_POSTGRESQL or encoding != "UTF8":
        raise UnwellError(
            _("PostgreSQL %(version)s with %(encoding)s: 14 or newer with UTF8 is needed.")
            % {"version": version // 10000, "encoding": encoding}
        )
    return _("PostgreSQL %(version)s answers.") % {"version": version // 10000}


def _sqlite() -> str:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        journal = cursor.fetchone()[0]
    mode = connection.settings_dict["OPTIONS"].get("transaction_mode")
    if journal != "wal" or mode != "IMMEDIATE":
        raise UnwellError(
            _("SQLite runs with journal mode %(journal)s and %(mode)s transactions; WAL and IMMEDIATE are needed.")
            % {"journal": journal, "mode": mode}
        )
    return _("SQLite answers, with WAL and IMMEDIATE transactions.")


def migrations() -> str:
    """No migration waits to be applied."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise UnwellError(_("%(count)d migrations are not applied.") % {"count": len(waiting)})
    return _("All migrations are applied.")


def policy() -> str:
    """A policy version is in force now (DM-30)."""
    in_force = policy_at(datetime.now(UTC).replace(microsecond=0))
    return _("Policy version %(number)d is in force.") % {"number": in_force.number}


def broker() -> str:
    """The broker takes messages."""
    health.check_broker()
    kind = "Redis" if settings.REDIS_URL else settings.BROKER_DIR
    return _("The broker answers: %(kind)s.") % {"kind": kind}


def cache() -> str:
    """The cache keeps values."""
    health.check_cache()
    return _("The cache keeps values.")


def mail() -> str:
    """The mail server takes a connection, or mails can be written to disk."""
    mailer = get_connection()
    try:
        mailer.open()
    finally:
        mailer.close()
    if settings.EMAIL_URL:
        return _("The mail server answers.")
    return _("No mail server is set: mails are written to %(folder)s.") % {"folder": settings.EMAIL_FILE_PATH}


def channels() -> str:
    """Which ways messages take; one that is half configured is an error (PN-02)."""
    if settings.SMS_GATEWAY == "tencent" and (missing := _missing_sms_settings()):
        raise UnwellError(_("SMS_GATEWAY is tencent, and not set: %(names)s.") % {"names": ", ".join(missing)})
    chats = Connection.objects.filter(removed_at=None)
    failing = chats.exclude(alarmed_at=None).count()
    found = {
        "sms": settings.SMS_GATEWAY,
        "chats": chats.count(),
        "failing": failing,
        "browsers": PushSubscription.objects.count(),
    }
    authorization("https://push.example.com/")
    return _("SMS: %(sms)s; team chats: %(chats)d, not reached: %(failing)d; browsers: %(browsers)d.") % found


def _missing_sms_settings() -> list[str]:
    names = ("SMS_SECRET_ID", "SMS_SECRET_KEY", "SMS_APP_ID", "SMS_SIGN_NAME")
    missing = [name for name in names if not getattr(settings, name)]
    templates = [f"SMS_TEMPLATES {one}" for one in Template if not template_id(one, settings.LANGUAGE_CODE)]
    return [*missing, *templates]


def sealed_secrets() -> str:
    """The first of ENCRYPTION_KEYS sealed every secret in the database."""
    former = {one.name: sealed_by_former_keys(one).count() for one in sealed_fields()}
    if count := sum(former.values()):
        raise UnwellError(
            ngettext(
                "%(count)s secret is sealed by a former key: %(columns)s.",
                "%(count)s secrets are sealed by former keys: %(columns)s.",
                count,
            )
            % {"count": count, "columns": ", ".join(name for name, found in former.items() if found)}
        )
    return _("The first of ENCRYPTION_KEYS sealed all secrets in the database.")


def connections() -> str:
    """Stores that are connected to their platforms; secrets that can't be opened are an error (IX-25)."""
    rows = list(StoreConnection.objects.exclude(state=StoreConnection.State.DISCONNECTED).select_related("store"))
    sealed = [row.store.store_no for row in rows if row.problem == StoreConnection.Problem.SEALED]
    if sealed:
        raise UnwellError(_("The secrets of these stores can't be opened: %(stores)s.") % {"stores": ", ".join(sealed)})
    found = {
        "count": len(rows),
        "ended": sum(row.state == StoreConnection.State.RECONNECT for row in rows),
        "failing": sum(row.failures > 0 for row in rows),
    }
    return (
        _("Connected stores: %(count)d; to be connected again: %(ended)d; platform not reached: %(failing)d.") % found
    )


def evidence() -> str:
    """Evidence can be stored, read and removed where the settings say (RL-09)."""
    storage, place = evidence_storage(), f"doctor/{secrets.token_hex(8)}"
    storage.save(place, ContentFile(b"evidence"))
    with storage.open(place) as stored:
        is_same = stored.read() == b"evidence"
    storage.delete(place)
    if not is_same:
        raise UnwellError(_("What was stored as evidence came back different."))
    where = settings.STORAGES["evidence"]["OPTIONS"]
    return _("Evidence is stored in %(place)s.") % {"place": where.get("bucket_name") or where["location"]}


def backups() -> str:
    """No restore is half done, and nightly backups, if asked for, are made (RL-16)."""
    if is_unfinished():
        raise UnwellError(_("A restore is not finished."))
    if not settings.BACKUP_DIR:
        return _("No nightly backups are made: BACKUP_DIR is not set.")
    if not os.access(settings.BACKUP_DIR, os.W_OK | os.X_OK):
        raise UnwellError(_("%(folder)s can't be written to.") % {"folder": settings.BACKUP_DIR})
    latest = latest_backup()
    if latest is None or datetime.now(UTC) - latest > BACKUP_AGE:
        raise UnwellError(_("The newest backup is older than 36 hours, or there is none."))
    return _("The newest backup is of %(at)s.") % {"at": f"{latest:%Y-%m-%d %H:%M} UTC"}


def inbox() -> str:
    """The watched folders are companies', and what lies in them can be moved."""
    folder = inbox_folder()
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []
    if not names:
        return _("No folder is watched; DATA_DIR/inbox/COMPANY would be.")
    known = set(Company.objects.filter(company_no__in=names).values_list("company_no", flat=True))
    if strange := [name for name in names if name not in known]:
        raise UnwellError(_("No company has these numbers: %(names)s.") % {"names": ", ".join(strange)})
    if locked := [name for name in names if not os.access(folder / name, os.W_OK | os.X_OK)]:
        raise UnwellError(_("Files can't be moved in: %(names)s.") % {"names": ", ".join(locked)})
    return _("%(count)d folders are watched.") % {"count": len(names)}


def sandbox() -> str:
    """Files of strangers are opened in a process that can do nothing else (RL-09)."""
    with tempfile.NamedTemporaryFile(dir=settings.DATA_DIR) as secret:
        return sandbox_words(run_sandboxed("probe.attempt", Path(secret.name), secret=secret.name))


def sandbox_words(refused: Mapping[str, bool]) -> str:
    """What holds of the sandbox, by the attempts that it refused; too little is an error."""
    missing = [part for part, kept in SANDBOX_PARTS.items() if not all(refused[name] for name in kept)]
    if "rlimits" in missing or len(missing) > 1:
        raise UnwellError(_("The sandbox for evidence lacks %(parts)s.") % {"parts": ", ".join(missing)})
    if missing:
        return _("Evidence is opened in a sandbox without %(part)s; its other limits hold.") % {"part": missing[0]}
    return _("Evidence is opened in a sandbox: no network, no programs, no other files, limited memory.")


def time_zones() -> str:
    """The time zones that calendars and imports need are known."""
    missing = [name for name in ZONES if not _known(name)]
    if missing:
        raise UnwellError(_("Time zones are missing: %(names)s.") % {"names": ", ".join(missing)})
    return _("Time zone data is there.")


def _known(zone: str) -> bool:
    try:
        zoneinfo.ZoneInfo(zone)
    except zoneinfo.ZoneInfoNotFoundError:
        return False
    return True


def checks() -> dict[str, tuple[Callable[[], str], str]]:
    """Return every check by name, with what to do when it fails."""
    return {
        "data_dir": (
            data_directory,
            _("Make DATA_DIR writable for the user that runs this and closed to others (chmod 700), or move it."),
        ),
        "disk": (disk, _("Free space on the disk of DATA_DIR, or move DATA_DIR to a larger one.")),
        "secret_key": (
            secret_key,
            _("Set SECRET_KEY to a long random text, or remove DATA_DIR/secret_key to get a new one (signs all out)."),
        ),
        "database": (database, _("Start the database and check DATABASE_URL; SQLite needs a local disk.")),
        "migrations": (migrations, _("Run: python manage.py migrate")),
        "policy": (policy, _("Run: python manage.py migrate, which installs the shipped policy.")),
        "broker": (broker, _("Start Redis and check REDIS_URL; without REDIS_URL make DATA_DIR/broker writable.")),
        "cache": (cache, _("Start Redis and check REDIS_URL; without REDIS_URL make DATA_DIR/cache writable.")),
        "mail": (mail, _("Check EMAIL_URL: address, port, user, password. Unset, mails are written to DATA_DIR/mail.")),
        "channels": (
            channels,
            _("Set what is missing (.env.example), and put former keys at the end of ENCRYPTION_KEYS."),
        ),
        "sealed_secrets": (
            sealed_secrets,
            _("Run: python manage.py reseal. Then the former keys can be taken out of ENCRYPTION_KEYS."),
        ),
        "connections": (
            connections,
            _("Put the former key at the end of ENCRYPTION_KEYS, or enter the secrets anew on the page Connections."),
        ),
        "evidence": (
            evidence,
            _("Make DATA_DIR/evidence writable, or check EVIDENCE_S3_BUCKET, EVIDENCE_S3_ENDPOINT and the AWS keys."),
        ),
        "backups": (
            backups,
            _("Run restore with --start-over if one is unfinished; else make BACKUP_DIR writable for the worker."),
        ),
        "inbox": (
            inbox,
            _("Name each folder in DATA_DIR/inbox by a company's number, writable for the user that runs this."),
        ),
        "sandbox": (
            sandbox,
            _("Install libseccomp2, use Linux 5.13 or newer, and let the container use seccomp and landlock."),
        ),
        "time_zones": (time_zones, _("Install the Python package tzdata: make venv")),
    }


def examine() -> list[Finding]:
    """Run every check; one that raises is a failed check, never a failed doctor."""
    return [_examine_one(name, check, mend) for name, (check, mend) in checks().items()]


def _examine_one(name: str, check: Callable[[], str], mend: str) -> Finding:
    try:
        return Finding(name, True, check())
    except UnwellError as error:
        return Finding(name, False, str(error), mend)
    except Exception as error:
        return Finding(name, False, f"{type(error).__name__}: {error}".strip(), mend)

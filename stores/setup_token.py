"""The token without which nobody sets up a new installation: a stranger may reach it before its operator.

It is `SETUP_TOKEN`, or a random one in a file of DATA_DIR, which only who runs the machine can read. It works once: an
installation with people can't be set up, and the file is renamed.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode

FILE, USED = "setup-token", "setup-token.used"


def setup_token() -> str:
    """The token, made when it is asked for first."""
    if settings.SETUP_TOKEN:
        return str(settings.SETUP_TOKEN)
    try:
        descriptor = os.open(_path(FILE), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _kept(FILE)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(token := secrets.token_urlsafe(24))
    return token


def setup_link() -> str:
    """The address of the set-up page with the token."""
    return f"{settings.BASE_URL}{reverse('stores:setup')}?{urlencode({'token': setup_token()})}"


def is_setup_token(given: str) -> bool:
    """Whether it is the token; nothing is while there is none."""
    return _equals(given, settings.SETUP_TOKEN or _kept(FILE))


def was_setup_token(given: str) -> bool:
    """Whether the installation was set up with this token, or it is one that has become useless."""
    return is_setup_token(given) or _equals(given, _kept(USED))


def use_up_token() -> None:
    """Take the token out of use."""
    with suppress(FileNotFoundError):
        _path(FILE).rename(_path(USED))


def _equals(given: str, wanted: str) -> bool:
    return bool(wanted) and constant_time_compare(given, wanted)


def _kept(name: str) -> str:
    try:
        return _path(name).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def _path(name: str) -> Path:
    return Path(settings.DATA_DIR) / name

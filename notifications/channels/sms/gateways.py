"""Gateways: what sends a text to a phone. China's carriers take approved templates with parameters only."""

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from notifications.channels.declaring import Answer, Outcome


class Template(StrEnum):
    """What texts there are. ``MESSAGE`` has three parameters: what, the store, a number; ``CODE`` the code and the
    minutes that it holds."""

    MESSAGE = "message"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Text:
    """A text for a phone: a template with its parameters, and how it reads. ``id``: the same when it is sent again."""

    id: str
    template: Template
    language: str
    parameters: Sequence[str]
    plain: str


class Gateway(Protocol):
    """Sends texts to numbers (E.164)."""

    def send(self, number: str, text: Text) -> Answer:
        """Send one text."""


def gateway() -> Gateway:
    """The one that the settings name. The libraries of Tencent Cloud are loaded only where it is used: every process
    would start later for them."""
    if settings.SMS_GATEWAY == "tencent":
        tencent: type[Gateway] = import_string("notifications.channels.sms.tencent.TencentGateway")
        return tencent()
    return ConsoleGateway()


class ConsoleGateway:
    """Sends nothing: what would be sent is kept in DATA_DIR/sms, so that codes work in the embedded run, and printed
    where a person looks on: output that goes into a log holds no numbers and codes (RL-17)."""

    def send(self, number: str, text: Text) -> Answer:
        line = f"SMS {text.id} to {number}: {text.plain}\n"
        if sys.stdout.isatty():
            sys.stdout.write(line)
        place = settings.SMS_FOLDER / f"{time.time_ns()}.txt"
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(line)
        return Answer(Outcome.SENT)


def template_id(template: Template, language: str) -> str:
    """The approved template of a language, else that of the product's default language; empty where none is set."""
    ids: dict[str, str] = settings.SMS_TEMPLATES
    return ids.get(f"{template}.{language}") or ids.get(f"{template}.{settings.LANGUAGE_CODE}", "")

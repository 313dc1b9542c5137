"""A mail server on loopback that answers as a test tells it to."""

import asyncio
import email
import email.header
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services import free_port


class Postbox:
    """What was taken, and what to answer: ``at_rcpt`` by address, ``at_data`` one after the other; `HANG` says nothing,
    `SLOW` takes the mail after more than a second, `DIE` takes it and drops the connection before it says so."""

    HANG, SLOW, DIE = "hang", "slow", "die"

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.at_rcpt: dict[str, str] = {}
        self.at_data: list[str] = []

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.at_rcpt:
            return self.at_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.at_data.pop(0) if self.at_data else "250 OK"
        if answer == self.HANG:
            await asyncio.sleep(5)
        if answer == self.SLOW:
            await asyncio.sleep(1.1)
            answer = "250 OK"
        if answer in (self.DIE, "250 OK"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(email.message_from_bytes(envelope.content))
        if answer == self.DIE:
            assert server.transport is not None
            server.transport.abort()
        return answer

    def ids(self) -> list[str]:
        return [mail["Message-ID"] for mail in self.taken]

    def subjects(self) -> list[str]:
        return sorted(str(email.header.make_header(email.header.decode_header(mail["Subject"]))) for mail in self.taken)

    def recipients(self) -> list[str]:
        return sorted(mail["To"] for mail in self.taken)


@contextmanager
def mail_server() -> Iterator[tuple[Postbox, int]]:
    """A server and its port."""
    postbox = Postbox()
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield postbox, controller.port
    finally:
        controller.stop()


def use_mail_server(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_URL = "smtp://127.0.0.1"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 2

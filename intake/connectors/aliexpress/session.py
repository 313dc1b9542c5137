"""Business calls of a connection: with its present token, which is refreshed once if the platform refuses it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from intake.connectors.aliexpress import authorization, wire
from intake.connectors.aliexpress.client import Client
from intake.connectors.aliexpress.known import unknown_fields
from intake.connectors.credentials import opened
from intake.connectors.errors import SessionEndedError
from intake.connectors.fields import FieldNotes
from intake.connectors.pulling import Pull
from intake.connectors.tokens import refresh_tokens, should_refresh
from intake.models import StoreConnection


@dataclass
class AliExpressSession:
    """What feeds work with: ``ask`` for calls, ``pull`` for what comes of them."""

    pull: Pull
    client: Client
    _notes: FieldNotes = field(repr=False)
    _token: str = field(default="", repr=False)

    @property
    def connection(self) -> StoreConnection:
        return self.pull.connection

    @property
    def now(self) -> datetime:
        return self.pull.now

    def ask(self, method: wire.Method, query: dict[str, Any]) -> Any:
        """The content of an answer. Raises a PlatformError, TurnOverError, StoppedError."""
        content = self._ask(method, query)
        for path in self._notes.note(method.name, unknown_fields(content, method.name), at=self.now):
            self.pull.doubt("field_added", path, method.name)
        return content

    def _ask(self, method: wire.Method, query: dict[str, Any]) -> Any:
        if not self._token or should_refresh(self.connection, self.now):
            self._renew()
        try:
            return self.client.call(method, query, session=self._token)
        except SessionEndedError:
            self._refresh()
            return self.client.call(method, query, session=self._token)

    def _renew(self) -> None:
        if should_refresh(self.connection, self.now):
            self._refresh()
        self._token = opened(self.connection, "access_token")

    def _refresh(self) -> None:
        if not self.connection.refresh_token:
            raise SessionEndedError("there is no refresh token")
        connection = self.connection
        present = refresh_tokens(
            connection, lambda token: authorization.refresh(connection, token), now=lambda: self.now
        )
        for name in ("access_token", "refresh_token", "access_until", "refresh_until", "token_at", "version"):
            setattr(connection, name, getattr(present, name))
        self._token = opened(connection, "access_token")


def open_session(pull: Pull) -> AliExpressSession:
    """A session for a turn. Raises UnsealError."""
    connection = pull.connection
    secret = opened(connection, "app_secret")
    client = Client(connection.region, connection.app_key, secret, before=pull.before_request)
    return AliExpressSession(pull, client, FieldNotes(connection))

"""Celery's broker for the embedded run: kombu's virtual transport over `config.spool`.

kombu's own file-system transport lets consumers see half-written files and forgets a message as soon as it is read.
This one keeps a message until its work is acknowledged. Local disk only; one machine.
"""

from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.utils.json import dumps, loads

from config.spool import Spool

ALIAS = "dianwei-files"
_spools: dict[Path, Spool] = {}


def register() -> None:
    """Make the scheme `dianwei-files://` known to kombu; transport option `folder` says where the queues live."""
    TRANSPORT_ALIASES[ALIAS] = f"{__name__}:Transport"


def spool_at(folder: Path) -> Spool:
    """Return the one spool that this process has on `folder`."""
    return _spools.setdefault(folder, Spool(folder))


class QoS(virtual.QoS):
    """Deletes a message's file when it is acknowledged or refused for good."""

    channel: "Channel"

    def ack(self, delivery_tag: str) -> None:
        self.channel.finish(delivery_tag)
        super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if not requeue:
            self.channel.finish(delivery_tag)
        super().reject(delivery_tag, requeue=requeue)


class Channel(virtual.Channel):
    """Puts, claims and acknowledges messages in the spool."""

    QoS = QoS
    from_transport_options = (*virtual.Channel.from_transport_options, "folder")
    folder: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spool = spool_at(Path(self.folder))
        self.claims: dict[str, Path] = {}
        self.unacknowledged_queues: set[str] = set()

    def finish(self, delivery_tag: str) -> None:
        """Delete the file of a delivered message."""
        if claim := self.claims.pop(delivery_tag, None):
            self.spool.done(claim)

    def basic_consume(self, queue: str, no_ack: bool, *args: Any, **kwargs: Any) -> Any:
        if no_ack:
            self.unacknowledged_queues.add(queue)
        return super().basic_consume(queue, no_ack, *args, **kwargs)

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> Any:
        message = super().basic_get(queue, no_ack=no_ack, **kwargs)
        if message is not None and message.delivery_tag and no_ack:
            self.finish(message.delivery_tag)
        return message

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        claimed = self.spool.claim(queue)
        if claimed is None:
            raise Empty
        path, body = claimed
        payload: dict[str, Any] = loads(body)
        tag = payload["properties"]["delivery_tag"]
        self.claims[tag] = path
        if queue in self.unacknowledged_queues:
            self.finish(tag)
        return payload

    def _put(self, queue: str, message: Any, **_: Any) -> None:
        self.spool.put(queue, dumps(message).encode())

    def _restore(self, message: Any) -> None:
        """Return an unacknowledged message as it was, instead of publishing a copy of it."""
        if claim := self.claims.pop(message.delivery_tag, None):
            self.spool.give_back(claim)

    def _new_queue(self, queue: str, **_: Any) -> None:
        self.spool.queue(queue)

    def _has_queue(self, queue: str, **_: Any) -> bool:
        return True

    def _size(self, queue: str) -> int:
        return self.spool.size(queue)

    def _purge(self, queue: str) -> int:
        return self.spool.purge(queue)

    def _delete(self, queue: str, *_: Any, **__: Any) -> None:
        self.spool.purge(queue)


class Transport(virtual.Transport):
    """The transport behind `dianwei-files://`."""

    Channel = Channel
    polling_interval = 0.2
    driver_type = driver_name = "files"

    def driver_version(self) -> str:
        return "1"

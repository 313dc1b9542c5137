"""An HTTP server on loopback that answers as a test tells it to."""

import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What was received, and what to answer: a status, whole bytes to write, or one of the ways not to answer. The
    last of ``answers`` is repeated; none means 200."""

    HANG, DIE, DIE_INSIDE, DRIP = "hang", "die", "die inside the answer", "one byte at a time"

    port: int = 0
    answers: list[int | bytes | str] = field(default_factory=list)
    received: list[Request] = field(default_factory=list)
    body: bytes = b"ok"
    pause: float = 0
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def take(self, request: Request) -> int | bytes | str:
        with self.lock:
            self.received.append(request)
            return self.answers.pop(0) if len(self.answers) > 1 else (self.answers or [200])[0]


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        receiver: Receiver = vars(self.server)["receiver"]
        line = self.rfile.readline().decode().strip()
        if not line:
            return
        headers: dict[str, str] = {}
        while text := self.rfile.readline().decode().strip():
            name, _colon, value = text.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", 0)))
        self.answer(receiver, receiver.take(Request(line, headers, body)))

    def answer(self, receiver: Receiver, answer: int | bytes | str) -> None:
        time.sleep(receiver.pause)
        whole = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + b"x" * 400
        if answer == Receiver.HANG:
            receiver.closing.wait(20)
        elif answer == Receiver.DIE_INSIDE:
            self.wfile.write(whole[:100])
        elif answer == Receiver.DRIP:
            for byte in whole:
                self.wfile.write(bytes([byte]))
                if receiver.closing.wait(0.05):
                    return
        elif isinstance(answer, bytes):
            self.wfile.write(answer)
        elif isinstance(answer, int):
            head = f"HTTP/1.1 {answer} Status\r\nContent-Length: {len(receiver.body)}\r\n\r\n"
            self.wfile.write(head.encode() + receiver.body)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, or gave up a handshake, is what some tests are about."""


@contextmanager
def http_server(*, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A server that listens until the end of the block."""
    with _Server((host, port), _Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        receiver = Receiver(port=server.server_address[1])
        vars(server)["receiver"] = receiver
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield receiver
        finally:
            receiver.closing.set()
            server.shutdown()


def allow_loopback(settings: Any, *ports: int) -> None:
    """What an operator sets to have these ports of the machine itself reached by plain http."""
    settings.OUTGOING_PRIVATE_NETWORKS = ["127.0.0.1/32"]
    settings.OUTGOING_ALLOW_HTTP = True
    settings.OUTGOING_PORTS = list(ports)

"""An API server on this host that answers as a test scripts it: it refuses, hangs, resets, closes, or says nonsense."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509

from resilience.traffic.transport import Place
from tests.accepting import Accepting, server_context
from tests.api_with_tls import Authority

NAME = "api.example.org"  # read when an API is made
Connection = ssl.SSLSocket
Behaviour = Callable[["Connection", bytes], bool | None]
"""What is done with a connection and the request that came by it. True keeps the connection."""


def answer(status: int, body: object = None, *, keep: bool = True) -> Behaviour:
    """A complete answer; text is sent as it is."""
    sent = body.encode() if isinstance(body, str) else json.dumps(body).encode()

    def behave(connection: Connection, request: bytes) -> bool:
        head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(sent)}\r\n" + (
            "" if keep else "Connection: close\r\n"
        )
        connection.sendall(head.encode() + b"\r\n" + sent)
        return keep

    return behave


def chunks(*lines: object, ends: bool = True) -> Behaviour:
    """A watch: a chunk for each event. One that does not end hangs until the client goes."""

    def behave(connection: Connection, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for line in lines:
            data = (line if isinstance(line, str) else json.dumps(line)).encode() + b"\n"
            connection.sendall(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        if ends:
            connection.sendall(b"0\r\n\r\n")
        else:
            hang(connection, request)

    return behave


def hang(connection: Connection, request: bytes) -> None:
    """Answer nothing until the client goes."""
    connection.settimeout(30)
    with suppress(OSError):
        connection.recv(1)


def close(connection: Connection, request: bytes) -> None:
    """End the connection without an answer."""


def reset(connection: Connection, request: bytes) -> None:
    """The same with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def half(connection: Connection, request: bytes) -> None:
    """Half of an answer, and a reset."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    reset(connection, request)


def half_and_hang(connection: Connection, request: bytes) -> None:
    """Half of an answer, and nothing more."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    hang(connection, request)


def nonsense(connection: Connection, request: bytes) -> None:
    """What is not HTTP."""
    connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")


class Api(Accepting):
    """Behaves as `script` says, one entry for each request, the last one for all further. `requested` are these."""

    def __init__(self, folder: Path) -> None:
        self.authority, stranger = Authority(), Authority()
        self.script: list[Behaviour] = [answer(200, {})]
        self.requested: list[tuple[str, str, Any]] = []
        self._lock = threading.Lock()
        names = (x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName(NAME))
        self._server = server_context(folder / "server.pem", *self.authority.signs("api", *names))
        self._strange = server_context(folder / "stranger.pem", *stranger.signs("api", *names))
        self.strange = False
        self.context = ssl.create_default_context(cadata=self.authority.certificate.decode())
        super().__init__(self._serve)

    @property
    def place(self) -> Place:
        return Place("127.0.0.1", self.port, NAME)

    def _serve(self, plain: socket.socket) -> None:
        context = self._strange if self.strange else self._server
        with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
            while request := _request(connection):
                with self._lock:
                    self.requested.append(_parsed(request))
                    behave = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                if not behave(connection, request):
                    return


def _request(connection: Connection) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        more = connection.recv(4096)
        if not more:
            return b""
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(4096)
    return head + b"\r\n\r\n" + body


def _parsed(request: bytes) -> tuple[str, str, Any]:
    head, _, body = request.partition(b"\r\n\r\n")
    method, path, _ = head.split(b"\r\n")[0].decode().split(" ")
    return method, path, json.loads(body or b"null")


@contextmanager
def misbehaving(folder: Path) -> Iterator[Api]:
    api = Api(folder)
    try:
        yield api
    finally:
        api.close()


@contextmanager
def listening(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port on which each plain connection is given to a function, as a balancer without servers behind it has one."""

    def serve(connection: socket.socket) -> None:
        with connection:
            behave(connection)

    with closing(Accepting(serve)) as made:
        yield made.port


def refused() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def config_map(name: str, value: str, revision: int) -> dict[str, Any]:
    """An object as the API shows it."""
    metadata = {"name": name, "resourceVersion": str(revision)}
    return {"kind": "ConfigMap", "metadata": metadata, "data": {"value": value}}


def status(code: int, reason: str, name: str = "") -> dict[str, Any]:
    """A refusal as the API shows it."""
    details = {"details": {"name": name, "kind": "configmaps"}} if name else {}
    return {
        "kind": "Status",
        "status": "Failure",
        "reason": reason,
        "code": code,
        "message": f"it is {reason}",
        **details,
    }


def event(change: str, name: str, value: str, revision: int) -> dict[str, Any]:
    """An event of a watch."""
    return {"type": change, "object": config_map(name, value, revision)}

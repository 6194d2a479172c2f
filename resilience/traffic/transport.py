"""One request to the API over HTTPS, sent once, with a limit, and exactly what became of it."""

from __future__ import annotations

import errno
import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import Any, Protocol

from resilience.histories.records import Loss

CONNECT = 2.0
"""Seconds to connect and to agree on encryption: milliseconds where a server is there, on a busy host tenths. What is
cut off answers nothing, and is tried again with the client's next request: a return is seen within these."""

REQUEST = 5.0
"""Seconds for a whole request. An election of etcd's leader takes one to two (--election-timeout is 1 s), and requests
that wait for it should be answered; a request to a server that hangs must not hide for long that others work."""

_SHOWN = 200  # characters of a reason: a line


@dataclass(frozen=True)
class Request:
    """A method, a path with its query, and what is sent as JSON."""

    method: str
    path: str
    body: dict[str, Any] | None = None

    @property
    def payload(self) -> bytes:
        """The body as it is sent."""
        return b"" if self.body is None else json.dumps(self.body, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Response:
    """A complete answer."""

    status: int
    body: bytes


class Lost(Exception):
    """No complete answer: how it was lost, whether (a part of) the request may have been sent, and why in one line."""

    def __init__(self, loss: Loss, why: str, *, sent: bool) -> None:
        super().__init__(why)
        self.loss, self.why, self.sent = loss, why, sent


class Transport(Protocol):
    """A way to the API."""

    def opened(self) -> str:
        """Have what sends requests ready; why it cannot be, or ""."""

    def exchange(self, request: Request) -> Response:
        """The answer; raises Lost. Nothing is sent twice."""

    def interrupt(self) -> None:
        """From another thread: let what waits for an answer raise Lost soon."""

    def close(self) -> None:
        """End what is open, from the thread that uses it."""


@dataclass(frozen=True)
class Place:
    """Where an API is: its address and port, the name that its certificate must have, and where connections start."""

    address: str
    port: int
    name: str
    source: str = ""


class Direct:
    """From this process, by a connection for each request, or by one that is kept until it breaks."""

    def __init__(
        self, place: Place, context: ssl.SSLContext, *, keep: bool, connect: float = CONNECT, limit: float = REQUEST
    ) -> None:
        self._place, self._context, self._keep = place, context, keep
        self._connect_limit, self._limit = connect, limit
        self._connection: _Connection | None = None

    def opened(self) -> str:
        return ""

    def exchange(self, request: Request) -> Response:
        deadline = time.monotonic() + self._limit
        connection = self._connected()
        complete = False
        try:
            with lost(sent=True):
                answer = connection.send(request, deadline, keep=self._keep)
                response = Response(answer.status, connection.rest(answer, deadline))
            complete = True
        finally:
            if not complete or not self._keep or connection.http.sock is None:  # the server may close it, and says so
                self.close()
        return response

    def lines(self, request: Request, silence: float) -> Iterator[bytes]:
        """The lines of an answer that goes on, until it ends; the first item is the status, as text.

        Raises Lost, also where nothing comes for `silence` seconds.
        """
        connection = self._connected()
        try:
            with lost(sent=True):
                answer = connection.send(request, time.monotonic() + self._limit, keep=False)
            yield str(answer.status).encode()
            while True:
                connection.until(time.monotonic() + silence)
                with lost(sent=True):
                    line = answer.readline()
                if not line:
                    return
                yield line
        finally:
            self.close()

    def interrupt(self) -> None:
        connection = self._connection
        if connection is not None:
            connection.interrupt()

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> _Connection:
        """The kept connection, or a new one; raises Lost."""
        if self._connection is None:
            with lost(sent=False):
                self._connection = _Connection(self._place, self._context, self._connect_limit)
        return self._connection


class _Connection:
    """A connection with encryption, that never connects by itself again."""

    def __init__(self, place: Place, context: ssl.SSLContext, limit: float) -> None:
        deadline = time.monotonic() + limit
        plain = socket.create_connection(
            (place.address, place.port), limit, (place.source, 0) if place.source else None
        )
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(_left(deadline))
            self._socket = context.wrap_socket(plain, server_hostname=place.name)
        except BaseException:
            plain.close()
            raise
        self.http = HTTPConnection(place.name, place.port)
        self.http.sock, self.http.auto_open = self._socket, 0
        self._answer: HTTPResponse | None = None

    def send(self, request: Request, deadline: float, *, keep: bool) -> HTTPResponse:
        """The answer's head."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        headers |= {} if keep else {"Connection": "close"}
        self.until(deadline)
        self.http.request(request.method, request.path, request.payload or None, headers)
        self.until(deadline)
        self._answer = self.http.getresponse()
        return self._answer

    def rest(self, answer: HTTPResponse, deadline: float) -> bytes:
        """The answer's body: in parts, since a server that sends a byte now and then meets the limit of each."""
        parts = []
        while answer.length != 0:  # None: it has none, and ends with an empty part
            self.until(deadline)
            if not (part := answer.read1(1 << 16)):
                break
            parts.append(part)
        if answer.length:
            raise IncompleteRead(b"".join(parts), answer.length)
        answer.close()  # what it came by may have another one
        return b"".join(parts)

    def until(self, deadline: float) -> None:
        """Let what is waited for next end at a deadline."""
        with suppress(OSError):  # closed already: what is read next says so
            self._socket.settimeout(_left(deadline))

    def interrupt(self) -> None:
        """End what another thread waits for: to close alone does not."""
        with suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(OSError, HTTPException):
            if self._answer is not None:
                self._answer.close()
            self.http.close()
            self._socket.close()


def _left(deadline: float) -> float:
    """Seconds, never 0: that would mean not to wait at all."""
    return max(0.001, deadline - time.monotonic())


@contextmanager
def lost(*, sent: bool) -> Iterator[None]:
    """What goes wrong on the way, as Lost."""
    try:
        yield
    except (OSError, HTTPException, ValueError, AttributeError) as error:  # the last two: closed by another thread
        why = " ".join(f"{type(error).__name__}: {error}".split())
        raise Lost(_how(error), why[:_SHOWN], sent=sent) from error


_FAR = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN)
_KINDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Loss], ...] = (
    (TimeoutError, Loss.TIMEOUT),
    (socket.gaierror, Loss.NAME),
    (ConnectionRefusedError, Loss.REFUSED),
    # A server that is gone ends the stream while encryption is agreed on, too.
    ((ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError, HTTPException), Loss.RESET),
    (ssl.SSLError, Loss.TLS),
)


def _how(error: BaseException) -> Loss:
    """The kind of a loss; a certificate that is not valid is one of TLS."""
    if isinstance(error, OSError) and error.errno in _FAR:
        return Loss.UNREACHABLE
    return next((loss for kinds, loss in _KINDS if isinstance(error, kinds)), Loss.OTHER)

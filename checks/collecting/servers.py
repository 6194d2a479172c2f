"""Each API server, and the endpoint, as this host sees them: a few requests each, without any user."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any, TypeVar

from checks.collecting.on_the_way import NOT_REACHED, what_happened
from checks.collecting.reading_certificates import certificate
from checks.facts.certificates import Certificate
from checks.facts.cluster import ApiServer
from checks.facts.fact import Fact, Unknown
from provision.config.addresses import at

_T = TypeVar("_T")
_CONNECT, _ANSWER = 3, 4  # seconds: an API server that is up answers in milliseconds
_AGAIN = 1.0
"""Seconds until one that is not ready is tried again: on a busy disk, a single answer of etcd is late now and then.
Load balancers that check it take a server out after two answers like this, too."""
_MOST = 1 << 20  # bytes of an answer: /readyz?verbose has three thousand
_NO_LOGIN = "the health of API servers is hidden from users without a login (anonymous-auth)"


def inspected(address: str, machine: str, port: int) -> ApiServer:
    """What the server at an address says of itself; it need not be trusted for that.

    Where no connection is made, or nothing follows, it is not tried again.
    """
    host = address.strip("[]")
    shown = at(host, port)
    how = f"openssl s_client -connect {shown}"
    connected = _fact(how, lambda: _connected(host, port), NOT_REACHED)
    if not connected.known:
        nothing: Any = connected
        return ApiServer(shown, machine, nothing, nothing, nothing)
    presented = _fact(how, lambda: _certificate(connected.get(), host, port), "takes connections and does not answer")
    if not presented.known:
        missing: Any = presented
        return ApiServer(shown, machine, missing, missing, presented, accepts=True)
    ready = _fact(f"curl -k https://{shown}/readyz?verbose", lambda: _ready(host, port))
    version = _fact(f"curl -k https://{shown}/version", lambda: _version(host, port))
    return ApiServer(shown, machine, ready, version, presented, accepts=True)


def _connected(host: str, port: int) -> socket.socket:
    return socket.create_connection((host, port), _CONNECT)


def _certificate(connected: socket.socket, host: str, port: int) -> Certificate:
    with connected as plain:
        plain.settimeout(_ANSWER)
        with _context().wrap_socket(plain, server_hostname=host) as secure:
            der = secure.getpeercert(binary_form=True)
    if not der:
        raise Unknown(f"{host}:{port} presents no certificate")
    return certificate(der, at(host, port))


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _ready(host: str, port: int) -> tuple[str, ...]:
    """Lines of /readyz?verbose that fail, twice in a row; none where all is well."""
    if not _ready_now(host, port):
        return ()
    time.sleep(_AGAIN)
    return _ready_now(host, port)


def _ready_now(host: str, port: int) -> tuple[str, ...]:
    status, text = _get(host, port, "/readyz?verbose")
    if status in (401, 403):
        raise Unknown(_NO_LOGIN)
    failed = tuple(line for line in text.splitlines() if line.startswith("[-]"))
    return () if status == 200 else failed or (f"HTTP {status}",)


def _version(host: str, port: int) -> str:
    status, text = _get(host, port, "/version")
    if status != 200:
        raise Unknown(_NO_LOGIN if status in (401, 403) else f"/version answers with {status}")
    found = text.partition('"gitVersion": "')[2].partition('"')[0]
    if not found:
        raise Unknown("/version names no version")
    return found


def _get(host: str, port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPSConnection(host, port, timeout=_ANSWER, context=_context())
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(_MOST).decode(errors="replace")
    finally:
        connection.close()


def _fact(how: str, read: Callable[[], _T], where: str = "does not answer") -> Fact[_T]:
    try:
        return Fact(how, read())
    except Unknown as unknown:
        return Fact(how, None, unknown.reason)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Fact(how, None, f"{where}: {what_happened(error, str(error))}")

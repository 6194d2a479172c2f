"""Each API server, and the endpoint, as this host sees them: three requests each, without any user."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

from checks.collecting.reading_certificates import certificate
from checks.facts.certificates import Certificate
from checks.facts.cluster import ApiServer
from checks.facts.fact import Fact, Unknown

_T = TypeVar("_T")
_LIMIT = 4  # seconds for each step of a connection: an API server that is up answers in milliseconds
_NO_LOGIN = "the health of API servers is hidden from users without a login (anonymous-auth)"


def asked(address: str, machine: str, port: int) -> ApiServer:
    """What the server at an address says of itself; it need not be trusted for that."""
    host = address.strip("[]")
    presented, ready, version = _certificate(host, port), _ready(host, port), _version(host, port)
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return ApiServer(shown, machine, ready, version, presented)


def _certificate(host: str, port: int) -> Fact[Certificate]:
    how = f"openssl s_client -connect {host}:{port}"

    def read() -> Certificate:
        with (
            socket.create_connection((host, port), _LIMIT) as plain,
            _context().wrap_socket(plain, server_hostname=host) as secure,
        ):
            der = secure.getpeercert(binary_form=True)
        if not der:
            raise Unknown(f"{host}:{port} presents no certificate")
        return certificate(der, f"{host}:{port}")

    return _fact(how, read)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _ready(host: str, port: int) -> Fact[tuple[str, ...]]:
    """Lines of /readyz?verbose that fail; none where all is well."""

    def read() -> tuple[str, ...]:
        status, text = _get(host, port, "/readyz?verbose")
        if status in (401, 403):
            raise Unknown(_NO_LOGIN)
        failed = tuple(line for line in text.splitlines() if line.startswith("[-]"))
        return () if status == 200 else failed or (f"HTTP {status}",)

    return _fact(f"curl -k https://{host}:{port}/readyz?verbose", read)


def _version(host: str, port: int) -> Fact[str]:
    def read() -> str:
        status, text = _get(host, port, "/version")
        if status != 200:
            raise Unknown(_NO_LOGIN if status in (401, 403) else f"/version answers with {status}")
        return text.partition('"gitVersion": "')[2].partition('"')[0]

    return _fact(f"curl -k https://{host}:{port}/version", read)


def _get(host: str, port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPSConnection(host, port, timeout=_LIMIT, context=_context())
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()


def _fact(how: str, read: Callable[[], _T]) -> Fact[_T]:
    try:
        return Fact(how, read())
    except Unknown as unknown:
        return Fact(how, None, unknown.reason)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Fact(how, None, f"does not answer: {error}")

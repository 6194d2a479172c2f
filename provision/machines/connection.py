"""One SSH connection with paramiko, straight or through a jump host; nothing of the user's own set-up is read."""

from __future__ import annotations

import base64
import hashlib
import logging
import socket
from dataclasses import replace

import paramiko

from provision.config.login import Login

_PORT = 22  # the one that known_hosts leaves out
_DIAL = 5  # seconds for TCP's handshake, which a host that is up does in milliseconds
_KEEPALIVE = 5  # seconds, so that a peer that vanished is noticed while nothing is sent
_GREETING = 10  # seconds in which a machine that does not lie idle says who it is, and who may log in
_DEAD_AFTER = 20  # seconds without an acknowledgement until a vanished peer counts as gone

logging.getLogger("paramiko.transport").setLevel(logging.CRITICAL)  # what it logs is raised as well


class UnknownHostKey(paramiko.SSHException):
    """A machine or a jump host has proved itself with a key that is not in known_hosts.

    `line` is what belongs there, if the fingerprint is the machine's.
    """

    def __init__(self, host: str, key: paramiko.PKey) -> None:
        self.line = f"{host} {key.get_name()} {key.get_base64()}"
        super().__init__(f"the host key of {host} is not known: {key.get_name()} {fingerprint(key)}")


class ChangedHostKey(paramiko.SSHException):
    """A machine or a jump host has proved itself with another key than the known one; `host` as known_hosts has it."""

    def __init__(self, host: str, changed: paramiko.BadHostKeyException) -> None:
        self.host = host
        got, known = fingerprint(changed.key), fingerprint(changed.expected_key)
        super().__init__(f"the host key of {host} is not the one that is known: {got} instead of {known}")


class _Refuse(paramiko.MissingHostKeyPolicy):
    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        del client
        raise UnknownHostKey(hostname, key)


def fingerprint(key: paramiko.PKey) -> str:
    """The fingerprint that ssh shows of a key."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


def connect(login: Login, address: str) -> paramiko.SSHClient:
    """Log in; raises OSError, EOFError or SSHException. A jump host's connection ends with the machine's."""
    target = login.connect or address
    if not login.jump:
        return _client(login, target, login.port, login.user, _dial(target, login.port, login.source))
    dialled = _dial(login.jump.host, login.jump.port, login.source)
    there = replace(login, key=login.jump.key or login.key)
    jump = _client(there, login.jump.host, login.jump.port, login.jump.user, dialled)
    try:
        channel = _transport(jump).open_channel(
            "direct-tcpip", (target, login.port), ("127.0.0.1", 0), timeout=_GREETING * login.patience
        )
        client = _client(login, target, login.port, login.user, channel)
    except BaseException:
        jump.close()
        raise
    _end_with(client, jump)
    return client


def _end_with(client: paramiko.SSHClient, jump: paramiko.SSHClient) -> None:
    close = client.close

    def close_both() -> None:
        close()
        jump.close()

    client.close = close_both  # type: ignore[method-assign]


def _dial(host: str, port: int, source: str) -> socket.socket:
    sock = socket.create_connection((host, port), _DIAL, (source, 0))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_AFTER * 1000)
    return sock


def _client(
    login: Login, host: str, port: int, user: str, sock: socket.socket | paramiko.Channel
) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    if login.known_hosts.exists():  # a user who has never used ssh has none, and knows no machine
        client.load_host_keys(str(login.known_hosts))
    client.set_missing_host_key_policy(_Refuse())
    try:
        client.connect(
            host, port, user, key_filename=str(login.key) if login.key else None, sock=sock,
            allow_agent=login.key is None, look_for_keys=False, banner_timeout=_GREETING * login.patience,
            auth_timeout=_GREETING * login.patience,
        )  # fmt: skip
    except BaseException as error:
        client.close()
        sock.close()
        if isinstance(error, paramiko.BadHostKeyException):
            raise ChangedHostKey(host if port == _PORT else f"[{host}]:{port}", error) from None
        raise
    _transport(client).set_keepalive(_KEEPALIVE)
    return client


def _transport(client: paramiko.SSHClient) -> paramiko.Transport:
    transport = client.get_transport()
    assert transport is not None
    return transport

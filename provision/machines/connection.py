"""One SSH connection with paramiko, straight or through a jump host; nothing of the user's own set-up is read."""

from __future__ import annotations

import logging
import socket

import paramiko

from provision.config.login import Login

_DIAL = 5  # seconds for TCP's handshake, which a host that is up does in milliseconds
_KEEPALIVE = 5  # seconds, so that a peer that vanished is noticed while nothing is sent
_GREETING = 10  # seconds in which a machine that does not lie idle says who it is, and who may log in
_DEAD_AFTER = 20  # seconds without an acknowledgement until a vanished peer counts as gone

logging.getLogger("paramiko.transport").setLevel(logging.CRITICAL)  # what it logs is raised as well


def connect(login: Login, address: str) -> paramiko.SSHClient:
    """Log in; raises OSError, EOFError or SSHException. A jump host's connection ends with the machine's."""
    target = login.connect or address
    if not login.jump:
        return _client(login, target, login.port, login.user, _dial(target, login.port, login.source))
    dialled = _dial(login.jump.host, login.jump.port, login.source)
    jump = _client(login, login.jump.host, login.jump.port, login.jump.user, dialled)
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
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    try:
        client.connect(
            host, port, user, key_filename=str(login.key) if login.key else None, sock=sock,
            allow_agent=login.key is None, look_for_keys=False, banner_timeout=_GREETING * login.patience,
            auth_timeout=_GREETING * login.patience,
        )  # fmt: skip
    except BaseException:
        client.close()
        sock.close()
        raise
    _transport(client).set_keepalive(_KEEPALIVE)
    return client


def _transport(client: paramiko.SSHClient) -> paramiko.Transport:
    transport = client.get_transport()
    assert transport is not None
    return transport

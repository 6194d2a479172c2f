"""A machine reached over SSH, with paramiko: one connection a process and machine; no set-up of the user's is read."""

from __future__ import annotations

import logging
import select
import socket
import threading
import time

import paramiko

from provision.errors import Interrupted, TimedOut, Unreachable
from provision.journal import Journal
from provision.machines import openssh
from provision.machines.login import Login
from provision.machines.machine import Machine, Result
from provision.together import interrupted
from provision.topology import MachineSpec

_CHANNELS = 8  # sshd allows ten sessions a connection (MaxSessions); two are left for people
_DEAD_AFTER = 20  # seconds without an acknowledgement until a vanished peer counts as gone


logging.getLogger("paramiko.transport").setLevel(logging.CRITICAL)  # what it logs is raised as well


class SshMachine(Machine):
    """Commands go over one SSH connection, made when first needed and made again when it broke."""

    def __init__(self, spec: MachineSpec, address: str, login: Login, journal: Journal) -> None:
        super().__init__(spec, address, login.user)
        self.login = login
        self._journal = journal
        self._client: paramiko.SSHClient | None = None
        self._connecting = threading.Lock()
        self._slots = threading.BoundedSemaphore(_CHANNELS)

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        start = time.time()
        with self._slots:
            try:
                if agent:
                    result = openssh.run_forwarding(self.login, self.address, command, timeout)
                else:
                    result = self._exchange(command, stdin, time.monotonic() + timeout)
            except (Unreachable, TimedOut) as problem:
                self._journal.command(self.name, command, None, "", str(problem), start)
                raise
        shown = "(withheld)" if secret else result.stdout
        self._journal.command(self.name, command, result.rc, shown, result.stderr, start)
        return result

    def close(self) -> None:
        client, self._client = self._client, None
        if client:
            client.close()

    def wait_until_reachable(self, timeout: float) -> None:
        """Wait until a login succeeds; `timeout` in seconds. Raises Unreachable with the last reason."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                self._transport()
                return
            except Unreachable:
                if time.monotonic() >= deadline or interrupted():
                    raise
                time.sleep(0.1)

    def _transport(self) -> paramiko.Transport:
        with self._connecting:
            transport = self._client.get_transport() if self._client else None
            if transport is None or not transport.is_active():
                self._client = self._connect()
                transport = self._client.get_transport()
        assert transport is not None
        return transport

    def _connect(self) -> paramiko.SSHClient:
        client = paramiko.SSHClient()
        client.load_host_keys(str(self.login.known_hosts))
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        try:
            sock = socket.create_connection((self.address, self.login.port), 5, (self.login.source, 0))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_AFTER * 1000)
            client.connect(
                self.address, self.login.port, self.login.user, key_filename=str(self.login.key), sock=sock,
                allow_agent=False, look_for_keys=False, banner_timeout=10, auth_timeout=10,
            )  # fmt: skip
        except (OSError, EOFError, paramiko.SSHException) as error:
            client.close()
            raise Unreachable(
                f"{self.name} ({self.address}) cannot be reached over SSH as {self.login.user}", answer=str(error)
            ) from error
        transport = client.get_transport()
        assert transport is not None
        transport.set_keepalive(5)
        return client

    def _exchange(self, command: str, stdin: bytes, deadline: float) -> Result:
        try:
            with self._transport().open_session(timeout=10) as channel:
                channel.settimeout(max(1.0, deadline - time.monotonic()))
                channel.exec_command(command)
                if stdin:
                    channel.sendall(stdin)
                channel.shutdown_write()
                return _drain(channel, deadline)
        except _Late as late:
            raise TimedOut(f"on {self.name}: `{command}` did not end in time", answer=late.so_far) from None
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise Unreachable(f"{self.name} stopped answering during `{command}`", answer=str(error)) from error


class _Late(Exception):
    def __init__(self, so_far: str) -> None:
        self.so_far = so_far


def _drain(channel: paramiko.Channel, deadline: float) -> Result:
    """Read both streams as they come until the command ends: one after the other deadlocks on a full window."""
    out, err = bytearray(), bytearray()
    while not (channel.exit_status_ready() and channel.eof_received):
        left = deadline - time.monotonic()
        if interrupted():
            raise Interrupted("called off")
        if left <= 0:
            raise _Late((err or out).decode(errors="replace")[-2000:])
        select.select([channel], [], [], min(left, 1.0))
        _take(channel, out, err)
        if channel.closed:  # also when the connection broke: then there is no exit status below
            break
    _take(channel, out, err)
    rc = channel.recv_exit_status()
    if rc < 0:
        raise EOFError("the command ended without an exit status")
    return Result(rc, out.decode(errors="replace"), err.decode(errors="replace"))


def _take(channel: paramiko.Channel, out: bytearray, err: bytearray) -> None:
    while channel.recv_ready():
        out += channel.recv(65536)
    while channel.recv_stderr_ready():
        err += channel.recv_stderr(65536)

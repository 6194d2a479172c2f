"""A machine reached over SSH, with paramiko: one connection a process and machine."""

from __future__ import annotations

import select
import shlex
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko

from provision.config.login import Login
from provision.config.topology import MachineSpec
from provision.machines import openssh
from provision.machines.connection import ChangedHostKey, UnknownHostKey, connect
from provision.machines.machine import Machine
from provision.recording.journal import Journal
from provision.util.concurrency import interrupted
from provision.util.errors import CommandFailed, Interrupted, TimedOut, Unreachable
from provision.util.result import WITHHELD, Result

_BLOCK = 65536  # bytes: twice the largest packet that paramiko accepts
_SHOWN = 2000  # characters of a command that did not end: a screen
_SESSION = 10  # seconds until sshd has started a session
_NOTICING = ("-o", "ServerAliveInterval=2", "-o", "ServerAliveCountMax=3", "-o", "ConnectTimeout=10")
_CHANNELS = 8  # sshd allows ten sessions a connection (MaxSessions); two are left for people

# For a user who is root: `sudo` as a function that leaves out the options and runs the rest, or, like `sudo -s`, the
# login shell: the etcd page's script is one for bash.
SUDO_OF_ROOT = """sudo() { while case "${1-}" in -*) true;; *) false;; esac; do shift; done
if [ $# -gt 0 ]; then env "$@"; else "${SHELL:-/bin/sh}" -s; fi; }
"""


@dataclass
class _Record:
    """The result of a command, once there is one."""

    result: Result = field(init=False)


class _Late(Exception):
    """A command did not end in time; `so_far` is the end of what it had printed."""

    def __init__(self, so_far: str) -> None:
        self.so_far = so_far


class SshMachine(Machine):
    """Commands go over one SSH connection, made when first needed and made again when it broke."""

    def __init__(self, spec: MachineSpec, address: str, login: Login, journal: Journal) -> None:
        super().__init__(spec, address, login.user)
        self.login = login
        self._journal = journal
        self._client: paramiko.SSHClient | None = None
        self._connecting = threading.Lock()
        self._slots = threading.BoundedSemaphore(_CHANNELS)

    @property
    def patience(self) -> int:
        return self.login.patience

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        limit = timeout * self.patience
        with self._slots, self._recorded(command, secret=secret) as record:
            if agent:
                with self._naming_the_machine(command):
                    record.result = openssh.run_forwarding(self.login, self.address, self._typed(command), limit)
            else:
                record.result = self._exchange(command, stdin, time.monotonic() + limit, secret)
        return record.result

    def feed(self, command: str, file: Path, *, timeout: float = 120) -> None:
        """Files are sent by the host's own ssh: they may be larger than what memory should hold."""
        limit = timeout * self.patience
        with self._recorded(command) as record, self._naming_the_machine(command):
            record.result = openssh.run_fed(self.login, self.address, self._typed(command), file, limit)
        if not record.result.ok:
            what = f"on {self.name}: `{command}` exited with {record.result.rc}"
            raise CommandFailed(what, answer=record.result.stderr, machine=self.name)

    @contextmanager
    def _recorded(self, command: str, *, secret: bool = False) -> Iterator[_Record]:
        """Have the journal record a command with its result, or with why there is none."""
        start, record = time.time(), _Record()
        try:
            yield record
        except (Unreachable, TimedOut) as problem:
            self._journal.command(self.name, command, None, "", str(problem), start)
            raise
        shown = record.result.withheld if secret else record.result
        self._journal.command(self.name, command, shown.rc, shown.stdout, shown.stderr, start)

    def _typed(self, command: str) -> str:
        """What is sent for a command: for a user who is root, with a stand-in for sudo."""
        return command if self.login.sudo else SUDO_OF_ROOT + command

    def conversation(self, command: str) -> subprocess.Popen[bytes]:
        """A command that is written to and read from for as long as it runs, by the host's own ssh.

        The caller ends it; it is not recorded. A machine that is gone ends it within seconds.
        """
        line = openssh.command(self.login, self.address, *_NOTICING)
        return subprocess.Popen(
            [*line, self._typed(command)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def host_key(self) -> str:
        key = self._transport().get_remote_server_key()
        return f"{key.get_name()} {key.get_base64()}"

    def close(self) -> None:
        client, self._client = self._client, None
        if client:
            client.close()

    def wait_until_reachable(self, timeout: float) -> None:
        """Wait until a login succeeds; `timeout` in seconds. Raises Unreachable with the last reason."""
        deadline = time.monotonic() + timeout * self.login.patience
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
                self.close()  # one through a jump host has a second connection, which may live on
                self._client = self._connect()
                transport = self._client.get_transport()
        assert transport is not None
        return transport

    def _connect(self) -> paramiko.SSHClient:
        try:
            return connect(self.login, self.address)
        except (OSError, EOFError, UnicodeError, paramiko.SSHException) as error:  # UnicodeError: an invalid name
            through = f" through {self.login.jump}" if self.login.jump else ""
            raise Unreachable(
                f"{self.name} ({self.address}) cannot be reached over SSH as {self.login.user}{through}",
                answer=str(error),
                fix=_fix(self.login, self.login.connect or self.address, error),
                machine=self.name,
            ) from error

    @contextmanager
    def _naming_the_machine(self, command: str) -> Iterator[None]:
        """Errors of the host's own ssh name the machine and the command, as those of other commands do."""
        try:
            yield
        except openssh.SshFailed as failed:
            raise Unreachable(
                f"{self.name} ({self.address}): ssh as {self.login.user} failed, so this was not run: `{command}`",
                answer=str(failed),
                fix=_fix(self.login, self.login.connect or self.address, failed),
                machine=self.name,
            ) from None
        except TimedOut:
            raise TimedOut(f"on {self.name}: `{command}` did not end in time", machine=self.name) from None

    def _exchange(self, command: str, stdin: bytes, deadline: float, secret: bool) -> Result:
        try:
            with self._transport().open_session(timeout=_SESSION * self.login.patience) as channel:
                channel.settimeout(max(1.0, deadline - time.monotonic()))
                channel.exec_command(self._typed(command))
                if stdin:
                    channel.sendall(stdin)
                _end_input(channel)
                return _drain(channel, deadline)
        except _Late as late:
            what, so_far = f"on {self.name}: `{command}` did not end in time", late.so_far
            raise TimedOut(what, answer=WITHHELD if secret and so_far else so_far, machine=self.name) from None
        except (OSError, EOFError, paramiko.SSHException) as error:
            what = f"{self.name} stopped answering during `{command}`"
            raise Unreachable(what, answer=str(error), machine=self.name) from error


def _fix(login: Login, target: str, error: Exception) -> str:
    """What to type, where the reason is one that users meet."""
    known = shlex.quote(str(login.known_hosts))
    if isinstance(error, UnknownHostKey):
        folder = shlex.quote(str(login.known_hosts.parent))
        made = "" if login.known_hosts.parent.is_dir() else f"mkdir -p -m 700 {folder} && "
        return f"{made}echo {shlex.quote(error.line)} >> {known}  # if that is the machine's own fingerprint"
    if isinstance(error, ChangedHostKey):
        return f"ssh-keygen -f {known} -R {shlex.quote(error.host)}  # if the machine was made anew since"
    by_hand = openssh.by_hand(login, target)
    if "host key is known for" in str(error):
        return f"{by_hand}  # asks about the host key"
    refused = isinstance(error, paramiko.AuthenticationException | paramiko.PasswordRequiredException)
    if refused or "Permission denied" in str(error):
        return f"{by_hand}, until that works"
    if isinstance(error, OSError) or "connect to host" in str(error):
        return f"check that the machine runs, and that its sshd can be reached on port {login.port}"
    return ""


def _end_input(channel: paramiko.Channel) -> None:
    """Send EOF, and never after this side's answer to the end of the command, which another thread sends.

    As `Channel.shutdown_write`, which sends it after it let go of the lock: for a command that ends at once it may come
    last, and OpenSSH then ends the whole connection ("ieof packet referred to nonexistent channel").
    """
    inside: Any = channel
    with inside.lock:
        message = inside._send_eof()
        if message is not None and inside.transport is not None:
            inside.transport._send_user_message(message)


def _drain(channel: paramiko.Channel, deadline: float) -> Result:
    """Read both streams as they come until the command ends: one after the other deadlocks on a full window."""
    out, err = bytearray(), bytearray()
    while not (channel.exit_status_ready() and channel.eof_received):
        left = deadline - time.monotonic()
        if interrupted():
            raise Interrupted("called off")
        if left <= 0:
            raise _Late((err or out).decode(errors="replace")[-_SHOWN:])
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
        out += channel.recv(_BLOCK)
    while channel.recv_stderr_ready():
        err += channel.recv_stderr(_BLOCK)

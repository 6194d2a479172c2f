"""A machine reached over SSH, with paramiko: one connection a process and machine; no set-up of the user's is read."""

from __future__ import annotations

import re
import select
import shlex
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import paramiko

from provision.config.login import Login
from provision.config.topology import MachineSpec
from provision.errors import CommandFailed, Interrupted, TimedOut, Unreachable
from provision.machines import openssh
from provision.machines.connection import connect
from provision.machines.machine import Machine
from provision.recording.journal import Journal
from provision.util.concurrency import interrupted
from provision.util.result import WITHHELD, Result

_CHANNELS = 8  # sshd allows ten sessions a connection (MaxSessions); two are left for people

# For who is root already: `sudo` as a function that leaves out the options and runs the rest, or, like `sudo -s`, the
# login shell: the etcd page's script is one for bash.
_ROOT_ALREADY = """sudo() { while case "${1-}" in -*) true;; *) false;; esac; do shift; done
if [ $# -gt 0 ]; then env "$@"; else "${SHELL:-/bin/sh}" -s; fi; }
"""


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
        start = time.time()
        timeout *= self.login.patience
        typed = command if self.login.sudo else _ROOT_ALREADY + command
        with self._slots:
            try:
                if agent:
                    result = self._openssh(command, partial(openssh.run_forwarding, remote=typed, timeout=timeout))
                else:
                    result = self._exchange(typed, stdin, time.monotonic() + timeout, secret)
            except (Unreachable, TimedOut) as problem:
                self._journal.command(self.name, command, None, "", str(problem), start)
                raise
        shown = result.withheld if secret else result
        self._journal.command(self.name, command, shown.rc, shown.stdout, shown.stderr, start)
        return result

    def feed(self, command: str, file: Path, *, timeout: float = 120) -> None:
        """Files are sent by the host's own ssh: they may be larger than what memory should hold."""
        start = time.time()
        timeout *= self.login.patience
        typed = command if self.login.sudo else _ROOT_ALREADY + command
        try:
            result = self._openssh(command, partial(openssh.run_fed, remote=typed, file=file, timeout=timeout))
        except (Unreachable, TimedOut) as problem:
            self._journal.command(self.name, command, None, "", str(problem), start)
            raise
        self._journal.command(self.name, command, result.rc, result.stdout, result.stderr, start)
        if not result.ok:
            what = f"on {self.name}: `{command}` exited with {result.rc}"
            raise CommandFailed(what, answer=result.stderr, machine=self.name)

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
        except (OSError, EOFError, UnicodeError, paramiko.SSHException) as error:  # UnicodeError: a name that is none
            through = f" through {self.login.jump}" if self.login.jump else ""
            raise Unreachable(
                f"{self.name} ({self.address}) cannot be reached over SSH as {self.login.user}{through}",
                answer=str(error),
                fix=_mend(self.login, self.login.connect or self.address, error),
                machine=self.name,
            ) from error

    def _openssh(self, command: str, run: Callable[[Login, str], Result]) -> Result:
        """Let the host's ssh run a command, with errors that name the machine as those of other commands do."""
        try:
            return run(self.login, self.address)
        except openssh.SshFailed as failed:
            raise Unreachable(
                f"{self.name} ({self.address}): ssh as {self.login.user} failed, not what it was to run: `{command}`",
                answer=str(failed),
                fix=_mend(self.login, self.login.connect or self.address, failed),
                machine=self.name,
            ) from None
        except TimedOut:
            raise TimedOut(f"on {self.name}: `{command}` did not end in time", machine=self.name) from None

    def _exchange(self, command: str, stdin: bytes, deadline: float, secret: bool) -> Result:
        try:
            with self._transport().open_session(timeout=10 * self.login.patience) as channel:
                channel.settimeout(max(1.0, deadline - time.monotonic()))
                channel.exec_command(command)
                if stdin:
                    channel.sendall(stdin)
                channel.shutdown_write()
                return _drain(channel, deadline)
        except _Late as late:
            what, so_far = f"on {self.name}: `{command}` did not end in time", late.so_far
            raise TimedOut(what, answer=WITHHELD if secret and so_far else so_far, machine=self.name) from None
        except (OSError, EOFError, paramiko.SSHException) as error:
            what = f"{self.name} stopped answering during `{command}`"
            raise Unreachable(what, answer=str(error), machine=self.name) from error


def _mend(login: Login, target: str, error: Exception) -> str:
    """What to try, where the reason is one that people meet."""
    if re.search("not found in known_hosts|host key is known for", str(error)):
        port = f"-p {login.port} " if login.port != 22 else ""
        known = shlex.quote(str(login.known_hosts))
        return f"ssh-keyscan {port}{target} >> {known}, after comparing its fingerprint"
    refused = isinstance(error, paramiko.AuthenticationException | paramiko.PasswordRequiredException)
    if refused or "Permission denied" in str(error):
        key = f"-i {shlex.quote(str(login.key))} " if login.key else ""
        port = f"-p {login.port} " if login.port != 22 else ""
        return f"ssh {port}{key}{login.user}@{target} true, until that works"
    if isinstance(error, OSError) or "connect to host" in str(error):
        return f"see that it runs, and that its sshd is to be reached on port {login.port}"
    return ""


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

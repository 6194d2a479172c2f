"""Commands over SSH, against a server in this process: streams, limits, broken connections, host keys, secrets."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import paramiko
import pytest
from paramiko.common import AUTH_SUCCESSFUL, MSG_CHANNEL_CLOSE, MSG_CHANNEL_EOF, OPEN_SUCCEEDED

from provision.config.login import Login
from provision.config.topology import MachineSpec, Role
from provision.machines.ssh import SUDO_OF_ROOT, SshMachine
from provision.recording.journal import CommandRecord, Journal, StepRecord
from provision.util.errors import CommandFailed, TimedOut, Unreachable
from provision.util.redaction import Redactor
from tests.accepting import Accepting

MUCH = 5_000_000  # bytes on each stream; a channel's window is 2 MiB


class _Server(paramiko.ServerInterface):
    """Lets everybody in, and runs a few commands of its own."""

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        later = threading.Timer(0.02, _execute, (channel, command.decode()))  # when this has been answered
        later.daemon = True
        later.start()
        return True


def _execute(channel: paramiko.Channel, command: str) -> None:
    if command == "much":
        channel.sendall(b"o" * MUCH)
        channel.sendall_stderr(b"e" * MUCH)
    elif command == "cat":
        channel.sendall(channel.makefile("rb").read())
    elif command == "cut":
        channel.get_transport().close()
        return
    elif command == "sleep":
        channel.sendall(b"so far")
        return
    elif command == "warn":
        channel.sendall_stderr(b"a secret on stderr")
    channel.send_exit_status(3 if command == "fail" else 0)
    channel.close()


class _Commands:
    def __init__(self) -> None:
        self.records: list[CommandRecord] = []

    def step_started(self, step: StepRecord) -> None: ...

    def step_finished(self, step: StepRecord) -> None: ...

    def command_finished(self, command: CommandRecord) -> None:
        self.records.append(command)


@pytest.fixture(scope="module")
def host_key() -> paramiko.PKey:
    return paramiko.ECDSAKey.generate()


@pytest.fixture
def port(host_key: paramiko.PKey) -> Iterator[int]:
    def serve(connection: socket.socket) -> None:
        transport = paramiko.Transport(connection)
        transport.add_server_key(host_key)
        transport.start_server(event=threading.Event(), server=_Server())

    with closing(Accepting(serve)) as made:
        yield made.port


@pytest.fixture
def heard() -> _Commands:
    return _Commands()


@pytest.fixture
def machine(tmp_path: Path, port: int, host_key: paramiko.PKey, heard: _Commands) -> Iterator[SshMachine]:
    paramiko.ECDSAKey.generate().write_private_key_file(str(tmp_path / "key"))
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {host_key.get_name()} {host_key.get_base64()}\n")
    login = Login("ubuntu", tmp_path / "key", known, port, "127.0.0.1")
    made = SshMachine(MachineSpec("cp1", Role.CONTROL_PLANE, 11), "127.0.0.1", login, Journal("c", Redactor(), [heard]))
    yield made
    made.close()


def test_both_streams_are_read_however_much_comes(machine: SshMachine) -> None:
    result = machine.run("much")
    assert (len(result.stdout), len(result.stderr), result.rc) == (MUCH, MUCH, 0)


def test_a_command_reads_what_it_is_given(machine: SshMachine) -> None:
    assert machine.run("cat", stdin=b"a certificate").stdout == "a certificate"


def test_the_end_of_input_is_never_sent_behind_the_end_of_the_command(
    machine: SshMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenSSH ends the connection then, with all commands on it: here the command has ended before its input does."""
    sent: list[int] = []
    ended, answered = threading.Event(), threading.Event()
    inside: Any = paramiko.Transport
    send = inside._send_user_message

    def sends(transport: paramiko.Transport, message: paramiko.Message) -> None:
        kind, ours = message.asbytes()[0], not transport.server_mode
        if ours and kind == MSG_CHANNEL_EOF:
            assert ended.wait(10)
            answered.wait(0.2)  # seconds: which is never, where nothing may come between
        send(transport, message)
        if ours and kind in (MSG_CHANNEL_EOF, MSG_CHANNEL_CLOSE):
            sent.append(kind)
            answered.set()
        elif kind == MSG_CHANNEL_CLOSE:
            ended.set()

    monkeypatch.setattr(inside, "_send_user_message", sends)
    assert machine.run("true").ok
    assert sent[0] == MSG_CHANNEL_EOF


def test_a_command_that_does_not_end_is_named_with_what_it_printed(machine: SshMachine) -> None:
    with pytest.raises(TimedOut) as caught:
        machine.run("sleep", timeout=1)
    assert "on cp1: `sleep` did not end in time" in str(caught.value)
    assert "so far" in str(caught.value)


def test_a_broken_connection_is_noticed_at_once_and_made_again(machine: SshMachine) -> None:
    before = time.monotonic()
    with pytest.raises(Unreachable, match="cp1 stopped answering during `cut`"):
        machine.run("cut", timeout=60)
    assert time.monotonic() - before < 30
    assert machine.run("true").ok


def test_an_unknown_host_key_is_refused(machine: SshMachine, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").write_text("")
    with pytest.raises(Unreachable, match=r"cp1 .* cannot be reached over SSH as ubuntu"):
        machine.run("true")


def test_without_known_hosts_the_error_has_the_command_that_makes_them(machine: SshMachine, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").unlink()
    with pytest.raises(Unreachable, match=r"host key of \[127.0.0.1\]:\d+ is not known: ecdsa-\S+ SHA256:") as caught:
        machine.run("true")
    command, _, _ = caught.value.fix.partition("  # ")
    subprocess.run(["sh", "-c", command], check=True)
    assert machine.run("true").ok


def test_the_fingerprint_of_an_unknown_key_is_the_one_that_ssh_shows(
    machine: SshMachine, tmp_path: Path, host_key: paramiko.PKey
) -> None:
    (tmp_path / "known_hosts").unlink()
    (tmp_path / "public").write_text(f"{host_key.get_name()} {host_key.get_base64()}\n")
    shown = subprocess.run(["ssh-keygen", "-l", "-f", tmp_path / "public"], capture_output=True, text=True).stdout
    with pytest.raises(Unreachable) as caught:
        machine.run("true")
    assert shown.split()[1] in caught.value.answer


def test_another_host_key_than_the_known_one_is_refused(machine: SshMachine, tmp_path: Path) -> None:
    other, known = paramiko.ECDSAKey.generate(), tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{machine.login.port} {other.get_name()} {other.get_base64()}\n")
    with pytest.raises(Unreachable, match="is not the one that is known: SHA256") as caught:
        machine.run("true")
    assert caught.value.fix.startswith(f"ssh-keygen -f {known} -R '[127.0.0.1]:{machine.login.port}'")


def test_the_host_key_is_the_one_of_the_connection(machine: SshMachine, tmp_path: Path) -> None:
    assert machine.host_key() in (tmp_path / "known_hosts").read_text()


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("sudo -n echo a", "a\n"),
        ("sudo A=b sh -c 'echo $A'", "b\n"),
        ("echo a | sudo cat", "a\n"),
        ("sudo -E -s <<'S'\nset -e\nmany=(a b)\necho ${many[1]}\nS", "b\n"),
    ],
)
def test_a_login_user_that_is_root_needs_no_sudo(command: str, answer: str) -> None:
    """The etcd page's script is one for bash, whatever /bin/sh is."""
    environment = {"PATH": os.environ["PATH"], "SHELL": "/bin/bash"}
    ran = subprocess.run(["sh", "-c", SUDO_OF_ROOT + command], capture_output=True, text=True, env=environment)
    assert (ran.stdout, ran.stderr) == (answer, "")


def test_a_machine_that_is_not_there_is_named(machine: SshMachine) -> None:
    elsewhere = replace(machine.login, port=1)
    stranger = SshMachine(machine.spec, "127.0.0.1", elsewhere, Journal("c", Redactor()))
    with pytest.raises(Unreachable, match="cp1"):
        stranger.wait_until_reachable(0.2)


def test_a_command_that_fails_says_where_and_how(machine: SshMachine) -> None:
    with pytest.raises(CommandFailed, match="on cp1: `fail` exited with 3"):
        machine.succeed("fail")


def test_a_secret_answer_is_not_recorded(machine: SshMachine, heard: _Commands) -> None:
    assert machine.run("cat", stdin=b"secret", secret=True).stdout == "secret"
    assert [record.stdout for record in heard.records] == ["(withheld)"]


def test_what_a_secret_command_prints_on_stderr_is_not_recorded(machine: SshMachine, heard: _Commands) -> None:
    assert machine.run("warn", secret=True).stderr == "a secret on stderr"
    machine.run("warn")
    machine.run("true", secret=True)
    assert [record.stderr for record in heard.records] == ["(withheld)", "a secret on stderr", ""]


def test_what_a_secret_command_printed_before_its_limit_is_neither_raised_nor_recorded(
    machine: SshMachine, heard: _Commands
) -> None:
    with pytest.raises(TimedOut, match=r"`sleep` did not end in time") as caught:
        machine.run("sleep", timeout=1, secret=True)
    assert "so far" not in f"{caught.value} {caught.value.args} {heard.records}"
    assert "(withheld)" in str(caught.value)


def test_a_command_that_did_not_end_is_recorded_without_an_exit_status(machine: SshMachine, heard: _Commands) -> None:
    with pytest.raises(TimedOut):
        machine.run("sleep", timeout=1)
    assert [(record.command, record.rc) for record in heard.records] == [("sleep", None)]

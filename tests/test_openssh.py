"""The host's own ssh, against servers in this process: paths that need quoting, and ssh's own words where it fails."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from provision.config.login import Jump, Login
from provision.config.topology import MachineSpec, Role
from provision.machines import keys, openssh
from provision.machines.ssh import SshMachine
from provision.recording.journal import Journal
from provision.util.errors import CommandFailed, TimedOut, Unreachable
from provision.util.redaction import Redactor
from provision.util.result import Result
from tests.accepting import Accepting

pytestmark = pytest.mark.skipif(not shutil.which("ssh"), reason="ssh is not on this host")

FOLDERS = ("plain", "my data", "100% mine", 'a "quoted" one', "it's $HOME", "back\\slash")


class Server(Accepting):
    """An sshd on loopback that runs commands in a shell, and leads on as a jump host. `refuses` every key."""

    def __init__(self, key: paramiko.PKey) -> None:
        self.key, self.refuses, self.jumps = key, False, 0
        super().__init__(self._serve)

    @property
    def known(self) -> str:
        return f"[127.0.0.1]:{self.port} {self.key.get_name()} {self.key.get_base64()}\n"

    def _serve(self, connection: socket.socket) -> None:
        transport = paramiko.Transport(connection)
        transport.add_server_key(self.key)
        transport.start_server(event=threading.Event(), server=_Session(self))


class _Session(paramiko.ServerInterface):
    def __init__(self, server: Server) -> None:
        self._server = server

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return AUTH_FAILED if self._server.refuses else AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        _later(_execute, channel, command.decode())
        return True

    def check_channel_direct_tcpip_request(
        self, chanid: int, origin: tuple[str, int], destination: tuple[str, int]
    ) -> int:
        self._server.jumps += 1
        transport = threading.current_thread()
        assert isinstance(transport, paramiko.Transport)
        _later(_lead_on, transport, destination)
        return OPEN_SUCCEEDED


def _later(action: Callable[..., None], *arguments: object) -> None:
    """When the request has been answered."""
    timer = threading.Timer(0.02, action, arguments)
    timer.daemon = True
    timer.start()


def _execute(channel: paramiko.Channel, command: str) -> None:
    if command == "cut":
        channel.get_transport().close()
        return
    given = channel.makefile("rb").read() if command.startswith("cat") else b""
    done = subprocess.run(["sh", "-c", command], input=given, capture_output=True, check=False)
    channel.sendall(done.stdout)
    channel.sendall_stderr(done.stderr)
    channel.send_exit_status(done.returncode)
    channel.close()


def _lead_on(transport: paramiko.Transport, destination: tuple[str, int]) -> None:
    channel = transport.accept(5)
    assert channel
    onward = socket.create_connection(destination, 5)
    onward.settimeout(None)  # that was for connecting: a busy host may have nothing to send for longer

    def back() -> None:
        with contextlib.suppress(OSError, EOFError):  # whichever side ends first
            while data := onward.recv(65536):
                channel.sendall(data)
        channel.close()

    threading.Thread(target=back, daemon=True).start()
    while data := channel.recv(65536):
        onward.sendall(data)
    onward.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with contextlib.closing(Server(paramiko.ECDSAKey.generate())) as made:
        yield made


@pytest.fixture
def machine(tmp_path: Path, server: Server) -> SshMachine:
    server.refuses = False
    return _machine(tmp_path, server)


def _machine(folder: Path, server: Server) -> SshMachine:
    folder.mkdir(exist_ok=True)
    keys.write_login_key(folder)
    (folder / "known_hosts").write_text(server.known)
    login = Login("ubuntu", folder / keys.LOGIN_KEY, folder / "known_hosts", server.port, "127.0.0.1")
    return SshMachine(MachineSpec("cp1", Role.CONTROL_PLANE, 11), "127.0.0.1", login, Journal("c", Redactor()))


@pytest.mark.parametrize("folder", FOLDERS)
def test_ssh_works_from_a_home_folder_of_any_name(tmp_path: Path, server: Server, folder: str) -> None:
    server.refuses = False
    machine = _machine(tmp_path / folder, server)
    (tmp_path / folder / "a file").write_text("its content")
    machine.feed("cat > /dev/null", tmp_path / folder / "a file")
    by_hand = subprocess.run([*openssh.command(machine.login, machine.address), "echo by hand"], capture_output=True)
    assert (by_hand.stdout, by_hand.stderr) == (b"by hand\n", b"")


@pytest.mark.parametrize("folder", ["my data", "100% mine"])
def test_a_jump_host_is_logged_in_to_from_any_folder(tmp_path: Path, server: Server, folder: str) -> None:
    machine, before = _machine(tmp_path / folder, server), server.jumps
    machine.login = replace(machine.login, jump=Jump("me", "127.0.0.1", server.port))
    assert openssh.run_fed(machine.login, machine.address, "cat", machine.login.known_hosts, 20).stdout == server.known
    assert server.jumps == before + 1


@pytest.mark.skipif(not shutil.which("ssh-agent"), reason="ssh-agent is not on this host")
@pytest.mark.parametrize("folder", ["plain", "my data", 'a "quoted" one'])
def test_an_agent_holds_the_key_of_any_folder(tmp_path: Path, server: Server, folder: str) -> None:
    assert _machine(tmp_path / folder, server).run("echo a; echo b >&2; exit 3", agent=True) == (
        Result(3, "a\n", "b\n")
    )


def test_a_conversation_reads_what_is_written_to_it_until_that_ends(machine: SshMachine) -> None:
    with machine.conversation("cat; exit 3") as talk:
        assert talk.stdin
        assert talk.stdout
        talk.stdin.write(b"one\ntwo\n")
        talk.stdin.close()
        assert (talk.stdout.read(), talk.wait(20)) == (b"one\ntwo\n", 3)


def test_a_login_that_is_refused_says_why(machine: SshMachine, server: Server, tmp_path: Path) -> None:
    server.refuses = True
    for run in (lambda: machine.run("id", agent=True), lambda: machine.feed("cat", tmp_path / "known_hosts")):
        with pytest.raises(Unreachable, match="cp1") as caught:
            run()
        assert "Permission denied" in caught.value.answer
        assert caught.value.fix.startswith(f"ssh -p {server.port} -i ")


def test_a_host_key_that_is_not_known_says_so(machine: SshMachine, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").write_text("")
    with pytest.raises(Unreachable) as caught:
        machine.run("id", agent=True)
    assert "host key is known" in caught.value.answer
    by_hand, _, why = caught.value.fix.partition("  # ")
    assert (by_hand, why) == (openssh.by_hand(machine.login, machine.address), "asks about the host key")


def test_the_line_that_accepts_a_jump_hosts_key_works(machine: SshMachine, server: Server, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").unlink()
    machine.login = replace(machine.login, jump=Jump("me", "127.0.0.1", server.port))
    with pytest.raises(
        Unreachable, match=rf"host key of \[127.0.0.1\]:{server.port} is not known: \S+ SHA256:"
    ) as caught:
        machine.run("echo through")
    subprocess.run(["sh", "-c", caught.value.fix.partition("  # ")[0]], check=True)
    assert machine.run("echo through").stdout == "through\n"


def test_a_jump_host_may_have_a_key_of_its_own(machine: SshMachine, server: Server, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    keys.write_login_key(tmp_path / "other")
    own = tmp_path / "other" / keys.LOGIN_KEY
    machine.login = replace(machine.login, jump=Jump("me", "127.0.0.1", server.port, own))
    proxy = next(part for part in openssh.command(machine.login, machine.address) if part.startswith("ProxyCommand="))
    assert f'IdentityFile="{own}"' in proxy
    assert str(machine.login.key) not in proxy
    assert machine.run("echo through").stdout == "through\n"
    assert f"ssh -i {own} " in openssh.by_hand(machine.login, machine.address)


def test_a_closed_port_is_named_as_the_reason(machine: SshMachine) -> None:
    machine.login = replace(machine.login, port=1)
    with pytest.raises(Unreachable, match="cp1") as caught:
        machine.run("id", agent=True)
    assert "Connection refused" in caught.value.answer


def test_a_jump_host_that_refuses_says_so(machine: SshMachine, server: Server) -> None:
    server.refuses = True
    machine.login = replace(machine.login, jump=Jump("me", "127.0.0.1", server.port))
    with pytest.raises(Unreachable) as caught:
        machine.run("id", agent=True)
    assert "me@127.0.0.1: Permission denied" in caught.value.answer


def test_a_connection_that_is_lost_is_not_taken_for_an_exit_status(machine: SshMachine) -> None:
    with pytest.raises(Unreachable, match="cp1") as caught:
        machine.run("cut", agent=True)
    assert "closed by remote host" in caught.value.answer


def test_a_key_that_cannot_be_read_says_so(machine: SshMachine, tmp_path: Path) -> None:
    (tmp_path / keys.LOGIN_KEY).write_text("no key")
    with pytest.raises(Unreachable) as caught:
        machine.run("id", agent=True)
    assert keys.LOGIN_KEY in caught.value.answer


@pytest.mark.parametrize("printed", ["", "echo 'me@10.0.0.1: Permission denied (publickey).' >&2;"])
def test_a_command_may_exit_with_sshs_status_and_print_its_words(machine: SshMachine, printed: str) -> None:
    """As the page's `scp` from machine to machine does, on the machine."""
    result = machine.run(f"{printed} exit 255", agent=True)
    assert (result.rc, "Permission denied" in result.stderr) == (255, bool(printed))
    with pytest.raises(CommandFailed, match=r"on cp1: .* exited with 255"):
        machine.succeed(f"{printed} exit 255", agent=True)


def test_ssh_adds_nothing_to_the_output_of_a_healthy_command(machine: SshMachine) -> None:
    """Not even where ssh would warn, as of a host key that it adds to a file."""
    line = openssh.command(machine.login, machine.address)
    line[line.index("StrictHostKeyChecking=yes")] = "StrictHostKeyChecking=no"
    machine.login.known_hosts.write_text("")
    done = subprocess.run([*line, "true"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.login.known_hosts.read_text(), "a key was added, which ssh warns of"


def test_a_command_that_does_not_end_is_named_with_its_machine(machine: SshMachine) -> None:
    with pytest.raises(TimedOut) as caught:
        machine.run("sleep 5", agent=True, timeout=1)
    assert caught.value.what == "on cp1: `sleep 5` did not end in time"

"""A reader's shell on a machine: variables and folders are kept from block to block, for the user alone."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from documentation.execution.results import Form, Try
from documentation.execution.shell_session import ShellSession
from provision.config.topology import MachineSpec, Role
from provision.machines.machine import Machine
from provision.util.redaction import Redactor
from provision.util.result import Result
from tests.fake_machine import FakeMachine


class ThisHost(Machine):
    """Runs what is typed on this host, as the user who runs the tests, to whom `sudo` is nothing."""

    def __init__(self) -> None:
        super().__init__(MachineSpec("here", Role.WORKER, 0), "127.0.0.1")

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        line = f'sudo() {{ [ "$1" != -E ] || shift; "$@"; }}\n{command}'
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, timeout=timeout)
        return Result(done.returncode, done.stdout, done.stderr)

    def close(self) -> None:
        """Nothing to let go of."""


@pytest.fixture
def session() -> Iterator[ShellSession]:
    made = ShellSession()
    yield made
    made.end()
    assert _kept(made) == []


def _kept(session: ShellSession) -> list[Path]:
    """What is kept of a session on this host."""
    return list(Path("/tmp").glob(f"{session.state.name}*"))


def _typed(session: ShellSession, text: str, bounded: int = 0) -> tuple[Try, str]:
    return session.typed(ThisHost(), text, Redactor(), form=Form.LITERAL, bounded=bounded)


def test_a_session_remembers_variables_and_folders(session: ShellSession, tmp_path: Path) -> None:
    _typed(session, f"export TREES='pear apple'\nFRUIT=(a b)\ncd {tmp_path}")
    assert _typed(session, "echo $TREES ${FRUIT[1]} $PWD")[1] == f"pear apple b {tmp_path}"


def test_sessions_know_nothing_of_each_other(session: ShellSession) -> None:
    other = ShellSession()
    _typed(session, "TREES=pear")
    assert _typed(other, "echo ${TREES:-none}")[1] == "none"
    other.end()


def test_a_session_has_the_agent_of_its_own_login(session: ShellSession, monkeypatch: pytest.MonkeyPatch) -> None:
    for socket in ("/tmp/first", "/tmp/second"):
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        assert _typed(session, "echo $SSH_AUTH_SOCK")[1] == socket


def test_a_session_reports_what_failed_inside_a_script(session: ShellSession) -> None:
    found, output = _typed(session, "for tree in a b; do\n  test $tree = b\ndone\necho done")
    assert (found.rc, found.failed, output) == (0, ("test $tree = b",), "done")


def test_a_command_that_never_ends_is_ended_after_its_limit(session: ShellSession) -> None:
    assert _typed(session, "sleep 60", bounded=1)[0].ended


def test_what_a_session_keeps_is_for_its_user_alone(session: ShellSession) -> None:
    _typed(session, "umask 000; TOKEN=secret; umask")
    [folder] = _kept(session)
    assert "TOKEN" in (folder / "variables").read_text()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_block_has_the_users_own_umask(session: ShellSession) -> None:
    usual = subprocess.run(["bash", "-c", "umask"], capture_output=True, text=True).stdout.strip()
    assert _typed(session, "umask")[1] == usual


@pytest.mark.parametrize("trap", ["a folder of another user's", "a link"])
def test_a_session_runs_nothing_that_another_user_has_put_there(
    session: ShellSession, tmp_path: Path, trap: str
) -> None:
    folder = Path(f"{session.state}-{os.geteuid()}")
    if trap == "a link":
        (tmp_path / "variables").write_text("echo trapped\n")
        folder.symlink_to(tmp_path)
    else:
        folder.mkdir()
        (folder / "variables").write_text("echo trapped\n")
        try:
            os.chown(folder, 65534, -1)
        except PermissionError:
            folder.joinpath("variables").unlink()
            folder.rmdir()
            pytest.skip("only root can make a folder of another user's")
    found, output = _typed(session, "echo typed")
    assert (found.rc, output) == (1, f"{folder} belongs to another user")


@pytest.mark.parametrize(
    ("answer", "kept"),
    [("a peculiar secret", "(withheld)"), ("a peculiar\n" + "ab" * 32, "‹64 hexadecimal digits›"), ("", "(withheld)")],
)
def test_of_a_secret_answer_only_the_shape_is_kept(session: ShellSession, answer: str, kept: str) -> None:
    """The page promises a key of so many digits: whether one came back is recorded without it."""
    machine = FakeMachine(
        {re.compile("\nkubeadm certs certificate-key\n"): answer, f"sudo rm -rf {session.state}-*": ""}
    )
    done, output = session.typed(machine, "kubeadm certs certificate-key", Redactor(), form=Form.LITERAL, secret=True)
    assert (done.answer, output) == (kept, answer)

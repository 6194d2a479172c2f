"""What is typed of a block: comments obeyed, placeholders filled in, in a session that remembers."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from doccheck.drift.words import Words
from doccheck.execution.rendering import filled, left_open, obeyed
from doccheck.execution.results import Try
from doccheck.execution.shell_session import Session
from doccheck.pages import markdown
from doccheck.pages.block import Kind
from provision.config.topology import MachineSpec, Role
from provision.machines.machine import Machine
from provision.recording.redaction import Redactor
from provision.util.result import Result
from tests.fake_machine import FakeMachine

SCRIPT = """```sh
for tree in ${TREES}; do
    # Skip the next line if seeds are elsewhere
    plant seed $tree
    # %s
    plant leaf $tree # customizable
done
```
"""


@pytest.mark.parametrize(
    ("language", "comment", "external", "left"),
    [
        ("en", "as you like", False, ["seed", "leaf"]),
        ("en", "as you like", True, ["leaf"]),
        ("en", "Run this when seeds are elsewhere", False, ["seed"]),
        ("en", "Run this when seeds are elsewhere", True, ["leaf"]),
        ("tlh", "Run this when seeds are elsewhere", True, ["seed", "leaf"]),
    ],
)
def test_comments_are_obeyed(language: str, comment: str, external: bool, left: list[str]) -> None:
    [block] = markdown.parse(SCRIPT % comment, language=language).blocks
    text = obeyed(block, Words.of(language), external=external)
    assert [line.split()[1] for line in text.splitlines() if line.lstrip().startswith("plant")] == left


@pytest.mark.parametrize(
    ("text", "values", "becomes"),
    [
        ("nc GATE_IP GATE_PORT", {"GATE_IP": "10.9.8.7", "GATE_PORT": "1"}, "nc 10.9.8.7 1"),
        ("nc <GATE_IP>", {"GATE_IP": "10.9.8.7"}, "nc 10.9.8.7"),
        ('export TREES="10.0.0.7 10.0.0.8" # mine', {"TREES": "a b"}, 'export TREES="a b" # mine'),
        ("USER=ubuntu # yours\necho ${USER}", {"USER": "farmer"}, "USER=farmer # yours\necho ${USER}"),
        ("ssh -A 10.0.0.7", {"10.0.0.7": "10.9.8.7"}, "ssh -A 10.9.8.7"),
        ("ssh -A 10.0.0.70", {"10.0.0.7": "10.9.8.7"}, "ssh -A 10.0.0.70"),
    ],
)
def test_placeholders_are_filled_in(text: str, values: dict[str, str], becomes: str) -> None:
    assert filled(text, values) == becomes


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nc GATE_IP <PORT>", ["GATE_IP", "PORT"]),
        ("echo ${TREE_NAME} $TREE_AGE", []),
        ("TREE_NAME=pear", []),
        ("a: b # change TREE_NAME", []),
    ],
)
def test_what_is_left_open_is_seen(text: str, names: list[str]) -> None:
    assert left_open(text, Kind.COMMAND) == names


class ThisHost(Machine):
    """Runs what is typed on this host, as whoever runs the tests, to whom `sudo` is nothing."""

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
def session() -> Iterator[Session]:
    made = Session()
    yield made
    made.end()
    assert _kept(made) == []


def _kept(session: Session) -> list[Path]:
    """What is kept of a session on this host."""
    return list(Path("/tmp").glob(f"{Path(session._state).name}*"))


def _typed(session: Session, text: str, bounded: int = 0) -> tuple[Try, str]:
    return session.typed(ThisHost(), text, Redactor(), lane="literal", bounded=bounded)


def test_a_session_remembers_variables_and_folders(session: Session, tmp_path: Path) -> None:
    _typed(session, f"export TREES='pear apple'\nFRUIT=(a b)\ncd {tmp_path}")
    assert _typed(session, "echo $TREES ${FRUIT[1]} $PWD")[1] == f"pear apple b {tmp_path}"


def test_sessions_know_nothing_of_each_other(session: Session) -> None:
    other = Session()
    _typed(session, "TREES=pear")
    assert _typed(other, "echo ${TREES:-none}")[1] == "none"
    other.end()


def test_a_session_has_the_agent_of_its_own_login(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for socket in ("/tmp/first", "/tmp/second"):
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        assert _typed(session, "echo $SSH_AUTH_SOCK")[1] == socket


def test_a_session_tells_what_failed_inside_a_script(session: Session) -> None:
    found, said = _typed(session, "for tree in a b; do\n  test $tree = b\ndone\necho done")
    assert (found.rc, found.failed, said) == (0, ("test $tree = b",), "done")


def test_what_never_ends_is_ended(session: Session) -> None:
    assert _typed(session, "sleep 60", bounded=1)[0].ended


def test_what_a_session_keeps_is_for_its_user_alone(session: Session) -> None:
    _typed(session, "umask 000; TOKEN=secret; umask")
    [folder] = _kept(session)
    assert "TOKEN" in (folder / "variables").read_text()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_block_has_the_users_own_umask(session: Session) -> None:
    usual = subprocess.run(["bash", "-c", "umask"], capture_output=True, text=True).stdout.strip()
    assert _typed(session, "umask")[1] == usual


@pytest.mark.parametrize("trap", ["a folder of another user's", "a link"])
def test_a_session_runs_nothing_that_another_user_has_put_there(session: Session, tmp_path: Path, trap: str) -> None:
    folder = Path(f"{session._state}-{os.geteuid()}")
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
    found, said = _typed(session, "echo typed")
    assert (found.rc, said) == (1, f"{folder} belongs to another user")


@pytest.mark.parametrize(
    ("answer", "kept"),
    [("a peculiar secret", "(withheld)"), ("a peculiar\n" + "ab" * 32, "‹64 hexadecimal digits›"), ("", "(withheld)")],
)
def test_of_a_secret_answer_only_the_shape_is_kept(session: Session, answer: str, kept: str) -> None:
    """The page promises a key of so many digits: whether one came back can be told without it."""
    machine = FakeMachine(
        {re.compile("\nkubeadm certs certificate-key\n"): answer, f"sudo rm -rf {session._state}-*": ""}
    )
    done, output = session.typed(machine, "kubeadm certs certificate-key", Redactor(), lane="literal", secret=True)
    assert (done.answer, output) == (kept, answer)

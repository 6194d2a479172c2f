"""What is typed of a block: comments obeyed, placeholders filled in, in a session that remembers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from documentation.drift.words import Words
from documentation.lanes.rendering import filled, left_open, obeyed
from documentation.lanes.session import script, typed
from documentation.pages import markdown
from documentation.pages.block import Kind
from provision.machines.machine import Result
from provision.redaction import Redactor
from provision.topology import MachineSpec, Role
from tests.stand_ins import FakeMachine

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


def _typed(text: str, bounded: int = 0) -> subprocess.CompletedProcess[str]:
    line = script(text, root=False, bounded=bounded)
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)


def test_a_session_remembers_variables_and_folders(tmp_path: Path) -> None:
    _typed(f"export TREES='pear apple'\nFRUIT=(a b)\ncd {tmp_path}")
    assert _typed("echo $TREES ${FRUIT[1]} $PWD").stdout == f"pear apple b {tmp_path}\n"


def test_a_session_has_the_agent_of_its_own_login(monkeypatch: pytest.MonkeyPatch) -> None:
    for socket in ("/tmp/first", "/tmp/second"):
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        assert _typed("echo $SSH_AUTH_SOCK").stdout == f"{socket}\n"


def test_a_session_tells_what_failed_inside_a_script() -> None:
    answer = _typed("for tree in a b; do\n  test $tree = b\ndone\necho done")
    assert (answer.returncode, answer.stderr.splitlines()[-1]) == (0, "test $tree = b")


def test_what_never_ends_is_ended() -> None:
    assert _typed("sleep 60", bounded=1).returncode == 124


@pytest.mark.parametrize(
    ("answer", "kept"),
    [("a peculiar secret", "(withheld)"), ("a peculiar\n" + "ab" * 32, "‹64 hexadecimal digits›"), ("", "(withheld)")],
)
def test_of_a_secret_answer_only_the_shape_is_kept(answer: str, kept: str) -> None:
    """The page promises a key of so many digits: whether one came back can be told without it."""
    machine = FakeMachine(MachineSpec("cp1", Role.CONTROL_PLANE, 11), lambda *_: Result(0, answer, ""))
    done, output = typed(machine, "kubeadm certs certificate-key", Redactor(), lane="literal", secret=True)
    assert (done.answer, output) == (kept, answer)

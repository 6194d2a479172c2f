"""Searches that must find nothing: they are red where they searched nothing, and on what they are there to find."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.subjects.finding import below, found, holds, planted
from provision.config.topology import MachineSpec, Role
from provision.util.errors import CommandFailed
from provision.util.result import Result
from scenarios import test_certificates as certificates
from scenarios import test_manual_certificates as manual
from tests.fake_machine import FakeMachine, Replies
from tests.fakes import ROOT


def worker(replies: Replies) -> FakeMachine:
    """A machine that answers these commands."""
    return FakeMachine(replies, MachineSpec("w1", Role.WORKER, 21))


def real(command: str) -> Result:
    """What this host answers, without sudo."""
    done = subprocess.run(["bash", "-c", command.replace("sudo ", "")], capture_output=True, text=True, check=False)
    return Result(done.returncode, done.stdout, done.stderr)


BROKEN = {
    "killed": Result(137, "", ""),
    "no such program": Result(127, "", "bash: grep: command not found\n"),
    "sudo refuses": Result(1, "", "sudo: a password is required\n"),
    "wrong path": Result(2, "", "grep: /etc/kubernetes: No such file or directory\n"),
    "nothing at all": Result(0, "", ""),
    "nonsense": Result(0, "Lorem ipsum\n", ""),
    "half of it": Result(137, "there\n", ""),
    "unreadable in part": Result(2, "there\n", "grep: /etc/kubernetes/pki: Permission denied\n"),
}


@pytest.mark.parametrize("answer", BROKEN)
def test_a_search_that_is_broken_proves_nothing(answer: str) -> None:
    with pytest.raises(CommandFailed, match="on w1: `grep -r x /etc`"):
        found(worker({"grep -r x /etc": BROKEN[answer]}), "grep -r x /etc", ["there"])


@pytest.mark.parametrize("rc", [0, 1, 2])
def test_a_file_that_vanishes_while_it_is_searched_for_is_passed_over(rc: int) -> None:
    error = "find: ‘/tmp/a’: No such file or directory\n" if rc else ""
    assert found(worker({"find /tmp": Result(rc, "there\nmore\n", error)}), "find /tmp", ["there"]) == ["more"]


@pytest.mark.parametrize(("answer", "expected"), [(Result(0, "", ""), True), (Result(1, "", ""), False)])
def test_a_condition_is_true_or_false(answer: Result, expected: bool) -> None:
    assert holds(worker({"test -e /x": answer}), "test -e /x") is expected


@pytest.mark.parametrize("answer", ["killed", "no such program", "sudo refuses", "wrong path"])
def test_a_condition_that_was_not_tried_is_neither(answer: str) -> None:
    with pytest.raises(CommandFailed, match="`sudo test -S /x` exited with"):
        holds(worker({"sudo test -S /x": BROKEN[answer]}), "sudo test -S /x")


def test_files_below_a_folder_are_found_by_their_endings(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    for name in ("a b/apiserver.crt", "ca.key", "sa.pub", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path.parent / "link").symlink_to(tmp_path)
    machine = worker({re.compile("^sudo find /"): lambda _, command: real(command)})
    for folder in (f"{tmp_path}/", f"{tmp_path.parent}/link/"):
        assert sorted(below(machine, folder, ".crt", ".key", "/sa.pub")) == [
            "./a b/apiserver.crt", "./ca.key", "./sa.pub",
        ]  # fmt: skip
    assert below(machine, f"{tmp_path}/", ".pem") == []
    with pytest.raises(CommandFailed, match="did not find"):
        below(machine, f"{tmp_path}/nowhere/", ".crt")


def test_what_was_planted_is_gone_afterwards_whatever_happens() -> None:
    machine = worker({re.compile("^sudo (install -D -m 600 /dev/stdin|rm -f) /(root|tmp)/kubeadm-ha-"): ""})
    with pytest.raises(KeyError), planted(machine, ["/root", "/tmp"], "x") as paths:
        raise KeyError
    assert [path.rpartition("/")[0] for path in paths] == ["/root", "/tmp"]
    assert machine.commands[-1] == f"sudo rm -f {paths[0]} {paths[1]}"


@pytest.mark.parametrize(
    ("content", "found_keys"),
    [
        ("apiVersion: v1\nkind: Config\nusers:\n- user: {client-certificate: /var/lib/x.pem}\n", True),
        ("apiVersion: v1\nkind: Config\nusers:\n- user: {client-key-data: QQ==}\n", False),
        ("apiVersion: v1\n", False),
    ],
)
def test_a_key_in_the_workers_own_kubeconfig_is_found(tmp_path: Path, content: str, found_keys: bool) -> None:
    (tmp_path / "kubelet.conf").write_text(content)

    def moved(_machine: str, command: str) -> Result:
        answer = real(command.replace("/etc/kubernetes", str(tmp_path)))
        return Result(answer.rc, answer.stdout.replace(str(tmp_path), "/etc/kubernetes"), answer.stderr)

    machine = worker({re.compile("^sudo grep -roE '.*' /etc/kubernetes$"): moved})
    assert _passes(lambda: certificates.test_no_private_key_on_a_worker({}, machine)) is found_keys


@pytest.mark.parametrize(
    "kind", ["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "PUBLIC KEY"]
)
def test_a_login_key_is_found_in_every_format(kind: str, tmp_path: Path) -> None:
    for folder in ("root", "home", "tmp"):
        (tmp_path / folder).mkdir()
    (tmp_path / "home" / "id").write_text(f"-----BEGIN {kind}-----\nQQ==\n")

    def plant(_machine: str, command: str) -> str:
        path = tmp_path / command.split()[-1].removeprefix("/")
        path.write_text(manual._PEM)
        return ""

    def moved(_machine: str, command: str) -> Result:
        answer = real(re.sub(r" /(root|home|tmp)", rf" {tmp_path}/\1", command))
        return Result(answer.rc, answer.stdout.replace(str(tmp_path), ""), answer.stderr)

    machine = worker(
        {
            re.compile("^sudo install -D -m 600 /dev/stdin /(root|home|tmp)/"): plant,
            re.compile("^sudo grep -rl '.*' /root /home /tmp$"): moved,
            re.compile("^sudo rm -f /root/"): moved,
        }
    )
    assert _passes(lambda: manual.test_no_login_key_on_a_machine(None, machine)) is (kind == "PUBLIC KEY")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "agent"),
    [
        ("u_str LISTEN 0 128 /tmp/ssh-XXXXab12/agent.4711 90042 * 0", True),
        ("u_str LISTEN 0 128 /home/ubuntu/.ssh/agent/s.Ab3d.sshd.x 90042 * 0", True),
        ("u_str LISTEN 0 4096 /run/containerd/containerd.sock 18 * 0", False),
        ("u_str LISTEN 0 4096 /run/ssh-unix-local/socket 18 * 0", False),
    ],
)
def test_an_agents_socket_is_known_wherever_sshd_puts_it(line: str, agent: bool) -> None:
    assert bool(manual._agents([line])) is agent


def _passes(scenario: Callable[[], None]) -> bool:
    try:
        scenario()
    except (AssertionError, CommandFailed):
        return False
    return True


def test_no_check_takes_silence_for_an_answer() -> None:
    """An assertion that an answer is empty, or has something not in it, holds for each command that failed."""
    wrong = []
    for path in (*Path(ROOT, "scenarios").glob("*.py"), *Path(ROOT, "fixtures").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare | ast.UnaryOp) and _of_a_run(node) and _of_silence(node):
                wrong.append(f"{path.name}:{node.lineno}: {ast.unparse(node)}")
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        'machine.run("find /").stdout == ""',
        "machine.run(command).stdout.split() == []",
        '"x" not in machine.run(command).stdout',
        'cluster.try_kubectl("get", "x").stdout.strip() == ""',
        "not machine.run(command).stdout",
    ],
)
def test_what_takes_silence_for_an_answer_is_seen(text: str) -> None:
    node = ast.parse(text, mode="eval").body
    assert _of_a_run(node)
    assert _of_silence(node)


@pytest.mark.parametrize("text", ['machine.run("id").stdout == "0"', '"x" in machine.run("id").stdout', "a == ''"])
def test_what_asks_for_an_answer_is_not_taken_for_it(text: str) -> None:
    node = ast.parse(text, mode="eval").body
    assert not (_of_a_run(node) and _of_silence(node))


def _of_a_run(node: ast.AST) -> bool:
    """Whether the output of a command that may have failed is in it."""
    outputs = (each.value for each in ast.walk(node) if isinstance(each, ast.Attribute) and each.attr == "stdout")
    calls = (each.func for each in outputs if isinstance(each, ast.Call))
    return any(isinstance(each, ast.Attribute) and each.attr in ("run", "try_kubectl") for each in calls)


def _of_silence(node: ast.AST) -> bool:
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not)
    assert isinstance(node, ast.Compare)
    empty = any(ast.unparse(each) in ("''", "[]", "set()", "{}", "()") for each in (node.left, *node.comparators))
    return empty or any(isinstance(each, ast.NotIn) for each in node.ops)

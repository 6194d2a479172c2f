"""What is collected after a failure: all of it from machines that answer, one line from those that do not, in time."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from provision.clusters import evidence
from provision.util.errors import TimedOut, Unreachable
from provision.util.result import Result
from tests.fake_machine import Replies
from tests.stand_ins import COLLECTED, commands, fake_cluster

KUBELET = evidence._NODES["kubelet.log"]


def _collected(folder: Path, machine: str) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "stacked-uploaded-1.37" / machine).iterdir()}


def _answer(_machine: str, command: str) -> str:
    return f"of {command.split()[-1]}\n"


WHOLE: Replies = {"true": "", **dict.fromkeys(COLLECTED, _answer)}


def test_evidence_of_a_machine_is_that_of_its_role(tmp_path: Path) -> None:
    cluster = fake_cluster(WHOLE)
    evidence.collect(cluster, tmp_path)
    for name, machine in cluster.machines.items():
        assert set(_collected(tmp_path, name)) == set(evidence._commands(cluster, machine))


@pytest.mark.parametrize(
    ("kind", "machine", "files"),
    [
        ("haproxy", "lb", {"haproxy.cfg", "haproxy.csv"}),
        ("keepalived", "lb2", {"haproxy.cfg", "keepalived.conf", "keepalived.log"}),
        ("control-planes", "cp3", {"kubelet.log", "haproxy.cfg", "keepalived.conf", "keepalived.log"}),
        ("nginx", "lb", {"nginx.conf"}),
    ],
)
def test_evidence_of_a_machine_has_what_its_balancer_left(
    kind: str, machine: str, files: set[str], tmp_path: Path
) -> None:  # fmt: skip
    name = "stacked-uploaded-1.37" + (f"-balancer-{kind}" if kind != "haproxy" else "")
    cluster = fake_cluster(WHOLE, name=name)
    evidence.collect(cluster, tmp_path)
    found = {path.name for path in (tmp_path / name / machine).iterdir()}
    assert files - found == set()
    assert "nginx.conf" not in found or kind == "nginx"


def test_a_machine_that_does_not_answer_gets_one_command(tmp_path: Path) -> None:
    gone = Unreachable("cp2 (198.18.0.12) cannot be reached over SSH as ubuntu", answer="No route to host")
    cluster = fake_cluster({**WHOLE, "true": lambda name, _: gone if name == "cp2" else ""})
    evidence.collect(cluster, tmp_path)
    assert commands(cluster, "cp2") == ["true"]
    [(name, text)] = _collected(tmp_path, "cp2").items()
    assert (name, "No route to host" in text) == ("not-collected.txt", True)
    assert "kubelet.log" in _collected(tmp_path, "cp1")


def test_a_machine_whose_shell_complains_answers_all_the_same(tmp_path: Path) -> None:
    complaint = Result(1, "", "setlocale: cannot change locale")
    evidence.collect(fake_cluster({**WHOLE, "true": complaint}), tmp_path)
    assert "kubelet.log" in _collected(tmp_path, "cp1")


def test_one_command_that_hangs_takes_nothing_from_the_others(tmp_path: Path) -> None:
    late = TimedOut("on cp1: `journalctl` did not end in time")
    replies: Replies = {**WHOLE, KUBELET: lambda name, command: late if name == "cp1" else _answer(name, command)}
    evidence.collect(fake_cluster(replies), tmp_path)
    found = _collected(tmp_path, "cp1")
    assert found.pop("kubelet.log").startswith("not collected: on cp1: `journalctl` did not end in time")
    assert [name for name, text in found.items() if "not collected" in text] == []


def test_the_commands_of_a_machine_run_beside_each_other_but_leave_sessions_to_others(tmp_path: Path) -> None:
    """The first ones answer once as many have begun as may run at once, and not one more."""
    begun, enough, lock = 0, threading.Barrier(evidence._AT_ONCE), threading.Lock()
    running: set[int] = set()
    crowds: list[int] = []

    def answer(name: str, command: str) -> str:
        nonlocal begun
        if name != "cp1":
            return _answer(name, command)
        with lock:
            begun += 1
            own = begun
            running.add(own)
            crowds.append(len(running))
        if own <= evidence._AT_ONCE:
            enough.wait(30)
        with lock:
            running.remove(own)
        return _answer(name, command)

    evidence.collect(fake_cluster({**WHOLE, **dict.fromkeys(COLLECTED, answer)}), tmp_path)
    assert max(crowds) == evidence._AT_ONCE
    assert not enough.broken


def test_collecting_evidence_has_a_time_limit_in_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(evidence, "time", SimpleNamespace(monotonic=lambda: now))

    def answer(name: str, command: str) -> str:
        nonlocal now
        now += (name == "cp1") * evidence._LIMIT
        return _answer(name, command)

    cluster = fake_cluster({**WHOLE, **dict.fromkeys(COLLECTED, answer)})
    evidence.collect(cluster, tmp_path)
    assert len(commands(cluster, "cp1")) == 1 + evidence._AT_ONCE
    late = [text for text in _collected(tmp_path, "cp1").values() if "the commands before it took" in text]
    assert len(late) == len(evidence._commands(cluster, cluster.machines["cp1"])) - evidence._AT_ONCE

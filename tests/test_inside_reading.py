"""What machines and the API tell of themselves, read; and the commands that have them tell it, run in a real shell."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from resilience.histories.records import Loss
from resilience.inside import logs, machines, nodes
from resilience.inside.intervals import NO_ANSWER, NONE, Thing
from resilience.inside.machines import BALANCER, ETCD, Wanted
from resilience.traffic.transport import Lost, Request, Response

STACKED = Wanted(frozenset(machines.PROGRAMS.values()))
LINE = "P 305 Ssl kube-apiserver;P 335 Tsl kube-controller;P 415 Ssl etcd;E has_leader 1;E is_leader 0;E is_learner 0;"


def told(line: str, wanted: Wanted = STACKED) -> dict[str, str]:
    return {each.what: state for each, state in machines.read("cp1", line, wanted).items()}


def test_a_control_plane_tells_of_its_static_pods_and_its_member() -> None:
    assert told(LINE) == {
        "etcd": "process 415", "kube-apiserver": "process 305", "kube-controller-manager": "stopped",
        "kube-scheduler": NONE, ETCD: "follower",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("metrics", "role"),
    [
        ("E has_leader 1;E is_leader 1;E is_learner 0;", "leader"),
        ("E has_leader 1;E is_leader 0;E is_learner 1;", "learner"),
        ("E has_leader 0;E is_leader 0;E is_learner 0;", "no leader"),
        ("", NO_ANSWER),
        ("E nonsense;", NO_ANSWER),
    ],
)
def test_a_member_is_what_it_says_or_does_not_answer(metrics: str, role: str) -> None:
    assert told(metrics)[ETCD] == role


def test_the_balancer_names_its_servers_and_says_by_which_machine_where_there_are_several() -> None:
    line = "B cp1 UP;B cp2 UP 1/2;B cp3 DOWN;"
    assert machines.read("lb", line, Wanted(balancer=True)) == {
        Thing(BALANCER, "cp1"): "UP", Thing(BALANCER, "cp2"): "UP 1/2", Thing(BALANCER, "cp3"): "DOWN",
    }  # fmt: skip
    assert Thing(BALANCER, "cp1 by lb2") in machines.read("lb2", line, Wanted(balancer=True, several=True))


def test_a_balancer_without_a_socket_is_a_gap_and_no_state() -> None:
    assert machines.lacks_socket("N;")
    assert not machines.lacks_socket(LINE)
    assert machines.read("lb", "N;", Wanted(balancer=True)) == {}


STAT = (
    "# pxname,svname\nkube-apiserver,FRONTEND,x{0}\ncontrol-planes,cp1{0},198.18.0.11:6443\nstats,own{0},10.0.0.1:80\n"
)


def in_a_shell(folder: Path, command: str, stdin: str = "", **programs: str) -> list[str]:
    """Run a command as a machine would, with programs that print what is given; the lines that it prints."""
    for name, printed in programs.items():
        (folder / f"{name}.txt").write_text(printed)
        (folder / name).write_text(f'#!/bin/sh\necho "$0 $*" >> {folder}/called\ncat {folder}/{name}.txt\n')
        (folder / name).chmod(0o755)
    (folder / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
    (folder / "sudo").chmod(0o755)
    found = subprocess.run(
        ["bash", "-c", command], input=stdin, capture_output=True, text=True, timeout=20, check=True,
        env={"PATH": f"{folder}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert found.stderr == ""
    return found.stdout.splitlines()


def test_the_command_answers_each_line_with_one_and_ends_with_its_input(tmp_path: Path) -> None:
    metrics = (
        "# HELP etcd_server_has_leader x\netcd_server_has_leader 1\netcd_server_is_leader 1\netcd_server_is_learner 0\n"
    )
    found = in_a_shell(
        tmp_path, machines.command(STACKED), "\n\n", curl=metrics, ps="   305 Ssl  kube-apiserver\n   9 Tsl  etcd\n"
    )
    assert len(found) == 2
    assert found[0] == found[1]
    assert told(found[0])["kube-apiserver"] == "process 305"
    assert told(found[0])["etcd"] == "stopped"
    assert told(found[0])[ETCD] == "leader"


def test_what_does_not_answer_is_an_empty_line_and_no_end(tmp_path: Path) -> None:
    found = in_a_shell(tmp_path, machines.command(STACKED), "\n\n", curl="", ps="")
    assert found == ["", ""]
    assert told(found[0])["etcd"] == NONE


def test_servers_of_the_balancer_are_those_that_are_api_servers(tmp_path: Path) -> None:
    command = machines.command(Wanted(balancer=True)).replace("test -S /run/haproxy/admin.sock", "true")
    found = in_a_shell(tmp_path, command, "\n", nc=STAT.format("," * 16 + "UP" + "," * 55))
    assert found == ["B cp1 UP;"]
    assert in_a_shell(tmp_path, machines.command(Wanted(balancer=True)).replace("/run/haproxy/", "/none/"), "\n") == [
        "N;"
    ]


def test_nodes_are_in_kubernetes_own_words() -> None:
    items = [
        {"metadata": {"name": name}, "status": {"conditions": [{"type": "Ready", "status": status}]}}
        for name, status in (("cp1", "True"), ("cp2", "False"), ("cp3", "Unknown"))
    ]
    items.append({"metadata": {"name": "w1"}})
    found = nodes.read(json.dumps({"items": items}).encode())
    assert found == {Thing("node", "cp1"): "Ready", Thing("node", "cp2"): "NotReady", Thing("node", "cp3"): "Unknown",
                     Thing("node", "w1"): "Unknown"}  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"items": [{}]}', b'{"items": 3}'])
def test_what_is_no_list_of_nodes_tells_nothing(body: bytes) -> None:
    assert nodes.read(body) is None


class Way:
    """A way to the API that answers as given."""

    def __init__(self, answer: Response | None) -> None:
        self.answer, self.asked = answer, 0

    def opened(self) -> str:
        return ""

    def exchange(self, request: Request) -> Response:
        self.asked += 1
        if self.answer is None:
            raise Lost(Loss.REFUSED, "refused", sent=False)
        return self.answer

    def interrupt(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_the_first_way_that_answers_is_believed() -> None:
    none, busy, good = Way(None), Way(Response(503, b"")), Way(Response(200, b'{"items": []}'))
    assert nodes.asked([none, busy, good, none]) == {}
    assert none.asked == 1
    assert nodes.asked([none, busy]) is None


def test_logs_are_those_between_two_times_with_the_name_of_their_container(tmp_path: Path) -> None:
    folder = tmp_path / "pods" / "kube-system_etcd-cp1_0123456789abcdef" / "etcd"
    folder.mkdir(parents=True)
    (folder / "0.log").write_text(
        "".join(f"2026-11-27T14:33:{second:02}.5Z stderr F line {second}\n" for second in range(60))
    )
    long = tmp_path / "pods" / "kube-system_kube-apiserver-cp1_abc" / "kube-apiserver"
    long.mkdir(parents=True)
    (long / "1.log").write_text(f"2026-11-27T14:33:30.1Z stdout F {'x' * 5000}\n")
    command = logs.command(1795790000.2, 1795790010.7).replace("/var/log/pods", str(tmp_path / "pods"))
    found = in_a_shell(tmp_path, f"TZ=UTC {command}", journalctl="unit's line\n")
    assert found[:3] == ["unit's line", "", "2026-11-27T14:33:20.5Z etcd-cp1 etcd/0: line 20"]
    assert found[-1].endswith("line 31")
    assert max(map(len, found)) == 400
    asked = (tmp_path / "called").read_text()
    assert "--since @1795790000 --until @1795790011" in asked
    assert "-u kubelet" in asked


def test_logs_are_bounded(tmp_path: Path) -> None:
    for number in range(9):
        folder = tmp_path / "pods" / f"kube-system_pod-{number}_abc" / "c"
        folder.mkdir(parents=True)
        (folder / "0.log").write_text("2026-11-27T14:33:30.1Z stdout F a\n" * 900)
    command = logs.command(1795790000, 1795790011).replace("/var/log/pods", str(tmp_path / "pods"))
    found = in_a_shell(tmp_path, f"TZ=UTC {command}", journalctl="b\n" * 900)
    assert (found.count("b"), len(found)) == (100, 201)


def test_a_machine_is_asked_for_what_it_has_alone() -> None:
    assert "nc -U" not in machines.command(STACKED)
    assert "curl" not in machines.command(Wanted(frozenset({"kube-apiserver"})))
    assert "ps -o" not in machines.command(Wanted(balancer=True))
    assert shlex.split(machines.command(STACKED))[:3] == ["sudo", "bash", "-c"]

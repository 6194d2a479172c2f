"""What machines and the API tell of themselves, read; and the commands that have them tell it, run in a real shell."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from provision.cluster import Cluster
from provision.util.errors import Unreachable
from provision.util.redaction import Redactor
from resilience.histories.records import Loss
from resilience.inside import logs, machines, nodes
from resilience.inside.intervals import ANSWERS, NO_ANSWER, NONE, Thing
from resilience.inside.machines import BALANCER, ETCD, Wanted
from resilience.traffic.transport import Lost, Request, Response
from tests.leaking import JOIN, KEY, TOKEN

STACKED = Wanted(frozenset(machines.PROGRAMS.values()))
LINE = "P 305 Ssl kube-apiserver;P 335 Tsl kube-controller;P 415 Ssl etcd;E has_leader 1;E is_leader 0;E is_learner 0;"


def states(line: str, wanted: Wanted = STACKED) -> dict[str, str]:
    found = machines.read("cp1", line, wanted)
    assert found.pop(Thing(machines.MACHINE, "cp1")) == ANSWERS
    return {each.what: state for each, state in found.items()}


def test_a_control_plane_tells_of_its_static_pods_and_its_member() -> None:
    assert states(LINE) == {
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
    assert states(metrics)[ETCD] == role


def test_the_balancer_names_its_servers_and_says_by_which_machine_where_there_are_several() -> None:
    line = "B cp1 no check;B cp2 UP 1/2;B cp3 DOWN;"
    assert machines.read("lb", line, Wanted(balancer=True)) == {
        Thing(BALANCER, "cp1"): "no check", Thing(BALANCER, "cp2"): "UP", Thing(BALANCER, "cp3"): "DOWN",
        Thing(machines.MACHINE, "lb"): ANSWERS,
    }  # fmt: skip
    assert Thing(BALANCER, "cp1 by lb2") in machines.read("lb2", line, Wanted(balancer=True, several=True))


def test_a_balancer_without_a_socket_is_a_gap_and_no_state() -> None:
    assert machines.lacks_socket("N;")
    assert not machines.lacks_socket(LINE)
    assert set(machines.read("lb", "N;", Wanted(balancer=True))) == {Thing(machines.MACHINE, "lb")}


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


METRICS = """# HELP etcd_server_has_leader x
etcd_server_has_leader 1
etcd_server_is_leader 1
etcd_server_is_learner 0
etcd_server_is_leader_of_more 7
"""


class Metrics(BaseHTTPRequestHandler):
    """A member of etcd, as far as its metrics go."""

    def do_GET(self) -> None:
        assert self.path == "/metrics"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(METRICS.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


def asking(port: int) -> str:
    """The command for a control plane whose member has its metrics at a port of this host."""
    return machines.command(STACKED).replace("127.0.0.1/2381", f"127.0.0.1/{port}")


def test_the_command_answers_each_line_with_one_and_ends_with_its_input(tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), Metrics) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        processes = "   305 Ssl  kube-apiserver\n     9 Tsl  etcd\n"
        found = in_a_shell(tmp_path, asking(server.server_port), "\n\n", ps=processes)
        server.shutdown()
    assert len(found) == 2
    assert found[0] == found[1]
    assert states(found[0]) == {
        "kube-apiserver": "process 305", "etcd": "stopped", ETCD: "leader", "kube-scheduler": NONE,
        "kube-controller-manager": NONE,
    }  # fmt: skip


def test_a_member_that_accepts_and_says_nothing_is_waited_for_one_second(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begin = time.monotonic()
        found = in_a_shell(tmp_path, asking(silent.getsockname()[1]), "\n", ps="")
    assert 1 <= time.monotonic() - begin < 10
    assert states(found[0])[ETCD] == NO_ANSWER


def test_what_is_not_there_is_an_empty_line_and_no_end(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    found = in_a_shell(tmp_path, asking(port), "\n\n", ps="")
    assert found == ["", ""]
    assert (states(found[0])["etcd"], states(found[0])[ETCD]) == (NONE, NO_ANSWER)


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
                     Thing("node", "w1"): "Unknown", Thing(nodes.API, ""): ANSWERS}  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"items": [{}]}', b'{"items": 3}'])
def test_an_answer_that_lists_no_nodes_tells_nothing(body: bytes) -> None:
    assert nodes.read(body) is None


class Way:
    """A way to the API that answers as given."""

    def __init__(self, answer: Response | None) -> None:
        self.answer, self.requests = answer, 0

    def opened(self) -> str:
        return ""

    def exchange(self, request: Request) -> Response:
        self.requests += 1
        if self.answer is None:
            raise Lost(Loss.REFUSED, "refused", sent=False)
        return self.answer

    def interrupt(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_the_first_way_that_answers_is_believed() -> None:
    none, busy, good = Way(None), Way(Response(503, b"")), Way(Response(200, b'{"items": []}'))
    assert nodes.current([none, busy, good, none]) == {Thing(nodes.API, ""): ANSWERS}
    assert none.requests == 1
    assert nodes.current([none, busy]) is None


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
    chatter = "Nov 27 lb haproxy[249]: 198.18.54.1:43851 [27/Nov/2026:16:47:44.127] kube-apiserver cp/cp1 1/0/58\n"
    (folder / "1.log").write_text('2026-11-27T14:33:22.5Z stderr F {"caller":"traceutil/trace.go:195"}\n')
    found = in_a_shell(tmp_path, f"TZ=UTC {command}", journalctl=f"{chatter}unit's line\n{chatter}")
    assert "traceutil" not in "".join(found)
    assert found[:3] == ["unit's line", "", "2026-11-27T14:33:20.5Z etcd-cp1 etcd/0: line 20"]
    assert found[-1].endswith("line 31")
    assert max(map(len, found)) == 400
    called = (tmp_path / "called").read_text()
    assert "--since @1795790000 --until @1795790011" in called
    assert "-u kubelet" in called


def test_logs_are_bounded(tmp_path: Path) -> None:
    for number in range(9):
        folder = tmp_path / "pods" / f"kube-system_pod-{number}_abc" / "c"
        folder.mkdir(parents=True)
        (folder / "0.log").write_text("2026-11-27T14:33:30.1Z stdout F a\n" * 900)
    command = logs.command(1795790000, 1795790011).replace("/var/log/pods", str(tmp_path / "pods"))
    found = in_a_shell(tmp_path, f"TZ=UTC {command}", journalctl="b\n" * 900)
    assert (found.count("b"), len(found)) == (100, 201)


def test_a_command_reads_only_what_the_machine_has() -> None:
    assert "nc -U" not in machines.command(STACKED)
    assert "/dev/tcp" not in machines.command(Wanted(frozenset({"kube-apiserver"})))
    assert "ps -o" not in machines.command(Wanted(balancer=True))
    assert shlex.split(machines.command(STACKED))[:3] == ["sudo", "bash", "-c"]


def test_logs_are_redacted_and_a_machine_that_is_off_is_named(tmp_path: Path) -> None:
    class Answering:
        def __init__(self, name: str, printed: str) -> None:
            self.name, self.printed = name, printed

        def succeed(self, command: str, *, timeout: float, secret: bool) -> str:
            assert secret, "it would be in the journal, too"
            if not self.printed:
                raise Unreachable("cp2 does not answer\nmore")
            return self.printed

    secret = Redactor()
    secret.learn("no pattern finds this secret")
    machines = {
        each.name: each
        for each in (Answering("cp1", f"{JOIN}\nno pattern finds this secret\nfine\n"), Answering("cp2", ""))
    }
    cluster = SimpleNamespace(machines=machines, journal=SimpleNamespace(redact=secret))
    files, missing = logs.collect(cast(Cluster, cluster), tmp_path / "logs", 1, 2)
    assert missing == ["cp2: its logs are not there: cp2 does not answer"]
    (text,) = (each.read_text() for each in files.values())
    assert "fine" in text
    assert [each for each in (TOKEN, KEY, "no pattern finds") if each in text] == []

"""What machines hold of a cluster's life is collected once, filtered where it is, and never in the way of a run."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from fixtures.plugin.bookkeeping import Bookkeeping
from provision.clusters import life
from provision.util.errors import Unreachable
from report.life import balancer, containers, etcd, nodes
from report.life.machines import held
from tests.fake_machine import Answers, Replies
from tests.stand_ins import commands, fake_cluster
from tests.test_life_sources import BEGIN, KUBELET, OTHER, OWN, at, created, disconnected, forked, raft, server, started

SCRIPT = re.compile("^sudo bash -c ")
WHOLE: Replies = {"date +%s.%N": "1780000000.5\n", SCRIPT: "== kubelet\n"}


def test_each_machine_has_a_file_with_its_clock_and_what_it_holds(tmp_path: Path) -> None:
    cluster = fake_cluster(WHOLE)
    life.collect(cluster, tmp_path)
    files = {path.stem: path.read_text() for path in (tmp_path / "stacked-uploaded-1.37").iterdir()}
    assert set(files) == set(cluster.machines)
    assert all(re.fullmatch(r"== clock\n[\d.]+ 1780000000.5 [\d.]+\n== kubelet\n", text) for text in files.values())


def test_a_machine_gives_only_what_it_has() -> None:
    cluster = fake_cluster(WHOLE)
    wanted = {name: set(life.sources(cluster, machine)) for name, machine in cluster.machines.items()}
    assert wanted == {
        "lb": {"haproxy", "haproxy status"}, **{name: {"kubelet"} for name in ("w1", "w2", "w3")},
        **{name: {"containers", "kubelet", "etcd", "api"} for name in ("cp1", "cp2", "cp3")},
    }  # fmt: skip


def test_a_balancer_on_control_planes_is_read_there() -> None:
    cluster = fake_cluster(WHOLE, name="stacked-uploaded-1.37-balancer-control-planes")
    assert {"haproxy", "etcd", "api"} <= set(life.sources(cluster, cluster.machines["cp2"]))


def test_nginx_logs_nothing_of_its_servers_and_is_not_read() -> None:
    cluster = fake_cluster(WHOLE, name="stacked-uploaded-1.37-balancer-nginx")
    assert life.sources(cluster, cluster.machines["lb"]) == {}


def test_a_machine_that_is_gone_has_the_reason_and_the_others_are_read(tmp_path: Path) -> None:
    gone = Unreachable("cp2 (198.18.0.12) cannot be reached over SSH as ubuntu", answer="No route to host")
    cluster = fake_cluster({"date +%s.%N": lambda name, _: gone if name == "cp2" else "1.0\n", SCRIPT: ""})
    life.collect(cluster, tmp_path)
    folder = tmp_path / "stacked-uploaded-1.37"
    assert (
        held("cp2", (folder / "cp2.log").read_text()).missing
        == "cp2 (198.18.0.12) cannot be reached over SSH as ubuntu"
    )
    assert held("cp1", (folder / "cp1.log").read_text()).missing == ""
    assert len(commands(cluster, "cp2")) == 1


def test_secrets_are_not_written(tmp_path: Path) -> None:
    life.collect(fake_cluster({"date +%s.%N": "1.0\n", SCRIPT: "--token abcdef.0123456789abcdef\n"}), tmp_path)
    assert "0123456789abcdef" not in (tmp_path / "stacked-uploaded-1.37" / "cp1.log").read_text()


@pytest.mark.parametrize("in_the_way", [True, False])
def test_a_run_goes_on_whatever_goes_wrong(in_the_way: bool, tmp_path: Path) -> None:
    """A file is in the way of the folder, or machines that know no command."""

    class Building:
        cluster = fake_cluster(Answers({}))

    class Run:
        folder = tmp_path

    shown: list[str] = []
    if in_the_way:
        (tmp_path / "life").write_text("")
    Bookkeeping(Run, shown.append).read_life(Building)  # type: ignore[arg-type]
    assert [line.split(":")[0] for line in shown] == (
        ["what machines hold of the life of stacked-uploaded-1.37 was not collected"] if in_the_way else []
    )


def test_machines_that_are_only_read_are_left_alone(tmp_path: Path) -> None:
    class Building:
        class cluster:  # noqa: N801
            read_only = True

    class Run:
        folder = tmp_path

    Bookkeeping(Run, print).read_life(Building)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


CHATTER = [
    f"{at('03:00:00.0')} lb haproxy[248]: 198.18.113.11:49464 [28/Nov/2026:03:27:44.216] kube-apiserver 1/0",
    f'{at("03:00:00.0")} cp3 kubelet[4]: I1128 03:00:00.0  4 kubelet.go:431] "SyncLoop ADD" pods=["etcd-cp3"]',
    f'{at("03:00:00.0")} cp3 containerd[39]: time="2026-11-28T03:00:00Z" level=info msg="PullImage"',
    '{"level":"warn","ts":"2026-11-28T03:00:00Z","msg":"apply request took too long","took":"101ms"}',
]


def test_the_filters_leave_what_is_read_and_nothing_else(tmp_path: Path) -> None:
    """In a real shell, with a journal that is a file: filters have to agree with what reads their answers."""
    log = Path(f"{tmp_path}/kube-system_etcd-cp3_1/etcd/0.log")
    log.parent.mkdir(parents=True)
    elected = raft("03:00:02.0", f"raft.node: {OWN} elected leader {OTHER} at term 5").partition(".log:")[2]
    log.write_text("\n".join([elected, CHATTER[3]]) + "\n")
    journal = [
        created("03:00:00.5", "etcd", "a"), started("03:00:01.0", "a"), disconnected("03:05:00.0", "a"), *CHATTER,
        f"{at('03:00:30.8')} {KUBELET}", forked("03:00:01.0"), server("03:05:00.0", "cp2", "DOWN"),
    ]  # fmt: skip
    (tmp_path / "journal").write_text("\n".join(journal) + "\n")
    wanted = {name: _on_this_host(question, tmp_path) for name, question in {
        "containers": life._CONTAINERS, "kubelet": life._KUBELET, "etcd": life._ETCD, "haproxy": life._HAPROXY,
        "api": "exit 1",
    }.items()}  # fmt: skip
    shell = shlex.split(life.command(wanted))[1:]
    printed = subprocess.run(shell, capture_output=True, text=True, check=True).stdout
    found = held("cp3", printed)
    assert {name: len(lines) for name, lines in found.sections.items()} == {
        "containers": 3, "kubelet": 1, "etcd": 1, "haproxy": 2, "api": 0,
    }  # fmt: skip
    states = [(each.state, round(each.at - BEGIN, 1)) for each in (
        *containers.points(found), *nodes.points([found]), *balancer.points(found),
    )]  # fmt: skip
    assert states == [("runs", 1.0), ("gone", 300.0), ("Ready", 30.8), ("DOWN", 300.0), ("UP", 1.0)]
    assert [each.state for each in etcd.points(found)] == ["follower"]


def _on_this_host(question: str, folder: Path) -> str:
    return re.sub(r"journalctl [^|]*\|", f"cat {folder}/journal |", question).replace("/var/log/pods", str(folder))

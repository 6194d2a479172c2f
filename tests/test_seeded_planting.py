"""Planting and healing defects, as far as that needs no real cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from provision.cluster import Cluster
from provision.loadbalancer.haproxy import ADMIN_SOCKET
from provision.util.errors import BadInput, CommandFailed
from provision.util.result import Result
from tests.fake_machine import FakeMachine, Replies
from tests.seeded import Defect, __main__, defects, planting, state
from tests.stand_ins import fake_cluster

STACKED = next(each for each in defects() if each.topology == "stacked" and each.on == "cp2")
EXTERNAL = next(each for each in defects() if each.topology == "external")
FINE: Replies = {planting.RUN: "", planting._KEPT: ""}


def item(kind: str, name: str, *, status: object = None, spec: object = None, **metadata: object) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, **metadata}, "status": status or {}, "spec": spec or {}}


def ready(status: str = "True") -> dict[str, Any]:
    return {"conditions": [{"type": "Ready", "status": status}]}


@pytest.mark.parametrize("part", ["plant", "heal"])
def test_script_is_sent_behind_the_helpers_to_the_machine_of_the_defect(part: str) -> None:
    cluster = fake_cluster(FINE)
    {"plant": planting.plant, "heal": planting.heal}[part](cluster, STACKED)
    machine = cluster.machines["cp2"]
    assert isinstance(machine, FakeMachine)
    assert machine.fed[planting.RUN] == STACKED.script(part)


def test_script_that_fails_is_named_with_its_answer() -> None:
    cluster = fake_cluster({planting.RUN: Result(1, "", "no such file")})
    with pytest.raises(CommandFailed, match=rf"on cp2: the script that is to plant {STACKED.name}(.|\n)*no such file"):
        planting.plant(cluster, STACKED)


def test_healing_that_leaves_what_was_kept_is_refused() -> None:
    cluster = fake_cluster({planting.RUN: "", planting._KEPT: "/root/kept-etc_hosts\n"})
    with pytest.raises(CommandFailed, match=r"left /root/kept-etc_hosts$"):
        planting.heal(cluster, STACKED)


def test_defect_of_another_topology_is_refused() -> None:
    with pytest.raises(BadInput, match="is a defect of external clusters"):
        planting.plant(fake_cluster(FINE), EXTERNAL)


def test_servers_are_read_from_statistics() -> None:
    text = "# pxname,svname,status\nf,FRONTEND,OPEN\nb,cp1,UP\nb,cp2,UP 1/2\nb,cp3,DOWN\nb,BACKEND,UP\n"
    assert planting.servers(text) == {"cp1": "UP", "cp2": "UP 1/2", "cp3": "DOWN"}


def test_server_that_is_down_or_unknown_is_missing() -> None:
    answer = "# pxname,svname,status\nb,cp1,UP\nb,cp3,DOWN\n"
    carrier = FakeMachine({f"echo 'show stat' | sudo nc -U -N {ADMIN_SOCKET}": answer})
    missing = planting._missing_servers(carrier, ["cp1", "cp2", "cp3"])
    assert missing
    assert missing.reason.endswith(": cp2 cp3")
    assert planting._missing_servers(carrier, ["cp1"]) is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (item("Node", "w1", status=ready("Unknown")), "node w1 is not ready"),
        (item("Node", "w1", status=ready(), spec={"unschedulable": True}), "node w1 takes no pods"),
        (item("Pod", "etcd-cp1", status=ready("False")), "pod etcd-cp1 is not ready"),
        (item("Pod", "etcd-cp1"), "pod etcd-cp1 is not ready"),
        (item("Pod", "etcd-cp1", status=ready(), deletionTimestamp="now"), "pod etcd-cp1 is being deleted"),
    ],
)
def test_node_or_pod_that_is_not_ready_is_named(wrong: Mapping[str, Any], why: str) -> None:
    assert planting.unready([wrong, item("Node", "w2", status=ready())]) == [why]


ROLLED_OUT = {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
PLACED = {"observedGeneration": 2, "desiredNumberScheduled": 6, "updatedNumberScheduled": 6, "numberAvailable": 6}


@pytest.mark.parametrize(
    "change", [{}, {"observedGeneration": 1}, {"replicas": 3}, {"updatedReplicas": 1}, {"availableReplicas": 1}]
)
def test_deployment_is_rolled_out_when_every_count_is_as_wanted(change: dict[str, int]) -> None:
    deployment = item("Deployment", "coredns", status=ROLLED_OUT | change, spec={"replicas": 2}, generation=2)
    assert planting.unready([deployment]) == (["deployment coredns is not rolled out"] if change else [])


@pytest.mark.parametrize(
    "change", [{}, {"observedGeneration": 1}, {"updatedNumberScheduled": 5}, {"numberAvailable": 0}]
)
def test_daemonset_is_rolled_out_when_every_count_is_as_wanted(change: dict[str, int]) -> None:
    daemonset = item("DaemonSet", "kube-proxy", status=PLACED | change, generation=2)
    assert planting.unready([daemonset]) == (["daemonset kube-proxy is not rolled out"] if change else [])


def pods(*nodes: str) -> Sequence[Mapping[str, Any]]:
    return [item("Pod", f"coredns-{number}", spec={"nodeName": node}) for number, node in enumerate(nodes)]


@pytest.mark.parametrize(("nodes", "machine"), [(("cp1", "cp1"), "cp1"), (("cp1", "w1"), ""), (("cp1",), ""), ((), "")])
def test_pods_are_together_only_where_there_are_two_on_one_node(nodes: tuple[str, ...], machine: str) -> None:
    assert planting.together_on(pods(*nodes)) == machine


def test_differences_are_what_changed_came_and_went() -> None:
    before, after = {"a": "1", "b": "1", "c": "1"}, {"b": "1", "c": "2", "d": "1"}
    assert state.differences(before, after) == {"a": ("1", ""), "c": ("1", "2"), "d": ("", "1")}


def test_state_of_the_api_shows_what_defects_change_there() -> None:
    labels = {"topology.kubernetes.io/zone": "one", "kubernetes.io/hostname": "w1"}
    status = {"addresses": [{"address": "198.18.0.21"}], "nodeInfo": {"kubeletVersion": "v1.37.2", "machineID": "ab"}}
    dns = {"labels": {"k8s-app": "kube-dns"}}
    items = [
        item("Node", "w1", status=status, labels=labels),
        item("CertificateSigningRequest", "seeded", spec={"username": "system:node:w1"}),
        item("CertificateSigningRequest", "done", status={"conditions": [{}]}, spec={"username": "system:node:w2"}),
        item("Secret", "bootstrap-token-abcdef") | {"type": "bootstrap.kubernetes.io/token", "data": {}},
        item("Pod", "coredns-1", spec={"nodeName": "w1"}, **dns),
        item("Pod", "coredns-2", spec={"nodeName": "w1"}, **dns),
    ]
    found = state.api(items)
    assert found["node w1 zones"] == "{'topology.kubernetes.io/zone': 'one'}"
    assert found["node w1 addresses"] == "198.18.0.21"
    assert found["node w1 info"] == "v1.37.2 ab"
    assert found["pending request seeded"] == "system:node:w1"
    assert "pending request done" not in found
    assert found["token bootstrap-token-abcdef"] == "never ends"
    assert found["coredns"] == "2 pods on 1 machines"


def test_unknown_defect_is_refused() -> None:
    with pytest.raises(BadInput, match="there is no defect nope"):
        __main__.chosen_of(["nope"])


@pytest.mark.parametrize(
    ("ready", "chosen", "cluster"),
    [
        (["stacked-manual-1.37"], [], "stacked-manual-1.37"),
        (["stacked-manual-1.37", "external-uploaded-1.37"], [EXTERNAL], "external-uploaded-1.37"),
    ],
)
def test_only_kept_cluster_of_the_topology_is_meant(ready: list[str], chosen: list[Defect], cluster: str) -> None:
    assert __main__.cluster_of("", ready, chosen) == cluster


@pytest.mark.parametrize(
    ("ready", "chosen", "why"),
    [
        ([], [STACKED], "of topology stacked, none is kept"),
        (["stacked-manual-1.37", "stacked-uploaded-1.37"], [STACKED], "several are kept"),
        (["stacked-manual-1.37"], [STACKED, EXTERNAL], "of topology external and stacked, none is kept"),
    ],
)
def test_cluster_that_is_not_clear_is_to_be_named(ready: list[str], chosen: list[Defect], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        __main__.cluster_of("", ready, chosen)
    assert __main__.cluster_of("mine", ready, chosen) == "mine"


def test_try_goes_on_after_a_failure_and_heals_what_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []
    states = iter([{"file": "a"}, {"file": "b"}, {"file": "a"}])

    def plant(_cluster: Cluster, defect: Defect) -> None:
        if defect is STACKED:
            raise CommandFailed("refused")

    monkeypatch.setattr(planting, "prepare", lambda _: done.append("prepare"))
    monkeypatch.setattr(planting, "settled", lambda _: done.append("settled"))
    monkeypatch.setattr(planting, "plant", plant)
    monkeypatch.setattr(planting, "heal", lambda _, defect: done.append(f"heal {defect.name}"))
    monkeypatch.setattr(state, "of", lambda *_: {} if done.count("settled") == 1 else next(states))
    other = next(each for each in defects() if each.topology == "stacked" and each is not STACKED)
    assert __main__._try(fake_cluster(), [STACKED, other]) == 1
    first, second, third, *_ = capsys.readouterr().out.splitlines()
    assert first == f"{STACKED.name}: failed: refused"
    assert second.startswith(f"{other.name}: planted in ")
    assert third == "  file: a → b"
    assert done == [
        "prepare", "settled", f"heal {STACKED.name}", "settled",
        "settled", f"heal {other.name}", "settled",
    ]  # fmt: skip

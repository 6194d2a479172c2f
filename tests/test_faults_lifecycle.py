"""Machines that join, leave and are replaced under traffic, and API servers that end late: what is typed and proved."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from provision.cluster import Cluster
from provision.config.balancers import Check
from provision.config.cluster_id import ClusterId
from provision.config.topology import Role
from provision.loadbalancer import haproxy
from provision.machines.machine import Machine
from resilience.faults.kinds import restarts
from resilience.faults.kinds.lifecycle import FAULTS, ready_nodes
from resilience.faults.kinds.restarts import Graceful, delayed, other_processes
from resilience.faults.kinds.rolled_back import never_starts
from resilience.faults.kinds.upgrades import FAULTS as UPGRADES
from resilience.faults.kinds.upgrades import with_delay
from resilience.faults.means import late, static_pods
from resilience.faults.scene import Call, Scene
from tests.fake_machine import Replies
from tests.made_up_faults import Board
from tests.stand_ins import commands, fake_cluster

MEMBERS = re.compile("etcdctl .* member list$")
LISTED = (
    "1, started, cp1, https://198.18.0.11:2380, https://198.18.0.11:2379, false\n"
    "2, started, cp2, https://198.18.0.12:2380, https://198.18.0.12:2379, false\n"
    "3, started, cp3, https://198.18.0.13:2380, https://198.18.0.13:2379, false\n"
)
STRAY = "4, unstarted, , https://198.18.0.14:2380, , true"
MANIFEST = """\
apiVersion: v1
kind: Pod
metadata:
  name: kube-apiserver
spec:
  containers:
  - command:
    - kube-apiserver
    - --advertise-address=198.18.0.11
    image: registry.k8s.io/kube-apiserver:v1.37.2
  hostNetwork: true
status: {}
"""


def scene(replies: Replies, *hit: str, topology: str = "stacked") -> Scene:
    cluster = fake_cluster(replies, name=f"{topology}-uploaded-1.37-faults")
    return Scene(cluster, Board(), [cluster.machines[each] for each in hit])


def edited(graceful: Graceful, text: str = MANIFEST) -> dict[str, Any]:
    """What sed makes of a manifest."""
    done = subprocess.run(f"sed {graceful.edit}", shell=True, input=text, capture_output=True, text=True, check=True)
    return dict(yaml.safe_load(done.stdout)["spec"])


@pytest.mark.parametrize(("topology", "others"), [("stacked", 7), ("external", 10)])
def test_a_cluster_for_faults_has_machines_that_join_later(topology: str, others: int) -> None:
    cluster = ClusterId.parse(f"{topology}-uploaded-1.37-faults")
    assert [each.name for each in cluster.machines if each.late] == ["cp4", "cp5", "w4"]
    assert sum(not each.late for each in cluster.machines) == others


def test_mutable_and_usual_clusters_have_what_they_had() -> None:
    mutable, usual = ClusterId.parse("stacked-uploaded-1.37-mutable"), ClusterId.parse("stacked-uploaded-1.37")
    assert [each.name for each in mutable.machines if each.late] == ["cp4", "w4"]
    assert not any(each.late for each in usual.machines)


def test_two_control_planes_are_the_late_ones() -> None:
    names = {fault.name: [each.name for each in fault.where(scene({}))] for fault in FAULTS if "join" in fault.name}
    assert names == {
        "control-plane-joins": ["cp4"], "two-control-planes-join": ["cp4", "cp5"], "worker-joins": ["w4"]
    }  # fmt: skip


def test_clusters_without_late_machines_skip_joins_with_a_reason() -> None:
    cluster = fake_cluster(name="stacked-uploaded-1.37")
    lacking = {fault.lacking(Scene(cluster, Board())) for fault in FAULTS if "join" in fault.name}
    assert lacking == {"the cluster has no machine that did not join yet"}


def test_a_member_that_is_on_no_machine_of_the_procedure_is_a_stray() -> None:
    assert late.strays(scene({MEMBERS: f"{LISTED}{STRAY}\n"}, "cp4")) == [STRAY]
    assert late.strays(scene({MEMBERS: LISTED}, "cp4")) == []


def test_a_member_is_removed_by_its_id_and_only_where_it_is_listed() -> None:
    gone = re.compile("etcdctl .* member remove 4$")
    found = scene({MEMBERS: f"{LISTED}{STRAY}\n", gone: "Member 4 removed from cluster\n"}, "cp4")
    assert late.remove_member(found.cluster, found.machine) == "Member 4 removed from cluster"
    assert late.remove_member(scene({MEMBERS: LISTED}, "cp4").cluster, found.machine) == ""


def test_members_are_listed_by_a_machine_that_is_there() -> None:
    found = scene({MEMBERS: LISTED}, "cp1")
    late.members(found.cluster, gone=[found.machine])
    assert (len(commands(found.cluster, "cp1")), len(commands(found.cluster, "cp2"))) == (0, 1)


@pytest.mark.parametrize(
    ("earlier", "now", "proved"),
    [
        ("", "cp1=True cp4=True ", True),
        ("", "cp1=True cp4=False ", False),
        ("", "cp1=True ", False),
        ("", "cp1=True cp4=Unknown ", False),
        ("cp4", "cp1=True cp4=True ", False),
    ],
)
def test_a_join_is_proved_by_a_node_that_was_not_there(earlier: str, now: str, proved: bool) -> None:
    found = scene({re.compile("kubectl get nodes"): now}, "cp4")
    assert isinstance(ready_nodes().seen(found, earlier), str) is proved


def test_a_manifest_gets_the_delay_and_the_time_to_end() -> None:
    spec = edited(Graceful(30, 60))
    assert spec["terminationGracePeriodSeconds"] == 60
    assert spec["containers"][0]["command"][:2] == ["kube-apiserver", "--shutdown-delay-duration=30s"]
    assert "terminationGracePeriodSeconds" not in edited(Graceful(10))
    assert Graceful(0).edit == ""


def test_api_servers_are_as_kubeadm_makes_them_where_there_is_no_delay() -> None:
    assert restarts.delays_set(Graceful(0))(scene({})) == []
    assert len(restarts.delays_set(Graceful(10))(scene({}))) == 1


@pytest.mark.parametrize("typed", [delayed(Graceful(30, 60), fake_cluster().control_planes[0]),
                                   restarts.as_before(fake_cluster().control_planes[0]),
                                   *(static_pods.command(fake_cluster().control_planes[0], each)
                                     for each in static_pods.COMPONENTS)])  # fmt: skip
def test_what_is_typed_is_valid_shell(typed: str) -> None:
    subprocess.run(["bash", "-n", "-c", typed], check=True)


@pytest.mark.parametrize(
    ("earlier", "now", "option", "proved"),
    [
        ("cp1=7", "9 kube-apiserver --a --shutdown-delay-duration=10s", "--shutdown-delay-duration=10s", True),
        ("cp1=7", "9 kube-apiserver --a", "", True),
        ("cp1=7", "9 kube-apiserver --a", "--shutdown-delay-duration=10s", False),
        ("cp1=7", "7 kube-apiserver --a", "", False),
        ("cp1=7", "", "", False),
        ("", "9 kube-apiserver --a", "", False),
    ],
)
def test_restarts_are_proved_by_another_process_with_the_option(
    earlier: str, now: str, option: str, proved: bool
) -> None:
    found = scene({"pgrep -xa kube-apiserver": now}, "cp1")
    assert isinstance(other_processes("kube-apiserver", option).seen(found, earlier), str) is proved


@pytest.mark.parametrize(("check", "path"), [(Check.HEALTH, "/healthz"), (Check.READY, "/readyz"), (Check.TCP, None)])
def test_haproxy_asks_what_it_is_configured_to(check: Check, path: str | None) -> None:
    text = haproxy.render(6443, fake_cluster().control_planes, check=check)
    assert re.findall("uri (.*)", text) == ([path] if path else [])
    assert "inter 1s fall 2 rise 1 check" in text


def test_checks_of_the_balancer_are_put_back() -> None:
    fault = next(each for each in restarts.FAULTS if each.name == "api-servers-restarted-delay-10-ready-check")
    found = scene({re.compile("haproxy"): "", re.compile("."): ""})
    for steps, path in ((fault.prepare(found), "/readyz"), (fault.restore(found), "/healthz")):
        steps[0].do(found)
        assert f"uri {path}\n" in fed(found.cluster)


def fed(cluster: Cluster) -> str:
    """The configuration that the balancer's machine was given last."""
    machine: Machine = cluster.carriers[0]
    return str(machine.fed[f"sudo install -D -m 644 /dev/stdin {haproxy.CONFIGURATION}"])  # type: ignore[attr-defined]


def test_a_configuration_gets_the_delay_beside_what_it_has() -> None:
    written = with_delay("apiServer:\n  extraArgs:\n  - name: v\n    value: '2'\nclusterName: k\n", 30)
    assert yaml.safe_load(written) == {
        "apiServer": {"extraArgs": [{"name": "v", "value": "2"}, {"name": "shutdown-delay-duration", "value": "30s"}]},
        "clusterName": "k",
    }
    assert yaml.safe_load(with_delay("apiServer: {}\n", 30))["apiServer"]["extraArgs"][0]["value"] == "30s"


def test_an_upgrade_that_cannot_succeed_has_an_image_that_does_not_exist(tmp_path: Path) -> None:
    cluster = fake_cluster(name="stacked-uploaded-1.37-from-1.36-faults")
    beside = {"1.37": {"version": "v1.37.2", "folder": str(tmp_path)}}
    cluster.state = cluster.state.but(beside=beside)
    files = never_starts(cluster)
    configuration = yaml.safe_load(files["upgrade.yaml"])
    assert configuration["apply"]["kubernetesVersion"] == "v1.37.2"
    assert "never" in files["patches/kube-apiserver+strategic.yaml"]
    assert configuration["apply"]["patches"]["directory"].endswith("/patches")


def test_a_fault_may_upgrade_to_a_version_that_is_not_released(tmp_path: Path) -> None:
    cluster = fake_cluster(name="stacked-uploaded-1.37-from-1.36-faults")
    cluster.state = cluster.state.but(beside={"1.37": {"version": "v1.37.3-rc.0", "folder": str(tmp_path)}})
    assert yaml.safe_load(never_starts(cluster)["upgrade.yaml"])["apply"]["allowExperimentalUpgrades"] is True
    (first,) = [each for each in UPGRADES if each.name == "upgraded-with-delay-0"]
    call, *_ = first.do(Scene(cluster, Board(), cluster.control_planes))
    assert isinstance(call, Call)
    assert call.typed == "sudo kubeadm upgrade apply v1.37.3-rc.0 --yes --allow-release-candidate-upgrades"


def test_workers_are_late_too() -> None:
    assert [each.name for each in scene({}).cluster.late_ones(Role.WORKER)] == ["w4"]

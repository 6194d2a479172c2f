"""What processes are configured by beside their flags: drop-ins of kubelets, etcd's file, kube-vip of a DaemonSet."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest
import yaml

from checks.collecting import following, reading_etcd, reading_kubernetes
from checks.collecting.api import PATHS
from checks.collecting.balancer_pods import in_daemon_sets
from checks.collecting.machine import Visit
from checks.facts.cluster import Facts
from checks.facts.endpoint import can_move
from checks.facts.fact import Unknown
from checks.facts.machine import Process
from tests.collecting import by_kubeconfig, of_inventory
from tests.healthy import healthy, with_machine
from tests.healthy.values import NOW
from tests.healthy.verdicts import fixes, found, sentences
from tests.simulated import Host, Simulated, answered, cluster

pytest_plugins = "tests.collecting_fixtures"

_DIR = "/etc/kubernetes/kubelet.conf.d"
_BASE = (
    "clusterDNS: [10.96.0.10]\nauthentication: {anonymous: {enabled: false}, x509: {clientCAFile: /ca}}\nmaxPods: 110\n"
)


def _configuration(**drop_ins: str) -> tuple[Any, Any]:
    printed = "".join(f"{_DIR}/{name}.conf\n{text}\n\n" for name, text in drop_ins.items())
    given = answered(kubelet_configuration=_BASE, kubelet_drop_ins=printed)
    return reading_kubernetes.configuration(given, "/var/lib/kubelet/config.yaml", _DIR)


def test_drop_ins_are_merged_by_name_with_lists_as_a_whole_and_objects_in_parts() -> None:
    read, own = _configuration(
        b="maxPods: 30\nclusterDNS: [169.254.20.10]",
        a="kind: KubeletConfiguration\nmaxPods: 20\nauthentication: {anonymous: {enabled: true}}",
    )
    assert read["maxPods"] == 30
    assert read["clusterDNS"] == ["169.254.20.10"]
    assert read["authentication"] == {"anonymous": {"enabled": True}, "x509": {"clientCAFile": "/ca"}}
    b, a = f"{_DIR}/b.conf", f"{_DIR}/a.conf"
    assert own == {"maxPods": b, "clusterDNS": b, "authentication.anonymous.enabled": a}


def test_null_in_a_drop_in_takes_a_field_away_and_an_empty_one_changes_nothing() -> None:
    assert "maxPods" not in _configuration(a="maxPods: null")[0]
    assert _configuration(a="")[1] == {}


def test_a_drop_in_that_is_broken_leaves_the_configuration_unknown() -> None:
    with pytest.raises(Unknown, match=r"a\.conf is not valid YAML"):
        _configuration(a="a: [")


def _by_drop_in(names: Collection[str], **settings: Any) -> Facts:
    kubelet = healthy().machine("w1").kubelet.get()
    configuration = {**kubelet.configuration, **settings}
    drop_ins = dict.fromkeys(names, f"{_DIR}/own.conf")
    return with_machine(healthy(), "w1", kubelet=replace(kubelet, configuration=configuration, drop_ins=drop_ins))


@pytest.mark.parametrize(("setting", "value", "severity"), [
    ("staticPodPath", "/srv", "notice"), ("failSwapOn", False, "notice"), ("clusterDNS", ["192.0.2.53"], "warning"),
    ("featureGates", {"A": True}, "notice"), ("authorization", {"mode": "AlwaysAllow"}, "warning"),
])  # fmt: skip
def test_a_setting_that_a_drop_in_gives_a_node_is_named_with_the_drop_in(
    setting: str, value: Any, severity: str
) -> None:
    facts = _by_drop_in([setting], **{setting: value})
    assert found(facts) == [("DRIFT-005", severity, ("w1",))]
    assert f"by {_DIR}/own.conf" in sentences(facts)[0]
    assert fixes(facts) == [f"sudoedit {_DIR}/own.conf && sudo systemctl restart kubelet  # on w1"]
    assert [each[1] for each in found(_by_drop_in([], **{setting: value}))] == ["warning"], "in its own file"


def test_a_drop_in_of_most_nodes_is_how_this_cluster_is_configured() -> None:
    """As of hosts with cgroup v1, or with swap."""
    facts = healthy()
    for name in ("cp1", "cp2", "cp3", "w1", "w2"):
        kubelet = facts.machine(name).kubelet.get()
        configuration = {**kubelet.configuration, "failSwapOn": False, "featureGates": {"A": True}}
        drop_ins = dict.fromkeys(("failSwapOn", "featureGates.A"), f"{_DIR}/own.conf")
        facts = with_machine(facts, name, kubelet=replace(kubelet, configuration=configuration, drop_ins=drop_ins))
    assert found(facts) == []


def test_what_a_drop_in_sets_hides_nothing_beside_it() -> None:
    usual = healthy().machine("w1").kubelet.get().configuration["authentication"]
    facts = _by_drop_in(["authentication"], authentication={**usual, "anonymous": {"enabled": True}})
    assert found(facts) == [("DRIFT-005", "warning", ("w1",))]
    assert "has another authentication.anonymous.enabled than" in sentences(facts)[0]
    facts = _by_drop_in(["authentication.x509"], authentication={**usual, "anonymous": {"enabled": True}})
    assert "own.conf" not in sentences(facts)[0]


def test_a_drop_in_that_sets_what_all_have_or_what_is_a_nodes_own_is_healthy() -> None:
    same = healthy().machine("w1").kubelet.get().configuration["clusterDNS"]
    assert found(_by_drop_in(["clusterDNS", "maxPods"], clusterDNS=same, maxPods=50)) == []


_ETCD = """
name: cp1
data-dir: /data/etcd
initial-cluster-token: s3cret
listen-client-urls: https://10.0.0.11:2379
listen-peer-urls: https://10.0.0.11:2390
strict-reconfig-check: true
client-transport-security: {cert-file: /pki/server.crt, key-file: /pki/server.key, trusted-ca-file: /pki/ca.crt}
peer-transport-security: {cert-file: /pki/peer.crt, client-cert-auth: true}
"""


def test_etcds_configuration_file_is_read_as_flags() -> None:
    process = Process("etcd", 7, NOW, ("etcd", "--config-file=/etc/etcd.yaml"))
    given = answered(**{"etcd-configuration 7": _ETCD, "etcd-environment": "ETCD_NAME=old\n"})
    [read] = reading_etcd.with_files((process,), given)
    flags = reading_etcd.flags_in_use(read, given)
    assert flags["name"] == "cp1"
    assert flags["trusted-ca-file"] == "/pki/ca.crt"
    assert (flags["peer-cert-file"], flags["peer-client-cert-auth"]) == ("/pki/peer.crt", "true")
    assert flags["strict-reconfig-check"] == "true"
    assert "s3cret" not in str(read)
    access = reading_etcd.access(flags, "10.0.0.11", 7)
    assert (access.endpoint, access.certificate) == ("https://10.0.0.11:2379", "/pki/server.crt")


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "client-transport-security: 5"])
def test_a_file_that_is_not_a_configuration_adds_nothing(text: str) -> None:
    process = Process("etcd", 7, NOW, ("etcd", "--config-file=/etc/etcd.yaml"))
    assert reading_etcd.with_files((process,), answered(**{"etcd-configuration 7": text})) == (process,)


def test_files_are_requested_only_of_what_has_them() -> None:
    lines = "  7  100 etcd --config-file=/etc/etcd.yaml\n  8  100 kubelet --config=/opt/k.yaml --config-dir=/opt/k.d\n"
    assert following.configured(Visit("cp1", (), "10.0.0.11", given=answered(now="1780000000", processes=lines))) == {
        "etcd-configuration 7": "cat /proc/7/root/etc/etcd.yaml",
        "kubelet-configuration elsewhere": "cat /opt/k.yaml",
        "kubelet-drop-ins": (
            'find /opt/k.d -name "*.conf" "(" -type f -o -type l ")" -print -exec cat {} ";" -exec echo ";"'
        ),
    }
    usual = "  7  100 etcd --name=cp1\n  8  100 kubelet --config=/var/lib/kubelet/config.yaml\n"
    assert following.configured(Visit("cp1", (), "", given=answered(now="1780000000", processes=usual))) == {}


def _static_pods_at(host: Host, folder: str, flag: str) -> None:
    """Static pods of a machine are elsewhere, by a flag or by the kubelet's configuration."""
    host.answers["manifests elsewhere"] = (
        host.answers["manifests"][0].replace("/etc/kubernetes/manifests/", f"{folder}/"), 0
    )  # fmt: skip
    host.answers["manifests"] = ("", 0)
    if flag:
        host.answers["processes"] = (
            host.answers["processes"][0].replace("kubelet --", f"kubelet {flag} --", 1), 0
        )  # fmt: skip
    else:
        read = yaml.safe_load(host.answers["kubelet-configuration"][0])
        host.answers["kubelet-configuration"] = (yaml.safe_dump({**read, "staticPodPath": folder}), 0)


@pytest.mark.parametrize("flag", ["", "--pod-manifest-path=/opt/pods"])
def test_static_pods_elsewhere_are_read_with_the_balancers_among_them(
    flag: str, names: dict[str, tuple[str, ...]]
) -> None:
    simulated = cluster(balancer=False)
    host = simulated.hosts["cp1"]
    pod = {"metadata": {"name": "kube-vip"}, "spec": {"containers": [_container({"address": "10.0.0.100"})]}}
    text, _ = host.answers["manifests"]
    host.answers["manifests"] = (f"{text}/etc/kubernetes/manifests/kube-vip.yaml\n{json.dumps(pod)}\n\n", 0)
    _static_pods_at(host, "/opt/pods", flag)
    machine = of_inventory(simulated).machine("cp1")
    assert "/opt/pods/kube-vip.yaml" in {each.file for each in machine.manifests.get()}
    assert [(each.where, each.virtual_addresses) for each in machine.balancers.get()] == [
        ("/opt/pods/kube-vip.yaml", ("10.0.0.100",))
    ]


def _container(settings: dict[str, str], **more: Any) -> dict[str, Any]:
    env = [{"name": name, "value": value} for name, value in settings.items()]
    return {"name": "kube-vip", "image": "ghcr.io/kube-vip/kube-vip:v1.0.0", "args": ["manager"], "env": env, **more}


def _daemon_set(container: dict[str, Any], namespace: str = "kube-vip") -> dict[str, Any]:
    return {"metadata": {"name": "kube-vip-ds", "namespace": namespace},
            "spec": {"template": {"spec": {"containers": [container]}}}}  # fmt: skip


def _with(simulated: Simulated, *sets: dict[str, Any]) -> None:
    _, text = simulated.objects.bodies[PATHS["daemon_sets"]]
    there = json.loads(text)
    there["items"] += sets
    simulated.objects.bodies[PATHS["daemon_sets"]] = (200, json.dumps(there))


def test_kube_vip_of_a_daemon_set_moves_the_address_where_it_runs(names: dict[str, tuple[str, ...]]) -> None:
    simulated = cluster(balancer=False)
    names["k8s.example.org"] = ("10.0.0.100",)
    for host in simulated.hosts.values():
        host.answers["resolved"] = ("10.0.0.100      STREAM k8s.example.org\n", 0)
    links = json.loads(simulated.hosts["cp2"].answers["interfaces"][0])
    links[1]["addr_info"].append({"local": "10.0.0.100"})
    simulated.hosts["cp2"].answers["interfaces"] = (json.dumps(links), 0)
    settings = {"address": "10.0.0.100", "cp_enable": "true", "vip_arp": "true", "PASSWORD": "s3cret"}
    given = ["manager", "--peerPass", "s3cret", "--bgppeers=10.0.0.9:65000:s3cret:true", "--interface", "eth0"]
    other = {"name": "x", "image": "agent", "env": [{"name": "KEY", "value": "s3cret"}]}
    _with(simulated, _daemon_set(_container(settings, args=given)), _daemon_set(other, "monitoring"))
    for name in ("cp1", "cp2"):
        text, _ = simulated.hosts[name].answers["processes"]
        simulated.hosts[name].answers["processes"] = (f"{text}  4000  100 /kube-vip manager\n", 0)
    facts = by_kubeconfig(simulated, login=simulated.login)
    moved = {
        each.name: [(one.where, one.virtual_addresses) for one in each.balancers.value or ()] for each in facts.nodes
    }
    here = [("DaemonSet kube-vip/kube-vip-ds", ("10.0.0.100",))]
    assert moved == {"cp1": here, "cp2": here, "cp3": [], "w1": [], "w2": [], "w3": []}
    assert can_move(facts)
    assert "s3cret" not in str(facts.api)
    assert "monitoring" not in {each["metadata"]["namespace"] for each in facts.api.daemon_sets.get()}


@pytest.mark.parametrize(
    "container",
    [
        _container({"cp_enable": "false", "svc_enable": "true", "address": "10.0.0.100"}),
        _container({"cp_enable": "true"}),
        {"name": "x", "image": "agent", "args": ["--vip", "10.0.0.100"]},
    ],
)
def test_a_daemon_set_that_moves_no_address_of_the_api_is_none(container: dict[str, Any]) -> None:
    assert list(in_daemon_sets([_daemon_set(container)])) == []


def test_a_daemon_set_is_read_by_its_arguments_too() -> None:
    container = {"image": "kube-vip", "args": ["manager", "--controlplane", "--vip", "10.0.0.100/32", "--arp"]}
    [read] = in_daemon_sets([_daemon_set(container)])
    assert read.virtual_addresses == ("10.0.0.100",)

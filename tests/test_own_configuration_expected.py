"""What is expected of a cluster that was made with a configuration of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import yaml

from fixtures.subjects.configured import (
    command_of,
    differing,
    exists,
    labels_of,
    mounts_of,
    not_stored,
    taints_of,
    takes_pods,
)
from provision.config.configuration.expected import Expected
from provision.config.configuration.own import Kind
from provision.config.versions import Version
from provision.kubeadm import configuration
from provision.network import plugin
from tests.configurations import (
    RECIPES,
    configured,
    recipe,
)
from tests.stand_ins import fake_cluster


def test_a_cluster_that_exists_is_expected_to_be_as_the_configuration_that_it_keeps() -> None:
    stored = {"networking": {"podSubnet": "10.50.0.0/16", "dnsDomain": "example.test"}, "clusterName": "mine"}
    found = Expected.of({Kind.CLUSTER: stored})
    assert (found.proxied_cidr, found.dns_domain, found.cluster_name) == ("10.50.0.0/16", "example.test", "mine")


def test_addresses_in_certificates_are_expected_as_certificates_spell_them() -> None:
    names = ["2001:DB8::10", "2001:db8:0:0::11", "203.0.113.10", "API.example.com", "*.example.org"]
    etcd = {"local": {"serverCertSANs": ["FD00::A"], "peerCertSANs": ["fd00:0::b"]}}
    found = Expected.of({Kind.CLUSTER: {"apiServer": {"certSANs": names}, "etcd": etcd}})
    spelled = {"2001:db8::10", "2001:db8::11", "203.0.113.10", "API.example.com", "*.example.org"}
    assert spelled == {each for each in found.server_names if not each.startswith("kubernetes")} - {"10.96.0.1"}
    assert [*found.etcd_server_names, *found.etcd_peer_names] == ["fd00::a", "fd00::b"]


def test_a_cluster_whose_network_is_not_known_has_a_pod_network_all_the_same() -> None:
    """One that existed before: this host did not choose its network plugin."""
    cluster = fake_cluster()
    cluster.state = cluster.state.but(network="")
    assert plugin.pod_cidr(cluster) == "10.244.0.0/16"


def test_without_a_configuration_the_documented_values_are_expected() -> None:
    found = configuration.expected(fake_cluster())
    service = {"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}
    assert found.server_names == {"10.96.0.1", *service}
    assert (found.cluster_name, found.dns_domain) == ("kubernetes", "cluster.local")
    assert (found.service_subnets, found.pod_subnets) == (("10.96.0.0/12",), ("10.244.0.0/16",))
    assert (found.cluster_dns, found.dns_address, found.api_address) == (("10.96.0.10",), "10.96.0.10", "10.96.0.1")
    assert found.image("kube-proxy", Version(37, 2, "", "a")) == "registry.k8s.io/kube-proxy:v1.37.2_a"
    assert (found.certificate_validity, found.authority_validity) == (timedelta(days=365), timedelta(days=3650))
    assert (found.kube_proxy, found.dns, found.keys, found.proxied_cidr) == (True, True, "rsa-2048", "10.244.0.0/16")


EXPECTED: dict[str, Callable[[Expected], bool]] = {
    "names": lambda it: {"api.example.com", "203.0.113.10"} < it.server_names and bool(it.etcd_peer_names),
    "networks": lambda it: (it.api_address, it.cluster_dns, it.cluster_name) == (
        "172.31.0.1", ("172.31.0.10",), "prod-1",
    ) and "kubernetes.default.svc.prod.internal" in it.server_names,
    "images": lambda it: it.image_repository == "registry.kubeadm-ha.test/mirror",
    "keys": lambda it: it.keys == "ecdsa-p384",
    "validity": lambda it: it.certificate_validity == timedelta(days=3650),
    "encryption": lambda it: "encryption-provider-config" in it.arguments["kube-apiserver"],
    "audit": lambda it: it.mounts["kube-apiserver"].get("/var/log/kubernetes") == "/var/log/kubernetes",
    "serving": lambda it: it.kubelet.get("serverTLSBootstrap") is True,
    "without-kube-proxy": lambda it: (it.kube_proxy, it.dns, it.keys) == (False, False, "rsa-2048"),
    "v1beta3": lambda it: (it.keys, it.arguments["kube-scheduler"], it.kube_proxy) == (
        "ecdsa-p256", {"v": ("3",)}, False,
    ),
    "no-pod-network": lambda it: it.pod_subnets == (),
    "nodes": lambda it: (it.first_taints, it.worker_labels.get("pool")) == ((), "blue"),
}  # fmt: skip
"""What is expected of a cluster of each recipe, and of no other."""


@pytest.mark.parametrize("name", EXPECTED)
def test_each_recipe_is_expected_of_its_own_cluster_alone(name: str) -> None:
    """A cluster that is judged by the expectations of another is red."""
    found = {path.stem for path in RECIPES if EXPECTED[name](configuration.expected(recipe(path.stem)))}
    assert found == {name}


def test_every_recipe_has_its_expectation() -> None:
    assert {path.stem for path in RECIPES} == set(EXPECTED)


def test_taints_and_labels_are_those_of_each_role() -> None:
    cluster = recipe("nodes")
    expected, worker = configuration.expected(cluster), cluster.workers[0]
    assert [taints_of(cluster, expected, each) for each in cluster.control_planes] == [(), (), ()]
    assert taints_of(cluster, expected, worker) == (("example.com/dedicated", "PreferNoSchedule"),)
    assert labels_of(expected, cluster, worker) == {"pool": "blue", "example.com/disk": "ssd"}
    assert all(takes_pods(cluster, expected, each) for each in cluster.nodes)


def test_usual_control_planes_take_no_pods() -> None:
    cluster = fake_cluster()
    expected = configuration.expected(cluster)
    taking = [each.name for each in cluster.nodes if takes_pods(cluster, expected, each)]
    assert taking == [each.name for each in cluster.workers]


@pytest.mark.parametrize(
    ("thing", "there"),
    [("kube-proxy", False), ("configmaps/kube-proxy", False), ("coredns", False), ("kubeadm-config", True)],
)
def test_what_an_addon_brings_is_not_expected_without_it(thing: str, there: bool) -> None:
    assert exists(configuration.expected(recipe("without-kube-proxy")), thing) is there


def test_stored_fields_that_differ_are_listed_with_both_values() -> None:
    own = {"clusterName": "a", "certificateValidityPeriod": "87600h", "scheduler": {"extraArgs": {"v": "3"}}}
    stored = {
        "clusterName": "b", "certificateValidityPeriod": "87600h0m0s", "dns": {},
        "scheduler": {"extraArgs": [{"name": "v", "value": "3"}]},
    }  # fmt: skip
    assert differing(own, stored) == {"clusterName": ("a", "b")}


STORED = {
    "kind": "ClusterConfiguration", "apiServer": {}, "etcd": {"local": {"dataDir": "/var/lib/etcd"}}, "proxy": {},
    "imageRepository": "registry.k8s.io",
    "networking": {"dnsDomain": "cluster.local", "serviceSubnet": "10.96.0.0/12"},
}  # fmt: skip
"""What kubeadm 1.36 stores of the file below."""
WRITTEN_IN_V1BETA3 = """\
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer: {timeoutForControlPlane: 4m0s, certSANs: []}
etcd: {local: {}}
networking: {podSubnet: '', dnsDomain: ''}
imageRepository: ''
"""


def test_fields_that_kubeadm_stores_elsewhere_or_not_at_all_do_not_differ() -> None:
    own = configured(WRITTEN_IN_V1BETA3)
    assert differing(own.of(Kind.CLUSTER), STORED, but=not_stored(own), silent=True) == {}
    assert differing({"proxy": {"disabled": False}}, STORED) == {}


def test_a_field_that_only_the_older_api_has_differs_in_the_current_one() -> None:
    own = configured(WRITTEN_IN_V1BETA3.replace("v1beta3", "v1beta4"))
    found = differing(own.of(Kind.CLUSTER), STORED, but=not_stored(own), silent=True)
    assert list(found) == ["apiServer.timeoutForControlPlane"]


def test_an_empty_value_differs_from_one_that_is_stored() -> None:
    given = {"enforceNodeAllocatable": [], "failSwapOn": False, "resolvConf": ""}
    stored = {"enforceNodeAllocatable": ["pods"], "failSwapOn": True, "resolvConf": "/etc/resolv.conf"}
    assert set(differing(given, stored)) == set(given)


def test_options_and_folders_of_a_static_pod_are_read_from_its_manifest() -> None:
    container = {
        "command": ["kube-apiserver", "--v=3", "--a=1", "--a=2"],
        "volumeMounts": [{"mountPath": "/in", "name": "one"}],
    }
    pod = {"containers": [container], "volumes": [{"name": "one", "hostPath": {"path": "/out"}}]}
    manifest = yaml.safe_dump({"spec": pod})
    assert (command_of(manifest), mounts_of(manifest)) == ({"v": ("3",), "a": ("1", "2")}, {"/in": "/out"})

"""Fields of a user's configuration that are empty, or of a shape that kubeadm would not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.config.addresses import PODS, SERVICES, Family
from provision.config.configuration import file
from provision.config.configuration.expected import Expected
from provision.config.configuration.own import Kind
from provision.config.options import FLANNEL
from provision.kubeadm import configuration
from provision.util.errors import BadInput
from tests import families
from tests.configurations import CLUSTER, EXTERNAL, INIT, JOIN, KUBELET, RECIPES, STACKED, TOKEN, cluster_of, configured

OLD = CLUSTER.replace("v1beta4", "v1beta3")


def test_an_empty_networking_section_gets_the_networks_of_both_families() -> None:
    cluster = families.cluster_of(Family.DUAL, own=f"{CLUSTER}networking:\n")
    networking = configuration.documents(cluster)[Kind.CLUSTER]["networking"]
    assert networking == {"podSubnet": Family.DUAL.listed(PODS), "serviceSubnet": Family.DUAL.listed(SERVICES)}


def test_an_empty_networking_section_gets_the_pod_network_of_flannel() -> None:
    cluster = cluster_of(f"{CLUSTER}networking:\n")
    cluster.state = cluster.state.but(network=FLANNEL)
    assert configuration.documents(cluster)[Kind.CLUSTER]["networking"] == {"podSubnet": "10.244.0.0/16"}


def test_an_empty_etcd_section_gets_the_external_members() -> None:
    found = configuration.documents(cluster_of(f"{CLUSTER}etcd:\n", name=EXTERNAL))
    assert len(found[Kind.CLUSTER]["etcd"]["external"]["endpoints"]) == 3


@pytest.mark.parametrize("name", [STACKED, EXTERNAL])
def test_empty_sections_of_every_document_are_as_good_as_none(name: str) -> None:
    cluster = "networking:\netcd:\napiServer:\ncontrollerManager: {extraArgs: }\nscheduler:\ndns:\nfeatureGates:\n"
    empty = f"{CLUSTER}{cluster}---\n{INIT}nodeRegistration:\nskipPhases:\nlocalAPIEndpoint:\nbootstrapTokens:\n"
    empty += f"---\n{JOIN}controlPlane:\nnodeRegistration: {{taints: }}\n---\n{KUBELET}clusterDNS:\n"
    silent = f"{CLUSTER}---\n{INIT}---\n{JOIN}controlPlane: {{}}\n---\n{KUBELET}"
    assert set(configured(empty).documents) == set(configured(silent).documents)
    for workarounds in ((), ("emulation",)):
        found, usual = (configuration.expected(cluster_of(each, *workarounds, name=name)) for each in (empty, silent))
        assert found.arguments == usual.arguments
        assert (found.server_names, found.joined_taints) == (usual.server_names, usual.joined_taints)


def test_an_option_of_a_map_without_a_value_has_the_empty_one() -> None:
    found = Expected.of(configured(f"{OLD}scheduler: {{extraArgs: {{v: }}}}\n").documents)
    assert found.arguments["kube-scheduler"] == {"v": ("",)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{CLUSTER}networking: [a]\n", "ClusterConfiguration.networking is a list, and must be a section"),
        (f"{CLUSTER}networking: {{serviceSubnet: abc}}\n", "networking.serviceSubnet has abc, which is not a network"),
        (f"{CLUSTER}networking: {{serviceSubnet: 10.96.0.0/29}}\n", "has 10.96.0.0/29, which has too few addresses"),
        (f"{CLUSTER}networking: {{serviceSubnet: [10.96.0.0/16]}}\n", "networking.serviceSubnet is a list"),
        (f"{CLUSTER}networking: {{serviceSubnet: ','}}\n", "networking.serviceSubnet has no network"),
        (f"{CLUSTER}networking: {{podSubnet: 10.244.0.0/40}}\n", "networking.podSubnet has 10.244.0.0/40"),
        (f"{CLUSTER}apiServer: {{extraArgs: foo}}\n", "apiServer.extraArgs must be a list of options"),
        (f"{CLUSTER}apiServer: {{extraArgs: {{v: '3'}}}}\n", "apiServer.extraArgs is a map, as it was in v1beta3"),
        (f"{CLUSTER}scheduler: {{extraArgs: [{{value: a}}]}}\n", "scheduler.extraArgs must be a list of options"),
        (f"{CLUSTER}etcd: {{local: {{extraArgs: [a]}}}}\n", "etcd.local.extraArgs must be a list of options"),
        (f"{OLD}scheduler: {{extraArgs: [{{name: v, value: a}}]}}\n", "scheduler.extraArgs must be a map"),
        (f"{CLUSTER}apiServer: {{certSANs: api.example.com}}\n", "apiServer.certSANs must be a list of texts"),
        (f"{CLUSTER}apiServer: {{extraVolumes: [{{name: a}}]}}\n", "extraVolumes has an object without hostPath"),
        (f"{CLUSTER}featureGates: [A]\n", "featureGates is a list"),
        (f"{INIT}nodeRegistration: {{taints: [{{effect: NoSchedule}}]}}\n", "taints has an object without key"),
        (f"{INIT}nodeRegistration: {{kubeletExtraArgs: [1]}}\n", "kubeletExtraArgs must be a list of options"),
        (f"{INIT}skipPhases: addon\n", "InitConfiguration.skipPhases must be a list of texts"),
        (f"{INIT}bootstrapTokens: {TOKEN}\n", "InitConfiguration.bootstrapTokens must be a list of objects"),
        (f"{JOIN}controlPlane: 1\n", "JoinConfiguration of control planes.controlPlane is a number"),
        (f"{KUBELET}clusterDNS: 10.96.0.10\n", "KubeletConfiguration.clusterDNS must be a list of texts"),
    ],
)
def test_a_field_of_another_shape_is_refused_by_name_when_it_is_read(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(BadInput) as refused:
        file.read(tmp_path / "mine.yaml")
    assert refused.value.what.startswith("mine.yaml: ")
    assert message in refused.value.what
    assert ("0123456789" in str(refused.value), bool(refused.value.fix)) == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        f"{CLUSTER}networking: {{serviceSubnet: 10.96.0.0/28}}\n",
        f"{CLUSTER}networking: {{serviceSubnet: '10.96.0.1/16,fd00:96::/112', podSubnet: ''}}\n",
        f"{CLUSTER}apiServer: {{extraArgs: [{{name: profiling}}], certSANs: [], extraVolumes: []}}\n",
        f"{CLUSTER}scheduler: {{extraArgs: [{{name: v, value: }}]}}\n",
        f"{OLD}scheduler: {{extraArgs: {{v: '3'}}}}\n",
        *(path.read_text() for path in RECIPES),
    ],
)
def test_unusual_fields_of_the_right_shape_are_read(text: str) -> None:
    assert Expected.of(configured(text).documents)

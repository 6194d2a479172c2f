"""What kubeadm is given for a cluster with a configuration of the user's own: its fields, and what they lack."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from provision.cluster import Cluster
from provision.config.configuration.expected import Expected
from provision.config.configuration.own import Kind, OwnConfiguration
from provision.kubeadm import configuration
from provision.util.errors import BadInput
from provision.util.redaction import Redactor
from tests.configurations import (
    CLUSTER,
    EXTERNAL,
    INIT,
    JOIN,
    KUBELET,
    PODS,
    PROXY,
    RECIPES,
    STACKED,
    TOKEN,
    cluster_of,
    recipe,
)

MERGED = {
    "ClusterConfiguration.kubernetesVersion": "v1.37.2",
    "ClusterConfiguration.controlPlaneEndpoint": "cluster-endpoint.kubeadm-ha.test:6443",
}


def test_what_kubeadm_gets_beside_the_file_is_listed_with_its_reason() -> None:
    merges = configuration.merges(cluster_of(CLUSTER + PODS))
    assert {each.field: each.used for each in merges} == MERGED
    assert all(each.why and not each.file for each in merges)


def test_a_word_for_a_version_is_replaced_and_listed() -> None:
    merges = configuration.merges(cluster_of(f"{CLUSTER}kubernetesVersion: stable-1.37\n{PODS}"))
    assert [(each.file, each.used) for each in merges if "Version" in each.field] == [("stable-1.37", "v1.37.2")]


def test_a_file_without_a_cluster_gets_the_pages_pod_network() -> None:
    merges = configuration.merges(cluster_of(f"{KUBELET}maxPods: 50\n"))
    assert {each.field for each in merges} == {*MERGED, "ClusterConfiguration.networking.podSubnet"}


def test_host_workarounds_that_change_what_the_file_says_are_listed() -> None:
    text = f"{KUBELET}failSwapOn: true\nmaxPods: 5\n---\n{PROXY}conntrack: {{maxPerCore: 1000}}\n"
    merges = configuration.merges(cluster_of(text, "swap", "conntrack"))
    found = {each.field: (each.file, each.used) for each in merges if "workaround" in each.why}
    assert found == {
        "KubeletConfiguration.failSwapOn": ("True", "False"),
        "KubeProxyConfiguration.conntrack.maxPerCore": ("1000", "0"),
    }


def test_documents_that_kubeadm_gets_are_the_files_with_what_was_missing() -> None:
    text = configuration.render(cluster_of(f"{KUBELET}maxPods: 50\n---\n{CLUSTER}clusterName: mine\n{PODS}"))
    cluster, kubelet = yaml.safe_load_all(text)
    assert (cluster["clusterName"], cluster["kubernetesVersion"], kubelet["maxPods"]) == ("mine", "v1.37.2", 50)


@pytest.mark.parametrize(
    ("name", "text", "field"),
    [
        (STACKED, f"{CLUSTER}kubernetesVersion: v1.36.0\n", "kubernetesVersion is v1.36.0"),
        (STACKED, f"{CLUSTER}controlPlaneEndpoint: 203.0.113.1:6443\n", "controlPlaneEndpoint is 203.0.113.1:6443"),
        (STACKED, f"{CLUSTER}certificatesDir: /etc/ssl\n", "certificatesDir is /etc/ssl"),
        (STACKED, f"{CLUSTER}etcd: {{external: {{endpoints: ['https://a:2379']}}}}\n", "etcd.external needs"),
        (EXTERNAL, f"{CLUSTER}etcd: {{local: {{dataDir: /var/lib/etcd}}}}\n", "etcd.local needs"),
        (EXTERNAL, f"{CLUSTER}etcd: {{external: {{endpoints: ['https://a:2379']}}}}\n", "etcd.external.endpoints"),
        (STACKED, f"{INIT}nodeRegistration: {{name: first}}\n", "nodeRegistration.name is first"),
        (STACKED, f"{JOIN}nodeRegistration: {{criSocket: 'unix:///run/crio.sock'}}\n", "criSocket is unix"),
        (STACKED, f"{INIT}localAPIEndpoint: {{advertiseAddress: 10.0.0.1}}\n", "advertiseAddress is 10.0.0.1"),
        (STACKED, f"{INIT}localAPIEndpoint: {{bindPort: 8443}}\n", "bindPort is 8443"),
        (STACKED, f"{JOIN}discovery: {{bootstrapToken: {{token: {TOKEN}}}}}\n", "discovery cannot be known before"),
        (STACKED, f"{JOIN}controlPlane: {{certificateKey: '{'a' * 64}'}}\n", "certificateKey is what"),
        (STACKED, f"{INIT}dryRun: true\n", "dryRun is True"),
        (STACKED, f"{KUBELET}cgroupDriver: cgroupfs\n", "cgroupDriver is cgroupfs"),
        (STACKED, f"{KUBELET}staticPodPath: /srv\n", "staticPodPath is /srv"),
        ("stacked-uploaded-1.37-ecdsa-p256-cfg-000000", f"{CLUSTER}encryptionAlgorithm: RSA-4096\n", "RSA-4096"),
        (STACKED, CLUSTER.replace("v1beta4", "v1beta3"), "does not read"),
    ],
)
def test_what_cannot_work_here_is_refused_by_name(name: str, text: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        configuration.documents(cluster_of(text, name=name))
    assert ("mine.yaml" in refused.value.what, field in refused.value.what) == (True, True), refused.value.what
    assert ("0123456789" in str(refused.value), bool(refused.value.fix)) == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        f"{CLUSTER}kubernetesVersion: 1.37.2\n",
        f"{CLUSTER}etcd: {{local: {{dataDir: /var/lib/etcd}}}}\n",
        f"{INIT}nodeRegistration: {{criSocket: 'unix:///run/containerd/containerd.sock'}}\n",
        f"{INIT}localAPIEndpoint: {{bindPort: 6443}}\n",
        f"{KUBELET}cgroupDriver: systemd\n",
    ],
)
def test_what_the_file_repeats_is_not_refused(text: str) -> None:
    assert configuration.documents(cluster_of(text))


def test_the_endpoint_of_the_file_is_the_clusters() -> None:
    cluster = cluster_of(f"{CLUSTER}controlPlaneEndpoint: api.example.test:8443\n")
    assert (str(cluster.endpoint), cluster.endpoint.address) == ("api.example.test:8443", "198.18.0.2")
    assert configuration.documents(cluster)[Kind.CLUSTER]["controlPlaneEndpoint"] == "api.example.test:8443"


def test_an_endpoint_without_a_port_has_kubeadms() -> None:
    cluster = cluster_of(f"{CLUSTER}controlPlaneEndpoint: api.example.test\n")
    assert (str(cluster.endpoint), bool(configuration.documents(cluster))) == ("api.example.test:6443", True)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_each_recipe_is_merged_without_a_refusal(path: Path) -> None:
    cluster = recipe(path.stem)
    assert configuration.render(cluster)
    assert {each.field for each in configuration.merges(cluster)} == set(MERGED)


OLD = CLUSTER.replace("v1beta4", "v1beta3")


def _of_the_older_api(text: str, keys: str, *workarounds: str) -> Cluster:
    cluster = cluster_of(text, *workarounds, name=f"stacked-uploaded-1.36{keys}-cfg-000000")
    cluster.state = cluster.state.but(version="v1.36.3")
    return cluster


def test_elliptic_keys_are_a_feature_gate_of_the_older_api() -> None:
    cluster = _of_the_older_api(f"{OLD}featureGates: {{EtcdLearnerMode: true}}\n", "-ecdsa-p256")
    found = configuration.documents(cluster)[Kind.CLUSTER]
    assert found["featureGates"] == {"EtcdLearnerMode": True, "PublicKeysECDSA": True}
    assert ("encryptionAlgorithm" in found, configuration.expected(cluster).keys) == (False, "ecdsa-p256")
    assert "ClusterConfiguration.featureGates.PublicKeysECDSA" in {each.field for each in configuration.merges(cluster)}


@pytest.mark.parametrize("keys", ["rsa-3072", "ecdsa-p384"])
def test_keys_that_the_older_api_has_no_field_for_are_refused_by_name(keys: str) -> None:
    with pytest.raises(BadInput, match=rf"mine\.yaml .*v1beta3, which has no field for keys of the kind {keys}"):
        configuration.documents(_of_the_older_api(OLD, f"-{keys}"))


def test_a_gate_that_contradicts_the_chosen_keys_is_refused() -> None:
    with pytest.raises(BadInput, match=r"featureGates\.PublicKeysECDSA .*must be True here"):
        configuration.documents(_of_the_older_api(f"{OLD}featureGates: {{PublicKeysECDSA: false}}\n", "-ecdsa-p256"))


@pytest.mark.parametrize("gate", ["", "featureGates: {PublicKeysECDSA: true}\n"])
def test_without_chosen_keys_nothing_is_set_in_the_older_api(gate: str) -> None:
    for workarounds in ((), ("emulation",)):
        found = configuration.documents(_of_the_older_api(OLD + gate, "", *workarounds))[Kind.CLUSTER]
        assert ("encryptionAlgorithm" in found, "featureGates" in found) == (False, bool(gate))


def test_emulation_adds_to_options_and_leaves_the_files_own() -> None:
    text = f"{CLUSTER}scheduler: {{extraArgs: [{{name: leader-elect-lease-duration, value: 20s}}]}}\n"
    found = Expected.of(configuration.documents(cluster_of(text, "emulation"))).arguments["kube-scheduler"]
    assert found == {"leader-elect-lease-duration": ("20s",), "leader-elect-renew-deadline": ("45s",)}


def test_what_is_secret_in_a_file_is_known_to_the_redactor_and_in_no_representation() -> None:
    key = "c2VjcmV0IGtleSBmb3IgdGVzdHMgb25seSwgdGhpcw=="
    secret = f"resources: [{{providers: [{{aescbc: {{keys: [{{name: a, secret: {key}}}]}}}}]}}]\n"
    text = f"{INIT}bootstrapTokens: [{{token: {TOKEN}}}]\ncertificateKey: {'b' * 64}\n"
    own = OwnConfiguration("mine.yaml", text, {"/etc/encryption.yaml": secret})
    assert set(own.secrets) == {TOKEN, "b" * 64, key}
    redact = Redactor()
    redact.learn(*own.secrets)
    shown = redact(f"{text} {secret} {own!r}")
    assert [each for each in ("0123456789abcdef", "b" * 64, key) if each in shown or each in repr(own)] == []

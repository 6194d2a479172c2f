"""What kubeadm accepts in a user's own configuration, and would keep a cluster from coming up."""

from __future__ import annotations

import pytest

from provision.config.addresses import Family
from provision.kubeadm import configuration
from provision.util.errors import BadInput
from tests import families
from tests.configurations import CLUSTER, INIT, JOIN, cluster_of

MIRROR = "registry.kubeadm-ha.test/mirror"


def _options(head: str, name: str, value: str) -> str:
    """A document with an option of the kubelet, or of the API server."""
    listed = f"[{{name: {name}, value: '{value}'}}]"
    if head == CLUSTER:
        return f"{head}apiServer: {{extraArgs: {listed}}}\n"
    return f"{head}nodeRegistration: {{kubeletExtraArgs: {listed}}}\n"


@pytest.mark.parametrize(
    ("head", "name", "value"),
    [
        (INIT, "node-ip", "10.0.0.1"),
        (JOIN, "node-ip", "::"),
        (f"{JOIN}controlPlane: {{}}\n", "hostname-override", "first"),
        (INIT, "cgroup-driver", "cgroupfs"),
        (JOIN, "container-runtime-endpoint", "unix:///run/crio/crio.sock"),
        (INIT, "pod-manifest-path", "/srv"),
        (CLUSTER, "advertise-address", "10.0.0.1"),
        (CLUSTER, "secure-port", "8443"),
        (CLUSTER, "bind-address", "127.0.0.1"),
    ],
)
def test_an_option_that_the_harness_decides_is_refused_by_name(head: str, name: str, value: str) -> None:
    with pytest.raises(BadInput, match=f"mine.yaml: .*ExtraArgs: {name} |mine.yaml: .*extraArgs: {name} ") as refused:
        configuration.documents(cluster_of(_options(head, name, value)))
    assert refused.value.fix.startswith(f"leave {name} out of ")


def test_an_option_of_a_map_is_refused_as_well() -> None:
    text = f"{CLUSTER}apiServer: {{extraArgs: {{secure-port: '8443'}}}}\n".replace("v1beta4", "v1beta3")
    cluster = cluster_of(text)
    cluster.state = cluster.state.but(version="v1.36.3")
    with pytest.raises(BadInput, match=r"apiServer\.extraArgs: secure-port must be 6443"):
        configuration.documents(cluster)


@pytest.mark.parametrize(
    ("head", "name", "value"),
    [
        (INIT, "node-ip", "0.0.0.0"),
        (JOIN, "cgroup-driver", "systemd"),
        (JOIN, "container-runtime-endpoint", "unix:///run/containerd/containerd.sock"),
        (INIT, "node-labels", "cgroup-driver=cgroupfs"),
        (CLUSTER, "secure-port", "6443"),
        (CLUSTER, "bind-address", "0.0.0.0"),
        (CLUSTER, "audit-log-maxage", "8443"),
    ],
)
def test_an_option_that_repeats_what_is_decided_is_not_refused(head: str, name: str, value: str) -> None:
    assert configuration.documents(cluster_of(_options(head, name, value)))


def test_every_address_of_ipv4_is_refused_for_kubelets_that_are_given_addresses() -> None:
    with pytest.raises(BadInput, match="node-ip is for one machine"):
        configuration.documents(families.cluster_of(Family.DUAL, own=_options(INIT, "node-ip", "0.0.0.0")))


@pytest.mark.parametrize(
    "fields",
    [
        "dns: {imageRepository: registry.example.org/dns}",
        "dns: {imageTag: v1.0.0}",
        "etcd: {local: {imageRepository: registry.example.org}}",
        "etcd: {local: {imageTag: 3.4.0-0}}",
        f"dns: {{imageRepository: {MIRROR}}}",
    ],
)
def test_an_image_that_machines_without_the_internet_do_not_have_is_refused_by_name(fields: str) -> None:
    cluster = cluster_of(f"{CLUSTER}{fields}\n")
    with pytest.raises(BadInput, match=r"ClusterConfiguration\.(dns|etcd\.local)\.image.* without the internet"):
        configuration.documents(cluster)
    cluster.state = cluster.state.but(online=True)
    assert configuration.documents(cluster)


@pytest.mark.parametrize(
    "fields",
    [
        "dns: {imageRepository: registry.k8s.io/coredns, imageTag: v1.14.6}",
        "dns: {imageRepository: registry.k8s.io}",
        "etcd: {local: {imageRepository: registry.k8s.io, imageTag: 3.7.0-0}}",
        f"imageRepository: {MIRROR}\ndns: {{imageRepository: {MIRROR}}}",
        f"imageRepository: {MIRROR}\netcd: {{local: {{imageRepository: {MIRROR}}}}}",
    ],
)
def test_the_images_that_machines_have_may_be_named(fields: str) -> None:
    assert configuration.documents(cluster_of(f"{CLUSTER}{fields}\n"))


@pytest.mark.parametrize("head", [INIT, JOIN, f"{JOIN}controlPlane: {{}}\n"])
def test_only_a_dry_run_that_is_wanted_is_refused(head: str) -> None:
    assert configuration.documents(cluster_of(f"{head}dryRun: false\n"))
    with pytest.raises(BadInput, match="dryRun is True"):
        configuration.documents(cluster_of(f"{head}dryRun: true\n"))

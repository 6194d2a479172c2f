"""Control-plane health: each API server and its companions, alone and through the load balancer.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#steps-for-the-first-control-plane-node
"""

from __future__ import annotations

import pytest
from testinfra.host import Host

from fixtures.plugin.parameters import marked, on, only
from fixtures.subjects.facts import Object, conditions
from fixtures.subjects.hosts import curl
from provision.cluster import Cluster
from provision.config import balancers
from provision.config.addresses import url
from provision.config.configuration.expected import Expected
from provision.machines.machine import Machine

COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
STATIC_PODS = [*COMPONENTS, *only("stacked", "etcd")]
BALANCER_PODS = marked(on(lambda kind: kind.static_pods), *balancers.STATIC_PODS.static_pods)
_TRUST = "--cacert /etc/kubernetes/pki/ca.crt"
_ADMIN = "--kubeconfig /etc/kubernetes/admin.conf"


@pytest.mark.parametrize("path", ["livez", "readyz"])
def test_api_server_is_healthy(cluster: Cluster, control_plane: Machine, path: str) -> None:
    """A request to its own address, so that no other can answer for it."""
    answer = control_plane.succeed(f"{curl(control_plane)} {_TRUST} {url(control_plane.address, 6443)}/{path}")
    assert answer == "ok", f"the API server answers {answer!r} at /{path}, must answer 'ok'"


def test_every_readiness_check_of_the_api_server_passes(cluster: Cluster, control_plane: Machine) -> None:
    server = f"--server {url(control_plane.address, 6443)}"
    answer = control_plane.succeed(f"sudo kubectl {_ADMIN} {server} get --raw '/readyz?verbose'")
    checks = [line for line in answer.splitlines() if line.startswith("[")]
    assert len(checks) > 10, answer
    failed = [line for line in checks if not line.startswith("[+]")]
    assert failed == [], f"the API server is not ready: {'; '.join(failed)}"


@pytest.mark.parametrize("path", ["livez", "readyz"])
def test_api_server_is_healthy_through_the_balancer(cluster: Cluster, path: str) -> None:
    first = cluster.control_planes[0]
    assert first.succeed(f"{curl(first)} {_TRUST} https://{cluster.endpoint}/{path}") == "ok"


@pytest.mark.parametrize(("component", "port"), [("kube-controller-manager", 10257), ("kube-scheduler", 10259)])
def test_component_is_healthy(cluster: Cluster, control_plane: Machine, component: str, port: int) -> None:
    answer = control_plane.succeed(f"{curl(control_plane)} -k https://127.0.0.1:{port}/healthz")
    assert answer == "ok", f"{component} answers {answer!r} at /healthz, must answer 'ok'"


def test_static_pod_manifests_are_exactly_the_expected_ones(cluster: Cluster, control_plane_host: Host) -> None:
    names = {*COMPONENTS, *(["etcd"] if cluster.id.stacked else []), *cluster.balancer.static_pods}
    expected = {f"{name}.yaml" for name in names}
    assert set(control_plane_host.file("/etc/kubernetes/manifests").listdir()) == expected


@pytest.mark.parametrize("component", [*STATIC_PODS, *BALANCER_PODS])
def test_static_pod_is_ready(system_pods: list[Object], control_plane: Machine, component: str) -> None:
    name = f"{component}-{control_plane.name}"
    pods = [pod for pod in system_pods if pod["metadata"]["name"] == name]
    states = [(pod["status"]["phase"], conditions(pod).get("Ready")) for pod in pods]
    assert states == [("Running", "True")], f"pod {name} is {states or 'not there'}, must be Running, and Ready"


def test_every_api_server_has_an_identity_lease(leases: dict[str, Object], cluster: Cluster) -> None:
    servers = [lease for name, lease in leases.items() if name.startswith("apiserver-")]
    hosts = {lease["metadata"]["labels"]["kubernetes.io/hostname"] for lease in servers}
    assert hosts == {machine.name for machine in cluster.control_planes}


def test_kubernetes_service_has_every_api_server(cluster: Cluster) -> None:
    slices = cluster.get("endpointslices", "-n", "default", "-l", "kubernetes.io/service-name=kubernetes")["items"]
    found = {address for each in slices for endpoint in each["endpoints"] for address in endpoint["addresses"]}
    assert found == {machine.address for machine in cluster.control_planes}


def test_api_server_reports_the_version(cluster: Cluster, control_plane: Machine) -> None:
    answer = control_plane.succeed(f"{curl(control_plane)} {_TRUST} {url(control_plane.address, 6443)}/version")
    assert f'"gitVersion": "{cluster.version}"' in answer


@pytest.mark.parametrize("component", COMPONENTS)
def test_static_pod_image_has_the_version(
    cluster: Cluster, expected: Expected, system_pods: list[Object], control_plane: Machine, component: str
) -> None:
    name = f"{component}-{control_plane.name}"
    images = [pod["spec"]["containers"][0]["image"] for pod in system_pods if pod["metadata"]["name"] == name]
    assert images == [expected.image(component, cluster.version)]


def test_stored_configuration_has_the_version(cluster: Cluster, kubeadm_config: Object) -> None:
    assert kubeadm_config["kubernetesVersion"] == str(cluster.version)


def test_stored_configuration_names_the_endpoint(cluster: Cluster, kubeadm_config: Object) -> None:
    """The page: the balancer's address "must always match the address of kubeadm's ControlPlaneEndpoint"."""
    assert kubeadm_config["controlPlaneEndpoint"] == str(cluster.endpoint)

"""Clusters whose machines, pods and Services have IPv6 addresses, alone or beside others of IPv4.

Sources: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/dual-stack-support/ and, for what is
promised of nodes, pods and Services, https://kubernetes.io/docs/tasks/network/validate-dual-stack/
"""

from __future__ import annotations

import pytest

from fixtures.plugin.parameters import marked
from fixtures.subjects.address_families import (
    PREFERRED,
    REQUIRED,
    SECOND,
    Service,
    service_versions,
    skip_without_both,
)
from fixtures.subjects.configured import command_of, skip_without, skip_without_services
from fixtures.subjects.facts import Object
from fixtures.subjects.workload import NAMESPACE, PORT, Workload
from provision.cluster import Cluster
from provision.config.addresses import Family, version_of
from provision.config.configuration.expected import Expected
from provision.machines.machine import Machine

pytestmark = pytest.mark.family(Family.IPV6, Family.DUAL)

_OF_BOTH = pytest.mark.family(Family.DUAL)
_NAMED = [PREFERRED, *marked(_OF_BOTH, REQUIRED)]
_VERSIONS = [pytest.param(4, id="v4", marks=_OF_BOTH), pytest.param(6, id="v6")]
"""Called otherwise than the clusters, of which `-k ipv6` means those with that alone."""


def _versions(addresses: list[str] | tuple[str, ...]) -> tuple[int, ...]:
    return tuple(version_of(each) for each in addresses)


def test_node_has_a_pod_network_of_each_family(
    cluster: Cluster, node_objects: dict[str, Object], node: Machine
) -> None:  # fmt: skip
    assert _versions(node_objects[node.name]["spec"]["podCIDRs"]) == cluster.family.versions


def test_node_has_exactly_the_addresses_of_its_machine(
    cluster: Cluster, node_objects: dict[str, Object], node: Machine
) -> None:
    """The first one is what the cluster goes by, as for the kubelet's own requests."""
    addresses = node_objects[node.name]["status"]["addresses"]
    internal = tuple(each["address"] for each in addresses if each["type"] == "InternalIP")
    assert internal == cluster.addresses_of(node)


@pytest.mark.parametrize(
    ("component", "option", "subnets"),
    [
        ("kube-apiserver", "service-cluster-ip-range", "service_subnets"),
        ("kube-controller-manager", "service-cluster-ip-range", "service_subnets"),
        ("kube-controller-manager", "cluster-cidr", "pod_subnets"),
    ],
)
def test_component_knows_the_network_of_each_family(
    cluster: Cluster, expected: Expected, control_plane: Machine, component: str, option: str, subnets: str
) -> None:
    manifest = control_plane.succeed(f"sudo cat /etc/kubernetes/manifests/{component}.yaml")
    listed = getattr(expected, subnets)
    versions = cluster.family.versions if subnets == "pod_subnets" else service_versions(cluster, expected)
    assert (_versions(listed), command_of(manifest)[option]) == (versions, (",".join(listed),))


def test_api_server_advertises_the_first_address_of_its_machine(cluster: Cluster, control_plane: Machine) -> None:
    manifest = control_plane.succeed("sudo cat /etc/kubernetes/manifests/kube-apiserver.yaml")
    assert command_of(manifest)["advertise-address"] == (control_plane.address,)


def test_kubernetes_service_has_addresses_of_the_first_family_alone(cluster: Cluster) -> None:
    """It names API servers, and each of them advertises one address."""
    slices = cluster.get("endpointslices", "-n", "default", "-l", "kubernetes.io/service-name=kubernetes")["items"]
    assert [each["addressType"] for each in slices] == [f"IPv{cluster.family.versions[0]}"]


def test_endpoint_is_reachable_at_every_address(initialised: Cluster, machine: Machine) -> None:
    """The name leads to all of them, and a client takes whichever it likes."""
    port, limit = initialised.endpoint.port, 2 * machine.patience
    answers = {each: machine.run(f"nc -z -w {limit} {each} {port}").ok for each in initialised.endpoint_addresses}
    assert (_versions(tuple(answers)), set(answers.values())) == (initialised.family.versions, {True}), answers


@pytest.mark.changes
def test_pod_has_an_address_of_each_family(cluster: Cluster, workload: Workload, worker: Machine) -> None:
    assert _versions(workload.every_address[worker.name]) == cluster.family.versions


@pytest.mark.changes
@pytest.mark.parametrize("version", _VERSIONS)
def test_pod_reaches_the_pods_of_other_machines_by_each_family(
    cluster: Cluster, workload: Workload, worker: Machine, version: int
) -> None:
    addresses = {
        other: each
        for other, every in workload.every_address.items()
        for each in every
        if other != worker.name and version_of(each) == version
    }
    assert sorted(addresses) == sorted(other for other in workload.pods if other != worker.name)
    answers = {other: workload.dial(worker, address) for other, address in addresses.items()}
    assert answers == {other: workload.pods[other] for other in addresses}


@pytest.mark.changes
@pytest.mark.parametrize("name", _NAMED)
def test_service_has_an_address_of_each_family(
    cluster: Cluster, expected: Expected, services: dict[str, Service], name: str
) -> None:
    """Where there is one family, a Service that prefers two has an address of that."""
    skip_without_both(cluster, expected, name)
    assert services[name].versions == service_versions(cluster, expected)


@pytest.mark.changes
@_OF_BOTH
def test_service_of_the_second_family_has_an_address_of_it_alone(
    cluster: Cluster, expected: Expected, services: dict[str, Service]
) -> None:
    skip_without_both(cluster, expected, SECOND)
    assert services[SECOND].versions == cluster.family.versions[1:]


@pytest.mark.changes
@pytest.mark.parametrize("version", _VERSIONS)
@pytest.mark.parametrize("name", _NAMED)
def test_service_answers_a_node_at_its_address_of_each_family(
    cluster: Cluster,
    expected: Expected,
    workload: Workload,
    services: dict[str, Service],
    node: Machine,
    name: str,
    version: int,
) -> None:
    skip_without_services(expected)
    skip_without_both(cluster, expected, name, version)
    assert workload.ask(node, services[name].address(version), 80) in workload.pods.values()


@pytest.mark.changes
@pytest.mark.parametrize("version", _VERSIONS)
@pytest.mark.parametrize("name", _NAMED)
def test_service_answers_a_pod_at_its_address_of_each_family(
    cluster: Cluster,
    expected: Expected,
    workload: Workload,
    services: dict[str, Service],
    worker: Machine,
    name: str,
    version: int,
) -> None:
    skip_without_services(expected)
    skip_without_both(cluster, expected, name, version)
    assert workload.dial(worker, services[name].address(version), 80) in workload.pods.values()


@pytest.mark.changes
@pytest.mark.parametrize("version", _VERSIONS)
def test_node_port_answers_at_the_address_of_each_family(
    cluster: Cluster, expected: Expected, workload: Workload, services: dict[str, Service], node: Machine, version: int
) -> None:
    """From the load balancer, which is not a node."""
    skip_without_services(expected)
    skip_without_both(cluster, expected, version)
    [address] = [each for each in cluster.addresses_of(node) if version_of(each) == version]
    assert workload.ask(cluster.outside[0], address, services[PREFERRED].node_port) in workload.pods.values()


@pytest.mark.changes
@_OF_BOTH
def test_pod_finds_the_service_of_the_second_family_by_name(
    cluster: Cluster, expected: Expected, workload: Workload, services: dict[str, Service], worker: Machine
) -> None:
    """Its name leads to no address of the first one."""
    skip_without_services(expected, by_name=True)
    skip_without_both(cluster, expected, SECOND)
    assert services[SECOND].addresses
    assert workload.dial(worker, SECOND, 80) in workload.pods.values()


@pytest.mark.changes
@pytest.mark.parametrize("version", _VERSIONS)
def test_dns_has_the_address_of_each_family_of_a_service(
    cluster: Cluster, expected: Expected, services: dict[str, Service], node: Machine, version: int
) -> None:
    """An A record, or an AAAA record."""
    skip_without_services(expected)
    skip_without_both(cluster, expected, version)
    skip_without(expected, "coredns")
    kind, name = {4: "A", 6: "AAAA"}[version], f"{PREFERRED}.{NAMESPACE}.svc.{expected.dns_domain}"
    answer = node.succeed(f"host -W {5 * node.patience} -t {kind} {name}. {expected.dns_address}")
    found = [line.split()[-1] for line in answer.splitlines() if line.startswith(f"{name} has")]
    assert found == [services[PREFERRED].address(version)], answer


@pytest.mark.changes
def test_machine_reaches_the_pod_on_it_by_each_family(workload: Workload, worker: Machine) -> None:
    every = workload.every_address[worker.name]
    answers = {address: workload.ask(worker, address, PORT) for address in every}
    assert answers == dict.fromkeys(every, workload.pods[worker.name])

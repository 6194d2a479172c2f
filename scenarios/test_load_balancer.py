"""The load balancer: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#create-load-balancer-for-kube-apiserver"""

from __future__ import annotations

import pytest
from testinfra.host import Host

from fixtures.subjects.balancer import Backend, presented_certificate
from fixtures.subjects.certificates import alternative_names, name
from fixtures.subjects.hosts import curl
from provision.cluster import Cluster
from provision.config.addresses import at, version_of
from provision.machines.machine import Machine


def test_endpoint_name_resolves_to_the_balancer(load_balanced: Cluster, machine_host: Host) -> None:
    """The page asks for a name that resolves to DNS; every machine has to see the same addresses behind it."""
    behind = machine_host.addr(load_balanced.endpoint.name)
    lookups = {4: lambda: behind.ipv4_addresses, 6: lambda: behind.ipv6_addresses}
    wanted = {version_of(each): [each] for each in load_balanced.endpoint_addresses}
    assert {version: lookups[version]() for version in wanted} == wanted


def test_endpoint_is_reachable_by_name(initialised: Cluster, machine_host: Host) -> None:
    endpoint = initialised.endpoint
    assert machine_host.addr(endpoint.name).port(endpoint.port).is_reachable


def test_machine_gets_a_trusted_answer_through_the_balancer(cluster: Cluster, machine: Machine) -> None:
    """Not only a connection: an API server answers through the balancer, and its certificate is valid for the name."""
    authority = cluster.control_planes[0].succeed("cat /etc/kubernetes/pki/ca.crt").encode()
    trust = "--cacert /dev/stdin"  # a balancer, or a machine of etcd's, has no such file
    assert machine.succeed(f"{curl(machine)} {trust} https://{cluster.endpoint}/livez", stdin=authority) == "ok"


@pytest.mark.built
def test_nc_before_init_connects_to_the_balancer(load_balanced: Cluster) -> None:
    """The page: "a connection refused error is expected because the API server is not yet running".

    That holds for balancers that forward packets. One that proxies, like HAProxy, accepts the connection first and
    finds no server later; `nc -z` does not wait for that.
    """
    seen = load_balanced.observations.nc_before_init
    assert seen is not None, "the procedure has not tested the connection to this cluster's load balancer"
    assert (seen.rc, "succeeded" in seen.answer) == (0, True), seen


def test_host_reaches_the_cluster_by_the_balancers_address(cluster: Cluster) -> None:
    """The host's DNS knows nothing of the cluster, so the address is what people use from there."""
    assert presented_certificate(cluster).issuer.rfc4514_string() == "CN=kubernetes"


def test_endpoint_presents_the_certificate_of_an_api_server(cluster: Cluster) -> None:
    """TLS ends at the API server, not at the balancer."""
    assert name(presented_certificate(cluster)) == "CN=kube-apiserver"


def test_certificate_at_the_endpoint_names_the_endpoint(cluster: Cluster) -> None:
    assert cluster.endpoint.name in alternative_names(presented_certificate(cluster))


def test_balancer_backend_is_up(backend: Backend) -> None:
    assert backend.status == "UP", f"the load balancer has it as {backend.status}, must be UP: {backend.last_check}"


def test_balancer_backend_points_at_its_control_plane(backend: Backend, control_plane: Machine) -> None:
    assert backend.address == at(control_plane.address, 6443)


def test_balancer_backends_are_exactly_the_control_planes(backends: dict[str, Backend], cluster: Cluster) -> None:
    assert sorted(backends) == sorted(machine.name for machine in cluster.control_planes)


def test_control_plane_is_reachable_from_the_balancer(
    cluster: Cluster, balancer: Machine, control_plane: Machine
) -> None:
    """ "The load balancer must be able to communicate with all control plane nodes on the apiserver port." """
    balancer.succeed(f"nc -z -w {2 * balancer.patience} {control_plane.address} 6443")


def test_requests_reach_every_control_plane(cluster: Cluster, api_server_serials: dict[str, int]) -> None:
    """Each API server has a certificate of its own, so the certificates presented in turn tell who answered."""
    presented = {presented_certificate(cluster).serial_number for _ in range(4 * len(api_server_serials))}
    assert presented == set(api_server_serials.values())


@pytest.mark.parametrize("service", ["haproxy", pytest.param("dnsmasq", marks=pytest.mark.made)])
def test_service_of_the_balancer_runs_and_is_enabled(cluster: Cluster, balancer_host: Host, service: str) -> None:
    """After a power cut, nodes stay NotReady for as long as the balancer is down."""
    assert (balancer_host.service(service).is_running, balancer_host.service(service).is_enabled) == (True, True)

"""The load balancer: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#create-load-balancer-for-kube-apiserver"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from testinfra.host import Host

from fixtures.plugin.parameters import on
from fixtures.subjects.answers import unit_of
from fixtures.subjects.balancer import Backend, holders, presented_certificate
from fixtures.subjects.certificates import alternative_names, name
from fixtures.subjects.hosts import curl, host_of
from provision.cluster import Cluster
from provision.config.addresses import at, version_of
from provision.config.balancers import Check
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

    That holds for balancers that forward packets. One that proxies, like HAProxy and nginx, accepts the connection
    first and finds no server later; `nc -z` does not wait for that. Static pods are started by `kubeadm init`: before,
    there is neither a balancer nor its address.
    """
    seen = load_balanced.observations.nc_before_init
    assert seen is not None, "the procedure has not tested the connection to this cluster's load balancer"
    answers = load_balanced.balancer.answers_before_init
    assert (seen.rc == 0, "succeeded" in seen.answer, "refused" in seen.answer) == (answers, answers, False), seen


def test_host_reaches_the_cluster_by_the_balancers_address(cluster: Cluster) -> None:
    """The host's DNS knows nothing of the cluster, so the address is what people use from there."""
    assert presented_certificate(cluster).issuer.rfc4514_string() == "CN=kubernetes"


def test_endpoint_presents_the_certificate_of_an_api_server(cluster: Cluster) -> None:
    """TLS ends at the API server, not at the balancer."""
    assert name(presented_certificate(cluster)) == "CN=kube-apiserver"


def test_certificate_at_the_endpoint_names_the_endpoint(cluster: Cluster) -> None:
    assert cluster.endpoint.name in alternative_names(presented_certificate(cluster))


def test_balancer_backend_is_up(backend: dict[str, Backend]) -> None:
    wrong = [
        f"{name} has it as {each.status}: {each.last_check}" for name, each in backend.items() if each.status != "UP"
    ]
    assert wrong == [], f"the load balancer must have it as UP; {'; '.join(wrong)}"


@pytest.mark.built
@on(lambda kind: kind.check is not Check.PASSIVE)
def test_balancer_checks_its_backend_as_its_kind_does(cluster: Cluster, backend: dict[str, Backend]) -> None:
    """By a request that an API server has to answer, or by a connection alone, as the page has it."""
    how = {Check.HEALTH: "L7OK", Check.TCP: "L4OK"}[cluster.balancer.check]
    assert {name: each.how for name, each in backend.items()} == dict.fromkeys(backend, how)


def test_balancer_backend_points_at_its_control_plane(backend: dict[str, Backend], control_plane: Machine) -> None:
    assert {each.address for each in backend.values()} == {at(control_plane.address, 6443)}


def test_balancer_backends_are_exactly_the_control_planes(
    backends: dict[str, Mapping[str, Backend]], cluster: Cluster
) -> None:
    planes = sorted(machine.name for machine in cluster.control_planes)
    assert {name: sorted(servers) for name, servers in backends.items()} == dict.fromkeys(backends, planes)


def test_control_plane_is_reachable_from_the_balancer(
    cluster: Cluster, carriers: list[Machine], control_plane: Machine
) -> None:
    """ "The load balancer must be able to communicate with all control plane nodes on the apiserver port." """
    for each in carriers:
        each.succeed(f"nc -z -w {2 * each.patience} {control_plane.address} 6443")


def test_requests_reach_every_control_plane(cluster: Cluster, api_server_serials: dict[str, int]) -> None:
    """Each API server has a certificate of its own, so the certificates presented in turn tell who answered."""
    presented = {presented_certificate(cluster).serial_number for _ in range(4 * len(api_server_serials))}
    assert presented == set(api_server_serials.values())


@on(lambda kind: kind.virtual)
def test_carrier_reaches_every_control_plane(
    cluster: Cluster, carrier: Machine, api_server_serials: dict[str, int]
) -> None:
    """Also one that does not hold the virtual address: it may have to take it over at any time."""
    requests = range(4 * len(api_server_serials))
    presented = {presented_certificate(cluster, carrier.address).serial_number for _ in requests}
    assert presented == set(api_server_serials.values())


def _with(service: str) -> Any:
    return pytest.param(service, marks=on(lambda kind: service in kind.services))


@pytest.mark.parametrize("service", [_with("haproxy"), _with("keepalived"), _with("nginx")])
def test_service_of_the_balancer_runs_and_is_enabled(cluster: Cluster, carrier: Machine, service: str) -> None:
    """After a power cut, nodes stay NotReady for as long as the balancer is down."""
    found = unit_of(carrier, service)
    assert (found.active, found.enabled) == ("active", "enabled")


@pytest.mark.made
def test_name_server_runs_and_is_enabled(cluster: Cluster) -> None:
    found = host_of(cluster.outside[0]).service("dnsmasq")
    assert (found.is_running, found.is_enabled) == (True, True)


@on(lambda kind: kind.virtual)
def test_virtual_address_is_on_exactly_one_machine(cluster: Cluster, carriers: list[Machine]) -> None:
    """Whichever that is."""
    found = holders(cluster)
    assert len(found) == 1, f"{cluster.endpoint.address} is on {', '.join(found) or 'no machine'}, must be on one"


@on(lambda kind: kind.virtual)
def test_virtual_address_differs_from_every_machines(cluster: Cluster) -> None:
    assert cluster.endpoint.address not in {each.address for each in cluster.machines.values()}

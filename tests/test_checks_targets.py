"""Where each machine is to connect to, by its roles."""

from __future__ import annotations

from typing import Any

import pytest

from checks.collecting.discovery import Known
from checks.collecting.targets import Ports, host_of, of_url, places, port_of, targets, with_port
from checks.facts.cluster import Api
from checks.facts.machine import BALANCER, CONTROL_PLANE, ETCD, WORKER
from tests.healthy.values import known

_DNS = {"k8s-app": "kube-dns"}
_API = Api(
    services=known((
        {"metadata": {"name": "kubernetes"}, "spec": {"clusterIP": "10.96.0.1"}, "status": {}},
        {"metadata": {"name": "kube-dns"}, "spec": {"clusterIP": "10.96.0.10"}, "status": {}},
    )),
    pods=known((
        {"metadata": {"name": "a", "labels": _DNS}, "status": {"phase": "Running", "podIP": "fd::2"}},
        {"metadata": {"name": "b", "labels": _DNS}, "status": {"phase": "Pending"}},
        {"metadata": {"name": "c", "labels": None}, "status": {"phase": "Running", "podIP": "10.0.0.9"}},
    )),
)  # fmt: skip
_THERE = places((
    Known("cp1", (CONTROL_PLANE, ETCD), "10.0.0.11", ports=Ports(8443, 10250, 2379, 4380)),
    Known("cp2", (CONTROL_PLANE, ETCD), "fd00::12"), Known("w1", (WORKER,), "10.0.0.21", ports=Ports(kubelet=10350)),
    Known("lb1", (BALANCER,), "10.0.0.1"),
))  # fmt: skip


def urls(*roles: str, endpoint: str = "lb:6443", api: Api = _API) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in targets(roles, _THERE, api, endpoint):
        found.setdefault(each.what, []).append(each.url)
    return found


def test_a_control_plane_connects_to_everything_at_its_own_port() -> None:
    assert urls(CONTROL_PLANE, ETCD) == {
        "endpoint": ["https://lb:6443/livez"],
        "api-server": ["https://10.0.0.11:8443/livez", "https://[fd00::12]:6443/livez"],
        "service": ["https://10.96.0.1:443/livez"],
        "pod": ["http://[fd::2]:8080/health"],
        "kubelet": ["https://10.0.0.11:10250/healthz", "https://[fd00::12]:10250/healthz",
                    "https://10.0.0.21:10350/healthz"],
        "etcd-peer": ["https://10.0.0.11:4380/version", "https://[fd00::12]:2380/version"],
    }  # fmt: skip


def test_other_roles_connect_to_what_they_need() -> None:
    assert urls(WORKER).keys() == {"endpoint", "api-server", "service", "pod"}
    assert urls(ETCD).keys() == {"endpoint", "api-server", "etcd-peer"}
    assert urls(BALANCER) == {}


def test_without_an_endpoint_or_an_api_nothing_is_made_up() -> None:
    assert urls(WORKER, endpoint="", api=Api()).keys() == {"api-server"}


@pytest.mark.parametrize("address", ["x;y", "$(x)", "", "fe80::1%eth0"])
def test_an_address_that_is_none_is_not_connected_to(address: str) -> None:
    service: Any = {"metadata": {"name": "kubernetes"}, "spec": {"clusterIP": address}, "status": {}}
    there = places([Known("cp1", (CONTROL_PLANE,), address or " ")])
    assert targets((CONTROL_PLANE,), there, Api(services=known((service,))), "a b:6443") == []


@pytest.mark.parametrize(
    ("endpoint", "host", "port", "whole"),
    [
        ("lb:8443", "lb", 8443, "lb:8443"), ("lb", "lb", None, "lb:6443"), ("[::1]:1", "::1", 1, "[::1]:1"),
        ("", "", None, ""), ("[::1", "", None, ""), ("lb:x", "lb", None, ""), ("lb:99999", "lb", None, ""),
    ],
)  # fmt: skip
def test_a_name_with_its_port(endpoint: str, host: str, port: int | None, whole: str) -> None:
    assert (host_of(endpoint), port_of(endpoint), with_port(endpoint, 6443)) == (host, port, whole)


def test_a_url_as_name_and_port() -> None:
    assert of_url("https://lb.example.org") == "lb.example.org:443"
    assert of_url("https://[fd00::1]:6443/x") == "[fd00::1]:6443"
    assert of_url("https://[") == of_url("") == of_url("nothing") == ""

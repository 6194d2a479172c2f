"""Kubeconfigs, kube-proxy, endpoints and API servers that depend on one machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.facts.balancer import Balancer
from checks.facts.cluster import Facts
from checks.facts.machine import Interface
from tests.healthy import healthy, with_api, with_each, with_machine, without_login
from tests.healthy.disturbed import with_flags
from tests.healthy.values import ENDPOINT
from tests.healthy.verdicts import fixes, found, loud

CP1 = "10.0.0.11"


def _server(facts: Facts, name: str, file: str, server: str) -> Facts:
    kubeconfigs = facts.machine(name).kubeconfigs.get()
    changed = tuple(replace(each, server=server) if each.place.endswith(file) else each for each in kubeconfigs)
    return with_machine(facts, name, kubeconfigs=changed)


def _configured(facts: Facts, endpoint: str | None) -> Facts:
    configuration = {**facts.api.cluster_configuration.get()}
    configuration.pop("controlPlaneEndpoint", None)
    return with_api(
        facts, cluster_configuration=configuration | ({"controlPlaneEndpoint": endpoint} if endpoint else {})
    )


@pytest.mark.parametrize(
    ("name", "file"), [("w2", "kubelet.conf"), ("cp3", "scheduler.conf"), ("cp2", "controller-manager.conf")]
)
def test_a_component_that_connects_to_another_control_plane_is_found(name: str, file: str) -> None:
    facts = _server(healthy(), name, file, f"https://{CP1}:6443")
    assert found(facts) == [("ONE-001", "warning", (name,))]
    own = ENDPOINT if name == "w2" else f"{facts.machine(name).address}:6443"
    there = f'server: "*https://{CP1}:6443"* *$'
    assert fixes(facts)[0].startswith(
        f"sudo grep -q '{there}' /etc/kubernetes/{file} && "
        f"sudo sed -i 's#{there}#server: https://{own}#' /etc/kubernetes/{file} && "
    )
    restarted = "sudo systemctl restart kubelet" if name == "w2" else f"kube-{file.removesuffix('.conf')}.yaml"
    assert restarted in fixes(facts)[0]
    assert fixes(facts)[0].endswith(f"  # on {name}")


@pytest.mark.parametrize(
    "server", ["https://127.0.0.1:6443", "https://localhost:8443", "https://other.example.org:6443"]
)
def test_a_proxy_on_the_machine_and_a_second_name_of_the_endpoint_are_healthy(server: str) -> None:
    facts = healthy()
    for name in ("w1", "w2", "w3", "cp1"):
        facts = _server(facts, name, "kubelet.conf", server)
    assert found(_server(facts, "cp1", "admin.conf", server)) == []


@pytest.mark.parametrize("known", [True, False])
def test_a_virtual_address_that_a_control_plane_holds_is_an_endpoint(known: bool) -> None:
    """Also where nothing is known of what moves it: the endpoint's name stands for it."""
    virtual = "10.0.0.100"
    facts = with_each(healthy(balancers=0), lambda _: {"resolved": (virtual,)})
    interfaces = facts.machine("cp1").interfaces.get()
    facts = with_machine(facts, "cp1", interfaces=(*interfaces, Interface("eth1", 1500, True, (virtual,))))
    if known:
        moved = Balancer("kube-vip", "/etc/kubernetes/manifests/kube-vip.yaml", virtual_addresses=(f"{virtual}/32",))
        facts = with_machine(facts, "cp1", balancers=(moved,))
    for name in ("w1", "w2", "w3"):
        facts = _server(facts, name, "kubelet.conf", f"https://{virtual}:6443")
    assert found(with_api(facts, kube_proxy_server=f"https://{virtual}:6443")) == []
    assert found(_configured(replace(facts, endpoint=f"{virtual}:6443"), f"{virtual}:6443")) == []


def test_one_control_plane_is_all_that_can_be_named() -> None:
    facts = healthy(control_planes=1)
    for name in ("w1", "w2"):
        facts = _server(facts, name, "kubelet.conf", f"https://{CP1}:6443")
    facts = _configured(replace(facts, endpoint=f"{CP1}:6443"), None)
    assert found(facts) == [("CP-005", "warning", ()), ("ONE-004", "notice", ())]


def test_kube_proxy_that_connects_to_one_control_plane_is_found() -> None:
    facts = with_api(healthy(), kube_proxy_server=f"https://{CP1}:6443")
    assert found(facts) == [("ONE-002", "warning", ())]
    edited, compared, replaced, restarted = fixes(facts)[0].split(" && ")
    assert edited.endswith(f"\\1 https://{ENDPOINT}#' > kube-proxy.changed.yaml")
    assert (compared, replaced) == (
        "! diff -s kube-proxy.yaml kube-proxy.changed.yaml", "kubectl replace -f kube-proxy.changed.yaml",
    )  # fmt: skip
    assert restarted == "kubectl -n kube-system rollout restart daemonset kube-proxy"
    assert found(with_api(facts, daemon_sets=())) == [], "nothing of it runs, as with Cilium"


@pytest.mark.parametrize("host", ["10.0.0.12", "cp2", "cp2.example.org"])
def test_an_administrators_file_that_names_one_control_plane_is_found(host: str) -> None:
    assert found(_server(healthy(), "cp2", "admin.conf", f"https://{host}:6443")) == [("ONE-003", "warning", ("cp2",))]


def test_no_stored_endpoint_is_one_finding() -> None:
    facts = _configured(healthy(), None)
    assert found(facts) == [("ONE-004", "warning", ())]
    assert f'controlPlaneEndpoint: "{ENDPOINT}"\\n&#\' > kubeadm-config.changed.yaml' in fixes(facts)[0]


def test_where_nothing_names_an_endpoint_that_is_shared_none_is_typed() -> None:
    facts = _configured(with_api(healthy(), cluster_info_server=f"https://{CP1}:6443", kube_proxy_server=""), None)
    assert fixes(facts)[0].startswith("kubectl -n kube-system edit configmap kubeadm-config")


@pytest.mark.parametrize("host", ["10.0.0.14", "cp4.example.org", "10.0.0.21", "w1", "old.example.org"])
def test_a_host_that_is_a_machines_own_or_answers_nothing_is_not_stored(host: str) -> None:
    """A control plane that was removed, a worker, and a name that is gone: that one has it in a file makes none."""
    server = f"https://{host}:6443"
    facts = _configured(with_api(healthy(), cluster_info_server=server, kube_proxy_server=server), None)
    assert _stores(facts) == ""
    if host in ("10.0.0.21", "w1"):
        facts = _server(facts, "w1", "kubelet.conf", server)
    assert _stores(facts) == ""


def _stores(facts: Facts) -> str:
    fix = next(each for each in fixes(facts) if "kubeadm-config" in each)
    return "" if fix.startswith("kubectl -n kube-system edit configmap") else fix


def test_an_endpoint_that_ready_nodes_use_or_that_answers_this_host_is_stored() -> None:
    """Also where the kubeconfig of this host leads elsewhere, and where there was no login."""
    elsewhere = _configured(healthy(), None)
    through = replace(healthy().servers[0], machine="")
    assert f'"{ENDPOINT}"' in _stores(replace(elsewhere, endpoint=f"{CP1}:6443", through_endpoint=through))
    assert f'"{ENDPOINT}"' in _stores(_configured(without_login(healthy()), None))
    balancer = _configured(healthy(), None)
    server = f"https://{balancer.machine('lb1').address}:6443"
    balancer = with_api(balancer, cluster_info_server=server, kube_proxy_server=server)
    assert balancer.machine("lb1").address in _stores(_server(balancer, "w1", "kubelet.conf", server))


@pytest.mark.parametrize("host", [CP1, "cp1", "cp1.example.org"])
def test_a_stored_endpoint_that_is_one_control_plane_is_one_finding(host: str) -> None:
    facts = _configured(replace(healthy(), endpoint=f"{host}:6443"), f"{host}:6443")
    facts = with_each(facts, lambda _: {"resolved": (CP1,)})
    for name in ("w1", "w2", "w3"):
        facts = _server(facts, name, "kubelet.conf", f"https://{CP1}:6443")
    assert found(facts) == [("ONE-004", "warning", ())]
    assert f'\\1 "{ENDPOINT}"#\' > kubeadm-config.changed.yaml' in fixes(facts)[0]


def test_an_endpoint_that_each_control_plane_takes_for_itself_is_healthy() -> None:
    facts = with_each(healthy(), lambda each: {"resolved": (each.address,) if each.name[:2] == "cp" else ("10.0.0.1",)})
    assert found(facts) == []


def test_cluster_info_that_names_one_control_plane_is_found() -> None:
    facts = with_api(healthy(), cluster_info_server=f"https://{CP1}:6443")
    assert found(facts) == [("ONE-007", "warning", ())]
    assert found(_server(facts, "w2", "kubelet.conf", f"https://{CP1}:6443")) == [
        ("ONE-001", "warning", ("w2",)), ("ONE-007", "warning", ()),
    ], "each of the two is repaired by itself"  # fmt: skip
    assert "cluster-info" in fixes(facts)[0]


def test_cluster_info_of_one_control_plane_and_by_a_proxy_is_healthy() -> None:
    one = with_api(healthy(control_planes=1), cluster_info_server=f"https://{CP1}:6443")
    assert [each for each in found(one) if each[0] == "ONE-007"] == []
    assert found(with_api(healthy(), cluster_info_server="https://127.0.0.1:6443")) == []


def _endpoints(facts: Facts, *addresses: str) -> Facts:
    return with_api(facts, endpoint_slices=({
        "metadata": {"name": "kubernetes", "namespace": "default"},
        "endpoints": [{"addresses": [each]} for each in addresses],
    },))  # fmt: skip


def test_two_api_servers_that_advertise_one_address_are_one_finding() -> None:
    facts = with_flags(healthy(), "cp2", "kube-apiserver", advertise_address=CP1)
    assert found(_endpoints(facts, CP1, "10.0.0.13")) == [("ONE-005", "warning", ("cp2",))]


def test_an_api_server_that_the_service_does_not_have_is_found() -> None:
    facts = _endpoints(healthy(), CP1, "10.0.0.13")
    assert found(facts) == [("ONE-005", "warning", ("cp2",))]
    assert found(without_login(facts)) == [("ONE-005", "warning", ("cp2",))]


def test_a_service_that_is_not_kept_by_api_servers_and_other_interfaces_are_healthy() -> None:
    facts = _endpoints(healthy(), "192.0.2.1")
    for name in ("cp1", "cp2", "cp3"):
        facts = with_flags(facts, name, "kube-apiserver", endpoint_reconciler_type="none")
    assert found(facts) == []
    others = _endpoints(healthy(), "192.168.0.1", "192.168.0.2", "192.168.0.3")
    assert found(without_login(others)) == []


def test_an_api_server_that_knows_one_member_of_three_is_found() -> None:
    facts = with_flags(healthy("external"), "cp2", "kube-apiserver", etcd_servers="https://10.0.0.31:2379")
    assert found(facts) == [("ONE-006", "warning", ("cp2",))]
    manifest, hidden = (f"/etc/kubernetes/manifests/{each}kube-apiserver.yaml" for each in ("", "."))
    there, kept, copied, changed, has_it, moved = fixes(facts)[0].split(" && ")
    assert there == f"sudo grep -q -e '--etcd-servers=' {manifest}"
    assert kept == f"sudo cp -p {manifest} /root/changed.yaml.before"
    assert copied == f"sudo cp -p {manifest} {hidden}", "the folder is read whole, but for names that begin with a dot"
    servers = "--etcd-servers=https://10.0.0.31:2379,https://10.0.0.32:2379,https://10.0.0.33:2379"
    assert f"{servers}#" in changed
    assert changed.endswith(f" {manifest} | sudo tee {hidden} >/dev/null")
    assert has_it == f"sudo grep -q -F -e '{servers}' {hidden}"
    assert moved == f"sudo mv {hidden} {manifest}  # on cp2"


@pytest.mark.parametrize("servers", ["https://etcd.example.org:2379", "https://127.0.0.1:2379"])
def test_a_name_or_a_proxy_in_front_of_etcd_is_healthy(servers: str) -> None:
    facts = healthy("external")
    for name in ("cp1", "cp2", "cp3"):
        facts = with_flags(facts, name, "kube-apiserver", etcd_servers=servers)
    assert found(facts) == []


def test_members_by_name_are_members() -> None:
    servers = "https://etcd2:2379,https://10.0.0.31:2379,https://etcd3:2379"
    assert found(with_flags(healthy("external"), "cp2", "kube-apiserver", etcd_servers=servers)) == []


def test_a_stored_endpoint_that_no_certificate_has_is_not_blamed_on_certificates() -> None:
    facts = with_each(
        _configured(replace(healthy(), endpoint=f"{CP1}:6443"), f"{CP1}:6443"), lambda _: {"resolved": (CP1,)}
    )
    assert loud(facts) == [("ONE-004", "warning", ())]

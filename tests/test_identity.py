"""What machines of an existing cluster say of themselves: names, addresses, the endpoint, and how it is laid out."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.plugin.clusters import called
from provision.config.inventory.model import Inventory
from provision.config.topology import Role
from provision.machines.machine import Machine
from provision.providers.inventory import identity, stored_configuration
from provision.readonly.gate import why_not
from provision.util.errors import BadInput, Unreachable
from provision.util.result import Result
from tests.fake_machine import FakeMachine
from tests.test_inventory import GOOD, read

KUBEADM = "controlPlaneEndpoint: k8s.example.org:6443\ncertificatesDir: /etc/kubernetes/pki\netcd: {local: {}}\n"
KUBESPRAY = (
    "controlPlaneEndpoint: lb-apiserver.kubernetes.local:6443\ncertificatesDir: /etc/kubernetes/ssl\n"
    "etcd: {external: {endpoints: ['https://10.0.0.11:2379'], caFile: /etc/ssl/etcd/ssl/ca.pem}}\n"
)
ELSEWHERE = "etcd: {external: {endpoints: ['https://10.0.0.31:2379'], caFile: /etc/kubernetes/pki/etcd/ca.crt}}\n"


def machines(inventory: Inventory, configuration: str = KUBEADM, **answers: str | None) -> dict[str, Machine]:
    """The machines, each with its answer: the file's own name and address where none is given, None does not answer."""

    def answer(name: str, _command: str) -> Result:
        usual = _answer(
            name, inventory.host(name).address, name if inventory.host(name).role is not Role.LOAD_BALANCER else ""
        )
        given = answers.get(name, usual)
        if given is None:
            raise Unreachable(f"{name} cannot be reached")
        return Result(0, given, "")

    return {
        spec.name: FakeMachine({identity.SCRIPT: answer, stored_configuration.COMMAND: configuration}, spec)
        for spec in inventory.specs
    }


def _answer(name: str, address: str, node: str) -> str:
    subject = f"subject=O = system:nodes, CN = system:node:{node}" if node else ""
    addresses = f"1: lo    inet 127.0.0.1/8\n2: eth0    inet {address}/24 x\n"
    return f"== name\n{name}\n== node\n{subject}\n== addresses\n{addresses}"


def test_what_machines_are_sent_only_reads() -> None:
    assert (why_not(identity.SCRIPT), why_not(stored_configuration.COMMAND)) == ("", "")


def test_what_the_file_says_is_left_where_the_machines_agree(tmp_path: Path) -> None:
    inventory = read(tmp_path, GOOD)
    found = identity.recognised(inventory, machines(inventory)).or_refused()
    assert (found, found.notes) == (inventory, inventory.notes)


def test_a_machine_that_does_not_answer_stays_as_the_file_has_it(tmp_path: Path) -> None:
    inventory = read(tmp_path, GOOD)
    assert identity.recognised(inventory, machines(inventory, w1=None, one=None)).or_refused() == inventory
    unnamed = read(tmp_path, GOOD.replace("endpoint", "#"))
    silent = machines(unnamed, KUBEADM, **{host.name: None for host in unnamed.hosts})
    found = identity.recognised(unnamed, silent).or_refused()
    assert (found, found.notes, found.content) == (unnamed, unnamed.notes, unnamed.content)


def test_a_node_has_the_name_in_its_kubelets_certificate(tmp_path: Path) -> None:
    inventory = read(tmp_path, GOOD)
    answers = {
        "one": _answer("ip-10-0-0-11", "10.0.0.11", "ip-10-0-0-11.ec2.internal"),
        "k8s-lb": _answer("lb", "10.0.0.2", ""),
    }
    found = identity.recognised(inventory, machines(inventory, **answers)).or_refused()
    assert [spec.name for spec in found.specs][:2] == ["lb", "ip-10-0-0-11.ec2.internal"]
    assert found.host("lb").connect == "10.0.0.2"
    assert "one: is ip-10-0-0-11.ec2.internal at 10.0.0.11, as the machine has it" in found.notes
    assert list(found.content["hosts"]) == [host.name for host in found.hosts]
    now = [called(spec.name, inventory.specs, found.specs) for spec in inventory.specs]
    assert now == ["lb", "ip-10-0-0-11.ec2.internal", "two", "three.example.org", "w1"]


def test_a_public_address_is_replaced_by_the_machines_own(tmp_path: Path) -> None:
    inventory = read(tmp_path, GOOD)
    many = _answer("w1", "172.31.0.21", "w1") + "3: cni0    inet 10.244.1.1/24 x\n4: eth0    inet 10.0.0.9/32 x\n"
    found = identity.recognised(inventory, machines(inventory, w1=many)).or_refused()
    assert (found.host("w1").address, found.host("w1").connect) == ("172.31.0.21", "203.0.113.7")


def test_several_addresses_are_not_guessed_at(tmp_path: Path) -> None:
    inventory = read(tmp_path, GOOD)
    many = _answer("w1", "172.31.0.21", "w1") + "3: eth1    inet 192.168.0.21/24 x\n"
    found = identity.recognised(inventory, machines(inventory, w1=many))
    assert found.wrong == (
        "w1: has no address 10.0.0.21, but 172.31.0.21, 192.168.0.21; say which in address, for Ansible in ip",
    )


def test_two_machines_with_one_name_are_refused(tmp_path: Path) -> None:
    inventory = read(tmp_path, GOOD)
    with pytest.raises(BadInput, match="one and two: call themselves localhost"):
        identity.recognised(
            inventory,
            machines(inventory, one=_answer("localhost", "10.0.0.11", ""), two=_answer("localhost", "10.0.0.12", "")),
        ).or_refused()


def test_the_endpoint_is_the_clusters_where_the_file_has_none(tmp_path: Path) -> None:
    inventory = read(tmp_path, GOOD.replace("endpoint", "#"))
    found = identity.recognised(inventory, machines(inventory)).or_refused()
    assert (found.endpoint, found.content["endpoint"]) == ("k8s.example.org:6443", "k8s.example.org:6443")


@pytest.mark.parametrize(
    ("configuration", "why"),
    [
        ("etcd: {local: {}}\n", "has none in kubeadm-config"),
        ("", "does not answer for it"),
        ("- a list", "does not answer"),
    ],
)
def test_without_any_endpoint_the_refusal_says_where_to_write_one(tmp_path: Path, configuration: str, why: str) -> None:
    inventory = read(tmp_path, GOOD.replace("endpoint", "#"))
    [wrong] = identity.recognised(inventory, machines(inventory, configuration)).wrong
    assert why in wrong
    assert "ha_endpoint=lb.example.org:6443 in [all:vars]" in wrong


def test_a_cluster_of_kubespray_is_refused_by_name(tmp_path: Path) -> None:
    inventory = read(tmp_path, GOOD)
    first, second = identity.recognised(inventory, machines(inventory, KUBESPRAY)).wrong
    assert "its certificates are in /etc/kubernetes/ssl (certificatesDir of kubeadm-config), as kubespray" in first
    assert "its etcd is a service with certificates of its own, /etc/ssl/etcd/ssl/ca.pem" in second


def test_etcd_is_where_the_file_says(tmp_path: Path) -> None:
    stacked, external = read(tmp_path, GOOD), read(tmp_path, GOOD.replace('"worker"', '"etcd"'))
    [left_out] = identity.recognised(stacked, machines(stacked, ELSEWHERE)).wrong
    [too_many] = identity.recognised(external, machines(external)).wrong
    assert "its etcd is an external one, at https://10.0.0.31:2379 (kubeadm-config)" in left_out
    assert "its etcd is on the control planes (kubeadm-config), and the file has etcd machines" in too_many
    assert identity.recognised(external, machines(external, ELSEWHERE)).wrong == ()

"""The machines before anything else: what the page asks of them and of the person who logs in.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#before-you-begin
"""

from __future__ import annotations

import pytest

from fixtures.subjects.answers import interfaces_of
from provision.cluster import Cluster
from provision.machines.machine import Machine

_LEAST_MEMORY = 1700  # MiB: kubeadm's own limit, below the page's 2 GB, since systems keep some for themselves


def test_node_has_two_processors(machines: Cluster, node: Machine) -> None:
    assert int(node.succeed("nproc")) >= 2


def test_node_has_enough_memory(machines: Cluster, node: Machine) -> None:
    kilobytes = int(node.succeed("grep MemTotal: /proc/meminfo").split()[1])
    assert kilobytes // 1024 >= _LEAST_MEMORY


def test_host_names_of_nodes_differ(machines: Cluster) -> None:
    names = [each.succeed("hostname").strip() for each in machines.nodes]
    assert len(set(names)) == len(names)


def test_hardware_addresses_of_nodes_differ(machines: Cluster) -> None:
    """Each by the hardware address of the interface that has the machine's own address."""
    found = [_hardware_address(each) for each in machines.nodes]
    assert all(found), "an interface has no hardware address"
    assert len(set(found)) == len(found)


def test_login_user_may_become_root(machines: Cluster, machine: Machine) -> None:
    """A user other than root, unless the inventory has root log in."""
    is_root = machine.succeed("id -u").strip() == "0"
    assert (is_root, machine.succeed("sudo -n id -u").strip()) == (machine.user == "root", "0")


@pytest.mark.made
def test_machine_is_reached_over_ssh_from_this_host(machines: Cluster, machine: Machine) -> None:
    """Over SSH, and from the same address as all the others."""
    assert machine.succeed("echo $SSH_CONNECTION").split()[0] == machines.host_address


def _hardware_address(machine: Machine) -> str:
    return next(each.mac for each in interfaces_of(machine) if machine.address in each.addresses)

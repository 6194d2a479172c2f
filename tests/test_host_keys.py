"""Machines that copy files to others know their host keys, and the ports on which their sshd listens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from provision.providers.inventory import host_keys
from tests.fake_machine import FakeMachine
from tests.test_inventory import GOOD, read

TEXT = 'certificates = "manual"\n' + GOOD
ELSEWHERE = TEXT.replace("port = 2022", "port = 2022\nconnect = '203.0.113.9'")  # the machine `two`


class Known(FakeMachine):
    """A machine that has proved itself to this host."""

    def host_key(self) -> str:
        return "ssh-ed25519 AAAA"


def acquainted(folder: Path, text: str, connections: Mapping[str, str]) -> str:
    """What is run on the first control plane, where sshd says so of connections to machines."""
    inventory = read(folder, text)
    machines = {
        spec.name: Known(
            {host_keys.CONNECTION: connections.get(spec.name, ""), re.compile("^sudo -E -s"): ""},
            spec, inventory.host(spec.name).address,
        )
        for spec in inventory.specs
    }  # fmt: skip
    host_keys.acquaint(inventory, dict(machines))
    assert [name for name, each in machines.items() if host_keys.CONNECTION in each.commands] == list(connections)
    [script] = machines["one"].commands
    return script


def test_where_sshd_has_another_port_machines_that_copy_know_it(tmp_path: Path) -> None:
    script = acquainted(tmp_path, TEXT.replace("sudo = false", "port = 2201\nsudo = false"), {})
    assert "echo '[10.0.0.12]:2022 ssh-ed25519 AAAA kubeadm-ha' >> /etc/ssh/ssh_known_hosts\n" in script
    assert "echo '[10.0.0.13]:2201 ssh-ed25519 AAAA kubeadm-ha' >> /etc/ssh/ssh_known_hosts\n" in script
    assert script.count("Port ") == 2
    assert "Host 10.0.0.13\\n  Port 2201" in script


def test_sshd_says_its_port_where_this_host_connects_to_another_address(tmp_path: Path) -> None:
    script = acquainted(tmp_path, ELSEWHERE, {"two": "198.51.100.1 50122 10.0.0.12 2022\n"})
    assert "echo '[10.0.0.12]:2022 ssh-ed25519 AAAA kubeadm-ha' >> /etc/ssh/ssh_known_hosts\n" in script
    assert "Host 10.0.0.12\\n  Port 2022" in script
    assert script.count("Port ") == 1


def test_a_port_that_is_forwarded_to_the_usual_one_is_not_the_machines(tmp_path: Path) -> None:
    script = acquainted(tmp_path, ELSEWHERE, {"two": "198.51.100.1 50122 10.0.0.12 22\n"})
    assert "echo '10.0.0.12 ssh-ed25519 AAAA kubeadm-ha' >> /etc/ssh/ssh_known_hosts\n" in script
    assert "Port " not in script


def test_where_sshd_says_nothing_its_port_is_the_usual_one(tmp_path: Path) -> None:
    script = acquainted(tmp_path, ELSEWHERE, {"two": "\n"})
    assert "echo '10.0.0.12 ssh-ed25519 AAAA kubeadm-ha'" in script
    assert "Port " not in script

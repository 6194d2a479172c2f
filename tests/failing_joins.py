"""Joins of a real cluster that fail, for `tests.real_leaks`: a plugin, and tests that are always red."""

from __future__ import annotations

import base64
import sys
import warnings
from urllib.parse import quote

from provision.cluster import Cluster
from provision.kubeadm import commands
from provision.kubeadm.workarounds import with_workarounds
from provision.machines.machine import Machine

IN_THE_WAY = "sudo install -D /dev/null /etc/kubernetes/manifests/kube-apiserver.yaml"
"""kubeadm's checks refuse a control plane where this file is."""


def pytest_configure() -> None:
    """Let every later join of a control plane fail, by what kubeadm itself refuses."""
    join = commands.join

    def failing(cluster: Cluster, machine: Machine, command: str) -> None:
        machine.succeed(IN_THE_WAY)
        join(cluster, machine, command)

    setattr(commands, "join", failing)  # noqa: B010  # a function, as mypy sees it


def test_a_join_of_its_own(initialised: Cluster) -> None:
    """As of fixtures that join by themselves."""
    machine, command = initialised.control_planes[1], initialised.observations.printed_joins.control_plane_join
    print(command)
    machine.succeed(IN_THE_WAY)
    machine.succeed(with_workarounds(initialised, f"sudo {command}"))


def test_keys_in_every_form(initialised: Cluster) -> None:
    """Like a command that lacks its `secret=True`."""
    read = "sudo cat /etc/kubernetes/pki/sa.key /etc/kubernetes/admin.conf /etc/kubernetes/pki/ca.key"
    text = initialised.control_planes[0].succeed(read)
    joins = initialised.observations.printed_joins
    everything = f"{text}\n{joins.token}\n{joins.control_plane_join}"
    for shift in range(3):
        print(base64.b64encode(b" " * shift + everything.encode()).decode())
    print(quote(everything, safe=""), repr(everything), file=sys.stderr)
    assert everything == ""


def test_a_command_that_fails_with_keys(initialised: Cluster) -> None:
    initialised.control_planes[0].succeed(
        "sudo cat /etc/kubernetes/pki/ca.key; sudo cat /etc/kubernetes/admin.conf; false"
    )


def test_a_warning(initialised: Cluster) -> None:
    warnings.warn(initialised.observations.printed_joins.control_plane_join, stacklevel=1)

"""Certificates carried by hand: nothing was uploaded, everything arrived, and nothing was left on the way.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#manual-certs
"""

from __future__ import annotations

import pytest

from provision.cluster import Cluster
from provision.kubeadm.commands import printed_joins
from provision.machines.machine import Machine

pytestmark = pytest.mark.certificates("manual")

_UPLOAD_ONLY = ("kubeadm:kubeadm-certs",)


def test_no_secret_holds_them(cluster: Cluster) -> None:
    assert cluster.try_kubectl("get", "secret", "kubeadm-certs", "-n", "kube-system").stderr.strip() == (
        'Error from server (NotFound): secrets "kubeadm-certs" not found'
    )


@pytest.mark.parametrize("kind", ["role", "rolebinding"])
def test_nobody_may_read_what_is_not_there(cluster: Cluster, kind: str) -> None:
    """kubeadm lets joining machines read the Secret where it uploads one, and only there."""
    found = cluster.kubectl("get", kind, "-n", "kube-system", "-o", "name")
    assert not any(name in found for name in _UPLOAD_ONLY)


@pytest.mark.built
def test_printed_join_has_no_certificate_key(initialised: Cluster) -> None:
    """The page never says so: without `--upload-certs` the command is another one."""
    command = printed_joins(initialised).control_plane_join
    assert ("--control-plane" in command, "--certificate-key" in command) == (True, False)


def test_nothing_is_left_in_the_home_folder(cluster: Cluster, control_plane: Machine) -> None:
    """The page moves what it copied: no private key stays with the login user."""
    assert control_plane.run("sudo find ~ -name '*.crt' -o -name '*.key' -o -name 'sa.pub'").stdout == ""


@pytest.mark.built
def test_agent_is_gone(cluster: Cluster, node: Machine) -> None:
    """A forwarded agent ends with the login that brought it."""
    assert node.run("ls -d /tmp/ssh-*/agent.* 2>/dev/null").stdout == ""


@pytest.mark.built
@pytest.mark.parametrize(("agent", "reached"), [(True, True), (False, False)])
def test_root_of_a_machine_may_use_a_forwarded_agent(cluster: Cluster, agent: bool, reached: bool) -> None:
    """Why the page says to consider who is to be trusted: while the agent is there, root logs in as its owner."""
    first, other, *_ = cluster.control_planes
    login = f"ssh -o BatchMode=yes {other.user}@{other.address} hostname"
    answer = first.run(f'sudo env SSH_AUTH_SOCK="$SSH_AUTH_SOCK" {login} </dev/null', agent=agent)
    assert (answer.ok, answer.stdout.strip() == other.name) == (reached, reached), answer.stderr


@pytest.mark.built
def test_no_login_key_on_a_machine(cluster: Cluster, node: Machine) -> None:
    """Forwarding means that the key itself stays where the person is."""
    assert node.run("sudo grep -rl 'OPENSSH PRIVATE KEY' /root /home /tmp").stdout == ""

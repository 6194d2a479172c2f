"""Certificates carried by hand: nothing was uploaded, everything arrived, and nothing was left on the way.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#manual-certs
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from fixtures.subjects.finding import below, found, planted
from provision.cluster import Cluster
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet

pytestmark = pytest.mark.certificates("manual")

_UPLOAD_ONLY = ("kubeadm:kubeadm-certs",)
_AGENT = re.compile(r"/ssh-[^/\s]+/agent\.|/\.ssh/agent/")
_LEFT = 10  # seconds: sshd learns of the end of a login in its own time, which is a fraction of a second
"""Where sshd listens for a forwarded agent: below /tmp, or since OpenSSH 10.1 in the user's home folder."""
_FOLDERS = ("/root", "/home", "/tmp")
_PEM = "-----BEGIN RSA PRIVATE KEY-----\nbm90IG9uZQ==\n-----END RSA PRIVATE KEY-----\n"
"""No key, but what the beginning of one looks like."""


def test_secret_kubeadm_certs_does_not_exist(cluster: Cluster) -> None:
    assert cluster.try_kubectl("get", "secret", "kubeadm-certs", "-n", "kube-system").stderr.strip() == (
        'Error from server (NotFound): secrets "kubeadm-certs" not found'
    )


@pytest.mark.parametrize("kind", ["role", "rolebinding"])
def test_no_rbac_rule_for_the_certificates_secret_exists(cluster: Cluster, kind: str) -> None:
    """kubeadm lets joining machines read the Secret where it uploads one, and only there."""
    names = cluster.kubectl("get", kind, "-n", "kube-system", "-o", "name")
    assert ("kubeadm:nodes-kubeadm-config" in names, [each for each in _UPLOAD_ONLY if each in names]) == (True, [])


@pytest.mark.built
def test_printed_join_has_no_certificate_key(initialised: Cluster) -> None:
    """The page never says so: without `--upload-certs` the command is another one."""
    command = initialised.observations.printed_joins.control_plane_join
    assert ("--control-plane" in command, "--certificate-key" in command) == (True, False)


def test_no_certificate_or_key_is_left_in_the_home_folder(cluster: Cluster, control_plane: Machine) -> None:
    """The page moves what it copied: no private key stays with the login user."""
    assert below(control_plane, "~/", ".crt", ".key", "/sa.pub") == []


@pytest.mark.built
def test_forwarded_agent_is_gone(cluster: Cluster, node: Machine) -> None:
    """A forwarded agent ends with the login that brought it: one that is there for this test shows where to search."""
    socket, *listening = node.succeed('echo "$SSH_AUTH_SOCK" && sudo ss -Hlx', agent=True).splitlines()
    assert [each for each in _agents(listening) if f" {socket} " in each], (socket, listening)

    def left() -> NotYet | None:
        there = _agents(node.succeed("sudo ss -Hlx").splitlines())
        return NotYet("\n".join(there)) if there else None

    cluster.wait_until(left, _LEFT, "no agent is left")


def _agents(listening: Sequence[str]) -> list[str]:
    return [line for line in listening if _AGENT.search(line)]


@pytest.mark.built
@pytest.mark.parametrize(("agent", "reached"), [(True, True), (False, False)])
def test_root_logs_in_to_other_machines_only_while_an_agent_is_forwarded(
    cluster: Cluster, agent: bool, reached: bool
) -> None:
    """Why the page says to consider who is to be trusted: while the agent is there, root logs in as its owner."""
    first, other, *_ = cluster.control_planes
    login = f"ssh -o BatchMode=yes {other.user}@{other.address} hostname"
    answer = first.run(f'sudo env SSH_AUTH_SOCK="$SSH_AUTH_SOCK" {login} </dev/null', agent=agent)
    refused = "Permission denied" in answer.stderr  # and not: gone, unknown, or not even tried
    assert (answer.ok, answer.stdout.strip() == other.name, refused) == (reached, reached, not reached), answer.stderr


@pytest.mark.built
def test_no_login_key_on_a_machine(cluster: Cluster, node: Machine) -> None:
    """Forwarding means that the key itself stays where the person is, in whatever format."""
    with planted(node, _FOLDERS, _PEM) as planted_keys:
        assert found(node, f"sudo grep -rl 'PRIVATE KEY-----' {' '.join(_FOLDERS)}", planted_keys) == []

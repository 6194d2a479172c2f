"""Joins after the first ones: certificates uploaded again, new join commands, nodes that join and leave.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/, "To re-upload the
certificates and generate a new decryption key"; the lifetimes are two hours for certificates and a day for tokens.
"""

from __future__ import annotations

import json
import re

from provision.cluster import Cluster
from provision.config import limits
from provision.kubeadm import commands, configuration
from provision.machines.machine import Machine
from provision.util.errors import CommandFailed, Problem

UPLOAD = "sudo kubeadm init phase upload-certs --upload-certs"
"""The page's command, for "a control plane node that is already joined"."""

_KEY = re.compile(r"\b[0-9a-f]{64}(?=\s*\Z)")
_TOKEN = re.compile(r"--token (\S+)")


def upload_again(cluster: Cluster, machine: Machine, key: str = "") -> str:
    """Upload the shared certificates again, by a new key or a given one, and return the key: 64 hexadecimal digits."""
    command = UPLOAD
    if not cluster.id.stacked:  # without --config, kubeadm takes etcd for stacked, and no control plane could join
        machine.put(configuration.FILE, configuration.render(cluster, key), mode=0o600)
        command += f" --config {configuration.FILE}"
    elif key:
        command += f" --certificate-key {key}"
    cluster.journal.redact.learn(key)
    return learned(cluster, machine.succeed(command, secret=True))


def learned(cluster: Cluster, output: str) -> str:
    """The key that kubeadm printed last, which no record will show; raises Problem where it printed none."""
    found = _KEY.search(output)
    if not found:
        raise Problem("kubeadm printed no certificate key, which is 64 hexadecimal digits", answer="(withheld)")
    cluster.journal.redact.learn(found[0])
    return found[0]


def new_key(cluster: Cluster, machine: Machine) -> str:
    """A certificate key by the page's command."""
    return learned(cluster, machine.succeed("kubeadm certs certificate-key", secret=True))


def new_join(cluster: Cluster, machine: Machine, key: str = "") -> str:
    """A join command with a token of its own: for a control plane where a certificate key is given."""
    option = f" --certificate-key {key}" if key else ""
    command = machine.succeed(f"sudo kubeadm token create --print-join-command{option}", secret=True).strip()
    found = _TOKEN.search(command)
    if not found:
        what = f"on {machine.name}: `kubeadm token create --print-join-command` printed no command with a token"
        raise CommandFailed(what, answer="(withheld)", machine=machine.name)
    cluster.journal.redact.learn(found[1])
    return command


def expire(cluster: Cluster, token: str) -> None:
    """Make the bootstrap token in a Secret of kube-system one of yesterday: what two hours, or a day, would do."""
    patch = {"stringData": {"expiration": "2020-01-01T00:00:00Z"}}
    cluster.kubectl("patch", "secret", token, "-n", "kube-system", "-p", json.dumps(patch), secret=True)


def join_until_ready(cluster: Cluster, machine: Machine, command: str) -> None:
    """Join a machine, and wait until its node is ready."""
    commands.run_join(cluster, machine, command)
    for what in ("create", "condition=Ready"):  # a worker's join may end before its node is there
        cluster.kubectl_wait(f"--for={what}", f"node/{machine.name}", limit=limits.NODE_READY)


def reset_options(cluster: Cluster) -> str:
    """Options of `kubeadm reset`: with external etcd it would search a whole minute for a member to remove. Pure."""
    return "" if cluster.id.stacked else " --skip-phases remove-etcd-member"


def leave(cluster: Cluster, machine: Machine) -> None:
    """Make a machine what it was before it joined, or tried to; fine where it never did."""
    machine.succeed(f"sudo kubeadm reset --force{reset_options(cluster)}", timeout=limits.RESET)
    # Reset empties etcd's folder before it stops the kubelet, which may have started etcd again by then.
    machine.succeed("sudo rm -rf /etc/kubernetes/pki /var/lib/etcd/member && rm -f ~/*.yaml")
    cluster.kubectl("delete", "node", machine.name, "--ignore-not-found")
    # The controller takes minutes to remove them, and the next test would see them go.
    pods = f"--field-selector=spec.nodeName={machine.name}"
    cluster.kubectl("delete", "pods", "-A", pods, "--force", "--grace-period=0")

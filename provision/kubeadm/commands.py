"""The page's kubeadm command lines, run where the page runs them."""

from __future__ import annotations

from collections.abc import Sequence

from provision.cluster import Cluster
from provision.config import limits
from provision.kubeadm import configuration
from provision.kubeadm.printed import parse
from provision.kubeadm.workarounds import with_workarounds
from provision.machines.machine import Machine
from provision.network import plugin
from provision.observations import PrintedJoins
from provision.util.concurrency import together

_CONTROL_PLANE = "--control-plane"


def init_command(cluster: Cluster) -> str:
    """The command line of the first control plane, as the page gives it. Pure.

    The page names --pod-network-cidr and --kubernetes-version as options; both are always given, so that a run does
    not depend on what a download site calls stable today. With a configuration file they are in there.
    """
    upload = " --upload-certs" if cluster.id.uploads else ""
    if configuration.is_needed(cluster):
        return with_workarounds(cluster, f"sudo kubeadm init --config {configuration.FILE}{upload}")
    return with_workarounds(
        cluster,
        f'sudo kubeadm init --control-plane-endpoint "{cluster.endpoint}"{upload}'
        f" --pod-network-cidr {plugin.pod_cidr(cluster)} --kubernetes-version {cluster.version}",
    )


def initialise(cluster: Cluster) -> None:
    """Run `kubeadm init` and keep the join commands that it prints."""
    if configuration.is_needed(cluster):
        configuration.write(cluster)
    keep_printed(cluster, cluster.control_planes[0].succeed(init_command(cluster), timeout=limits.INIT))


def keep_printed(cluster: Cluster, output: str) -> None:
    """Keep the join commands in the output of `kubeadm init`, and what is secret in them out of every record."""
    printed = parse(output)
    cluster.journal.redact.learn(printed.token, printed.certificate_key)
    cluster.observations.secrets.printed_joins = printed


def certificate_key(cluster: Cluster) -> str:
    """The key of what was uploaded last; empty where nothing was."""
    return cluster.observations.secrets.certificate_key or cluster.observations.printed_joins.certificate_key


def join_one_by_one(cluster: Cluster) -> None:
    """Join the other control planes, one after the other."""
    for machine in cluster.control_planes[1:]:
        join(cluster, machine, cluster.observations.printed_joins.control_plane_join)


def join_at_once(cluster: Cluster) -> None:
    """Join the other control planes at the same time ("You can join multiple control-plane nodes in parallel")."""
    _join_together(cluster, cluster.control_planes[1:], cluster.observations.printed_joins.control_plane_join)


def join_workers(cluster: Cluster) -> None:
    """Join all workers at the same time."""
    _join_together(cluster, cluster.workers, cluster.observations.printed_joins.worker_join)


def _join_together(cluster: Cluster, machines: Sequence[Machine], command: str) -> None:
    together(lambda machine: join(cluster, machine, command), machines)


def join(cluster: Cluster, machine: Machine, command: str) -> None:
    """Join one machine by a command as kubeadm printed it."""
    with cluster.journal.step(f"join {machine.name}"):
        run_join(cluster, machine, command)


def run_join(cluster: Cluster, machine: Machine, command: str) -> None:
    """The same without a step of its own."""
    if configuration.joins_by_file(cluster, control_plane=_CONTROL_PLANE in command):
        _join_by_file(cluster, machine, command)
    else:
        machine.succeed(with_workarounds(cluster, f"sudo {command}"), timeout=limits.JOIN)


def _join_by_file(cluster: Cluster, machine: Machine, command: str) -> None:
    """The same join with settings that no option of the command line has."""
    printed = PrintedJoins(command, command)
    text = configuration.render_join(cluster, printed, machine, control_plane=_CONTROL_PLANE in command)
    machine.put(configuration.JOIN_FILE, text, mode=0o600)
    try:
        join_it = with_workarounds(cluster, f"sudo kubeadm join --config {configuration.JOIN_FILE}")
        machine.succeed(join_it, timeout=limits.JOIN)
    finally:
        machine.run(f"sudo rm -f {configuration.JOIN_FILE}")

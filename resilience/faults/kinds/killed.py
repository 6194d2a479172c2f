"""`kubeadm join` and `kubeadm reset`, killed at a moment and run again: what is left, and what it takes."""

from __future__ import annotations

from provision.config import limits
from provision.util.errors import CommandFailed
from resilience.faults.bounds import ELECTION, NOTICED, RESTARTED
from resilience.faults.fault import Fault
from resilience.faults.kinds.lifecycle import no_late
from resilience.faults.means import late
from resilience.faults.means.manifests import FOLDER
from resilience.faults.means.moments import LEFT, Moment, killed, was_killed
from resilience.faults.means.printed import warnings, why
from resilience.faults.scene import Call, Scene, Steps

_RESET = "https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/"
_JOIN = "https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/"
_STALE = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/troubleshooting-kubeadm/"

_AGAIN = 60.0  # seconds for the command that is killed, and the one that follows

JOIN = (
    Moment("certificates", ("[certs] Valid certificates and keys now exist",)),
    Moment("member-announced", ("[etcd] Announced new etcd member joining",), ("stacked",)),
    Moment("manifests", ('[control-plane] Creating static Pod manifest for "kube-scheduler"',)),
    Moment("kubelet-starts", ("[kubelet-start] Starting the kubelet",)),
    Moment("control-plane-marked", ("[mark-control-plane] Marking the node",)),
)
"""Moments of `kubeadm join --control-plane`, in the order of their importance: the first two are tried first."""

RESET = (
    Moment("member-removed", ("[reset] Deleted contents of the etcd data directory",), ("stacked",)),
    Moment("kubelet-stopped", ("[reset] Unmounting mounted directories",)),
    Moment("begins", ("[preflight] Running pre-flight checks",)),
    Moment("kubelet-stops", ("[reset] Stopping the kubelet service",)),
    Moment("files-deleted", ("[reset] Deleting files",)),
)
"""Moments of `kubeadm reset`, in the same order."""


def left_behind(scene: Scene) -> list[str]:
    """What a command that was killed has left: a member of etcd, a node, manifests and containers."""
    cluster, machine = scene.cluster, scene.machine
    found = [f"etcd still lists {line}" for line in late.strays(scene)]
    if name := cluster.kubectl("get", "node", machine.name, "-o", "name", "--ignore-not-found").strip():
        found.append(f"the API has {name}")
    files = machine.run(f"sudo find /etc/kubernetes -type f -name '*.yaml' -path '{FOLDER}/*' -printf '%f '")
    names = " ".join(files.stdout.split())
    return found + ([f"{FOLDER} has {names}"] if names else [])


def _note_left(scene: Scene) -> None:
    found = left_behind(scene)
    scene.note(f"{LEFT}{'; '.join(found) or 'nothing'}")


def _join(scene: Scene) -> str:
    """The balancer forwards to the machine, as before every join."""
    late.targets(scene.cluster, scene.machine)
    return late.join_command(scene.cluster, scene.machine)


def _join_again(scene: Scene) -> Steps:
    return [Call(scene.machine, "sudo kubeadm reset --force  # then kubeadm join …", join_again)]


def join_again(scene: Scene) -> str:
    """Join as it is; where that is refused, as documented: reset, member removed where it is left, and join."""
    cluster, machine = scene.cluster, scene.machine
    _note_left(scene)
    try:
        printed = machine.succeed(late.join_command(cluster, machine), timeout=limits.JOIN)
        scene.note("run again as it was: it succeeded")
    except CommandFailed as failed:
        scene.note(f"run again as it was: {why(failed.answer)}")
        printed = _after_reset(scene)
    for what in ("create", "condition=Ready"):
        cluster.kubectl_wait(f"--for={what}", f"node/{machine.name}", limit=limits.NODE_READY)
    return cluster.journal.redact(printed)


def _after_reset(scene: Scene) -> str:
    """Reset and join; where that fails beside a member that the reset has left, once more without it."""
    cluster, machine = scene.cluster, scene.machine
    _reset(scene)
    try:
        printed = machine.succeed(late.join_command(cluster, machine), timeout=limits.JOIN)
    except CommandFailed as failed:
        scene.note(f"then `kubeadm join`: {why(failed.answer)}")
        _reset(scene)
        scene.note(f"`etcdctl member remove` by hand: {late.remove_member(cluster, machine) or 'no member is left'}")
        printed = machine.succeed(late.join_command(cluster, machine), timeout=limits.JOIN)
    scene.note("then `kubeadm join` succeeded")
    return printed


def _reset(scene: Scene) -> None:
    scene.note(f"`kubeadm reset --force`: {warnings(late.reset(scene.cluster, scene.machine)) or 'no warning'}")
    if stray := late.strays(scene):
        scene.note(f"after the reset etcd still lists {'; '.join(stray)}")


def _reset_again(scene: Scene) -> Steps:
    return [Call(scene.machine, "sudo kubeadm reset --force", reset_again)]


def reset_again(scene: Scene) -> str:
    """The same command once more; its node is deleted, and the balancer is what it was."""
    cluster, machine = scene.cluster, scene.machine
    _note_left(scene)
    printed = late.reset(cluster, machine)
    scene.note(f"run again as it was: it succeeded; {warnings(printed) or 'no warning'}")
    _note_left(scene)
    if stray := late.strays(scene):
        scene.note(f"`etcdctl member remove` by hand: {late.remove_member(cluster, machine)}; it was {stray}")
    late.leave(scene, machine)
    return printed


def _join_fault(moment: Moment) -> Fault:
    return Fault(
        f"join-killed-{moment.name}", f"kubeadm join is killed right after “{moment.lines[-1]}”, and run again",
        "a machine that has not joined", late.control_plane,
        killed("sudo kubeadm join …", _join, moment, limits.JOIN, secret=True), was_killed(moment), ELECTION + NOTICED,
        "three control planes go on; the second join succeeds by the documented means", _join_again, RESTARTED,
        (_JOIN, _RESET, _STALE), moment.topologies, hold=5, spared=frozenset(), lengthy=True, lacking=no_late,
        restore=late.left_alone, must_succeed=True, lasts=_AGAIN,
    )  # fmt: skip


def _reset_fault(moment: Moment) -> Fault:
    return Fault(
        f"reset-killed-{moment.name}", f"kubeadm reset is killed right after “{moment.lines[-1]}”, and run again",
        "a fourth control plane", late.control_plane,
        killed("sudo kubeadm reset --force", lambda scene: late.reset_command(scene.cluster), moment, limits.RESET),
        was_killed(moment), ELECTION + NOTICED, "three control planes go on; the second reset leaves nothing",
        _reset_again, RESTARTED, (_RESET,), moment.topologies, hold=5, spared=frozenset(), lengthy=True,
        lacking=no_late, prepare=late.joined_before, restore=late.left_alone, must_succeed=True, lasts=_AGAIN,
    )  # fmt: skip


FAULTS = (*map(_join_fault, JOIN), *map(_reset_fault, RESET))
"""Each of them."""

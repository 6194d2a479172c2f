"""`kubeadm upgrade apply` and `kubeadm upgrade node`, killed at a moment and run again."""

from __future__ import annotations

from collections.abc import Callable

from provision.config import limits
from provision.kubeadm.workarounds import with_workarounds
from provision.machines.machine import Machine
from provision.util.errors import CommandFailed
from resilience.faults.bounds import BOOTED, ELECTION, NOTICED
from resilience.faults.fault import Fault, none
from resilience.faults.means import places
from resilience.faults.means.moments import LEFT, Moment, killed, was_killed
from resilience.faults.means.places import Where
from resilience.faults.means.printed import why
from resilience.faults.means.releases import (
    apply_command,
    install_kubeadm,
    not_upgraded,
    target,
    upgrade_first,
    versions,
)
from resilience.faults.scene import Call, Scene, Steps

_RECOVER = (
    "https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/#recovering-from-a-failure-state"
)
_TWICE = 150.0  # seconds for a command that is killed and runs again
_TYPED = "sudo kubeadm upgrade …"
_NOT_READY = "ControlPlaneNodesReady"
"""The preflight check that refuses an upgrade while a control plane's node is not ready."""

_WAITED = "Waiting for the kubelet to restart the component"

APPLY = (
    Moment("api-server-moved", ("manifests/kube-apiserver.yaml", _WAITED)),
    Moment("control-plane-upgraded", ("The control plane instance for this node was successfully upgraded",)),
    Moment("etcd-moved", ("manifests/etcd.yaml", _WAITED), ("stacked",)),
    Moment("controller-manager-moved", ("manifests/kube-controller-manager.yaml", _WAITED)),
    Moment("kubelet-configured", ("[upgrade/kubelet-config] The kubelet configuration for this node",)),
)
"""Moments of `kubeadm upgrade apply`, and of `upgrade node`; the first two are tried first."""


def _second(scene: Scene) -> list[Machine]:
    """The second control plane."""
    return scene.cluster.control_planes[1:2]


def _is_first(scene: Scene) -> bool:
    return scene.machine is scene.cluster.control_planes[0]


def _command(scene: Scene) -> str:
    """kubeadm's command that upgrades a control plane."""
    typed = apply_command(scene) if _is_first(scene) else "sudo kubeadm upgrade node"
    return with_workarounds(scene.cluster, typed)


def _upgrade(scene: Scene) -> str:
    """The page replaces kubeadm before."""
    install_kubeadm(scene)
    return _command(scene)


def _again(scene: Scene) -> Steps:
    return [Call(scene.machine, _TYPED, upgraded_again)]


def upgraded_again(scene: Scene) -> str:
    """The same command once more, which the page calls idempotent; where it is refused, what its reason suggests."""
    cluster, machine = scene.cluster, scene.machine
    command = _command(scene)
    scene.note(f"{LEFT}API servers {versions(scene)}")
    try:
        printed = machine.succeed(command, timeout=limits.UPGRADE)
        scene.note("run again as it was: it succeeded")
    except CommandFailed as failed:
        scene.note(f"run again as it was: {why(failed.answer)}")
        printed = _refused(scene, command, failed)
    if (found := versions(scene)).get(machine.name) != target(cluster):
        raise CommandFailed(f"{machine.name} was upgraded again, and runs {found.get(machine.name)}")
    return printed


def _refused(scene: Scene, command: str, failed: CommandFailed) -> str:
    """Once control planes are ready, where they were not: a kubelet reports nothing without its own API server. Else
    with --force, which only `apply` has."""
    if _NOT_READY in failed.answer:
        nodes = [each.name for each in scene.cluster.control_planes]
        wait = ("wait", "--for=condition=Ready", "node", *nodes, f"--timeout={BOOTED.seconds:.0f}s")
        scene.cluster.kubectl(*wait, timeout=BOOTED.seconds + limits.KUBECTL)
        printed = scene.machine.succeed(command, timeout=limits.UPGRADE)
        scene.note("once all control planes were ready, it succeeded")
    elif _is_first(scene):
        printed = scene.machine.succeed(f"{command} --force", timeout=limits.UPGRADE)
        scene.note("with --force it succeeded")
    else:
        raise failed
    return printed


def _first_before(scene: Scene) -> Steps:
    """The first control plane is upgraded before there is traffic."""
    return [Call(scene.cluster.control_planes[0], apply_command(scene), upgrade_first)]


def _fault(command: str, place: str, where: Where, prepare: Callable[[Scene], Steps], moment: Moment) -> Fault:
    return Fault(
        f"upgrade-{command}-killed-{moment.name}",
        f"kubeadm upgrade {command} is killed right after “{moment.lines[-1]}”, and run again", place, where,
        killed(_TYPED, _upgrade, moment, limits.UPGRADE), was_killed(moment), ELECTION + NOTICED,
        "two control planes go on; the second run succeeds", _again, BOOTED, (_RECOVER,), moment.topologies, hold=5,
        destructive=True, lengthy=True, lacking=not_upgraded, prepare=prepare, must_succeed=True,
        lasts=_TWICE,
    )  # fmt: skip


FAULTS = (
    *(_fault("apply", "the first control plane", places.first_control_plane, none, each) for each in APPLY),
    *(_fault("node", "the second control plane", _second, _first_before, each) for each in APPLY),
)
"""Each of them."""

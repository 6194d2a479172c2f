"""Upgrades under traffic: with and without a delay of the API server's end, killed and run again, and rolled back."""

from __future__ import annotations

import json
from collections.abc import Callable

import yaml

from provision.cluster import Cluster
from provision.config import limits
from provision.config.facts import Facts
from provision.errors import CommandFailed
from provision.kubeadm import upgrading
from provision.kubeadm.workarounds import with_workarounds
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet
from resilience.faults.bounds import BOOTED, ELECTION, NOTICED
from resilience.faults.fault import Fault, Proof
from resilience.faults.kinds.killed import why
from resilience.faults.kinds.restarts import Graceful, delays_set
from resilience.faults.means import places
from resilience.faults.means.moments import LEFT, Moment, killed_at, was_killed
from resilience.faults.scene import Call, Scene, Steps

_UPGRADE = "https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/"
_RECOVER = f"{_UPGRADE}#recovering-from-a-failure-state"
_GRACEFUL = "https://github.com/kubernetes/kubeadm/issues/2991"
_CLUSTER_API = "https://github.com/kubernetes-sigs/cluster-api/issues/2937"

_WAITED = "Waiting for the kubelet to restart the component"

APPLY = (
    Moment("api-server-moved", ("manifests/kube-apiserver.yaml", _WAITED)),
    Moment("control-plane-upgraded", ("The control plane instance for this node was successfully upgraded",)),
    Moment("etcd-moved", ("manifests/etcd.yaml", _WAITED), ("stacked",)),
    Moment("controller-manager-moved", ("manifests/kube-controller-manager.yaml", _WAITED)),
    Moment("kubelet-configured", ("[upgrade/kubelet-config] The kubelet configuration for this node",)),
)
"""Moments of `kubeadm upgrade apply`, and of `upgrade node`; the first two are tried first."""

_FILES = "/etc/kubernetes/kubeadm-ha-upgrade"
_TRIED = "2m0s"
"""How long kubeadm waits for a static pod that does not start, instead of five minutes: three times what one takes."""

_ALL_OF_THEM = 300.0  # seconds for five nodes, measured on two processors
_TWICE = 150.0  # seconds for one that is killed and runs again, or that waits and rolls back

_NEVER = "registry.k8s.io/kube-apiserver:v0.0.0-never"
_ROLLED_BACK = "recover everything into the earlier state"


def not_upgraded(scene: Scene) -> str:
    """Why there is no release to upgrade to."""
    return "" if scene.cluster.id.upgraded else "the cluster is built with its release: add --ha-upgrade-from previous"


def _with_delay(seconds: int) -> Callable[[Scene], Steps]:
    """API servers end with a delay, now and as kubeadm writes them anew: it is in its ConfigMap, too."""

    def steps(scene: Scene) -> Steps:
        if not seconds:
            return []
        host = scene.cluster.control_planes[0]
        edit = Call(host, "kubectl edit cm -n kube-system kubeadm-config", lambda each: _configure(each, seconds))
        return [edit, *delays_set(Graceful(seconds))(scene)]

    return steps


def _configure(scene: Scene, seconds: int) -> str:
    """https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-reconfigure/"""
    found = scene.cluster.get("configmap", "kubeadm-config", "-n", "kube-system")["data"]["ClusterConfiguration"]
    changed = json.dumps({"data": {"ClusterConfiguration": with_delay(found, seconds)}})
    return scene.cluster.kubectl("patch", "configmap", "kubeadm-config", "-n", "kube-system", "-p", changed)


def with_delay(configuration: str, seconds: int) -> str:
    """kubeadm's ClusterConfiguration with a delay of the API server's end. Pure."""
    wanted = yaml.safe_load(configuration)
    option = {"name": "shutdown-delay-duration", "value": f"{seconds}s"}
    server = wanted.setdefault("apiServer", {}) or {}
    wanted["apiServer"] = server | {"extraArgs": [*server.get("extraArgs", []), option]}
    return yaml.safe_dump(wanted)


def _upgrade(scene: Scene) -> Steps:
    """All control planes, then the workers but the last one: on that a client's pod runs, which belongs to nothing
    that would start it elsewhere, and for which a drain ends."""
    first, *others = scene.cluster.control_planes
    version = upgrading.target_of(scene.cluster).version if not not_upgraded(scene) else ""
    steps = [Call(first, f"sudo kubeadm upgrade apply {version} --yes", lambda scene: _first(scene.cluster))]
    nodes = (*others, *scene.cluster.workers[:-1])
    return [*steps, *(Call(each, "sudo kubeadm upgrade node", _node(each)) for each in nodes)]


def _first(cluster: Cluster) -> str:
    upgrading.first_control_plane(cluster)
    return "the first control plane is upgraded"


def _node(machine: Machine) -> Callable[[Scene], str]:
    def action(scene: Scene) -> str:
        upgrading.upgrade_node(scene.cluster, machine)
        return f"{machine.name} is upgraded"

    return action


def versions(scene: Scene) -> dict[str, str]:
    """Each control plane's version of the API server, by the image that runs."""
    names = "{range .items[*]}{.spec.nodeName}={.spec.containers[0].image} {end}"
    listed = scene.cluster.kubectl(
        "get", "pods", "-n", "kube-system", "-l", "component=kube-apiserver", "-o", f"jsonpath={names}"
    )
    return {name: image.rpartition(":")[2] for name, _, image in (each.partition("=") for each in listed.split())}


def _at_target(scene: Scene, earlier: str) -> str | NotYet:
    found, wanted = versions(scene), str(upgrading.target_of(scene.cluster).version)
    shown = ", ".join(f"{name} {version}" for name, version in sorted(found.items()))
    late = [name for name in scene.names if found.get(name) != wanted]
    return NotYet(shown) if late or wanted in earlier else f"API servers: {shown}; before: {earlier}"


_UPGRADED = Proof(
    "API servers have the other version", _at_target, lambda scene: " ".join(sorted(set(versions(scene).values()))), 30
)  # fmt: skip


def _under_traffic(seconds: int) -> Fault:
    return Fault(
        f"upgraded-with-delay-{seconds}",
        f"all control planes and two workers are upgraded, with --shutdown-delay-duration={seconds}s",
        "all control planes", places.all_control_planes, _upgrade, _UPGRADED, ELECTION + NOTICED,
        "requests by the balancer go to the others", heals=BOOTED, links=(_UPGRADE, _GRACEFUL, _CLUSTER_API), hold=5,
        destructive=True, lengthy=True, lacking=not_upgraded, prepare=_with_delay(seconds), must_succeed=True,
        lasts=_ALL_OF_THEM,
    )  # fmt: skip


def _second(scene: Scene) -> list[Machine]:
    """The second control plane."""
    return scene.cluster.control_planes[1:2]


def _command(cluster: Cluster, machine: Machine) -> str:
    """kubeadm's command that upgrades a control plane."""
    first = machine is cluster.control_planes[0]
    words = f"apply {upgrading.target_of(cluster).version} --yes" if first else "node"
    return with_workarounds(cluster, f"sudo kubeadm upgrade {words}")


def _killed(moment: Moment) -> Callable[[Scene], Steps]:
    def steps(scene: Scene) -> Steps:
        def action(scene: Scene) -> str:
            cluster, machine = scene.cluster, scene.machine
            machine.install(upgrading.target_of(cluster).folder / "kubeadm")
            return machine.succeed(killed_at(_command(cluster, machine), moment), timeout=limits.UPGRADE)

        return [Call(scene.machine, "sudo kubeadm upgrade …  # killed", action)]

    return steps


def _again(scene: Scene) -> Steps:
    return [Call(scene.machine, "sudo kubeadm upgrade …", upgraded_again)]


def upgraded_again(scene: Scene) -> str:
    """The same command once more, which the page calls idempotent; `apply` with --force where that is refused."""
    cluster, machine = scene.cluster, scene.machine
    command = _command(cluster, machine)
    scene.note(f"{LEFT}API servers {versions(scene)}")
    try:
        printed = machine.succeed(command, timeout=limits.UPGRADE)
        scene.note("run again as it was: it succeeded")
    except CommandFailed as failed:
        scene.note(f"run again as it was: {why(failed.answer)}")
        if machine is not cluster.control_planes[0]:  # `upgrade node` has no such option
            raise
        printed = machine.succeed(f"{command} --force", timeout=limits.UPGRADE)
        scene.note("with --force it succeeded")
    if (found := versions(scene)).get(machine.name) != str(upgrading.target_of(cluster).version):
        raise CommandFailed(f"{machine.name} was upgraded again, and runs {found.get(machine.name)}")
    return printed


def _apply_killed(moment: Moment) -> Fault:
    return Fault(
        f"upgrade-apply-killed-{moment.name}",
        f"kubeadm upgrade apply is killed right after “{moment.lines[-1]}”, and run again", "the first control plane",
        places.first_control_plane, _killed(moment), was_killed(moment), ELECTION + NOTICED,
        "two control planes go on; the second run succeeds", _again, BOOTED, (_RECOVER,), moment.topologies, hold=5,
        destructive=True, lengthy=True, lacking=not_upgraded, must_succeed=True, lasts=_TWICE,
    )  # fmt: skip


def _first_before(scene: Scene) -> Steps:
    """The first control plane is upgraded before there is traffic."""
    first = scene.cluster.control_planes[0]
    return [Call(first, "sudo kubeadm upgrade apply …", lambda scene: _first(scene.cluster))]


def _node_killed(moment: Moment) -> Fault:
    return Fault(
        f"upgrade-node-killed-{moment.name}",
        f"kubeadm upgrade node is killed right after “{moment.lines[-1]}”, and run again", "the second control plane",
        _second, _killed(moment), was_killed(moment), ELECTION + NOTICED,
        "two control planes go on; the second run succeeds", _again, BOOTED, (_RECOVER,), moment.topologies, hold=5,
        destructive=True, lengthy=True, lacking=not_upgraded, prepare=_first_before, must_succeed=True,
        lasts=_TWICE,
    )  # fmt: skip


def never_starts(cluster: Cluster) -> dict[str, str]:
    """The files of an upgrade whose API server never starts: by name in a folder, its configuration and its patch."""
    version = upgrading.target_of(cluster).version
    configuration = {
        "apiVersion": Facts(version).configuration_api,
        "kind": "UpgradeConfiguration",
        "apply": {"kubernetesVersion": str(version), "patches": {"directory": f"{_FILES}/patches"}},
        "timeouts": {"upgradeManifests": _TRIED},
    }
    patch = {"spec": {"containers": [{"name": "kube-apiserver", "image": _NEVER}]}}
    return {
        "upgrade.yaml": yaml.safe_dump(configuration),
        "patches/kube-apiserver+strategic.yaml": yaml.safe_dump(patch),
    }  # fmt: skip


def _rolled_back(scene: Scene) -> Steps:
    return [Call(scene.machine, f"sudo kubeadm upgrade apply --config {_FILES}/upgrade.yaml", roll_back)]


def roll_back(scene: Scene) -> str:
    """Run the upgrade that cannot succeed; raises where it succeeds, or does not say that it rolled back."""
    cluster, machine = scene.cluster, scene.machine
    machine.install(upgrading.target_of(cluster).folder / "kubeadm")
    for name, text in never_starts(cluster).items():
        machine.put(f"{_FILES}/{name}", text)
    command = with_workarounds(cluster, f"sudo kubeadm upgrade apply --yes --config {_FILES}/upgrade.yaml")
    answered = machine.run(f"{command} 2>&1", timeout=2 * limits.UPGRADE)
    if answered.ok or _ROLLED_BACK not in answered.stdout:
        raise CommandFailed("kubeadm did not roll the upgrade back", answer=answered.stdout[-500:])
    scene.note(f"kubeadm ended with {answered.rc}: {why(answered.stdout)}")
    return answered.stdout


def _same_manifests(scene: Scene) -> str:
    return scene.machine.succeed("sudo sh -c 'cd /etc/kubernetes/manifests && sha256sum *.yaml'")


def _is_as_before(scene: Scene, earlier: str) -> str | NotYet:
    now, claimed = _same_manifests(scene), any(_ROLLED_BACK in each for each in scene.printed)
    changed = sorted(set(now.splitlines()) ^ set(earlier.splitlines()))
    if not claimed:
        return NotYet("kubeadm did not say that it rolled back")
    others = sorted({each.split()[1] for each in changed})
    scene.note(f"manifests that differ from before: {', '.join(others) or 'none'}")
    if "kube-apiserver.yaml" in others:
        return NotYet("the API server's manifest is not what it was")
    return f"kubeadm tried to {_ROLLED_BACK}; the API server's manifest is what it was"


FAULTS = (
    *map(_under_traffic, (0, 30)),
    *map(_apply_killed, APPLY),
    *map(_node_killed, APPLY),
    Fault(
        "upgrade-rolled-back", "the upgraded API server's image never starts; kubeadm rolls back",
        "the first control plane", places.first_control_plane, _rolled_back,
        Proof("kubeadm rolled back", _is_as_before, _same_manifests), ELECTION + NOTICED,
        "two control planes go on, and all that was acknowledged is there", heals=BOOTED, links=(_RECOVER,), hold=5,
        destructive=True, lengthy=True, lacking=not_upgraded, must_succeed=True, lasts=_TWICE,
    ),
)  # fmt: skip
"""Each of them."""

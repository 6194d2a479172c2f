"""An upgrade that cannot succeed, which kubeadm rolls back."""

from __future__ import annotations

import yaml

from provision.cluster import Cluster
from provision.config import limits
from provision.config.facts import Facts
from provision.kubeadm import upgrading
from provision.kubeadm.workarounds import with_workarounds
from provision.util.concurrency import NotYet
from provision.util.errors import CommandFailed
from resilience.faults.bounds import BOOTED, ELECTION, NOTICED
from resilience.faults.fault import Fault, Proof
from resilience.faults.means import places
from resilience.faults.means.manifests import FOLDER
from resilience.faults.means.printed import why
from resilience.faults.means.releases import install_kubeadm, not_upgraded
from resilience.faults.scene import Call, Scene, Steps

_RECOVER = (
    "https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/#recovering-from-a-failure-state"
)
_FILES = "/etc/kubernetes/kubeadm-ha-upgrade"
_TRIED = "2m0s"
"""How long kubeadm waits for a static pod that does not start, instead of five minutes: three times what one takes."""

_LASTS = 150.0  # seconds for an upgrade that waits and rolls back
_NEVER = "registry.k8s.io/kube-apiserver:v0.0.0-never"
_ROLLED_BACK = "recover everything into the earlier state"


def never_starts(cluster: Cluster) -> dict[str, str]:
    """The files of an upgrade whose API server never starts: by name in a folder, its configuration and its patch."""
    version = upgrading.target_of(cluster).version
    apply = {"kubernetesVersion": str(version), "patches": {"directory": f"{_FILES}/patches"}}
    allowed = {"allowExperimentalUpgrades": True} if version.pre else {}  # release candidates, too
    configuration = {
        "apiVersion": Facts(version).configuration_api,
        "kind": "UpgradeConfiguration",
        "apply": apply | allowed,
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
    install_kubeadm(scene)
    for name, text in never_starts(cluster).items():
        machine.put(f"{_FILES}/{name}", text)
    command = with_workarounds(cluster, f"sudo kubeadm upgrade apply --yes --config {_FILES}/upgrade.yaml")
    answered = machine.run(f"{command} 2>&1", timeout=2 * limits.UPGRADE)
    if answered.ok or _ROLLED_BACK not in answered.stdout:
        raise CommandFailed("kubeadm did not roll the upgrade back", answer=answered.stdout[-500:])
    scene.note(f"kubeadm ended with {answered.rc}: {why(answered.stdout)}")
    return answered.stdout


def _same_manifests(scene: Scene) -> str:
    return scene.machine.succeed(f"sudo sh -c 'cd {FOLDER} && sha256sum *.yaml'")


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
    Fault(
        "upgrade-rolled-back", "the upgraded API server's image never starts; kubeadm rolls back",
        "the first control plane", places.first_control_plane, _rolled_back,
        Proof("kubeadm rolled back", _is_as_before, _same_manifests), ELECTION + NOTICED,
        "two control planes go on, and all that was acknowledged is there", heals=BOOTED, links=(_RECOVER,), hold=5,
        destructive=True, lengthy=True, lacking=not_upgraded, must_succeed=True, lasts=_LASTS,
    ),
)  # fmt: skip
"""Each of them."""

"""Plain machines made ready for the procedure over SSH: the same description as that of images and boxes, applied."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from provision.config import limits
from provision.config.topology import Role
from provision.config.versions import Version
from provision.machines.machine import Machine
from provision.node import MODULES, PAUSE, PROGRAMS, SWAP_IN_FSTAB, SYSCTLS
from provision.node.files import PLUGIN_LINKS, node_files
from provision.providers.inventory.facts import Survey
from provision.util.errors import CommandFailed, HostLacks

OFFICIAL_PACKAGES = "https://pkgs.k8s.io/core:/stable:"


@dataclass(frozen=True)
class Supplies:
    """What nodes are given: `programs` is a folder and `images` are archives of this host, None for official packages.

    `workarounds` are names from `provision.node.host_workarounds`; `pause` is the sandbox image. `packages` is where
    the official ones are: below it are v1.37/deb and so on.
    """

    version: Version
    pause: str
    programs: Path | None = None
    images: tuple[Path, ...] = ()
    workarounds: Collection[str] = ()
    packages: str = OFFICIAL_PACKAGES


# A line of fstab that turns swap on becomes a comment, as the installation page has it, which says whose it is; a unit
# of another origin (a partition of that type) is masked.
_KERNEL = f"""\
printf '%s\\n' {" ".join(MODULES)} > /etc/modules-load.d/kubernetes.conf
modprobe -a {" ".join(MODULES)} 2>/dev/null || true  # built in, or the host's where this is a container
printf '%s\\n' {" ".join(f"'{name} = {value}'" for name, value in SYSCTLS.items())} > /etc/sysctl.d/kubernetes.conf
sysctl -q -p /etc/sysctl.d/kubernetes.conf
systemctl list-units --type swap --state active --plain --no-legend | while read -r unit _; do
  systemctl mask -q "$unit"
done
swapoff -a
[ ! -e /etc/fstab ] || sed -i -E 's/{SWAP_IN_FSTAB}/# kubeadm-ha: &/' /etc/fstab
"""

# What the owner has configured, such as mirrors of registries, is not lost: the first file that was there is kept.
_CONTAINERD_KEPT = """\
theirs=/etc/containerd/config.toml
[ ! -e $theirs ] || [ -e $theirs.before-kubeadm-ha ] || cp -p $theirs $theirs.before-kubeadm-ha
"""

# https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/
_OFFICIAL = """\
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q ca-certificates curl gpg
install -d -m 755 /etc/apt/keyrings
key=$(curl -fsSL {site}/v{series}/deb/Release.key)
printf '%s\\n' "$key" | gpg --batch --yes --dearmor -o /etc/apt/keyrings/kubernetes-apt-keyring.gpg
signed='[signed-by=/etc/apt/keyrings/kubernetes-apt-keyring.gpg]'
echo "deb $signed {site}/v{series}/deb/ /" > /etc/apt/sources.list.d/kubernetes.list
apt-get update -q
apt-get install -y -q --allow-downgrades --allow-change-held-packages {packages}
apt-mark hold kubelet kubeadm kubectl
"""

_START = f"""\
systemctl daemon-reload
systemd-tmpfiles --create {PLUGIN_LINKS}
systemctl enable -q containerd kubelet
systemctl restart containerd
"""


def prepare(machine: Machine, found: Survey, supplies: Supplies) -> None:
    """Make a machine ready, given what was found on it. Raises HostLacks where its packages cannot be installed."""
    if found.missing:
        _install(machine, found.missing)
    if machine.role is Role.LOAD_BALANCER:
        return
    machine.as_root(_KERNEL)
    machine.as_root(_CONTAINERD_KEPT)
    if supplies.programs:
        _carry(machine, supplies.programs)
    else:
        packages = " ".join(f"{program}={str(supplies.version)[1:]}-*" for program in PROGRAMS)
        _official(machine, _OFFICIAL.format(site=supplies.packages, series=supplies.version.series, packages=packages))
    for path, text in node_files(supplies.workarounds).items():
        if supplies.programs or not path.startswith("/usr/lib/"):  # the packages bring their unit
            machine.put(path, text.replace(PAUSE, supplies.pause))
    machine.as_root(_START)
    for archive in supplies.images:
        # Written down for good: etcd's first writes would wait for all of it.
        machine.feed("sudo ctr -n k8s.io images import - >/dev/null && sync", archive, timeout=limits.IMAGES)


def _install(machine: Machine, packages: list[str]) -> None:
    command = f"apt-get install -y -q --no-install-recommends {' '.join(packages)}"
    try:
        machine.as_root(
            f"export DEBIAN_FRONTEND=noninteractive\napt-get update -q\n{command}\n", timeout=limits.PACKAGES
        )
    except CommandFailed as failed:
        raise HostLacks(
            f"{machine.name} lacks {', '.join(packages)}, and cannot install them", answer=failed.answer,
            fix=f"sudo {command} on it",
        ) from None  # fmt: skip


def _official(machine: Machine, script: str) -> None:
    try:
        machine.as_root(script, timeout=limits.PACKAGES)
    except CommandFailed as failed:
        raise HostLacks(
            f"{machine.name} cannot install Kubernetes' official packages", answer=failed.answer,
            fix="--ha-packages URL with a mirror that it reaches, or prepare = 'artifacts'",
        ) from None  # fmt: skip


def _carry(machine: Machine, programs: Path) -> None:
    for program in PROGRAMS:
        machine.install(programs / program)

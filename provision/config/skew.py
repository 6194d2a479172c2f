"""The releases that a cluster has beside the chosen one, as its id names them. Pure.

Source of what goes together: https://kubernetes.io/releases/version-skew-policy/ and
https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm/#version-skew-policy
"""

from __future__ import annotations

from provision.config.options import NEXT, PREVIOUS
from provision.config.versions import Back, Version, Wanted, words
from provision.util.errors import BadInput

_OLDEST_KUBELET = 3  # minors behind


def origin(option: str, version: str) -> str:
    """The version where clusters are built with an older release; raises BadInput where it is not older."""
    if not option:
        return ""
    target = Wanted.parse(version)
    older = f"1.{target.minor - 1}" if option == PREVIOUS else str(Wanted.parse(option))
    if Wanted.parse(older).minor not in (target.minor - 1, target.minor) or older == version:
        raise BadInput(f"no cluster is upgraded from {older} to {version}", fix="kubeadm goes one minor at a time")
    return older


def kubeadm(option: str, version: str) -> str:
    """The version where kubeadm is not the cluster's; raises BadInput where it is not a minor ahead."""
    if not option:
        return ""
    minor = Wanted.parse(version).minor
    ahead = f"1.{minor + 1}" if option == NEXT else str(Wanted.parse(option))
    if Wanted.parse(ahead).minor not in (minor, minor + 1) or ahead == version:
        raise BadInput(
            f"kubeadm {ahead} makes no cluster of {version}", fix="it does of its own minor, or of the one before"
        )
    return ahead


def kubelets(option: str, version: str) -> tuple[str, ...]:
    """The versions of the first workers' kubelets; raises BadInput where one is too old, or newer than the cluster."""
    minor = Wanted.parse(version).minor
    chosen = [each.before(Version(minor, 0)) if isinstance(each, Back) else each for each in words(option)]
    for each in chosen:
        if not minor - _OLDEST_KUBELET <= each.minor <= minor:
            raise BadInput(
                f"a kubelet {each} does not go with a cluster of {version}",
                fix="kubelets are of the cluster's minor, or of one of the three before it",
            )
    return tuple(map(str, chosen))


def brings_images(beside: Version, first: Version) -> bool:
    """Whether machines of a first release need another's images, too; an older kubelet runs what the cluster runs."""
    return beside > first

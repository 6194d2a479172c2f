"""The clusters of kubeadm's own CI families, small ones: one that scenarios change, and a variant for each other one.

Source: https://github.com/kubernetes/kubeadm/tree/main/kinder/ci/workflows. Pure.
"""

from __future__ import annotations

from dataclasses import replace

from provision.config.choices import Choices
from provision.config.cluster_id import ELSEWHERE, MANUAL, ClusterId
from provision.config.versions import OLDEST_MINOR, Wanted

CONTROL_PLANES, WORKERS = "2", "1"
"""How many a cluster has: two control planes are the fewest of which one joins."""

_SKEW = 3  # minors that a kubelet may be behind


def cluster_ids(chosen: Choices, topology: str, version: str) -> list[ClusterId]:
    """The variants of a topology for one version, which is kubeadm's; older versions as far as they are known."""
    small, older = _small(chosen), _older(version)
    found = [replace(small, keys="ecdsa-p256").cluster_id(topology, version)]
    if topology == "stacked":
        found.append(replace(small, authority=ELSEWHERE).cluster_id(topology, version, MANUAL))
    if older:
        found.append(replace(small, kubeadm=version).cluster_id(topology, older[0]))
        workers = replace(small, kubelets=",".join(older), workers=str(len(older)))
        found.append(workers.cluster_id(topology, version))
    return found


def mutable_ids(chosen: Choices, topology: str, version: str) -> list[ClusterId]:
    """The cluster of a topology and version that scenarios change."""
    return [_small(chosen).cluster_id(topology, version, mutable=True)]


def _small(chosen: Choices) -> Choices:
    return replace(chosen, control_planes=CONTROL_PLANES, workers=WORKERS)


def _older(version: str) -> list[str]:
    """The minors before, newest first."""
    minor = Wanted.parse(version).minor
    return [f"1.{each}" for each in range(minor - 1, max(minor - _SKEW, OLDEST_MINOR) - 1, -1)]

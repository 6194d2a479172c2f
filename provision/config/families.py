"""The clusters of kubeadm's own CI families, small ones: one that scenarios change, and a variant for each other one.

Source: https://github.com/kubernetes/kubeadm/tree/main/kinder/ci/workflows. Pure.
"""

from __future__ import annotations

from dataclasses import replace

from provision.config.settings import Settings
from provision.config.topology import ELSEWHERE, MANUAL, ClusterId
from provision.config.versions import OLDEST_MINOR, Wanted

_SKEW = 3  # minors that a kubelet may be behind


def cluster_ids(settings: Settings, topology: str, version: str) -> list[ClusterId]:
    """The variants of a topology for one version, which is kubeadm's; older versions as far as they are known."""
    small, older = _small(settings), _older(version)
    found = [replace(small, keys="ecdsa-p256").cluster_id(topology, version)]
    if topology == "stacked":
        found.append(replace(small, authority=ELSEWHERE).cluster_id(topology, version, MANUAL))
    if older:
        found.append(replace(small, kubeadm=version).cluster_id(topology, older[0]))
        workers = replace(small, kubelets=",".join(older), workers=str(len(older)))
        found.append(workers.cluster_id(topology, version))
    return found


def mutable_ids(settings: Settings, topology: str, version: str) -> list[ClusterId]:
    """The cluster of a topology and version that scenarios change."""
    return [_small(settings).cluster_id(topology, version, mutable=True)]


def _small(settings: Settings) -> Settings:
    return replace(settings, control_planes="2", workers="1")


def _older(version: str) -> list[str]:
    """The minors before, newest first."""
    minor = Wanted.parse(version).minor
    return [f"1.{each}" for each in range(minor - 1, max(minor - _SKEW, OLDEST_MINOR) - 1, -1)]

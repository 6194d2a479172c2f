"""Two administrators: one whom RBAC binds, on every control plane, and one whom nothing stops, on the first alone.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm/, the warning about
super-admin.conf; kubernetes/kubernetes#121305
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fixtures.subjects.rbac import may_do_everything, until_all_say
from provision.cluster import Cluster

_BINDING = "kubeadm:cluster-admins"
CONFIGS = ["admin.conf", "super-admin.conf"]


@pytest.fixture
def unbound(mutable: Cluster) -> Iterator[Cluster]:
    """A cluster without the binding that makes administrators of kubeadm's group; put back afterwards."""
    found: Any = mutable.get("clusterrolebinding", _BINDING)
    role, group = found["roleRef"]["name"], found["subjects"][0]["name"]
    mutable.kubectl("delete", "clusterrolebinding", _BINDING)
    try:
        until_all_say(mutable, "admin.conf", "no")
        yield mutable
    finally:
        kubectl = "sudo kubectl --kubeconfig /etc/kubernetes/super-admin.conf"
        again = f"create clusterrolebinding {_BINDING} --clusterrole={role} --group={group}"
        mutable.control_planes[0].succeed(f"{kubectl} get clusterrolebinding {_BINDING} || {kubectl} {again}")
        until_all_say(mutable, "admin.conf", "yes")


@pytest.mark.parametrize("config", CONFIGS)
def test_administrator_may_do_everything(mutable: Cluster, config: str) -> None:
    assert set(may_do_everything(mutable, config).values()) == {"yes"}


def test_only_super_admin_conf_works_without_the_binding(unbound: Cluster) -> None:
    assert {config: set(may_do_everything(unbound, config).values()) for config in CONFIGS} == {
        "admin.conf": {"no"},
        "super-admin.conf": {"yes"},
    }


def test_bootstrap_token_phase_restores_the_administrators_binding(unbound: Cluster) -> None:
    """Whatever phase of init asks the API: by super-admin.conf, where that is still there."""
    unbound.control_planes[0].succeed("sudo kubeadm init phase bootstrap-token")
    until_all_say(unbound, "admin.conf", "yes")

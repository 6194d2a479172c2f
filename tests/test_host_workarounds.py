"""Host workarounds: which a host needs for a version, why, and what they set on a node."""

from __future__ import annotations

import pytest
import yaml

from provision.config.facts import Facts
from provision.config.versions import Version
from provision.node import host_workarounds, kubelet
from provision.node.host_workarounds import HostFacts

NEWEST = Facts(Version(37, 2))
HEALTHY = HostFacts(cgroup_version=2, may_raise_limits=True, conntrack_writable=True, swap=False, disk_free=0.9)
POOR = HostFacts(
    cgroup_version=1, may_raise_limits=False, conntrack_writable=False, swap=True, disk_free=0.1, emulated=True
)


def test_a_healthy_host_needs_no_workaround() -> None:
    assert host_workarounds.needed(HEALTHY, NEWEST) == ()
    assert kubelet.kubelet_files(()) == {}


def test_a_host_that_lacks_everything_needs_every_workaround() -> None:
    assert host_workarounds.needed(POOR, NEWEST) == host_workarounds.WORKAROUNDS


def test_an_old_version_needs_no_workaround_for_cgroup_v1() -> None:
    names = {each.name for each in host_workarounds.needed(POOR, Facts(Version(34, 4)))}
    assert names == {each.name for each in host_workarounds.WORKAROUNDS} - {"cgroup-v1"}


def test_the_reason_for_a_full_disk_has_the_share_that_is_available() -> None:
    (disk,) = (each for each in host_workarounds.WORKAROUNDS if each.name == "disk-pressure")
    assert "of which 10% is available" in disk.because(POOR)


@pytest.mark.parametrize("each", host_workarounds.WORKAROUNDS, ids=lambda each: each.name)
def test_each_workaround_has_a_reason_and_an_effect(each: host_workarounds.Workaround) -> None:
    assert (bool(each.reason), bool(each.effect)) == (True, True)


def test_the_kubelets_drop_in_is_a_kubelet_configuration() -> None:
    files = kubelet.kubelet_files({"cgroup-v1", "limits", "swap", "disk-pressure"})
    config = yaml.safe_load(files[f"{kubelet.KUBELET_CONFIG_DIR}/10-host.conf"])
    assert (config["kind"], config["failCgroupV1"], config["failSwapOn"]) == ("KubeletConfiguration", False, False)

"""Restoring etcd from a snapshot: in the documented order, on every member, and never without a snapshot."""

from __future__ import annotations

import re

import pytest

from provision.util.concurrency import NotYet
from provision.util.result import Result
from resilience.faults.kinds.restoring import Carried, revision_of_the_snapshot
from resilience.faults.scene import Scene, Shell
from tests.fake_machine import FakeMachine
from tests.test_faults_catalogue import named, scene

FAULT = named("etcd-quorum-lost-for-good")
_STOPPED = r"mv \S+/kube-apiserver\.yaml \S+stopped"
_STARTED = r"kube-apiserver\.yaml /etc/kubernetes/manifests/"
STATUS = '{"hash":1,"revision":1234,"totalKey":9,"totalSize":1}'


def lost(topology: str, **replies: str | Result) -> Scene:
    where = scene(topology, replies={re.compile(key): value for key, value in replies.items()})
    where.hit = FAULT.where(where)
    return where


def typed(where: Scene) -> list[str]:
    """What restores, line by line."""
    return [line for step in FAULT.undo(where) for line in step.by_hand(where).splitlines()]


@pytest.mark.parametrize(("topology", "survivor"), [("stacked", "cp3"), ("external", "etcd3")])
def test_the_snapshot_is_saved_before_anything_is_lost(topology: str, survivor: str) -> None:
    where = lost(topology)
    first, *others = FAULT.do(where)
    assert isinstance(first, Shell)
    assert first.machine.name == survivor
    assert "snapshot save /var/lib/etcd/" in first.command
    assert [each.machine.name for each in others if isinstance(each, Shell)] == where.names
    assert all("rm -rf /var/lib/etcd/member" in each.by_hand(where) for each in others)


@pytest.mark.parametrize("topology", ["stacked", "external"])
def test_api_servers_are_stopped_before_the_restore_and_started_when_all_members_are_healthy(topology: str) -> None:
    where = lost(topology)
    lines = typed(where)
    patterns = (_STOPPED, "snapshot restore", "endpoint health", _STARTED)
    stops, restores, heals, starts = (
        [place for place, line in enumerate(lines) if re.search(pattern, line)] for pattern in patterns
    )
    assert [len(each) for each in (stops, restores, heals, starts)] == [3, 3, 3, 3]
    assert max(stops) < min(restores) <= max(restores) < min(heals) <= max(heals) < min(starts)


@pytest.mark.parametrize("topology", ["stacked", "external"])
def test_every_member_is_restored_as_itself_with_higher_revisions(topology: str) -> None:
    where = lost(topology)
    members = where.cluster.etcd_members
    lines = [line for line in typed(where) if "snapshot restore" in line]
    for machine, line in zip(members, lines, strict=True):
        assert f"--name {machine.name} " in line
        assert f"--initial-advertise-peer-urls https://{machine.address}:2380 " in line
        assert all(f"{each.name}=https://{each.address}:2380" in line for each in members)
        assert "--bump-revision 1000000000 --mark-compacted" in line
        assert line.index("test -s /var/lib/kubeadm-ha-snapshot.db") < line.index("rm -rf")


def test_a_snapshot_is_carried_from_machine_to_machine_and_stays_in_no_home_folder() -> None:
    where = scene(replies={re.compile("^sudo -E -s"): "", re.compile("^sudo install -m 600"): ""})
    one, other = where.cluster.control_planes[:2]
    assert Carried(one, (other,), "/var/lib/a.db").do(where) == ""
    assert isinstance(one, FakeMachine)
    assert isinstance(other, FakeMachine)
    assert f"scp -p /var/lib/a.db ubuntu@{other.address}:a.db" in one.commands[0]
    assert other.commands == ["sudo install -m 600 /home/ubuntu/a.db /var/lib/a.db && rm -f /home/ubuntu/a.db"]


@pytest.mark.parametrize(("printed", "revision"), [([STATUS], 1234), ([], None), (["no such file"], None)])
def test_the_snapshot_s_revision_is_what_etcdutl_printed(printed: list[str], revision: int | None) -> None:
    where = lost("stacked")
    where.printed = printed
    assert revision_of_the_snapshot(where) == revision


@pytest.mark.parametrize(
    ("left", "healthy", "printed", "proved"),
    [
        (False, False, STATUS, True),
        (True, False, STATUS, False),
        (False, True, STATUS, False),
        (False, False, "", False),
    ],
)  # fmt: skip
def test_a_quorum_is_lost_where_the_data_are_and_the_others_are_not_healthy(
    left: bool, healthy: bool, printed: str, proved: bool
) -> None:
    answers = {"test -e /var/lib/etcd/member": Result(not left, "", ""), "endpoint health": Result(not healthy, "", "")}
    where = lost("stacked", **answers)
    where.printed = [printed]
    assert isinstance(FAULT.proof.seen(where, ""), NotYet) is not proved


def test_an_image_of_etcd_without_the_program_is_named() -> None:
    assert "etcdutl" in FAULT.lacks(lost("stacked", **{"sudo test -x /proc/": Result(1, "", "")}))
    assert FAULT.lacks(lost("stacked", **{"sudo test -x /proc/": ""})) == ""

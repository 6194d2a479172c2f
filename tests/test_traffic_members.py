"""The hash of each member of etcd at the end of traffic: of one revision, and waited for until it can be compared."""

from __future__ import annotations

import pytest

from provision.util.concurrency import NotYet
from provision.util.errors import TimedOut
from provision.util.result import Result
from resilience.histories.records import Member
from resilience.traffic import members
from tests.fake_machine import Replies
from tests.stand_ins import fake_cluster
from tests.traffic_cluster import HASHKV, cluster, hashed


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resilience.traffic.members._EQUAL", 0.2)


def test_hashes_are_those_of_one_revision_on_each_member() -> None:
    found = members.hashes(cluster(), 42)
    assert found == [Member(name, 42, 7, 3) for name in ("cp1", "cp2", "cp3")]


def test_hashes_that_differ_are_recorded_as_they_are() -> None:
    different: Replies = {HASHKV: lambda machine, _: hashed(8) if machine == "cp2" else hashed(7)}
    assert [each.hash for each in members.hashes(fake_cluster(different), 42)] == [7, 8, 7]


def test_members_are_waited_for_until_they_have_compacted_as_far_as_the_others() -> None:
    behind = iter([2])

    def answer(machine: str, _: str) -> str:
        return hashed(8, next(behind, 3)) if machine == "cp2" else hashed(7)

    assert len(members.hashes(fake_cluster({HASHKV: answer}), 42)) == 3


@pytest.mark.parametrize(
    "answer", [Result(1, "", "required revision is a future revision"), "", "[]", "{}", hashed(7, 9)]
)
@pytest.mark.usefixtures("impatient")
def test_a_member_without_a_hash_that_can_be_compared_is_an_error(answer: str | Result) -> None:
    with pytest.raises(TimedOut, match="revision 42"):
        members.hashes(fake_cluster({HASHKV: lambda machine, _: answer if machine == "cp3" else hashed(7)}), 42)


def test_a_hash_is_read_as_etcdctl_prints_it() -> None:
    assert not isinstance(members.read("cp1", hashed(7)), NotYet)
    never_compacted = '[{"Endpoint":"x","HashKV":{"header":{"revision":9},"hash":5,"hash_revision":9}}]'
    assert not isinstance(members.read("cp1", never_compacted), NotYet)

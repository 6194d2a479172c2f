"""What etcdctl of each release prints, and which etcd of a machine is talked to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from checks.collecting import reading_etcd as reading
from checks.collecting.machine import Visit
from checks.collecting.sections import Answers
from checks.facts.fact import Unknown
from checks.facts.machine import ETCD
from tests.simulated import answered

_HEADER = {"cluster_id": 14841639068965178418, "member_id": 10276657743932975437, "revision": 12345, "raft_term": 3}
_WARNINGS = (
    '{"level":"warn","ts":"2026-01-01T00:00:00Z","logger":"etcd-client","msg":"retrying of unary invoker failed"}\n'
    "Flag --x has been deprecated\n"
)
_MEMBERS = {"header": _HEADER, "members": [
    {"ID": 161, "name": "cp1", "peerURLs": ["https://10.0.0.11:2380"], "clientURLs": ["https://10.0.0.11:2379"]},
    {"ID": 162, "peerURLs": ["https://10.0.0.12:2380"], "isLearner": True},
]}  # fmt: skip


def given(name: str, value: Any, before: str = "", rc: int = 0) -> Answers:
    return answered(**{name.replace("-", "_"): (f"{before}{json.dumps(value)}\n", rc)})


@pytest.mark.parametrize("before", ["", _WARNINGS])
def test_members_are_read_behind_warnings(before: str) -> None:
    both = given("members", _MEMBERS, before).joined(given("alarms", {"header": _HEADER}, before))
    view = reading.view(both)
    assert [(each.id, each.name, each.learner) for each in view.members] == [("a1", "cp1", False), ("a2", "", True)]
    assert (view.members[1].client_urls, view.alarms, view.answers) == ((), (), {})


def test_warnings_alone_are_no_list_of_members() -> None:
    for output in (_WARNINGS, "", '{"header": {}}\n', "[]\n"):
        with pytest.raises(Unknown):
            reading.view(answered(members=output, alarms="{}"))


def test_alarms_are_named() -> None:
    alarms = {"alarms": [{"memberID": 161, "alarm": 1}, {"memberID": 162, "alarm": "CORRUPT"}, {"alarm": 9}]}
    view = reading.view(given("members", _MEMBERS).joined(given("alarms", alarms)))
    assert [(each.kind, each.member) for each in view.alarms] == [("NOSPACE", "a1"), ("CORRUPT", "a2"), ("9", "0")]


def test_members_that_do_not_answer_are_seen_by_the_one_that_was_requested() -> None:
    health = [
        {"endpoint": "https://10.0.0.11:2379", "health": True, "took": "9ms"},
        {"endpoint": "https://10.0.0.13:2379", "health": False, "error": "context deadline exceeded"},
    ]
    listed = {"members": [*_MEMBERS["members"], {"ID": 163, "clientURLs": ["https://10.0.0.13:2379"]}]}
    both = given("members", listed).joined(given("alarms", {})).joined(
        given("members-health", health, _WARNINGS, rc=1)
    )  # fmt: skip
    assert reading.view(both).answers == {"a1": "", "a3": "context deadline exceeded"}


_STATUS = {"header": _HEADER, "version": "3.5.9", "dbSize": 20, "leader": 161, "raftIndex": 9, "raftTerm": 3}


@pytest.mark.parametrize(
    ("more", "used", "quota"),
    [
        ({}, 0, 0), ({"raftAppliedIndex": 9, "dbSizeInUse": 10}, 10, 0),
        ({"dbSizeInUse": 10, "storageVersion": "3.6.0", "dbSizeQuota": 2147483648}, 10, 2147483648),
        ({"dbSizeInUse": "10"}, 10, 0),
    ],
)  # fmt: skip
def test_status_of_each_release(more: dict[str, Any], used: int, quota: int) -> None:
    found = reading.status(given("status", [{"Endpoint": "x", "Status": {**_STATUS, **more}}], _WARNINGS), 0)
    assert (found.id, found.cluster, found.leader) == ("8e9e05c52164694d", "cdf818194e3a8c32", "a1")
    assert (found.size, found.size_in_use, found.quota, found.term, found.revision) == (20, used, quota, 3, 12345)


def test_the_quota_of_the_flags_goes_before_the_one_that_is_reported() -> None:
    found = reading.status(given("status", [{"Status": {**_STATUS, "dbSizeQuota": 5, "errors": ["NOSPACE"]}}]), 7)
    assert (found.quota, found.errors) == (7, ("NOSPACE",))


@pytest.mark.parametrize("value", [[], {}, [1], [{"Status": 1}], [{}, {}], [{"Status": {"dbSize": "x"}}]])
def test_a_status_that_is_not_understood_is_unknown(value: Any) -> None:
    with pytest.raises(Unknown):
        reading.status(given("status", value), 0)


@pytest.mark.parametrize(("more", "revision"), [({}, 12200), ({"hash_revision": 12000}, 12000)])
def test_the_hash_of_each_release(more: dict[str, int], revision: int) -> None:
    found = reading.data_hash(
        given("hash", [{"HashKV": {"header": _HEADER, "hash": 4711, "compact_revision": 5, **more}}]), 12200
    )
    assert (found.hash, found.revision, found.compacted) == (4711, revision, 5)
    with pytest.raises(Unknown, match="no hash"):
        reading.data_hash(given("hash", [{"HashKV": {"header": _HEADER}}]), 0)


def test_members_that_answer_one_after_another_give_hashes_of_one_revision() -> None:
    assert {reading.hashed_at(each) for each in (12345, 12347, 12399)} == {12200}
    assert reading.hashed_at(150) == 0, "few: by the current revision"
    young = {"header": _HEADER, "hash": 4711, "compact_revision": -1}
    assert reading.data_hash(given("hash", [{"HashKV": young}]), 0).revision == 12345


_METRICS = """# HELP x
etcd_server_has_leader 1
etcd_server_leader_changes_seen_total 3
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} 10
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.002"} 980
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.004"} 995
etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} 1000
etcd_disk_wal_fsync_duration_seconds_count 1000
process_start_time_seconds 1.77e+09
"""


def test_metrics() -> None:
    found = reading.metrics(answered(etcd_metrics=_METRICS), 1770000100)
    assert (found.leader_changes, found.fsync_p99, found.has_leader, found.uptime) == (3, 0.004, True, 100)


def test_writes_that_take_longer_than_the_last_bucket_take_at_least_that() -> None:
    slow = _METRICS.replace('"0.004"} 995', '"0.004"} 985')
    assert reading.metrics(answered(etcd_metrics=slow), 0).fsync_p99 == 0.004


def test_metrics_without_writes_or_start_know_neither() -> None:
    found = reading.metrics(answered(etcd_metrics="etcd_server_has_leader 0\n"), 0)
    assert (found.has_leader, found.fsync_p99, found.uptime) == (False, None, None)


@pytest.mark.parametrize("text", ["", "404 page not found\n", "etcd_server_has_leader one\n"])
def test_another_page_is_not_a_page_of_metrics(text: str) -> None:
    with pytest.raises(Unknown):
        reading.metrics(answered(etcd_metrics=text), 0)


_FLAGS = "--cert-file=/p/s.crt --key-file=/p/s.key --trusted-ca-file=/p/ca.crt"


def visit(processes: str, address: str = "10.0.0.11", **more: str) -> Visit:
    return Visit("cp1", (ETCD,), address, given=answered(now="1770000000", processes=processes, **more))


@pytest.mark.parametrize(
    ("urls", "address", "endpoint"),
    [
        ("https://127.0.0.1:2379,https://10.0.0.11:2379", "10.0.0.11", "https://10.0.0.11:2379"),
        ("https://127.0.0.1:2379,https://10.0.0.110:2379", "10.0.0.11", "https://127.0.0.1:2379"),
        ("https://0.0.0.0:4001", "10.0.0.11", "https://127.0.0.1:4001"),
        ("https://[::]:2379", "fd00::11", "https://[::1]:2379"),
        ("https://[::1]:2379,https://[fd00::11]:2379", "fd00::11", "https://[fd00::11]:2379"),
    ],
)
def test_a_member_is_talked_to_where_it_listens(urls: str, address: str, endpoint: str) -> None:
    access, _ = visit(f"7 100 etcd --listen-client-urls={urls} {_FLAGS}", address).etcd
    assert (access.endpoint, access.process, access.authority) == (endpoint, 7, "/p/ca.crt")


def test_a_service_with_variables_in_a_file_is_talked_to_without_entering_it() -> None:
    found = visit(
        "7 100 /usr/local/bin/etcd",
        etcd_environment='ETCD_LISTEN_CLIENT_URLS="https://10.0.0.11:2379"\nETCD_CERT_FILE=/s/a.pem\n'
        "ETCD_KEY_FILE=/s/a-key.pem\nETCD_TRUSTED_CA_FILE='/s/ca.pem'\nETCD_LISTEN_PEER_URLS=https://10.0.0.11:4380\n",
        units="Id=etcd.service\nLoadState=loaded\nActiveState=active\n",
    )
    access, flags = found.etcd
    assert (access.process, access.certificate, flags["listen-peer-urls"]) == (0, "/s/a.pem", "https://10.0.0.11:4380")


def test_another_etcd_on_the_machine_is_passed_over() -> None:
    other = "5 100 etcd --listen-client-urls=http://127.0.0.1:6666"
    access, _ = visit(f"{other}\n7 100 etcd --listen-client-urls=https://10.0.0.11:2379 {_FLAGS}").etcd
    assert access.process == 7


@pytest.mark.parametrize(
    "flags",
    ["", "--listen-client-urls=http://a:1", f"--listen-client-urls=https://a;b:1 {_FLAGS}",
     f"--listen-client-urls=https://a:1 {_FLAGS} --cert-file=/a;b"],
)  # fmt: skip
def test_a_member_whose_flags_do_not_say_how_is_unknown(flags: str) -> None:
    with pytest.raises(Unknown, match="no client URL with https"):
        visit(f"7 100 etcd {flags}").etcd  # noqa: B018  # raises
    with pytest.raises(Unknown, match="no etcd runs on cp1"):
        visit("7 100 kubelet").etcd  # noqa: B018  # raises

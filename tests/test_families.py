"""Scenarios that judge what was recorded: each is green for what should be, and red for the one thing that is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fixtures.subjects.addons import ADDONS, Bereft
from fixtures.subjects.discoveries import Discovered, Discoveries
from fixtures.subjects.joins import Rejoin, Rejoins, Standing
from fixtures.subjects.rehearsals import Rehearsal, Rehearsals
from fixtures.subjects.traces import Trace
from provision.loadbalancer.availability import Outage
from scenarios import test_addon_config_maps as addons
from scenarios import test_discovery as discovery
from scenarios import test_dry_run as dry_run
from scenarios import test_reset as reset
from tests import configurations
from tests.configurations import cluster_with, configured
from tests.stand_ins import fake_cluster

CLUSTER = fake_cluster(name="stacked-uploaded-1.37-2cp-1w-mutable")
AT_REST = Trace({"/etc/kubernetes/admin.conf": "600 root:root 1 1 "}, ("kubelet.service ActiveState=active",),
                frozenset({"one"}), frozenset({"one"}), frozenset({"0.0.0.0:6443"}))  # fmt: skip
SCRATCH = {"/etc/kubernetes/tmp/": "700 root:root", "/etc/kubernetes/tmp/ca.key": "600 root:root 1 1 "}
REHEARSED = Rehearsal(0, "[dryrun] Would stop the kubelet service", AT_REST,
                      replace(AT_REST, files={**AT_REST.files, **SCRATCH}), {"a": "1"}, {"a": "1"})  # fmt: skip

NODE = {"metadata": {"uid": "1"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
SERIALS = {"apiserver.crt": 1, "kubelet": 1, "ca.crt": 1}
BEFORE = Standing(NODE, {"cp1": "a", "cp2": "b"}, SERIALS)
LEFT = Trace({"/var/lib/etcd/": "700 root:root", "/etc/kubernetes/kubelet.d/10-host.conf": "", "/etc/cni/net.d/a": ""},
             ("kubelet.service ActiveState=inactive", "containerd.service ActiveState=active"),
             frozenset(), frozenset(), frozenset())  # fmt: skip
AFTER = Standing(
    {**NODE, "metadata": {"uid": "2"}}, {"cp1": "a", "cp2": "c"}, SERIALS | {"apiserver.crt": 2, "kubelet": 2}
)
REJOINED = Rejoin(BEFORE, LEFT, Standing(NODE, {"cp1": "a"}, {}), "", AFTER, [Outage(1, 4.5)], 100)
JOINED = Discovered("", True, "CN=system:node:w2,O=system:nodes", f"https://{CLUSTER.endpoint}",
                    frozenset({"kubelet.conf", "pki/ca.crt", "kubelet.d/10-host.conf"}))  # fmt: skip
BEREFT = Bereft(True, frozenset(), frozenset(), frozenset(ADDONS))


def _rehearsals(found: Rehearsal) -> Rehearsals:
    return cast(Rehearsals, SimpleNamespace(attempt=lambda _: found))


def _rejoins(found: Rejoin) -> Rejoins:
    return cast(Rejoins, SimpleNamespace(of=lambda _: found))


def _discoveries(found: Discovered) -> Discoveries:
    return cast(Discoveries, SimpleNamespace(joined=lambda _: found))


DRY = {
    dry_run.test_dry_run_succeeds: {"rc": 1},
    dry_run.test_dry_run_says_what_it_would_do: {"output": "done"},
    dry_run.test_dry_run_leaves_the_machine_unchanged: {
        "after": replace(AT_REST, files={**AT_REST.files, "/etc/new": ""})
    },
    dry_run.test_dry_run_leaves_the_cluster_unchanged: {"objects_after": {"a": "1", "b": "2"}},
    dry_run.test_dry_run_files_are_readable_by_root_only: {
        "after": replace(AT_REST, files={**SCRATCH, "/etc/kubernetes/tmp/": "755 root:root"})
    },
}


@pytest.mark.parametrize(("scenario", "wrong"), DRY.items())
def test_dry_run_is_judged(scenario: Callable[[Rehearsals, str], None], wrong: dict[str, Any]) -> None:
    _green_then_red(lambda found: scenario(_rehearsals(found), "reset_of_a_worker"), REHEARSED, wrong)


def test_a_node_without_a_container_that_runs_was_not_read() -> None:
    none = replace(AT_REST, running=frozenset())
    _green_then_red(
        lambda found: dry_run.test_dry_run_leaves_the_machine_unchanged(_rehearsals(found), "reset_of_a_worker"),
        replace(REHEARSED, after=AT_REST), {"before": none, "after": none},
    )  # fmt: skip


def test_a_dry_run_that_is_known_to_write_has_to_write_just_that() -> None:
    after = replace(AT_REST, files={**AT_REST.files, "/etc/known": ""})
    _green_then_red(
        lambda found: dry_run.test_dry_run_leaves_the_machine_unchanged(_rehearsals(found), "reset_of_a_worker"),
        replace(REHEARSED, after=after, in_earnest=frozenset({"/etc/known"})), {"after": AT_REST},
    )  # fmt: skip


def _left(**files: str) -> dict[str, Any]:
    return {"left": replace(LEFT, files={**LEFT.files, **files})}


RESET: list[tuple[Callable[[Rejoins], None], dict[str, Any]]] = [
    (lambda r: reset.test_reset_leaves_no_file_of_kubeadms(CLUSTER, r, "worker"),
     _left(**{"/etc/kubernetes/pki/ca.crt": ""})),
    (lambda r: reset.test_reset_leaves_no_data_of_etcd(r, "worker"), _left(**{"/var/lib/etcd/member/": ""})),
    (lambda r: reset.test_reset_leaves_no_state_of_the_kubelet(r, "worker"), _left(**{"/var/lib/kubelet/a": ""})),
    (lambda r: reset.test_reset_stops_only_the_kubelet(r, "worker"), {"left": replace(LEFT, units=AT_REST.units)}),
    (lambda r: reset.test_reset_leaves_no_container(r, "worker"), {"left": replace(LEFT, containers=frozenset("a"))}),
    (lambda r: reset.test_reset_leaves_the_pod_networks_configuration(r, "worker"), {"left": replace(LEFT, files={})}),
    (lambda r: reset.test_reset_leaves_the_node_object(r, "worker"), {"meanwhile": Standing({}, {}, {})}),
    (lambda r: reset.test_reset_removes_its_member_from_etcd(CLUSTER, r), {"meanwhile": BEFORE}),
    (lambda r: reset.test_reset_machine_joins_again(r, "worker"), {"failure": "no"}),
    (lambda r: reset.test_reset_machine_joins_again(r, "worker"), {"after": Standing({}, {}, {})}),
    (lambda r: reset.test_rejoined_node_is_a_new_object(r, "worker"), {"after": BEFORE}),
    (lambda r: reset.test_rejoined_kubelet_has_a_new_certificate(r, "worker"), {"after": BEFORE}),
    (lambda r: reset.test_rejoined_control_plane_has_new_certificates(r, "apiserver"), {"after": BEFORE}),
    (lambda r: reset.test_rejoined_control_plane_has_the_same_authorities(r, "ca"),
     {"after": replace(AFTER, serials=SERIALS | {"ca.crt": 2})}),
    (lambda r: reset.test_rejoined_control_plane_has_a_new_etcd_member(CLUSTER, r), {"after": BEFORE}),
    (lambda r: reset.test_rejoined_control_plane_has_a_new_etcd_member(CLUSTER, r),
     {"after": replace(AFTER, members={"cp1": "z", "cp2": "c"})}),
    (lambda r: reset.test_api_answers_during_reset_and_rejoin(r, "worker"), {"gaps": [Outage(1, 5.5)]}),
    (lambda r: reset.test_api_answers_during_reset_and_rejoin(r, "worker"), {"gaps": [], "requests": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "wrong"), RESET)
def test_reset_is_judged(scenario: Callable[[Rejoins], None], wrong: dict[str, Any]) -> None:
    _green_then_red(lambda found: scenario(_rejoins(found)), REJOINED, wrong)


def test_reset_may_leave_what_the_configuration_names() -> None:
    policy, key = "/etc/kubernetes/audit.yaml", "/etc/kubernetes/pki/ca.key"
    cluster = cluster_with(configured(configurations.CLUSTER, **{policy: "kind: Policy"}))
    _green_then_red(
        lambda found: reset.test_reset_leaves_no_file_of_kubeadms(cluster, _rejoins(found), "control-plane"),
        replace(REJOINED, **_left(**{policy: ""})),
        _left(**{policy: "", key: ""}),
    )


def test_a_workers_reset_that_takes_a_member_along_is_red() -> None:
    _green_then_red(
        lambda found: reset.test_reset_of_a_worker_leaves_the_etcd_members_unchanged(_rejoins(found)),
        replace(REJOINED, meanwhile=BEFORE),
        {"meanwhile": Standing(NODE, {"cp1": "a"}, {})},
    )


DISCOVERY: list[tuple[Callable[[Discoveries], None], dict[str, Any]]] = [
    (lambda d: discovery.test_worker_that_joined_by_file_is_ready(d, ""), {"failure": "no"}),
    (lambda d: discovery.test_worker_that_joined_by_file_is_ready(d, ""), {"ready": False}),
    (
        lambda d: discovery.test_kubelet_that_joined_by_file_has_its_own_certificate(CLUSTER, d, ""),
        {"client": "CN=joining"},
    ),
    (
        lambda d: discovery.test_kubelet_that_joined_by_file_uses_the_endpoint(CLUSTER, d, ""),
        {"server": "https://198.18.0.11:6443"},
    ),
    (
        lambda d: discovery.test_join_by_file_leaves_only_kubelet_conf_and_the_ca(d, ""),
        {"files": JOINED.files | {"discovery.conf"}},
    ),
]


@pytest.mark.parametrize(("scenario", "wrong"), DISCOVERY)
def test_discovery_is_judged(scenario: Callable[[Discoveries], None], wrong: dict[str, Any]) -> None:
    _green_then_red(lambda found: scenario(_discoveries(found)), JOINED, wrong)


@pytest.mark.parametrize(
    ("scenario", "wrong"),
    [
        (addons.test_worker_joins_without_addon_config_maps, {"joined": False}),
        (addons.test_worker_joins_without_addon_config_maps, {"after_join": frozenset({"coredns"})}),
        (addons.test_upgrade_does_not_restore_disabled_addons, {"after_upgrade_without": frozenset({"coredns"})}),
        (addons.test_upgrade_restores_addons_that_are_not_disabled, {"after_upgrade_with": frozenset()}),
    ],
)
def test_addons_are_judged(scenario: Callable[[Bereft], None], wrong: dict[str, Any]) -> None:
    _green_then_red(scenario, BEREFT, wrong)


def _green_then_red(scenario: Callable[[Any], None], right: Any, wrong: dict[str, Any]) -> None:
    scenario(right)
    with pytest.raises(AssertionError):
        scenario(replace(right, **wrong))

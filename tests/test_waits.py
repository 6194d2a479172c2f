"""Waiting for something: only an explicit result ends it, and a command that died without words is a refusal."""

from __future__ import annotations

import contextvars
import json
import re
import subprocess
import threading
from collections.abc import Callable
from typing import cast

import pytest

from fixtures.subjects.outages import Outages
from provision.cluster import Cluster
from provision.config import limits
from provision.config.topology import Role
from provision.etcd import members
from provision.kubeadm import external_ca, static_pods, upgrading, waits
from provision.machines.machine import Machine
from provision.providers.inventory import facts
from provision.util.concurrency import NotYet, _interrupted, wait_until
from provision.util.errors import CommandFailed, Interrupted, TimedOut, Unreachable
from provision.util.result import Result
from tests.fake_machine import Key, Replies
from tests.stand_ins import commands, fake_cluster

KILLED = Result(137, "", "")
SILENT = "exited with 137 and printed nothing"


READYZ = re.compile(r"^curl .*/readyz$")
HEALTH = re.compile(r"etcdctl .* endpoint health --cluster( --write-out=json)?$")
STATIC_PODS = "ps -o comm= -C kube-apiserver,kube-controller,kube-scheduler,etcd"
LOOK = facts.script("endpoint", Role.CONTROL_PLANE)


def _answering(command: Key, result: Result) -> Cluster:
    return fake_cluster({command: result}, name="external-uploaded-1.37")


def test_a_check_must_not_answer_with_text() -> None:
    """An empty text would be taken for success, as it was."""
    with pytest.raises(TypeError, match="the sun is up: the check returned ''"):
        wait_until(cast(Callable[[], None], lambda: ""), timeout=1, what="the sun is up")


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (KILLED, SILENT),
        (Result(1, "", " \n"), "exited with 1 and printed nothing"),
        (Result(1, "out", ""), "out"),
        (Result(1, "out", "err\n"), "err"),
    ],
)
def test_a_refusal_has_words_even_where_the_command_had_none(result: Result, reason: str) -> None:
    assert result.refusal == NotYet(reason)


def test_a_command_that_succeeds_with_warnings_is_not_refused() -> None:
    assert Result(0, "", "Warning: ignoring DaemonSet-managed Pods").refusal is None


WAITS: list[tuple[str, Key, Callable[[Cluster], object]]] = [
    ("cp2 is drained", re.compile(r"kubectl drain cp2 "), lambda each: upgrading.drain(each, each.machines["cp2"])),
    ("every API server is ready", READYZ, upgrading.wait_for_apis),
    ("every etcd member is healthy", HEALTH, members.wait_until_healthy),
]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "API_READY", 0)
    monkeypatch.setattr(limits, "ETCD_HEALTHY", 0)


@pytest.mark.parametrize(("what", "command", "wait"), WAITS, ids=[what for what, *_ in WAITS])
def test_a_command_that_was_killed_does_not_end_a_wait(
    impatient: None, what: str, command: Key, wait: Callable[[Cluster], object]
) -> None:
    with pytest.raises(TimedOut, match=what) as caught:
        wait(_answering(command, KILLED))
    assert SILENT in caught.value.answer


@pytest.mark.parametrize(("what", "command", "wait"), WAITS, ids=[what for what, *_ in WAITS])
def test_a_success_with_warnings_ends_the_wait(
    impatient: None, what: str, command: Key, wait: Callable[[Cluster], object]
) -> None:
    wait(_answering(command, Result(0, "ok", "a warning")))


def test_an_api_server_is_ready_when_curl_succeeds_and_it_says_ok() -> None:
    answers = [(Result(0, "ok", ""), True), (Result(0, "", ""), False), (Result(22, "ok", ""), False), (KILLED, False)]
    for result, ready in answers:
        cluster = _answering(READYZ, result)
        assert (waits.api_refusal(cluster.control_planes[0]) is None) is ready
        assert Outages(cluster).ready(cluster.control_planes[0]) is ready


def test_a_search_for_static_pods_prints_no_warning_where_there_are_none() -> None:
    """A program that warns where it found none would never be believed: as pgrep does, of so long a pattern."""
    done = subprocess.run(STATIC_PODS.split(), capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode in (0, 1), done.stderr) == (True, "")
    assert max(map(len, STATIC_PODS.split()[-1].split(","))) <= 15  # as the kernel cuts them


@pytest.mark.parametrize(
    ("result", "gone"),
    [
        (Result(1, "", ""), True),  # ps's way to say that it found none
        (Result(0, "etcd\n", ""), False),
        (Result(127, "", "ps: not found"), False),
        (KILLED, False),
    ],
)
def test_static_pods_are_gone_when_ps_found_none(result: Result, gone: bool) -> None:
    machine: Machine = _answering(STATIC_PODS, result).control_planes[0]
    assert (static_pods.still_running(machine) is None) is gone


def test_a_cluster_is_not_whole_while_kubectl_is_killed() -> None:
    replies: Replies = {
        READYZ: "ok",
        HEALTH: json.dumps([{"endpoint": name, "health": True} for name in "abc"]),
        re.compile(r"kubectl wait --for=condition=Ready node --all --timeout=1s$"): KILLED,
    }
    assert Outages(fake_cluster(replies))._what_is_missing() == NotYet(SILENT)


def test_a_wait_ends_when_its_work_is_interrupted() -> None:
    def off() -> None:
        event = threading.Event()
        event.set()
        _interrupted.set(event)
        with pytest.raises(Interrupted):
            wait_until(lambda: NotYet("still dark"), timeout=60, what="the sun is up")

    contextvars.copy_context().run(off)


def test_a_list_of_workloads_that_fails_or_is_empty_is_not_taken_for_ready() -> None:
    """The shell does not ask whether $(…) in a loop's own line succeeded: nothing listed, nothing missing."""
    cluster = fake_cluster({re.compile(r"^sudo \S+ kubectl -n kube-system wait --for=condition=Ready node cp1 "): ""})
    waits.wait_until_ready(cluster)
    [ran] = commands(cluster, "cp1")
    script = re.sub(r"sudo \S+ kubectl", "kubectl", ran)
    for listed, ready in (("echo daemonset/kube-proxy", True), ("true", False), ("false", False)):
        kubectl = f'kubectl() {{ case "$*" in *"get daemonset"*) {listed};; esac; }}'
        assert (subprocess.run(["sh", "-c", f"{kubectl}; {script}"], timeout=20).returncode == 0) is ready, listed


def test_a_machine_without_an_answer_is_not_taken_for_empty() -> None:
    whole = "".join(f"== {name}\n" for name in facts._SECTIONS)
    assert facts.survey(_answering(LOOK, Result(1, whole, "")).control_planes[0], "endpoint").files == []
    for output in ("", whole.split("== swap")[0]):
        with pytest.raises(Unreachable, match=r"on cp1: `echo == (name|swap)` is not answered"):
            facts.survey(_answering(LOOK, Result(137, output, "")).control_planes[0], "endpoint")


def test_a_machine_without_requests_for_certificates_is_an_error() -> None:
    replies: Replies = {
        re.compile(r"^sudo install -D -m 644 /dev/stdin /etc/kubernetes/pki/(etcd/|front-proxy-)?ca\.crt$"): "",
        re.compile(r"\nfor file in \$\(find \. -name '\*\.csr'\); do "): "",
    }
    cluster = fake_cluster(replies, name="stacked-manual-1.37-ca-elsewhere")
    external_ca.make(cluster)
    with pytest.raises(CommandFailed, match="/etc/kubernetes has no request for a certificate"):
        external_ca.sign(cluster)

"""Waiting for something: only an explicit result ends it, and a command that died without words is a refusal."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import cast

import pytest

from fixtures.losses import Losses
from provision.cluster import Cluster
from provision.errors import Interrupted, TimedOut
from provision.etcd import members
from provision.kubeadm import restarting, settle, upgrading
from provision.machines.machine import Machine, Result
from provision.together import NotYet, _interrupted, wait_until
from tests.stand_ins import fake_cluster

KILLED = Result(137, "", "")
SILENT = "exited with 137 and said nothing"


def _answering(result: Result) -> Cluster:
    return fake_cluster(lambda _machine, _command: result)


def test_a_check_must_not_answer_with_text() -> None:
    """An empty text would be taken for success, as it was."""
    with pytest.raises(TypeError, match="the sun is up: the check returned ''"):
        wait_until(cast(Callable[[], None], lambda: ""), timeout=1, what="the sun is up")


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (KILLED, SILENT),
        (Result(1, "", " \n"), "exited with 1 and said nothing"),
        (Result(1, "out", ""), "out"),
        (Result(1, "out", "err\n"), "err"),
    ],
)
def test_a_refusal_has_words_even_where_the_command_had_none(result: Result, reason: str) -> None:
    assert result.refusal == NotYet(reason)


def test_warnings_are_no_refusal() -> None:
    assert Result(0, "", "Warning: ignoring DaemonSet-managed Pods").refusal is None


WAITS: list[tuple[str, Callable[[Cluster], object]]] = [
    ("cp2 is drained", lambda cluster: upgrading._drain(cluster, cluster.machines["cp2"])),
    ("every API server is ready", lambda cluster: upgrading._wait_for_apis(cluster)),
    ("every etcd member is healthy", lambda cluster: members.wait_until_healthy(cluster)),
]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrading, "_API_TIMEOUT", 0)
    monkeypatch.setattr(members, "_HEALTHY_TIMEOUT", 0)


@pytest.mark.parametrize(("what", "wait"), WAITS, ids=[what for what, _ in WAITS])
def test_a_command_that_was_killed_is_no_success(impatient: None, what: str, wait: Callable[[Cluster], object]) -> None:
    cluster = fake_cluster(lambda _machine, _command: KILLED, name="external-uploaded-1.37")
    with pytest.raises(TimedOut, match=what) as caught:
        wait(cluster)
    assert SILENT in caught.value.answer


@pytest.mark.parametrize(("what", "wait"), WAITS, ids=[what for what, _ in WAITS])
def test_a_success_with_warnings_ends_the_wait(impatient: None, what: str, wait: Callable[[Cluster], object]) -> None:
    cluster = fake_cluster(lambda _machine, _command: Result(0, "ok", "a warning"), name="external-uploaded-1.37")
    wait(cluster)


def test_an_api_server_is_ready_when_curl_succeeds_and_it_says_ok() -> None:
    answers = [(Result(0, "ok", ""), True), (Result(0, "", ""), False), (Result(22, "ok", ""), False), (KILLED, False)]
    for result, ready in answers:
        cluster = _answering(result)
        assert (settle.api_refusal(cluster.control_planes[0]) is None) is ready
        assert Losses(cluster).ready(cluster.control_planes[0]) is ready


@pytest.mark.parametrize(
    ("result", "gone"),
    [
        (Result(1, "", ""), True),  # pgrep's way to say that it found none
        (Result(0, "41 etcd\n", ""), False),
        (Result(127, "", "pgrep: not found"), False),
        (KILLED, False),
    ],
)
def test_static_pods_are_gone_when_pgrep_found_none(result: Result, gone: bool) -> None:
    machine: Machine = _answering(result).control_planes[0]
    assert (restarting._still_running(machine) is None) is gone


def test_a_cluster_is_not_whole_while_kubectl_is_killed() -> None:
    def answer(_machine: str, command: str) -> Result:
        if "readyz" in command:
            return Result(0, "ok", "")
        if "endpoint health" in command:
            return Result(0, '[{"endpoint": "a", "health": true}, {"endpoint": "b", "health": true},'
                          ' {"endpoint": "c", "health": true}]', "")  # fmt: skip
        return KILLED

    assert Losses(fake_cluster(answer))._what_is_missing() == NotYet(SILENT)


def test_a_wait_that_was_called_off_ends() -> None:
    def off() -> None:
        event = threading.Event()
        event.set()
        _interrupted.set(event)
        with pytest.raises(Interrupted):
            wait_until(lambda: NotYet("still dark"), timeout=60, what="the sun is up")

    contextvars.copy_context().run(off)

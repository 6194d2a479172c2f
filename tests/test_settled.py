"""Requests right after a change, to API servers, listeners and controllers that each learn of it in their own time."""

from __future__ import annotations

import base64
import json
import re

import pytest

from fixtures.subjects import rbac, tokens, traces
from fixtures.subjects.preflight import Preflight
from provision.cluster import Cluster
from provision.util import concurrency
from provision.util.errors import TimedOut
from provision.util.result import Result
from tests.fake_machine import Replies
from tests.stand_ins import commands, fake_cluster


class Clock:
    """Time passes only by waiting, and at once."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(concurrency, "time", clock)
    return clock


def cluster_of(replies: Replies) -> Cluster:
    return fake_cluster(replies, name="stacked-uploaded-1.37-mutable")


CAN_I = re.compile(r"^sudo kubectl --kubeconfig /etc/kubernetes/admin\.conf --server \S+ auth can-i '\*' '\*' -A$")


class Informers:
    """API servers that hear of a change at different times, in seconds; one that is never is so with None."""

    def __init__(self, clock: Clock, **heard: float | None) -> None:
        self._clock, self._heard = clock, heard

    def __call__(self, _machine: str, command: str) -> Result:
        server = command.split("--server https://198.18.0.")[1].split(":")[0]
        number = int(server) - 10
        heard = self._heard[f"cp{number}"]
        hears = heard is not None and self._clock.now >= heard
        return Result(1, "no\n", "") if hears else Result(0, "yes\n", "")


def test_every_api_server_is_waited_for_after_a_change_of_rbac(clock: Clock) -> None:
    cluster = cluster_of({CAN_I: Informers(clock, cp1=0, cp2=0.5, cp3=7)})
    rbac.until_all_say(cluster, "admin.conf", "no")
    assert rbac.may_do_everything(cluster, "admin.conf") == {"cp1": "no", "cp2": "no", "cp3": "no"}
    assert 7 <= clock.now < 8


def test_an_api_server_that_never_hears_of_it_is_named(clock: Clock) -> None:
    cluster = cluster_of({CAN_I: Informers(clock, cp1=0, cp2=None, cp3=0)})
    with pytest.raises(TimedOut, match=r"every API server answers no to .*: not after 30 s") as caught:
        rbac.until_all_say(cluster, "admin.conf", "no")
    assert "'cp2': 'yes'" in caught.value.answer


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_an_api_server_that_does_not_answer_is_taken_neither_for_yes_nor_for_no(answer: str) -> None:
    cluster = cluster_of({CAN_I: Result(137, "", "")})
    with pytest.raises(TimedOut):
        rbac.until_all_say(cluster, "admin.conf", answer)


def _listening_after(clock: Clock, seconds: float) -> Replies:
    def listening(_machine: str, _command: str) -> str:
        return "LISTEN 0 1 0.0.0.0:10250 0.0.0.0:*\n" if clock.now >= seconds else ""

    return {
        re.compile(r"^mkdir -p /tmp/kubeadm-ha-preflight$"): "",
        re.compile(r"^sudo systemd-run .* nc -l -k 10250$"): "",
        "ss -Hltn 'sport = :10250'": listening,
        re.compile(r"^sudo install -D -m 644 /dev/stdin kubeadm-config\.yaml$"): "",
        re.compile(r"^sudo kubeadm init phase preflight "): "",
        re.compile(r"^sudo systemctl stop kubeadm-ha-preflight; "): "",
    }


@pytest.mark.parametrize("seconds", [0, 3])
def test_kubeadm_runs_once_the_port_is_in_use(clock: Clock, seconds: float) -> None:
    cluster = cluster_of(_listening_after(clock, seconds))
    Preflight(cluster).look("with_a_port_in_use")
    order = [
        next((word for word in ("systemd-run", "ss -Hltn", "kubeadm init") if word in each), "")
        for each in commands(cluster, "cp4")
    ]
    assert [each for each in dict.fromkeys(order) if each] == ["systemd-run", "ss -Hltn", "kubeadm init"]
    assert clock.now >= seconds


def test_a_program_that_does_not_listen_uses_no_port(clock: Clock) -> None:
    cluster = cluster_of(_listening_after(clock, 1e9))
    with pytest.raises(TimedOut, match="`nc -l -k 10250` listens on cp4: not after 20 s"):
        Preflight(cluster).look("with_a_port_in_use")


def _token(identity: str, signing: str = "true") -> dict[str, object]:
    data = {"token-id": identity, "usage-bootstrap-signing": signing}
    return {"data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}}


def _signer(clock: Clock, tokens: list[dict[str, object]], *signed: str, after: float = 0) -> Replies:
    def info(_machine: str, _command: str) -> str:
        names = signed if clock.now >= after else signed[:-1]
        return json.dumps({"data": {"kubeconfig": "", **{f"jws-kubeconfig-{name}": "" for name in names}}})

    return {
        re.compile(r" kubectl get secrets -n kube-system "): json.dumps({"items": tokens}),
        re.compile(r" kubectl get configmap cluster-info -n kube-public "): info,
    }


def test_a_signature_that_is_still_to_come_is_waited_for(clock: Clock) -> None:
    there = [_token("aaaaaa"), _token("bbbbbb"), _token("cccccc", "false")]
    cluster = cluster_of(_signer(clock, there, "aaaaaa", "bbbbbb", after=4))
    tokens.wait_until_settled(cluster)
    assert 4 <= clock.now < 5


@pytest.mark.parametrize("signed", [("aaaaaa",), ("aaaaaa", "bbbbbb", "dddddd")])
def test_a_signature_that_is_missing_or_left_over_is_named(clock: Clock, signed: tuple[str, ...]) -> None:
    cluster = cluster_of(_signer(clock, [_token("aaaaaa"), _token("bbbbbb")], *signed))
    with pytest.raises(TimedOut, match="cluster-info is signed for every token: not after 60 s") as caught:
        tokens.wait_until_settled(cluster)
    assert "bbbbbb" in caught.value.answer


def _pods(clock: Clock, ended: float) -> Replies:
    ending = {"kind": "Pod", "metadata": {"namespace": "kube-system", "name": "coredns-old", "deletionTimestamp": "…"}}
    stays = {"kind": "Pod", "metadata": {"namespace": "kube-system", "name": "coredns-new"}}

    def pods(_machine: str, _command: str) -> str:
        return json.dumps({"items": [stays, ending] if clock.now < ended else [stays]})

    return {re.compile(r" kubectl get pods -A "): pods}


@pytest.mark.parametrize("seconds", [0, 31])
def test_a_pod_that_a_rollout_replaced_is_waited_for(clock: Clock, seconds: float) -> None:
    traces.wait_until_no_pod_ends(cluster_of(_pods(clock, seconds)))
    assert seconds <= clock.now < seconds + 1


def test_a_pod_that_never_ends_is_named(clock: Clock) -> None:
    with pytest.raises(TimedOut, match="no pod is being deleted: not after 120 s") as caught:
        traces.wait_until_no_pod_ends(cluster_of(_pods(clock, 1e9)))
    assert "Pod kube-system/coredns-old" in caught.value.answer
    assert "coredns-new" not in caught.value.answer

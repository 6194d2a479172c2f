"""A whole run of traffic, on objects in memory: it ends cleanly whatever ends it, and leaves nothing on the cluster."""

from __future__ import annotations

import io
import re
import threading
from pathlib import Path

import pytest

from provision.util.errors import CommandFailed, TimedOut, Unreachable
from provision.util.result import Result
from resilience.histories import files
from resilience.histories.records import Answered, Change, Invoked, Loss, Member, Outcome, Watched
from resilience.traffic import recorder
from resilience.traffic.clients import Client
from resilience.traffic.recorder import Recorder
from resilience.traffic.traffic import INJECTED, Traffic
from resilience.traffic.transport import Lost, Request, Response
from resilience.traffic.ways import KEYS, Ways
from tests.objects_in_memory import InMemory
from tests.stand_ins import commands
from tests.traffic_cluster import REMOVE, cluster


class Watching:
    """Stands in for a watch that sends everything."""

    def __init__(self, recorder: Recorder, server: InMemory) -> None:
        self.name, self._recorder, self._server = "watch/1", recorder, server
        self._ended = threading.Event()

    @property
    def revision(self) -> int:
        return self._server.revision

    def work(self, stopped: threading.Event) -> None:
        self._recorder.watched(Watched(self.name, 1, Change.STARTED, 0.0, 1))
        self._ended.wait(30)
        self._recorder.watched(Watched(self.name, 1, Change.ENDED, 0.0, 1))

    def interrupt(self) -> None:
        self._ended.set()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> InMemory:
    """What all clients write to, eight times as fast as on a cluster, and without a client in a pod."""
    made = InMemory()
    monkeypatch.setattr("resilience.traffic.traffic.EVERY", 0.05)
    monkeypatch.setattr(Ways, "_direct", lambda self, place, keep: made)
    monkeypatch.setattr(Ways, "watchers", lambda self: [Watching(self._recorder, made)])
    monkeypatch.setattr("resilience.traffic.place.make", lambda cluster, namespace, machine: cluster and "")
    clients = Ways.clients
    monkeypatch.setattr(Ways, "clients", lambda self, machine, uid: clients(self, None, ""))
    return made


def wait(folder: Path, operations: int) -> None:
    pause = threading.Event()
    for _ in range(300):
        if (folder / files.HISTORY).read_text().count("answered") >= operations:
            return
        pause.wait(0.05)
    raise AssertionError("there is too little traffic")


def threads() -> list[str]:
    return [each.name for each in threading.enumerate() if "/" in each.name or each.name == "delays"]


def test_a_run_that_is_finished_has_reads_of_everything_and_the_hash_of_each_member(
    server: InMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # how busy the host is beside this test is not what it is about: test_resilience_availability.py has the limit
    monkeypatch.setattr("resilience.traffic.validity.LATEST", 60.0)
    one = cluster()
    with Traffic.on(one, tmp_path, seed=3) as traffic:
        wait(tmp_path, 200)
        mark = traffic.mark(INJECTED)
        finished = traffic.finish()
        assert traffic.finish() is finished
    assert threads() == []
    records = list(files.read(finished.history))
    invoked = {each.id: each for each in records if isinstance(each, Invoked)}
    answers = [each for each in records if isinstance(each, Answered)]
    assert len(answers) == len(invoked)
    final = [each for each in answers if invoked[each.id].client == "final"]
    assert [invoked[each.id].key for each in final] == [*KEYS, ""]
    assert final[-1].revision == server.revision
    assert {key: held.value for key, held in final[-1].objects.items()} == {
        key: each["data"]["value"] for key, each in server.objects.items()
    }
    assert [each for each in records if isinstance(each, Member)] == [
        Member(name, server.revision, 7, 3) for name in ("cp1", "cp2", "cp3")
    ]
    assert {each.client for each in invoked.values()} == {
        "api/cp1", "api/cp2", "api/cp3", "balancer-new/1", "balancer-new/2", "balancer-kept", "final",
    }  # fmt: skip
    assert (finished.at(INJECTED), recorder.marks(tmp_path)) == (mark.at, [mark])
    assert finished.void == ()
    assert isinstance(records[-1], Member)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_whatever_ends_a_run_its_threads_end_and_its_namespace_is_removed(
    server: InMemory, tmp_path: Path, error: type[BaseException]
) -> None:
    one = cluster()

    def run() -> None:
        with Traffic.on(one, tmp_path):
            wait(tmp_path, 20)
            raise error

    with pytest.raises(error):
        run()
    assert threads() == []
    assert REMOVE.search(commands(one, "cp1")[-1])
    records = list(files.read(tmp_path / files.HISTORY))
    assert sum(isinstance(each, Invoked) for each in records) == sum(isinstance(each, Answered) for each in records)


def test_a_namespace_that_cannot_be_removed_is_named_with_the_command_that_does(
    server: InMemory, tmp_path: Path
) -> None:
    out = io.StringIO()
    with Traffic.on(cluster(remove=Unreachable("gone")), tmp_path, out=out):
        pass
    assert re.search(
        r"^Try: \./run ssh stacked-uploaded-1\.37 cp1 sudo KUBECONFIG=\S+ kubectl delete namespace kubeadm-ha-traffic-",
        out.getvalue(), re.MULTILINE,
    )  # fmt: skip


def test_another_control_plane_removes_the_namespace_where_the_first_is_gone(server: InMemory, tmp_path: Path) -> None:
    out = io.StringIO()

    def gone(machine: str, command: str) -> Result:
        return Result(1, "", "refused") if machine == "cp1" else Result(0, "", "")

    one = cluster(remove=gone)
    with Traffic.on(one, tmp_path, out=out):
        pass
    assert out.getvalue() == ""
    assert REMOVE.search(commands(one, "cp2")[-1])


def test_a_defect_of_a_client_is_raised_at_the_end(
    server: InMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def turn(self: Client) -> None:
        begun.set()
        raise KeyError("a defect")

    monkeypatch.setattr(Client, "turn", turn)
    with Traffic.on(cluster(), tmp_path) as traffic:
        assert begun.wait(10)
        with pytest.raises(KeyError):
            traffic.finish()
    assert threads() == []


def test_reads_at_the_end_that_are_never_answered_are_an_error_with_the_last_answer(
    server: InMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(request: Request) -> Response:
        raise Lost(Loss.REFUSED, "nothing listens", sent=False)

    monkeypatch.setattr("resilience.traffic.traffic._FINAL", 0.3)
    with Traffic.on(cluster(), tmp_path) as traffic:
        monkeypatch.setattr(server, "exchange", never)
        with pytest.raises(TimedOut) as raised:
            traffic.finish()
    assert raised.value.answer == "nothing listens"


def test_a_pods_machine_without_ssh_is_an_error_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("resilience.traffic.place.make", lambda *_: "uid")
    one = cluster()
    with pytest.raises(CommandFailed, match="no way into its pods"), Traffic.on(one, tmp_path):
        raise AssertionError("it is not reached")
    assert REMOVE.search(commands(one, "cp1")[-1])


def test_every_outcome_that_clients_of_a_correct_server_see_is_sure(server: InMemory, tmp_path: Path) -> None:
    with Traffic.on(cluster(), tmp_path, seed=1) as traffic:
        wait(tmp_path, 100)
        finished = traffic.finish()
    answers = [each for each in files.read(finished.history) if isinstance(each, Answered)]
    assert {each.outcome for each in answers} == {Outcome.OK, Outcome.FAILED}

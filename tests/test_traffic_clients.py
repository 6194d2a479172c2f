"""Clients, watchers and what they write down, against an API server on this host."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from resilience.histories import files
from resilience.histories.records import Answered, Change, Invoked, Kind, Loss, Outcome, Record, Watched
from resilience.traffic import recorder as recording
from resilience.traffic.clients import Client, Pace, Running, at_a_pace
from resilience.traffic.objects import Wanted
from resilience.traffic.recorder import Recorder
from resilience.traffic.transport import Direct, Lost, Request, Response
from resilience.traffic.watchers import Watcher
from tests import misbehaving_api
from tests.misbehaving_api import Api, answer, chunks, config_map, event
from tests.objects_in_memory import InMemory


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    with Recorder(tmp_path, "n") as made:
        yield made


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with misbehaving_api.misbehaving(tmp_path) as made:
        yield made


def read(recorder: Recorder) -> list[Record]:
    return list(files.read(recorder.history))


class Seen:
    """A transport that shows the history as it is at the moment of sending."""

    def __init__(self, recorder: Recorder, lost: Lost | None = None) -> None:
        self._recorder, self._lost = recorder, lost
        self.before: list[Record] = []

    def opened(self) -> str:
        return ""

    def exchange(self, request: Request) -> Response:
        self.before = read(self._recorder)
        if self._lost:
            raise self._lost
        return Response(404, b"")

    def interrupt(self) -> None: ...

    def close(self) -> None: ...


def test_an_operation_is_written_before_it_is_sent_and_its_answer_at_once(recorder: Recorder) -> None:
    transport = Seen(recorder)
    recorder.do("c", transport, Wanted(Kind.UPDATE, "a", "v", 7))
    (invoked,) = transport.before
    assert isinstance(invoked, Invoked)
    assert (invoked.client, invoked.kind, invoked.key, invoked.value, invoked.expected) == (
        "c", Kind.UPDATE, "a", "v", 7,
    )  # fmt: skip
    answered = read(recorder)[1]
    assert isinstance(answered, Answered)
    assert (answered.id, answered.outcome, answered.status) == (invoked.id, Outcome.FAILED, 404)
    assert invoked.at <= answered.at <= time.monotonic()


@pytest.mark.parametrize(("sent", "outcome"), [(True, Outcome.UNKNOWN), (False, Outcome.FAILED)])
def test_a_lost_request_is_written_with_its_kind(recorder: Recorder, sent: bool, outcome: Outcome) -> None:
    recorder.do("c", Seen(recorder, Lost(Loss.RESET, "gone", sent=sent)), Wanted(Kind.GET, "a"))
    answered = read(recorder)[1]
    assert isinstance(answered, Answered)
    assert (answered.outcome, answered.loss, answered.error, answered.status) == (outcome, Loss.RESET, "gone", 0)


def test_what_is_answered_after_the_end_is_not_written_and_ends_no_thread(tmp_path: Path) -> None:
    with Recorder(tmp_path, "n") as recorder:
        pass
    recorder.do("c", Seen(recorder), Wanted(Kind.GET, "a"))
    assert read(recorder) == []


def test_two_histories_do_not_share_a_file(tmp_path: Path, recorder: Recorder) -> None:
    with pytest.raises(FileExistsError):
        Recorder(tmp_path, "n")


def test_errors_are_redacted_and_marks_can_be_read_again(tmp_path: Path) -> None:
    with Recorder(tmp_path, "n", lambda text: text.replace("secret", "‹secret›")) as recorder:
        recorder.do("c", Seen(recorder, Lost(Loss.OTHER, "a secret", sent=True)), Wanted(Kind.LIST))
        marks = [recorder.mark("fault injected"), recorder.mark("a secret")]
    assert "a secret" not in (tmp_path / files.HISTORY).read_text()
    found = recording.marks(tmp_path)
    assert [each.what for each in found] == ["fault injected", "a ‹secret›"]
    assert [each.at for each in found] == [each.at for each in marks]


def test_clients_on_a_correct_server_write_unique_values_by_the_right_revisions(recorder: Recorder) -> None:
    server = InMemory()
    keys = ("a", "b", "c")
    clients = [Client(f"c/{number}", server, recorder, keys, random.Random(number)) for number in range(3)]
    for _ in range(200):
        for client in clients:
            client.turn()
    records = read(recorder)
    invoked = {each.id: each for each in records if isinstance(each, Invoked)}
    answers = [each for each in records if isinstance(each, Answered)]
    written = [each.value for each in invoked.values() if each.value]
    assert len(written) == len(set(written))
    assert {each.kind for each in invoked.values()} == set(Kind)
    assert {each.outcome for each in answers} == {Outcome.OK, Outcome.FAILED}
    assert not any(each.loss for each in answers)
    done = [invoked[each.id].kind for each in answers if each.outcome is Outcome.OK]
    assert min(done.count(each) for each in Kind) > 10
    assert all(each.expected for each in invoked.values() if each.kind in (Kind.UPDATE, Kind.DELETE))
    assert recorder.acknowledged == max(
        each.revision for each in answers if each.outcome is Outcome.OK and invoked[each.id].value
    )


def test_most_writes_of_clients_that_meet_go_through(recorder: Recorder) -> None:
    server = InMemory()
    clients = [Client(f"c/{each}", server, recorder, ("a", "b"), random.Random(each)) for each in range(7)]
    for _ in range(100):
        for client in clients:
            client.turn()
    records = read(recorder)
    kinds = {each.id: each.kind for each in records if isinstance(each, Invoked)}
    writes = [
        each.outcome for each in records
        if isinstance(each, Answered) and kinds[each.id] not in (Kind.GET, Kind.LIST)
    ]  # fmt: skip
    assert 0.5 < writes.count(Outcome.OK) / len(writes) < 1


class Away:
    """A client that this process is cut off from."""

    def opened(self) -> str:
        return "the machine is gone"

    def exchange(self, request: Request) -> Response:
        raise AssertionError("nothing is to be sent")

    def interrupt(self) -> None: ...

    def close(self) -> None: ...


def test_a_client_that_is_cut_off_from_this_process_begins_nothing(recorder: Recorder) -> None:
    Client("service", Away(), recorder, ("a",), random.Random(1)).turn()
    assert read(recorder) == []


def test_turns_are_at_fixed_times_and_none_is_made_up_for() -> None:
    pace = Pace(0.5, 10.0)
    assert [pace.due(now) for now in (9.0, 10.1, 10.6)] == [10.0, 10.5, 11.0]
    assert [pace.due(now) for now in (12.8, 13.1)] == [13.0, 13.5]


def test_a_client_that_is_stopped_has_no_turn_any_more() -> None:
    stopped = threading.Event()
    assert Pace(0.01, time.monotonic()).wait(stopped)
    stopped.set()
    assert not Pace(60, time.monotonic() + 60).wait(stopped)


def test_a_defect_in_a_client_is_kept_and_ends_its_thread(recorder: Recorder) -> None:
    client = Client("c", Away(), recorder, (), random.Random(1))
    client.transport.opened = lambda: ""  # type: ignore[method-assign]
    running = Running("c", at_a_pace(client, Pace(0.01, time.monotonic())))
    assert running.join(time.monotonic() + 30)
    assert isinstance(running.failure, IndexError)


def watch(api: Api, recorder: Recorder, script: list[misbehaving_api.Behaviour], until: int) -> list[Watched]:
    """The events of a watcher on a scripted server, when it has sent as many requests."""
    api.script = [*script, misbehaving_api.hang]
    limit = 5 if misbehaving_api.hang in script else 30
    way = Direct(api.place, api.context, keep=False, connect=30, limit=limit)
    watcher = Watcher("watch/1", [way], recorder)
    running = Running("watch/1", watcher.work)
    _wait(lambda: len(api.requested) >= until)
    running.stop()
    watcher.interrupt()
    assert running.join(time.monotonic() + 30)
    assert running.failure is None
    return [each for each in read(recorder) if isinstance(each, Watched)]


def _wait(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.02)


LIST = answer(200, {"metadata": {"resourceVersion": "5"}, "items": [config_map("a", "v", 4)]})
BOOKMARK = {"type": "BOOKMARK", "object": {"kind": "ConfigMap", "metadata": {"resourceVersion": "9"}}}


def shape(events: list[Watched]) -> list[tuple[int, str, int]]:
    return [(each.stream, str(each.change), each.revision) for each in events]


def test_a_watch_begins_behind_a_list_and_resumes_after_the_last_event_or_bookmark(
    api: Api, recorder: Recorder
) -> None:
    first = chunks(event("ADDED", "b", "w", 6), event("MODIFIED", "a", "x", 7))
    second = chunks(event("DELETED", "a", "x", 8), BOOKMARK)
    events = watch(api, recorder, [LIST, first, second], 4)
    assert shape(events)[:8] == [
        (1, "STARTED", 5), (1, "ADDED", 6), (1, "MODIFIED", 7), (1, "ENDED", 7),
        (2, "STARTED", 7), (2, "DELETED", 8), (2, "BOOKMARK", 9), (2, "ENDED", 9),
    ]  # fmt: skip
    assert [(each.key, each.value) for each in events[1:3]] == [("b", "w"), ("a", "x")]
    paths = [path for _, path, _ in api.requested]
    assert "resourceVersion" not in paths[0]
    assert [f"resourceVersion={each}&allowWatchBookmarks=true" in path for each, path in zip(
        (5, 7, 9), paths[1:4], strict=True
    )] == [True] * 3  # fmt: skip
    assert (events[-1].change, events[-1].error) == (Change.ENDED, "stopped")


@pytest.mark.parametrize(
    "gone",
    [
        chunks({"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old resource version"}}),
        answer(410, {"kind": "Status", "code": 410}),
    ],
)
def test_a_watch_that_cannot_be_resumed_begins_with_a_list_again(
    api: Api, recorder: Recorder, gone: misbehaving_api.Behaviour
) -> None:
    events = watch(api, recorder, [LIST, gone, LIST, chunks(event("ADDED", "b", "w", 6))], 5)
    assert shape(events)[:4] == [(1, "STARTED", 5), (1, "ENDED", 5), (2, "STARTED", 5), (2, "ADDED", 6)]
    assert "410" in events[1].error
    kinds = [each.kind for each in read(recorder) if isinstance(each, Invoked)]
    assert kinds == [Kind.LIST, Kind.LIST]


@pytest.mark.parametrize(
    ("behave", "why"),
    [
        (chunks({"type": "ERROR", "object": {"kind": "Status", "code": 500, "message": "etcd left"}}), "etcd left"),
        (answer(429, "too many"), "429"),
        (answer(503, "not ready"), "503"),
        (misbehaving_api.close, "reset"),
        (misbehaving_api.hang, "timeout"),
        (chunks("not JSON"), "not an event"),
        (chunks({"type": "ADDED", "object": {}}), "not an event"),
        (chunks({"type": "SURPRISE", "object": config_map("a", "v", 6)}), "not an event"),
    ],
)
def test_a_watch_that_breaks_resumes_where_it_was(
    api: Api, recorder: Recorder, behave: misbehaving_api.Behaviour, why: str
) -> None:
    events = watch(api, recorder, [LIST, behave, chunks(event("ADDED", "b", "w", 6))], 4)
    assert shape(events)[:4] == [(1, "STARTED", 5), (1, "ENDED", 5), (2, "STARTED", 5), (2, "ADDED", 6)]
    assert why in events[1].error


def test_a_silent_watch_is_given_up(api: Api, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resilience.traffic.watchers._SILENCE", 5)
    events = watch(api, recorder, [LIST, chunks(event("ADDED", "b", "w", 6), ends=False), chunks()], 4)
    assert shape(events)[:4] == [(1, "STARTED", 5), (1, "ADDED", 6), (1, "ENDED", 6), (2, "STARTED", 6)]
    assert "timeout" in events[2].error


def test_objects_of_others_are_no_events_but_move_a_watch_on(api: Api, recorder: Recorder) -> None:
    ca = {"metadata": {"name": "kube-root-ca.crt", "resourceVersion": "6"}, "data": {"ca.crt": "PEM"}}
    events = watch(api, recorder, [LIST, chunks({"type": "ADDED", "object": ca})], 3)
    assert shape(events)[:3] == [(1, "STARTED", 5), (1, "ENDED", 6), (2, "STARTED", 6)]


def test_a_watcher_with_several_ways_resumes_by_the_next_one(tmp_path: Path, recorder: Recorder) -> None:
    (tmp_path / "other").mkdir()
    with misbehaving_api.misbehaving(tmp_path) as one, misbehaving_api.misbehaving(tmp_path / "other") as other:
        for each in (one, other):
            each.script = [chunks(event("ADDED", "b", "w", 6))]
        one.script.insert(0, LIST)
        ways = [Direct(each.place, each.context, keep=False, connect=30, limit=30) for each in (one, other)]
        watcher = Watcher("watch/2", ways, recorder)
        running = Running("watch/2", watcher.work)
        _wait(lambda: len(one.requested) > 2 and len(other.requested) > 1)
        running.stop()
        assert running.join(time.monotonic() + 5)

"""A fault under traffic, with traffic and faults that are made up: what is green, red and void, and what is undone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from provision.cluster import Cluster
from provision.util.concurrency import NotYet
from provision.util.errors import CommandFailed, TimedOut
from resilience.faults.fault import Proof
from resilience.faults.outcome import RECORDS, Ended
from resilience.faults.running import Runner, is_sound
from resilience.faults.scene import Call, Scene
from resilience.histories.files import HISTORY
from resilience.inside.intervals import Interval
from tests.made_up_faults import ALL_DONE, CLUSTER, SOON, Board, Clock, FakeTraffic, Inside, Steps, calm, made, runner

pytest_plugins = "tests.clock_fixtures"


def test_a_fault_that_was_proved_and_broke_nothing_is_green(clock: Clock, tmp_path: Path) -> None:
    steps = Steps()
    outcome = runner(clock, tmp_path, FakeTraffic(clock, silent=2)).run(made(steps), calm())
    assert (outcome.ended, outcome.red, outcome.void, outcome.proof) == (Ended.GREEN, [], [], "seen it")
    assert steps.done == ALL_DONE
    assert outcome.machines == ["cp3"]
    assert outcome.ways["balancer-new"].longest == pytest.approx(2.5)
    assert outcome.ways["balancer-new"].lost == {"timeout": 4}
    assert is_sound(outcome)
    (line,) = (tmp_path / RECORDS).read_text().splitlines()
    kept = json.loads(line)
    assert (kept["fault"], kept["ended"], kept["proof"], kept["healing"]) == ("made-up-fault", "green", "seen it", 0.0)
    assert (tmp_path / kept["history"]).exists()


def test_what_happened_inside_is_in_the_record_and_beside_the_history(clock: Clock, tmp_path: Path) -> None:
    seen = Inside(
        Interval("node", "cp3", "Ready", 1000.0, 1007.0), Interval("node", "cp3", "Unknown", 1007.0, 1020.0),
        Interval("node", "cp1", "Ready", 1000.0, 1020.0), gaps=["lb: no socket"],
    )  # fmt: skip
    outcome = runner(clock, tmp_path, FakeTraffic(clock), inside=seen).run(made(Steps()), calm())
    kept = json.loads((tmp_path / RECORDS).read_text())
    assert outcome.times.injected == 1005.0
    assert kept["inside"] == [
        {"what": "node", "where": "cp3", "state": "Ready", "since": -5.0, "until": 2.0, "good": True},
        {"what": "node", "where": "cp3", "state": "Unknown", "since": 2.0, "until": 15.0, "good": False},
    ]
    assert kept["noticed"] == [{"by": "the API", "what": "cp3 is Unknown", "at": 2.0}]
    assert kept["inside_gaps"] == ["lb: no socket"]
    assert len((tmp_path / kept["inside_file"]).read_text().splitlines()) == 3
    since, until = map(float, (tmp_path / kept["logs"]["cp1"]).read_text().removeprefix("from ").split(" to "))
    assert (since, until - since) == (outcome.times.wall, outcome.times.ended)


def test_a_control_is_traffic_for_so_long_and_its_gaps_are_those_of_the_outcome(clock: Clock, tmp_path: Path) -> None:
    at_work = runner(clock, tmp_path, FakeTraffic(clock))
    usual = _seconds_of(clock, lambda: at_work.control(10.0))
    assert _seconds_of(clock, lambda: at_work.control(210.0)) == pytest.approx(usual + 200.0)
    assert (tmp_path / "faults" / str(CLUSTER.id) / "control" / HISTORY).exists()
    outcome = at_work.run(made(Steps(), hold=10.0), lambda fault: at_work.control(fault.hold))
    assert outcome.ways["balancer-new"].control == pytest.approx(0.5)


def _seconds_of(clock: Clock, what: Callable[[], object]) -> float:
    begin = clock.now
    what()
    return clock.now - begin


def test_a_control_that_says_nothing_makes_the_run_void(clock: Clock, tmp_path: Path) -> None:
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(made(Steps()), calm(wrong=("too busy",)))
    assert (outcome.ended, outcome.void) == (Ended.VOID, ["the control without a fault: too busy"])


def test_what_is_not_proved_is_void_and_undone(clock: Clock, tmp_path: Path) -> None:
    steps = Steps()
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(made(steps, NotYet("0 packets")), calm())
    assert outcome.ended is Ended.VOID
    assert "0 packets" in outcome.void[0]
    assert steps.done == ALL_DONE


def test_a_fault_that_could_not_be_done_is_void_and_undone(clock: Clock, tmp_path: Path) -> None:
    failing: list[BaseException] = [CommandFailed("no such chain")]
    steps = Steps(**{"do-more": failing})
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(made(steps), calm())
    assert outcome.ended is Ended.VOID
    assert "no such chain" in outcome.void[0]
    assert steps.done == ["prepare", "do", "undo", "undo-more", "restore"]


@pytest.mark.parametrize("where", ["do", "do-more"])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a defect"), SystemExit(1)])
def test_what_ends_a_run_does_not_leave_its_fault(
    clock: Clock, tmp_path: Path, where: str, error: BaseException
) -> None:
    steps = Steps(**{where: [error]})
    with pytest.raises(type(error)):
        runner(clock, tmp_path, FakeTraffic(clock)).run(made(steps), calm())
    assert steps.done[-3:] == ["undo", "undo-more", "restore"]
    assert json.loads((tmp_path / RECORDS).read_text())["ended"] == "red"


def test_an_interrupt_while_it_is_held_undoes_it(clock: Clock, tmp_path: Path) -> None:
    steps, traffic = Steps(), FakeTraffic(clock)

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if steps.done[-1:] == ["do-more"]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Runner(
            CLUSTER, Board(), tmp_path, traffic=traffic.on, healthy=lambda *_: None, sleep=sleep, inside=Inside().on
        ).run(made(steps), calm())
    assert steps.done == ALL_DONE


def test_what_cannot_be_undone_is_named_with_its_command(clock: Clock, tmp_path: Path) -> None:
    steps = Steps(undo=[CommandFailed("away")] * 3)
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(made(steps), calm())
    assert outcome.ended is Ended.RED
    assert outcome.left == ["type undo"]
    assert "Try: type undo" in str(outcome)
    assert "undo-more" in steps.done
    assert not is_sound(outcome)


def test_a_step_that_undoes_is_tried_again(clock: Clock, tmp_path: Path) -> None:
    steps = Steps(undo=[CommandFailed("not yet")] * 2)
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(made(steps), calm())
    assert (outcome.ended, steps.done) == (Ended.GREEN, ALL_DONE)


def test_an_interrupt_while_it_is_undone_names_what_is_left(clock: Clock, tmp_path: Path) -> None:
    steps = Steps(undo=[KeyboardInterrupt()])
    with pytest.raises(KeyboardInterrupt) as caught:
        runner(clock, tmp_path, FakeTraffic(clock)).run(made(steps), calm())
    assert caught.value.__notes__ == ["Try: type undo", "Try: type undo-more"]


def test_a_cluster_that_is_not_healthy_again_is_red_with_words(clock: Clock, tmp_path: Path) -> None:
    waits: list[float] = []

    def healthy(_: object, seconds: float) -> None:
        waits.append(seconds)
        if len(waits) > 2:  # before, and when it is prepared
            raise TimedOut(f"{CLUSTER.id} is healthy: not after {seconds:.0f} s", answer="not ready: Node cp3")

    outcome = runner(clock, tmp_path, FakeTraffic(clock), healthy).run(made(Steps()), calm())
    assert outcome.ended is Ended.RED
    assert "not ready: Node cp3" in outcome.red[0]
    assert waits[2] == SOON.seconds
    assert not is_sound(outcome)
    assert outcome.ways  # what clients saw is judged all the same


def test_a_cluster_that_is_not_whole_when_it_is_restored_is_red_and_not_sound(clock: Clock, tmp_path: Path) -> None:
    steps = Steps()

    def healthy(*_: object) -> None:
        if "restore" in steps.done:
            raise TimedOut("is healthy: not after 240 s", answer="not ready: Pod kube-apiserver-cp3")

    outcome = runner(clock, tmp_path, FakeTraffic(clock), healthy).run(made(steps), calm())
    assert outcome.ended is Ended.RED
    assert "kube-apiserver-cp3" in outcome.red[0]
    assert outcome.times.healthy is not None
    assert not is_sound(outcome)


def test_a_cluster_that_was_not_healthy_before_has_no_fault_done_to_it(clock: Clock, tmp_path: Path) -> None:
    def healthy(*_: object) -> None:
        raise TimedOut("is healthy: not after 60 s", answer="not ready: Pod etcd-cp1")

    steps = Steps()
    outcome = runner(clock, tmp_path, FakeTraffic(clock), healthy).run(made(steps), calm())
    assert outcome.ended is Ended.RED
    assert "not healthy before the fault" in outcome.red[0]
    assert steps.done == []


def test_what_else_has_to_hold_is_red_where_it_does_not(clock: Clock, tmp_path: Path) -> None:
    must = Proof("pods run elsewhere", lambda *_: NotYet("1 of 2 does"), within=1)
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(made(Steps(), must=must), calm())
    assert outcome.ended is Ended.RED
    assert "pods run elsewhere" in outcome.red[0]
    assert "1 of 2 does" in outcome.red[0]
    holds = Proof("pods run elsewhere", lambda *_: "2 of 2 do", within=1)
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(made(Steps(), must=holds), calm())
    assert (outcome.ended, outcome.proof) == (Ended.GREEN, "seen it; 2 of 2 do")


def test_what_a_host_cannot_do_is_skipped_with_the_reason(clock: Clock, tmp_path: Path) -> None:
    steps = Steps()
    fault = made(steps, lacking=lambda _: "no netem")
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(fault, lambda _: pytest.fail("no control is needed"))
    assert (outcome.ended, outcome.why, steps.done) == (Ended.SKIPPED, "no netem", [])
    assert is_sound(outcome)


def test_a_run_that_is_void_by_its_traffic_is_void(clock: Clock, tmp_path: Path) -> None:
    outcome = runner(clock, tmp_path, FakeTraffic(clock, void=("a thread woke 2.0 s too late",))).run(
        made(Steps()), calm()
    )
    assert (outcome.ended, outcome.void) == (Ended.VOID, ["a thread woke 2.0 s too late"])


def test_traffic_that_cannot_end_is_red_and_judged(clock: Clock, tmp_path: Path) -> None:
    traffic = FakeTraffic(clock)
    traffic.finishing = TimedOut("the cluster did not answer the reads at the end")
    outcome = runner(clock, tmp_path, traffic).run(made(Steps()), calm())
    assert (outcome.ended, outcome.red) == (Ended.RED, ["the cluster did not answer the reads at the end"])


def test_the_same_fault_twice_has_two_histories(clock: Clock, tmp_path: Path) -> None:
    one = runner(clock, tmp_path, FakeTraffic(clock))
    histories = [one.run(made(Steps()), calm()).history for _ in range(2)]
    assert len(set(histories)) == 2


def test_what_must_succeed_is_red_where_it_fails(clock: Clock, tmp_path: Path) -> None:
    failing: list[BaseException] = [CommandFailed("the join was refused")]
    steps = Steps(**{"do-more": failing})
    fault = made(steps, must_succeed=True)
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(fault, calm())
    assert (outcome.ended, outcome.void) == (Ended.RED, [])
    assert "the join was refused" in outcome.red[0]
    assert steps.done == ["prepare", "do", "undo", "undo-more", "restore"]


@pytest.mark.parametrize(("for_good", "wanted"), [(True, ["cp1", "cp2"]), (False, ["cp1", "cp2", "cp3"])])
def test_what_is_gone_for_good_need_not_be_healthy(
    clock: Clock, tmp_path: Path, for_good: bool, wanted: list[str]
) -> None:
    seen: list[list[str]] = []
    traffic = FakeTraffic(clock)

    def healthy(cluster: Cluster, seconds: float) -> None:
        seen.append([each.name for each in cluster.control_planes])

    outcome = runner(clock, tmp_path, traffic, healthy).run(made(Steps(), for_good=for_good), calm())
    assert outcome.ended is Ended.GREEN
    assert wanted in seen
    assert traffic.gone == (["cp3"] if for_good else [])


def test_notes_of_a_run_are_in_its_record(clock: Clock, tmp_path: Path) -> None:
    def action(scene: Scene) -> str:
        scene.note("seen")
        return ""

    fault = made(Steps(), undo=lambda _: [Call(CLUSTER.control_planes[0], "type", action)])
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(fault, calm())
    assert outcome.notes == ["seen"]
    assert json.loads((tmp_path / RECORDS).read_text())["notes"] == ["seen"]
    assert "seen" in str(outcome)

"""The lanes on fake machines: what is typed where, and what becomes of blocks that fail as written."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import pytest

from doccheck.claims.edition import record
from doccheck.execution import page_view, runner
from doccheck.execution.plan import Planned, plan_of
from doccheck.execution.results import Outcome
from doccheck.pages import markdown
from provision.errors import BadInput
from provision.util.result import Result as Answer
from tests.fake_machine import Replies
from tests.stand_ins import commands, fake_cluster
from tests.walks import END, PAGE, PLAN, Walk, a_cluster, a_page, a_step, walking


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> Walk:
    return walking(monkeypatch)


def test_blocks_stand_for_their_steps(walk: Walk) -> None:
    cluster = a_cluster()
    found = walk(cluster).results
    assert [found[f"first/command-{n}"].outcome for n in (1, 2, 3, 4)] == [*[Outcome.VERIFIED] * 3, Outcome.UNBOUND]
    typed = commands(cluster, "cp1")
    assert 'kubeadm init --control-plane-endpoint "cluster-endpoint.kubeadm-ha.test:6443"' in typed[0]
    assert not any("the step's own begin" in each for each in typed)
    assert cluster.observations.secrets.printed_joins


def test_what_the_page_leaves_out_is_made_good_when_it_is_missed(walk: Walk) -> None:
    cluster = a_cluster("scp seed", until="the step's own water")
    result = walk(cluster).results["first/command-2"]
    assert (result.outcome, result.reasons) == (Outcome.DEFECT, ("corrected: The page lets it dry.",))
    assert [(each.lane, each.machine, each.ok) for each in result.tries] == [
        ("literal", "cp2", False),
        ("literal", "cp3", False),
        ("corrected", "cp2", True),
        ("corrected", "cp3", True),
    ]


def test_a_step_goes_on_by_its_own_commands(walk: Walk) -> None:
    result = walk(a_cluster("scp seed")).results["first/command-2"]
    assert (result.outcome, result.reasons[-1]) == (Outcome.DEFECT, "corrected: carry, by its own commands")


def test_what_nothing_helps_against_ends_the_walk(walk: Walk) -> None:
    found, stopped = walk(a_cluster("scp seed", "the step's own carry"))
    assert (found["first/command-2"].outcome, "carry: neither" in stopped) == (Outcome.FAILED, True)
    assert found["first/command-3"].outcome is Outcome.UNBOUND


def test_what_the_page_leaves_out_is_made_in_the_end(walk: Walk) -> None:
    cluster = a_cluster()
    walk(cluster)
    own = [each for each in commands(cluster, "cp1") if "page-shell" not in each]
    assert own[-1] == "the step's own water"


def test_nothing_of_the_readers_shells_is_left_on_any_machine(walk: Walk) -> None:
    for cluster in (a_cluster(), a_cluster("scp seed", "the step's own carry")):
        walk(cluster)
        for name in ("cp1", "cp2"):
            *_, last = commands(cluster, name)
            assert last.startswith("sudo rm -rf /tmp/page-shell-")


def test_a_block_beside_a_step_has_a_corrected_form(walk: Walk) -> None:
    result = walk(a_cluster("\nkubectl get trees")).results["first/command-3"]
    assert (result.outcome, result.mend) == (Outcome.DEFECT, "a")


def test_a_block_that_makes_a_later_one_fail_is_to_blame(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = [replace(PLAN[0], redo=True, mend="b"), *PLAN[1:]]
    monkeypatch.setattr(page_view, "plan_of", lambda *_: plan)
    found = walk(a_cluster("scp seed", until="the step's own begin")).results
    assert [found[f"first/command-{n}"].outcome for n in (1, 2)] == [Outcome.DEFECT, Outcome.DEFECT]
    assert found["first/command-1"].mend == "b"


def test_nothing_is_to_blame_that_lies_further_back_than_it_has_to(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    procedure = (a_step("begin"), a_step("dig"), a_step("carry"))
    monkeypatch.setattr(runner, "procedure_of", lambda *_: procedure)
    later = Planned(id="first/command-3", step="dig", on="first", redo=True)
    for until, blamed in (("own dig", [False, True]), ("own begin", [True, True])):
        plan = [replace(PLAN[0], redo=True), later, replace(PLAN[1], redo=False)]
        monkeypatch.setattr(page_view, "plan_of", lambda *_, plan=plan: plan)
        found = walk(a_cluster("scp seed", until=f"the step's {until}")).results
        assert [found[f"first/command-{n}"].outcome is Outcome.DEFECT for n in (1, 3)] == blamed


def test_what_a_block_used_up_in_vain_is_made_anew(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_view, "plan_of", lambda *_: [replace(PLAN[0], redo=True), *PLAN[1:]])
    there = [True]

    def begin(_machine: str, _command: str) -> str:
        there[0] = True
        return ""

    def carry(_machine: str, _command: str) -> Answer:
        return Answer(0 if there[0] else 1, "", "no seed")

    def copy(_machine: str, _command: str) -> Answer:
        there[0] = False
        return Answer(1, "", "no carrier")

    told: Replies = {"the step's own begin": begin, "the step's own carry": carry, re.compile("scp seed"): copy}
    found = walk(a_cluster(told=told))
    result = found.results["first/command-2"]
    assert (result.outcome, result.reasons, found.stopped) == (
        Outcome.DEFECT, ("corrected: carry, by its own commands",), ""
    )  # fmt: skip


def test_what_the_page_promises_has_to_come_back(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    for answer, outcome in (("refused", Outcome.DEFECT), ("kubeadm join", Outcome.VERIFIED)):
        plan = [replace(PLAN[0], answer=answer), *PLAN[1:]]
        monkeypatch.setattr(page_view, "plan_of", lambda *_, plan=plan: plan)
        assert walk(a_cluster()).results["first/command-1"].outcome is outcome


def test_what_a_block_leaves_wrong_is_made_good(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = [replace(PLAN[0], probe="who owns it", expects=""), *PLAN[1:]]
    monkeypatch.setattr(page_view, "plan_of", lambda *_: plan)
    assert walk(a_cluster(told={"who owns it": ""})).results["first/command-1"].outcome is Outcome.VERIFIED
    plan[0] = replace(plan[0], expects="root")
    result = walk(a_cluster(told={"who owns it": ""})).results["first/command-1"]
    assert (result.outcome, result.reasons[-1]) == (Outcome.DEFECT, "corrected: The page lets it dry.")


def test_what_a_block_beside_a_step_leaves_wrong_is_made_good(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = [*PLAN[:2], replace(PLAN[2], probe="who waters it", expects="")]
    monkeypatch.setattr(page_view, "plan_of", lambda *_: plan)
    told: Replies = {"who waters it": ""}
    assert walk(a_cluster(told=told)).results["first/command-3"].outcome is Outcome.VERIFIED
    plan[2] = replace(plan[2], expects="somebody")
    assert walk(a_cluster(told=told)).results["first/command-3"].outcome is Outcome.FAILED


def test_a_correction_that_cannot_be_made_yet_waits(walk: Walk) -> None:
    cluster = a_cluster("scp seed", "own water", until="the step's own carry")
    result = walk(cluster).results["first/command-2"]
    assert (result.outcome, result.reasons) == (Outcome.DEFECT, ("corrected: carry, by its own commands",))
    own = [each for each in commands(cluster, "cp1") if "page-shell" not in each]
    assert own[-1] == "the step's own water"


def test_a_changed_block_is_never_verified(walk: Walk) -> None:
    found = walk(a_cluster(), a_page(PAGE.replace("scp seed", "scp -r seed"))).results
    assert (found["first/command-1"].outcome, found["first/command-2"].outcome) == (Outcome.VERIFIED, Outcome.STALE)


def test_a_missing_block_leaves_its_step_to_itself(walk: Walk) -> None:
    cluster = a_cluster()
    page = a_page(PAGE.replace("```sh\nscp seed GATE_DNS:\n```\n", ""))
    assert walk(cluster, page).results["first/command-2"].outcome is Outcome.ABSENT
    assert any("the step's own carry" in each for each in commands(cluster, "cp1"))


def test_an_open_placeholder_is_not_run(walk: Walk) -> None:
    cluster = a_cluster()
    page = a_page(PAGE.replace("scp seed GATE_DNS:", "scp seed GATE_DNS: WALL_DNS"))
    result = walk(cluster, page).results["first/command-2"]
    assert (result.outcome, result.reasons) == (Outcome.UNBOUND, ("nobody has said what goes in for WALL_DNS",))


def test_no_secret_is_in_a_result(walk: Walk) -> None:
    shown = str(walk(a_cluster(told={re.compile("scp seed"): "b" * 64})).results)
    assert ("0123456789abcdef " in shown, "b" * 64 in shown, "‹64 hexadecimal digits›" in shown) == (False, False, True)


def test_a_block_is_typed_for_each_of_the_other_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "procedure_of", lambda *_: (a_step("carry"),))
    planned = Planned(id="first/command-1", step="carry", on="etcd 0", repeat="TREE", unsaid="typed for each")
    monkeypatch.setattr(page_view, "plan_of", lambda *_: [planned])
    page = a_page("## First {#first}\n\n```sh\nTREE=${TREE1}\nscp seed $TREE:\n```\n")
    cluster = fake_cluster({re.compile("TREE=198.*\nscp seed "): "", **END}, name="external-uploaded-1.37")
    [done] = runner.execute(cluster, [(page, record(page, None))])
    _, *others = (each.address for each in cluster.etcd_machines)
    assert [each.command.splitlines()[0] for each in done.results[0].tries] == [f"TREE={each}" for each in others]
    assert (done.results[0].outcome, done.results[0].reasons) == (Outcome.SUBSTITUTED, ("typed for each",))


# A program that is not there comes by no waiting: it is asked for once as written, and once corrected.
@pytest.mark.parametrize(("rc", "times"), [(1, 3), (127, 2)])
def test_what_has_to_start_first_is_waited_for(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, rc: int, times: int
) -> None:  # fmt: skip
    monkeypatch.setattr("doccheck.execution.block_runner.time.sleep", lambda _: None)
    monkeypatch.setattr(page_view, "plan_of", lambda *_: [PLAN[0], replace(PLAN[1], on="first", until=60)])
    seen: list[str] = []

    def copy(_machine: str, command: str) -> Answer:
        seen.append(command)
        return Answer(rc if len(seen) < 3 else 0, "", "")

    walk(a_cluster(told={re.compile("scp seed"): copy}))
    assert len(seen) == times


def test_machines_do_at_once_what_the_page_has_them_do_at_once(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_view, "plan_of", lambda *_: [PLAN[0], replace(PLAN[1], at_once="stacked")])
    both = threading.Barrier(2, timeout=30)

    def copy(_machine: str, _command: str) -> str:
        both.wait()
        return ""

    cluster = a_cluster(told={re.compile("scp seed"): copy})
    assert walk(cluster).results["first/command-2"].outcome is Outcome.VERIFIED


JOIN = "```sh\nsudo kubeadm join 10.0.0.1:1 --token a --control-plane --certificate-key b\n```\n"


@pytest.mark.parametrize(("shown", "outcome"), [(JOIN, "verified"), (JOIN.replace(" b", " b --fast"), "doc-defect")])
def test_a_printed_command_has_the_flags_that_the_page_shows(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, shown: str, outcome: str
) -> None:
    page = a_page(f"{PAGE}\n{shown}")
    joins = Planned(id="first/command-5", step="carry", on="others", printed="control-plane")
    monkeypatch.setattr(page_view, "plan_of", lambda *_: [PLAN[0], joins])
    cluster = a_cluster(told={re.compile("\nsudo kubeadm join "): ""})
    [done] = runner.execute(cluster, [(page, record(page, None))])
    assert {each.original: str(each.outcome) for each in done.results}["first/command-5"] == outcome


def test_pages_are_walked_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "procedure_of", lambda *_: (a_step("begin"), a_step("carry")))
    plans = {"high-availability": PLAN[:1], "orchard": [replace(PLAN[1], page="orchard")]}
    monkeypatch.setattr(page_view, "plan_of", lambda name, _: plans[name])
    other = markdown.parse(PAGE, "orchard.md", "en")
    done = runner.execute(a_cluster(), [(a_page(), record(a_page(), None)), (other, record(other, None))])
    ran = [[each.original for each in one.results if each.tries] for one in done]
    assert ran == [["first/command-1"], ["first/command-2"]]


def test_a_page_is_walked_once() -> None:
    with pytest.raises(BadInput, match="same page"):
        runner.execute(a_cluster(), [(a_page(), record(a_page(), None))] * 2)


def test_a_page_without_a_plan_is_refused() -> None:
    with pytest.raises(BadInput):
        plan_of("orchard", "en")

"""Walks of fake machines: what is typed where, and the outcome of blocks that fail as written."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import pytest

from documentation.claims.edition import record
from documentation.execution.plan import Add, Edit, PageView, Planned, plan_of, views
from documentation.execution.results import Form, Outcome
from documentation.execution.walk import walk_pages
from documentation.pages import markdown
from provision.util.errors import BadInput
from provision.util.result import Result as Answer
from tests.fake_machine import Replies as CommandAnswers
from tests.stand_ins import PRINTED, commands, fake_cluster
from tests.walks import COPY, END, GET, INIT, PAGE, a_cluster, a_page, a_step, executed, walk


def test_blocks_are_run_in_place_of_their_steps() -> None:
    cluster = a_cluster()
    found = walk(cluster).results
    assert [found[f"first/command-{n}"].outcome for n in (1, 2, 3, 4)] == [*[Outcome.VERIFIED] * 3, Outcome.UNBOUND]
    typed = commands(cluster, "cp1")
    assert 'kubeadm init --control-plane-endpoint "cluster-endpoint.kubeadm-ha.test:6443"' in typed[0]
    assert not any("the step's own begin" in each for each in typed)
    assert cluster.observations.secrets.printed_joins


def test_a_step_that_the_page_leaves_out_is_done_when_a_block_fails_without_it() -> None:
    cluster = a_cluster("scp seed", until="the step's own water")
    result = walk(cluster).results["first/command-2"]
    assert (result.outcome, result.reasons) == (Outcome.DEFECT, ("corrected: The page lets it dry.",))
    assert [(each.form, each.machine, each.ok) for each in result.tries] == [
        (Form.LITERAL, "cp2", False),
        (Form.LITERAL, "cp3", False),
        (Form.CORRECTED, "cp2", True),
        (Form.CORRECTED, "cp3", True),
    ]


def test_a_step_whose_block_no_correction_repairs_is_done_by_its_own_commands() -> None:
    result = walk(a_cluster("scp seed")).results["first/command-2"]
    assert (result.outcome, result.reasons[-1]) == (Outcome.DEFECT, "corrected: carry, by its own commands")


def test_a_block_that_answers_something_else_is_typed_once_and_its_step_done_by_its_own_commands() -> None:
    cluster = a_cluster()
    result = walk(cluster, plan=[INIT, replace(COPY, answer="refused"), GET]).results["first/command-2"]
    assert (result.outcome, {each.form for each in result.tries}) == (Outcome.DEFECT, {Form.LITERAL})
    assert result.reasons == ("the page promises `refused`, and something else came back",)
    assert "the step's own carry" in commands(cluster, "cp1")


def test_a_step_that_cannot_be_done_at_all_ends_the_walk() -> None:
    found, stopped = walk(a_cluster("scp seed", "the step's own carry"))
    assert (found["first/command-2"].outcome, "carry: neither" in stopped) == (Outcome.FAILED, True)
    assert found["first/command-3"].outcome is Outcome.UNBOUND


def test_a_step_that_the_page_leaves_out_is_done_in_the_end_where_nothing_fails_without_it() -> None:
    cluster = a_cluster()
    walk(cluster)
    own = [each for each in commands(cluster, "cp1") if "page-shell" not in each]
    assert own[-1] == "the step's own water"


def test_nothing_of_the_readers_shells_is_left_on_any_machine() -> None:
    for cluster in (a_cluster(), a_cluster("scp seed", "the step's own carry")):
        walk(cluster)
        for name in ("cp1", "cp2"):
            *_, last = commands(cluster, name)
            assert last.startswith("sudo rm -rf /tmp/page-shell-")


def test_a_block_beside_a_step_that_fails_is_a_defect_where_its_corrected_form_works() -> None:
    result = walk(a_cluster("\nkubectl get trees")).results["first/command-3"]
    assert (result.outcome, result.fix) == (Outcome.DEFECT, "say sudo")


def test_a_block_that_makes_a_later_one_fail_is_a_defect() -> None:
    plan = [replace(INIT, redo=True, fix="b"), COPY, GET]
    found = walk(a_cluster("scp seed", until="the step's own begin"), plan=plan).results
    assert [found[f"first/command-{n}"].outcome for n in (1, 2)] == [Outcome.DEFECT, Outcome.DEFECT]
    assert found["first/command-1"].fix == "b"


@pytest.mark.parametrize(("until", "blamed"), [("own dig", [False, True]), ("own begin", [True, True])])
def test_no_block_is_blamed_that_lies_further_back_than_it_has_to(until: str, blamed: list[bool]) -> None:
    later = Planned(id="first/command-3", step="dig", on="first", redo=True)
    plan = [replace(INIT, redo=True), later, replace(COPY, redo=False)]
    procedure = (a_step("begin"), a_step("dig"), a_step("carry"))
    found = walk(a_cluster("scp seed", until=f"the step's {until}"), plan=plan, procedure=procedure).results
    assert [found[f"first/command-{n}"].outcome is Outcome.DEFECT for n in (1, 3)] == blamed


def test_what_a_failed_block_used_up_is_made_anew_for_the_steps_own_commands() -> None:
    seed = [True]

    def begin(_machine: str, _command: str) -> str:
        seed[0] = True
        return ""

    def carry(_machine: str, _command: str) -> Answer:
        return Answer(0 if seed[0] else 1, "", "no seed")

    def copy(_machine: str, _command: str) -> Answer:
        seed[0] = False
        return Answer(1, "", "no carrier")

    answers: CommandAnswers = {
        "the step's own begin": begin,
        "the step's own carry": carry,
        re.compile("scp seed"): copy,
    }
    found = walk(a_cluster(answers=answers), plan=[replace(INIT, redo=True), COPY, GET])
    result = found.results["first/command-2"]
    assert (result.outcome, result.reasons, found.stopped) == (
        Outcome.DEFECT, ("corrected: carry, by its own commands",), ""
    )  # fmt: skip


@pytest.mark.parametrize(("answer", "outcome"), [("refused", Outcome.DEFECT), ("kubeadm join", Outcome.VERIFIED)])
def test_a_block_whose_promised_answer_does_not_come_back_is_a_defect(answer: str, outcome: Outcome) -> None:
    assert (
        walk(a_cluster(), plan=[replace(INIT, answer=answer), COPY, GET]).results["first/command-1"].outcome is outcome
    )


@pytest.mark.parametrize(("key", "outcome"), [("ab" * 32, Outcome.VERIFIED), ("ab" * 31, Outcome.DEFECT)])
def test_a_promised_key_is_recognised_although_its_answer_is_in_no_record(key: str, outcome: Outcome) -> None:
    promise = replace(GET, answer=r"(?<!sha256:)\b[0-9a-f]{64}\b", secret=True)
    answers: CommandAnswers = {
        re.compile("\nkubectl get trees\n"): key,
        re.compile("\nsudo kubectl get trees\n"): "cd" * 32,
    }
    result = walk(a_cluster(answers=answers), plan=[INIT, COPY, promise]).results["first/command-3"]
    assert (result.outcome, key in str(result)) == (outcome, False)


def test_a_block_that_leaves_something_wrong_is_a_defect() -> None:
    probed = replace(INIT, probe="who owns it", expects="")
    assert (
        walk(a_cluster(answers={"who owns it": ""}), plan=[probed, COPY, GET]).results[INIT.id].outcome
        is Outcome.VERIFIED
    )
    wanting = replace(probed, expects="root")
    result = walk(a_cluster(answers={"who owns it": ""}), plan=[wanting, COPY, GET]).results[INIT.id]
    assert (result.outcome, result.reasons[-1]) == (Outcome.DEFECT, "corrected: The page lets it dry.")


def test_a_block_beside_a_step_has_failed_where_its_correction_leaves_something_wrong_too() -> None:
    for expects, outcome in (("", Outcome.VERIFIED), ("a gardener", Outcome.FAILED)):
        plan = [INIT, COPY, replace(GET, probe="who waters it", expects=expects)]
        cluster = a_cluster(answers={"who waters it": ""})
        assert walk(cluster, plan=plan).results["first/command-3"].outcome is outcome


def test_a_correction_that_does_not_work_yet_is_done_later() -> None:
    cluster = a_cluster("scp seed", "own water", until="the step's own carry")
    result = walk(cluster).results["first/command-2"]
    assert (result.outcome, result.reasons) == (Outcome.DEFECT, ("corrected: carry, by its own commands",))
    own = [each for each in commands(cluster, "cp1") if "page-shell" not in each]
    assert own[-1] == "the step's own water"


def test_a_block_that_changed_since_it_was_read_is_never_verified() -> None:
    found = walk(a_cluster(), a_page(PAGE.replace("scp seed", "scp -r seed"))).results
    assert (found["first/command-1"].outcome, found["first/command-2"].outcome) == (Outcome.VERIFIED, Outcome.STALE)


def test_a_step_whose_block_is_missing_is_done_by_its_own_commands() -> None:
    cluster = a_cluster()
    page = a_page(PAGE.replace("```sh\nscp seed GATE_DNS:\n```\n", ""))
    assert walk(cluster, page).results["first/command-2"].outcome is Outcome.ABSENT
    assert any("the step's own carry" in each for each in commands(cluster, "cp1"))


def test_a_block_with_an_open_placeholder_is_not_run() -> None:
    cluster = a_cluster()
    page = a_page(PAGE.replace("scp seed GATE_DNS:", "scp seed GATE_DNS: WALL_DNS"))
    result = walk(cluster, page).results["first/command-2"]
    assert (result.outcome, result.reasons) == (Outcome.UNBOUND, ("the plan does not say what goes in for WALL_DNS",))


def test_a_departure_from_the_page_is_listed_with_its_reason() -> None:
    departing = replace(INIT, adds=(Add("--dry", "it rains"),), edits=(Edit("sudo ", "sudo -n ", "no terminal"),))
    answers: CommandAnswers = {re.compile("\nsudo -n kubeadm init .* --dry\n"): PRINTED}
    result = walk(a_cluster(answers=answers), plan=[departing, COPY, GET]).results[INIT.id]
    assert (result.outcome, result.reasons) == (Outcome.SUBSTITUTED, ("no terminal", "it rains"))


@pytest.mark.parametrize(
    ("page", "workarounds", "outcome"),
    [
        (PAGE, (), Outcome.VERIFIED),
        (PAGE, ("cgroup-v1",), Outcome.SUBSTITUTED),
        (PAGE.replace('PORT"', 'PORT" --ignore-preflight-errors Swap'), (), Outcome.VERIFIED),
    ],
)
def test_what_the_host_makes_necessary_is_a_departure_and_what_the_page_itself_has_is_none(
    page: str, workarounds: tuple[str, ...], outcome: Outcome
) -> None:
    cluster = a_cluster()
    cluster.state = cluster.state.but(workarounds=dict.fromkeys(workarounds, ""))
    assert walk(cluster, a_page(page), read=a_page(page)).results[INIT.id].outcome is outcome


def test_no_secret_is_in_a_result() -> None:
    shown = str(walk(a_cluster(answers={re.compile("scp seed"): "b" * 64})).results)
    assert ("0123456789abcdef " in shown, "b" * 64 in shown, "‹64 hexadecimal digits›" in shown) == (False, False, True)


def test_a_block_is_typed_for_each_of_the_other_machines() -> None:
    planned = Planned(id="first/command-1", step="carry", on="etcd 0", repeat="TREE", unsaid="typed for each")
    page = a_page("## First {#first}\n\n```sh\nTREE=${TREE1}\nscp seed $TREE:\n```\n")
    cluster = fake_cluster({re.compile("TREE=198.*\nscp seed "): "", **END}, name="external-uploaded-1.37")
    [result] = executed(cluster, page, plan=[planned], procedure=(a_step("carry"),)).results
    _, *others = (each.address for each in cluster.etcd_machines)
    assert [each.command.splitlines()[0] for each in result.tries] == [f"TREE={each}" for each in others]
    assert (result.outcome, result.reasons) == (Outcome.SUBSTITUTED, ("typed for each",))


# No waiting brings a program that does not exist: it is run once as written, and once corrected.
@pytest.mark.parametrize(("rc", "times"), [(1, 3), (127, 2)])
def test_a_block_that_works_only_when_something_else_has_started_is_repeated(
    monkeypatch: pytest.MonkeyPatch, rc: int, times: int
) -> None:  # fmt: skip
    monkeypatch.setattr("time.sleep", lambda _: None)
    seen: list[str] = []

    def copy(_machine: str, command: str) -> Answer:
        seen.append(command)
        return Answer(rc if len(seen) < 3 else 0, "", "")

    walk(a_cluster(answers={re.compile("scp seed"): copy}), plan=[INIT, replace(COPY, on="first", until=60)])
    assert len(seen) == times


def test_machines_run_at_once_what_the_page_has_them_run_at_once() -> None:
    both = threading.Barrier(2, timeout=30)

    def copy(_machine: str, _command: str) -> str:
        both.wait()
        return ""

    cluster = a_cluster(answers={re.compile("scp seed"): copy})
    found = walk(cluster, plan=[INIT, replace(COPY, at_once="stacked")]).results
    assert found["first/command-2"].outcome is Outcome.VERIFIED


JOIN = "```sh\nsudo kubeadm join 10.0.0.1:1 --token a --control-plane --certificate-key b\n```\n"


@pytest.mark.parametrize(("shown", "outcome"), [(JOIN, "verified"), (JOIN.replace(" b", " b --fast"), "doc-defect")])
def test_a_printed_command_has_the_flags_that_the_page_shows(shown: str, outcome: str) -> None:
    joins = Planned(id="first/command-5", step="carry", on="others", printed="control-plane")
    cluster = a_cluster(answers={re.compile("\nsudo kubeadm join "): ""})
    done = executed(cluster, a_page(f"{PAGE}\n{shown}"), plan=[INIT, joins])
    assert {each.original: str(each.outcome) for each in done.results}["first/command-5"] == outcome


def test_two_pages_are_walked_together() -> None:
    other = markdown.parse(PAGE, "orchard.md", "en")
    pages = [
        PageView.of(a_page(), record(a_page(), None), [INIT]),
        PageView.of(other, record(other, None), [replace(COPY, page="orchard")]),
    ]
    done = walk_pages(a_cluster(), pages, (a_step("begin"), a_step("carry")))
    ran = [[each.original for each in one.results if each.tries] for one in done]
    assert ran == [["first/command-1"], ["first/command-2"]]


def test_a_page_is_walked_once() -> None:
    with pytest.raises(BadInput, match="same page"):
        views([(a_page(), record(a_page(), None))] * 2)


def test_a_page_without_a_plan_is_refused() -> None:
    with pytest.raises(BadInput):
        plan_of("orchard", "en")

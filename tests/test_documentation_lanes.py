"""The lanes on fake machines: what is typed where, and what becomes of blocks that fail as written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import pytest

from documentation.binding import bind
from documentation.deciders import exists
from documentation.drift.finding import Finding, Weight
from documentation.edition import editions, record
from documentation.lanes import execution, html, sheet
from documentation.lanes import markdown as markdown_
from documentation.lanes.outcome import Outcome, Result
from documentation.lanes.plan import Planned, plan_of
from documentation.lanes.shape import missing
from documentation.lanes.trees import drawn
from documentation.outcomes.evidence import Way
from documentation.outcomes.table import Table
from documentation.outcomes.verdict import Decided
from documentation.pages import markdown
from documentation.pages.block import Kind, Page
from documentation.registry import Claim
from provision.cluster import Cluster
from provision.errors import BadInput
from provision.machines.machine import Result as Answer
from provision.procedure.step import State, Step
from tests.stand_ins import PRINTED, commands, fake_cluster


class Walked(NamedTuple):
    """Results by the original's block ids, and what stopped the walk."""

    results: dict[str, Result]
    stopped: str


Walk = Callable[..., Walked]

PAGE = """## First {#first}

```sh
sudo kubeadm init --control-plane-endpoint "GATE_DNS:GATE_PORT"
```

```sh
scp seed GATE_DNS:
```

```sh
kubectl get trees
```

```sh
sing
```
"""


def _page(text: str = PAGE, language: str = "en") -> Page:
    return markdown.parse(text, "high-availability.md", language)


WAY = Way("stacked", "uploaded", "v1.37.2")
GATE = {"GATE_DNS": "balancer name", "GATE_PORT": "balancer port"}
PLAN = [
    Planned(id="first/command-1", step="begin", on="first", values=GATE),
    Planned(id="first/command-2", step="carry", on="others", values=GATE, redo=True),
    Planned(id="first/command-3", step="carry", on="first", beside=True, corrected="sudo kubectl get trees", mend="a"),
]


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> Walk:
    """Walks a cluster through a page; results by the original's ids, and what stopped the walk under `stopped`."""
    procedure = (_step("begin"), _step("water", correction="The page lets it dry."), _step("carry"))
    monkeypatch.setattr(sheet, "plan_of", lambda *_: PLAN)
    monkeypatch.setattr(execution, "procedure_of", lambda *_: procedure)

    def walked(cluster: Cluster, page: Page | None = None) -> Walked:
        [done] = execution.execute(cluster, [(page or _page(), record(_page(), None))])
        return Walked({each.original: each for each in done.results}, done.stopped)

    return walked


def _step(name: str, correction: str = "") -> Step:
    return Step(name, "first", State.READY, lambda cluster: _act(cluster, name), correction)


def _act(cluster: Cluster, name: str) -> None:
    cluster.control_planes[0].succeed(f"the step's own {name}")


def _cluster(*fails: str, until: str = "nothing") -> Cluster:
    """A cluster on which commands with these words fail, until a command with those was run."""
    seen: list[str] = []

    def answer(_machine: str, command: str) -> Answer:
        seen.append(command)
        if any(words in command for words in fails) and not any(until in each for each in seen):
            return Answer(1, "", "no luck")
        return Answer(0, PRINTED if "kubeadm init" in command else "", "")

    return fake_cluster(answer)


def test_blocks_stand_for_their_steps(walk: Walk) -> None:
    cluster = _cluster()
    found = walk(cluster).results
    assert [found[f"first/command-{n}"].outcome for n in (1, 2, 3, 4)] == [*[Outcome.VERIFIED] * 3, Outcome.UNBOUND]
    typed = commands(cluster, "cp1")
    assert 'kubeadm init --control-plane-endpoint "cluster-endpoint.kubeadm-ha.test:6443"' in typed[0]
    assert not any("the step's own begin" in each for each in typed)
    assert "printed_joins" in cluster.observations


def test_what_the_page_leaves_out_is_made_good_when_it_is_missed(walk: Walk) -> None:
    cluster = _cluster("scp seed", until="the step's own water")
    result = walk(cluster).results["first/command-2"]
    assert (result.outcome, result.reasons) == (Outcome.DEFECT, ("corrected: The page lets it dry.",))
    assert [(each.lane, each.machine, each.ok) for each in result.tries] == [
        ("literal", "cp2", False),
        ("literal", "cp3", False),
        ("corrected", "cp2", True),
        ("corrected", "cp3", True),
    ]


def test_a_step_goes_on_by_its_own_commands(walk: Walk) -> None:
    result = walk(_cluster("scp seed")).results["first/command-2"]
    assert (result.outcome, result.reasons[-1]) == (Outcome.DEFECT, "corrected: carry, by its own commands")


def test_what_nothing_helps_against_ends_the_walk(walk: Walk) -> None:
    found, stopped = walk(_cluster("scp seed", "the step's own carry"))
    assert (found["first/command-2"].outcome, "carry: neither" in stopped) == (Outcome.FAILED, True)
    assert found["first/command-3"].outcome is Outcome.UNBOUND


def test_what_the_page_leaves_out_is_made_in_the_end(walk: Walk) -> None:
    cluster = _cluster()
    walk(cluster)
    assert commands(cluster, "cp1")[-1] == "the step's own water"


def test_a_block_beside_a_step_has_a_corrected_form(walk: Walk) -> None:
    result = walk(_cluster("\nkubectl get trees")).results["first/command-3"]
    assert (result.outcome, result.mend) == (Outcome.DEFECT, "a")


SAMPLE = """...
You can now join any number of control-plane nodes running the following command on each as root:
    kubeadm join 192.168.0.200:6443 --token 9vr73a.a8uxyaju799qwdjv --discovery-token-ca-cert-hash sha256:%s
Then dance.
"""


def test_samples_are_compared_by_shape() -> None:
    assert missing(SAMPLE % ("7c" * 32), PRINTED) == ["Then dance."]


def test_times_and_addresses_vary() -> None:
    assert missing("https://[TREE IP]:2379 took = 16.2ms", "https://10.9.8.7:2379 took = 9ms") == []


def test_lines_have_to_come_back_as_often_as_they_are_shown() -> None:
    sample = "https://[TREE0 IP]:2379 took = 16.2ms\nhttps://[TREE1 IP]:2379 took = 19.4ms"
    assert missing(sample, "https://10.9.8.7:2379 took = 9ms") == ["https://[TREE1 IP]:2379 took = 19.4ms"]


@pytest.mark.parametrize(("line", "outcome"), [("as root:", Outcome.VERIFIED), ("as a root:", Outcome.DEFECT)])
def test_a_sample_is_judged_beside_its_command(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, line: str, outcome: Outcome
) -> None:
    plan = [replace(PLAN[0], sample="first/output-1"), *PLAN[1:]]
    monkeypatch.setattr(sheet, "plan_of", lambda *_: plan)
    page = _page(PAGE + f"```\n...\nrunning the following command on each {line}\n```\n")
    [done] = execution.execute(_cluster(), [(page, record(page, None))])
    assert {each.original: each.outcome for each in done.results}["first/output-1"] is outcome


def test_a_block_that_makes_a_later_one_fail_is_to_blame(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = [replace(PLAN[0], redo=True, mend="b"), *PLAN[1:]]
    monkeypatch.setattr(sheet, "plan_of", lambda *_: plan)
    found = walk(_cluster("scp seed", until="the step's own begin")).results
    assert [found[f"first/command-{n}"].outcome for n in (1, 2)] == [Outcome.DEFECT, Outcome.DEFECT]
    assert found["first/command-1"].mend == "b"


def test_nothing_is_to_blame_that_lies_further_back_than_it_has_to(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    procedure = (_step("begin"), _step("dig"), _step("carry"))
    monkeypatch.setattr(execution, "procedure_of", lambda *_: procedure)
    later = Planned(id="first/command-3", step="dig", on="first", redo=True)
    for until, blamed in (("own dig", [False, True]), ("own begin", [True, True])):
        plan = [replace(PLAN[0], redo=True), later, replace(PLAN[1], redo=False)]
        monkeypatch.setattr(sheet, "plan_of", lambda *_, plan=plan: plan)
        found = walk(_cluster("scp seed", until=f"the step's {until}")).results
        assert [found[f"first/command-{n}"].outcome is Outcome.DEFECT for n in (1, 3)] == blamed


def test_what_the_page_promises_has_to_come_back(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    for answer, outcome in (("refused", Outcome.DEFECT), ("kubeadm join", Outcome.VERIFIED)):
        plan = [replace(PLAN[0], answer=answer), *PLAN[1:]]
        monkeypatch.setattr(sheet, "plan_of", lambda *_, plan=plan: plan)
        assert walk(_cluster()).results["first/command-1"].outcome is outcome


def test_what_a_block_leaves_wrong_is_made_good(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = [replace(PLAN[0], probe="who owns it", expects=""), *PLAN[1:]]
    monkeypatch.setattr(sheet, "plan_of", lambda *_: plan)
    assert walk(_cluster()).results["first/command-1"].outcome is Outcome.VERIFIED
    plan[0] = replace(plan[0], expects="root")
    result = walk(_cluster()).results["first/command-1"]
    assert (result.outcome, result.reasons[-1]) == (Outcome.DEFECT, "corrected: The page lets it dry.")


def test_what_a_block_beside_a_step_leaves_wrong_is_made_good(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = [*PLAN[:2], replace(PLAN[2], probe="who waters it", expects="")]
    monkeypatch.setattr(sheet, "plan_of", lambda *_: plan)
    assert walk(_cluster()).results["first/command-3"].outcome is Outcome.VERIFIED
    plan[2] = replace(plan[2], expects="somebody")
    assert walk(_cluster()).results["first/command-3"].outcome is Outcome.FAILED


def test_a_correction_that_cannot_be_made_yet_waits(walk: Walk) -> None:
    cluster = _cluster("scp seed", "own water", until="the step's own carry")
    result = walk(cluster).results["first/command-2"]
    assert (result.outcome, result.reasons) == (Outcome.DEFECT, ("corrected: carry, by its own commands",))
    assert commands(cluster, "cp1")[-1] == "the step's own water"


def test_a_changed_block_is_never_verified(walk: Walk) -> None:
    found = walk(_cluster(), _page(PAGE.replace("scp seed", "scp -r seed"))).results
    assert (found["first/command-1"].outcome, found["first/command-2"].outcome) == (Outcome.VERIFIED, Outcome.STALE)


def test_a_missing_block_leaves_its_step_to_itself(walk: Walk) -> None:
    cluster = _cluster()
    page = _page(PAGE.replace("```sh\nscp seed GATE_DNS:\n```\n", ""))
    assert walk(cluster, page).results["first/command-2"].outcome is Outcome.ABSENT
    assert any("the step's own carry" in each for each in commands(cluster, "cp1"))


def test_an_open_placeholder_is_not_run(walk: Walk) -> None:
    cluster = _cluster()
    page = _page(PAGE.replace("scp seed GATE_DNS:", "scp seed GATE_DNS: WALL_DNS"))
    result = walk(cluster, page).results["first/command-2"]
    assert (result.outcome, result.reasons) == (Outcome.UNBOUND, ("nobody has said what goes in for WALL_DNS",))


def test_no_secret_is_in_a_result(walk: Walk) -> None:
    cluster = fake_cluster(lambda _machine, command: Answer(0, PRINTED if "init" in command else "b" * 64, ""))
    shown = str(walk(cluster).results)
    assert ("0123456789abcdef " in shown, "b" * 64 in shown, "‹64 hexadecimal digits›" in shown) == (False, False, True)


def test_a_report_shows_what_came_back(walk: Walk) -> None:
    results = tuple(walk(_cluster("\nkubectl get trees")).results.values())
    done = execution.Execution(_page(), "stacked-uploaded-1.37-page", "v1.37.2", results)
    told = markdown_.render(done)
    assert ("| 12 | first/command-3 | doc-defect |" in told, "no luck" in told, "Suggestion: a" in told) == (True,) * 3
    bindings = bind(_page(), record(_page(), None), {"W1": _claim("first/command-3")})
    table = Table(_page(), bindings, {WAY: (Decided(_claim("first/command-3"), Outcome.DEFECT),)}, ())
    shown = html.render(done, [Finding(Weight.BREAKS, "left-behind", 8, "first/command-2", "lies <there>")], table)
    assert ('class="block command doc-defect"' in shown, "lies &lt;there&gt;" in shown) == (True, True)
    assert "W1 doc-defect" in shown
    assert (done.status, done.coverage) == (1, "3 of 4 commands run on stacked-uploaded-1.37-page")


@pytest.mark.parametrize("page", ["high-availability", "setup-ha-etcd-with-kubeadm"])
def test_every_planned_step_exists(page: str) -> None:
    steps = [each.step for language in ("en", "ja") for each in plan_of(page, language) if each.step]
    assert [name for name in steps if not exists(f"step: {name}")] == []


def test_every_command_of_every_edition_is_planned() -> None:
    missing = []
    for each in editions():
        planned = {entry.id for entry in plan_of(each.page, each.language)}
        commands = [block for block in each.blocks if block.kind is Kind.COMMAND]
        missing += [block.id for block in commands if {block.id, each.names.get(block.id, "")}.isdisjoint(planned)]
    assert missing == []


def _claim(*blocks: str) -> Claim:
    return Claim("W1", "command", "a", "must", "b", blocks, untestable="made up")


TREE = """## First {#first}

```
/tmp/${TREE0}
└── leaf
---
/trees
├── pear
└── old
    ├── apple
    └── plum
```
"""


def test_trees_are_read_as_they_are_drawn() -> None:
    [block] = _page(TREE).of_kind(Kind.FILES)
    assert drawn(block.text, {"TREE0": "10.9.8.7"}) == {
        "/tmp/10.9.8.7": {"leaf"},
        "/trees": {"pear", "old/apple", "old/plum"},
    }


@pytest.mark.parametrize(
    ("found", "outcome", "why"),
    [
        ("pear\nold/apple\nold/plum\n", Outcome.VERIFIED, ()),
        ("pear\nold/apple\nfig\n", Outcome.DEFECT, ("old/plum is missing", "fig is there, too")),
    ],
)
def test_exactly_the_files_that_are_drawn_have_to_be_there(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, found: str, outcome: Outcome, why: tuple[str, ...]
) -> None:
    tree = Planned(
        id="first/files-1", step="carry", beside=True, tree=True, on="first", values={"TREE0": "balancer name"}
    )
    monkeypatch.setattr(sheet, "plan_of", lambda *_: [tree])
    answers = {"find /tmp": "leaf\n", "find /trees": found}

    def answer(_machine: str, command: str) -> Answer:
        return Answer(0, next((said for part, said in answers.items() if part in command), ""), "")

    page = _page(TREE)
    [done] = execution.execute(fake_cluster(answer), [(page, record(page, None))])
    assert [(each.outcome, each.reasons) for each in done.results] == [(outcome, why)]


def test_a_block_is_typed_for_each_of_the_other_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "procedure_of", lambda *_: (_step("carry"),))
    planned = Planned(id="first/command-1", step="carry", on="etcd 0", repeat="TREE", unsaid="typed for each")
    monkeypatch.setattr(sheet, "plan_of", lambda *_: [planned])
    page = _page("## First {#first}\n\n```sh\nTREE=${TREE1}\nscp seed $TREE:\n```\n")
    cluster = fake_cluster(name="external-uploaded-1.37")
    [done] = execution.execute(cluster, [(page, record(page, None))])
    _, *others = (each.address for each in cluster.etcd_machines)
    assert [each.command.splitlines()[0] for each in done.results[0].tries] == [f"TREE={each}" for each in others]
    assert (done.results[0].outcome, done.results[0].reasons) == (Outcome.SUBSTITUTED, ("typed for each",))


# A program that is not there comes by no waiting: it is asked for once as written, and once corrected.
@pytest.mark.parametrize(("rc", "times"), [(1, 3), (127, 2)])
def test_what_has_to_start_first_is_waited_for(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, rc: int, times: int
) -> None:  # fmt: skip
    monkeypatch.setattr("documentation.lanes.typist.time.sleep", lambda _: None)
    monkeypatch.setattr(sheet, "plan_of", lambda *_: [PLAN[0], replace(PLAN[1], on="first", until=60)])
    seen: list[str] = []

    def answer(_machine: str, command: str) -> Answer:
        seen.extend([command] if "scp seed" in command else [])
        failed = "scp seed" in command and len(seen) < 3
        return Answer(rc if failed else 0, PRINTED if "kubeadm init" in command else "", "")

    walk(fake_cluster(answer))
    assert len(seen) == times


def test_machines_do_at_once_what_the_page_has_them_do_at_once(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "plan_of", lambda *_: [PLAN[0], replace(PLAN[1], at_once="stacked")])
    both = threading.Barrier(2, timeout=5)

    def answer(_machine: str, command: str) -> Answer:
        if "scp seed" in command:
            both.wait()
        return Answer(0, PRINTED if "kubeadm init" in command else "", "")

    assert walk(fake_cluster(answer)).results["first/command-2"].outcome is Outcome.VERIFIED


JOIN = "```sh\nsudo kubeadm join 10.0.0.1:1 --token a --control-plane --certificate-key b\n```\n"


@pytest.mark.parametrize(("shown", "outcome"), [(JOIN, "verified"), (JOIN.replace(" b", " b --fast"), "doc-defect")])
def test_a_printed_command_has_the_flags_that_the_page_shows(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, shown: str, outcome: str
) -> None:
    page = _page(f"{PAGE}\n{shown}")
    joins = Planned(id="first/command-5", step="carry", on="others", printed="control-plane")
    monkeypatch.setattr(sheet, "plan_of", lambda *_: [PLAN[0], joins])
    [done] = execution.execute(_cluster(), [(page, record(page, None))])
    assert {each.original: str(each.outcome) for each in done.results}["first/command-5"] == outcome


def test_pages_are_walked_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "procedure_of", lambda *_: (_step("begin"), _step("carry")))
    plans = {"high-availability": PLAN[:1], "orchard": [replace(PLAN[1], page="orchard")]}
    monkeypatch.setattr(sheet, "plan_of", lambda name, _: plans[name])
    other = markdown.parse(PAGE, "orchard.md", "en")
    done = execution.execute(_cluster(), [(_page(), record(_page(), None)), (other, record(other, None))])
    ran = [[each.original for each in one.results if each.tries] for one in done]
    assert ran == [["first/command-1"], ["first/command-2"]]


def test_a_page_is_walked_once() -> None:
    with pytest.raises(BadInput, match="same page"):
        execution.execute(_cluster(), [(_page(), record(_page(), None))] * 2)


def test_a_page_without_a_plan_is_refused() -> None:
    with pytest.raises(BadInput):
        plan_of("orchard", "en")

"""The commit that brought a failure is found in a small tree: also past commits that say nothing, and after an end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from bisection import git
from bisection.__main__ import answer, main, understood
from bisection.outcome import Outcome
from bisection.searching import Found, search
from bisection.trials import Trials
from provision.artifacts import derived, own, source_tree
from provision.recording.journal import Journal
from provision.util import foreground
from provision.util.atomic_write import append_line
from provision.util.errors import BadInput, CommandFailed, Interrupted, Problem
from provision.util.home import Home
from provision.util.redaction import Redactor
from tests import source_trees

NODE = "scenarios/test_nodes.py::test_node_is_ready"
JOURNAL = Journal("bisect", Redactor(), ())
GREEN, RED, FAILING_STEP, NOT_COMPILING = "green", "red", "init fails", "var a int = 'b"
"""What a commit's `behaviour` has, and what a run at it does."""
COMPLAINT = "cmd/kubeadm/a.go:3:13: no such rune"


@pytest.fixture(autouse=True)
def no_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what does not compile is known; that go builds a tree is shown in test_source_tree.py."""

    def build(tree: Path, home: Home, journal: Journal) -> Path:
        if (tree / "behaviour").read_text() == NOT_COMPILING:
            raise CommandFailed("go build", answer=f"# k8s.io/kubernetes/cmd/kubeadm\n{COMPLAINT}")
        return tree

    monkeypatch.setattr(source_tree, "build", build)


def a_tree(tree: Path, *behaviours: str) -> list[str]:
    """A checkout with one commit a behaviour; returns their names."""
    source_trees.make(tree)
    names = []
    for number, each in enumerate(behaviours):
        (tree / "behaviour").write_text(each)
        names.append(source_trees.commit(tree, f"number {number}: {each}"))
    return names


class Runs:
    """Stands in for runs on clusters: leaves the records of one, by what is checked out; each is counted."""

    def __init__(self) -> None:
        self.commands: list[Sequence[str]] = []
        self.forgotten: list[Path] = []
        """Builds of which nothing is to be kept."""
        self.ends: list[int] = []
        """Exit statuses of the next runs, which leave no records."""

    def __call__(self, command: Sequence[str]) -> int:
        self.commands.append(command)
        if self.ends:
            return self.ends.pop(0)
        folder, tree = (given(command, name) for name in ("--ha-run-dir", "--ha-source"))
        return recorded(folder, (tree / "behaviour").read_text())


def given(command: Sequence[str], name: str) -> Path:
    return next(Path(each.partition("=")[2]) for each in command if each.startswith(f"{name}="))


def recorded(folder: Path, behaviour: str) -> int:
    """The records of a run, and its exit status."""
    broken = behaviour == FAILING_STEP
    error = "TimedOut: the API server did not answer\nand more" if broken else ""
    for name, start, stop in (("the cluster", 1.0, 9.0), ("init", 2.0, 8.0)):
        step = {"kind": "step", "cluster": "c", "name": name, "section": "", "start": start, "stop": stop}
        append_line(folder / "commands.jsonl", step | {"error": error, "interrupted": False})
    phases = ["setup"] if broken else ["setup", "call", "teardown"]
    for when in phases:
        failed = when == ("setup" if broken else "call") and behaviour != GREEN
        append_line(
            folder / "tests.jsonl", phase(when, failed, "the API server did not answer" if broken else "cp1: taint")
        )
    return 0 if behaviour == GREEN else 1


def phase(when: str, failed: bool, reason: str) -> dict[str, object]:
    return {
        "kind": "test", "nodeid": f"{NODE}[c:cp1]", "when": when, "outcome": "failed" if failed else "passed",
        "start": 1.0, "stop": 2.0, "text": f"E   {reason}" if failed else "", "reason": reason if failed else "",
        "properties": {"cluster": "c", "subject": "cp1"},
    }  # fmt: skip


@pytest.fixture
def runs() -> Runs:
    return Runs()


def searched(tmp_path: Path, runs: Runs, commits: Sequence[str]) -> Found:
    """A search between the first and the last commit."""
    source = tmp_path / "tree"
    with git.copied(source, tmp_path / "copy") as tree:
        trials = Trials(
            tree, tmp_path / "found", Home(tmp_path), JOURNAL, "stacked", ("-k", "ready"), runs.forgotten.append, runs
        )
        return search(trials, git.commit(source, commits[0]), git.commit(source, commits[-1]), lambda _: None)


def test_the_first_bad_commit_of_seven_is_found_with_two_ends_and_three_steps(tmp_path: Path, runs: Runs) -> None:
    commits = a_tree(tmp_path / "tree", *[GREEN] * 4, *[RED] * 4)
    found = searched(tmp_path, runs, commits)
    assert [each.name for each in found.first] == [commits[4]]
    assert len(runs.commands) == len(found.tried) == 2 + 3
    assert any("cp1: taint" in line for line in answer(found))
    assert len(runs.forgotten) == len(runs.commands)
    assert runs.commands[0][-2:] == ["-k", "ready"]


def test_neighbours_need_both_ends_alone(tmp_path: Path, runs: Runs) -> None:
    commits = a_tree(tmp_path / "tree", GREEN, RED)
    assert [each.name for each in searched(tmp_path, runs, commits).first] == [commits[1]]
    assert len(runs.commands) == 2


def test_what_does_not_compile_and_another_failure_are_neither_good_nor_bad(tmp_path: Path, runs: Runs) -> None:
    commits = a_tree(tmp_path / "tree", GREEN, GREEN, NOT_COMPILING, FAILING_STEP, GREEN, RED, RED)
    found = searched(tmp_path, runs, commits)
    assert [each.name for each in found.first] == [commits[5]]
    words = {trial.commit.name: verdict for trial, verdict in found.tried}
    if skipped := words.get(commits[3]):
        assert (skipped.word, "the step 'init'" in skipped.why) == ("skip", True)


def test_where_all_others_say_nothing_the_answer_is_one_of_several(tmp_path: Path, runs: Runs) -> None:
    commits = a_tree(tmp_path / "tree", GREEN, NOT_COMPILING, FAILING_STEP, RED)
    found = searched(tmp_path, runs, commits)
    assert {each.name for each in found.first} == set(commits[1:])
    reasons = [verdict.why for _, verdict in found.tried if verdict.word == "skip"]
    assert any(COMPLAINT in each for each in reasons)
    assert "the first bad commit is one of these" in "\n".join(answer(found))


def test_a_step_that_fails_is_searched_for_by_its_own_name(tmp_path: Path, runs: Runs) -> None:
    commits = a_tree(tmp_path / "tree", GREEN, RED, FAILING_STEP, FAILING_STEP)
    found = searched(tmp_path, runs, commits)
    # at commit 1 the step is green, whatever else is red
    assert [each.name for each in found.first] == [commits[2]]
    assert found.tried[0][1].why == "the step 'init': TimedOut: the API server did not answer"


def test_an_interrupted_search_goes_on_without_trying_anything_twice(tmp_path: Path, runs: Runs) -> None:
    commits = a_tree(tmp_path / "tree", *[GREEN] * 3, *[RED] * 5)
    searched(tmp_path, other := Runs(), commits)
    shutil.rmtree(tmp_path / "found")

    class Interrupting(Runs):
        def __call__(self, command: Sequence[str]) -> int:
            return 130 if len(self.commands) == 3 else super().__call__(command)

    with pytest.raises(Interrupted, match=r"interrupted while .* was tried"):
        searched(tmp_path, first := Interrupting(), commits)
    assert not (tmp_path / "copy").exists()
    assert [each.name for each in searched(tmp_path, runs, commits).first] == [commits[3]]
    assert len(first.commands) + len(runs.commands) == len(other.commands)


@pytest.mark.parametrize(
    ("behaviours", "message"),
    [
        ((GREEN, GREEN, GREEN), "nothing is red at the bad end"),
        ((RED, RED, RED), r"the good end, .* is not good"),
        ((FAILING_STEP, GREEN, RED), r"the good end, .* is not good"),
        ((GREEN, RED, NOT_COMPILING), "is the bad end, and was not tried: it does not compile"),
    ],
)
def test_ends_that_do_not_differ_are_refused(
    behaviours: tuple[str, ...], message: str, tmp_path: Path, runs: Runs
) -> None:
    with pytest.raises(Problem, match=message):
        searched(tmp_path, runs, a_tree(tmp_path / "tree", *behaviours))


@pytest.mark.parametrize(
    ("status", "message"), [(5, "no test was selected"), (3, "ended with 3"), (2, "that is not about the commit")]
)
def test_a_run_that_says_nothing_of_commits_ends_the_search_and_is_not_kept(
    status: int, message: str, tmp_path: Path, runs: Runs
) -> None:
    commits = a_tree(tmp_path / "tree", GREEN, RED)
    runs.ends = [status]
    with pytest.raises(Problem, match=message):
        searched(tmp_path, runs, commits)
    assert [each.name for each in searched(tmp_path, runs, commits).first] == [commits[1]]
    assert len(list((tmp_path / "found").glob("*-interrupted-1"))) == 1


def test_a_module_proxy_that_does_not_answer_is_not_the_commits_fault(
    tmp_path: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: object) -> Path:
        raise CommandFailed("go build", answer='go: Get "https://proxy.test/x": connection refused')

    commits = a_tree(tmp_path / "tree", GREEN, RED)
    monkeypatch.setattr(source_tree, "build", build)
    with pytest.raises(CommandFailed, match="go build"):
        searched(tmp_path, runs, commits)
    assert not list((tmp_path / "found").glob("*/outcome.json"))


def test_the_checkout_stays_as_it_is_with_its_changes(tmp_path: Path, runs: Runs) -> None:
    tree = tmp_path / "tree"
    commits = a_tree(tree, GREEN, GREEN, RED, RED)
    (tree / "behaviour").write_text("not committed")
    before = (source_trees.git(tree, "rev-parse", "HEAD"), source_trees.git(tree, "for-each-ref"))
    searched(tmp_path, runs, commits)
    assert before == (source_trees.git(tree, "rev-parse", "HEAD"), source_trees.git(tree, "for-each-ref"))
    assert (tree / "behaviour").read_text() == "not committed"
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["--ha-source={tree}", "nonsense", "HEAD"], "'nonsense' is not a commit of"),
        (["HEAD", "HEAD"], "bisect needs a checkout"),
        (["--ha-source={tree}/cmd", "HEAD", "HEAD"], "is not a git checkout"),
        (["--ha-source={tree}", "HEAD~1"], "the following arguments are required: BAD"),
        (["--ha-source={tree}", "--selection=stakced", "HEAD~1", "HEAD"], "did you mean stacked?"),
    ],
)
def test_what_is_typed_wrongly_ends_with_2_and_leaves_nothing(
    typed: list[str], message: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    a_tree(tmp_path / "tree", GREEN, RED)
    try:
        status = main([each.format(tree=tmp_path / "tree") for each in typed])
    except SystemExit as ended:
        status = int(str(ended.code))
    assert (status, message in capfd.readouterr().err) == (2, True)
    assert {each.name for each in tmp_path.iterdir()} == {"tree"}


def test_the_documented_command_finds_the_first_bad_commit(
    tmp_path: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(foreground, "call", lambda command, **_: runs(command))
    monkeypatch.setattr(own, "read", lambda built: built)
    monkeypatch.setattr(derived, "remove", lambda _home, built, _engine: runs.forgotten.append(built))
    monkeypatch.setenv("HA_HOME", str(tmp_path / "home"))
    commits = a_tree(tmp_path / "tree", GREEN, GREEN, RED, RED)
    typed = [f"--ha-source={tmp_path / 'tree'}", f"--ha-run-dir={tmp_path / 'found'}", commits[0], "HEAD"]
    assert main([*typed, "-k", "test_node_has_exactly_the_label_of_its_role"]) == 0
    printed = capfd.readouterr()
    assert f"the first bad commit is {commits[2]} number 2: red" in printed.out
    assert "bisect: the bad end: " in printed.err
    assert len(runs.forgotten) == len(runs.commands)
    assert {command[-1] for command in runs.commands} == {"test_node_has_exactly_the_label_of_its_role"}
    assert list((tmp_path / "home" / "bisections").iterdir()) == []


def test_an_interrupt_between_runs_ends_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def build(*_: object) -> Path:
        raise KeyboardInterrupt

    a_tree(tmp_path / "tree", GREEN, RED)
    monkeypatch.setattr(source_tree, "build", build)
    monkeypatch.setenv("HA_HOME", str(tmp_path / "home"))
    typed = [f"--ha-source={tmp_path / 'tree'}", f"--ha-run-dir={tmp_path / 'found'}", "HEAD~1", "HEAD"]
    assert main(typed) == foreground.INTERRUPTED
    assert capfd.readouterr().err.endswith("interrupted: the same command goes on from there\n")
    assert list((tmp_path / "home" / "bisections").iterdir()) == []


def test_a_folder_of_another_search_is_refused(tmp_path: Path) -> None:
    a_tree(tmp_path / "tree", GREEN, GREEN, RED)
    typed = [f"--ha-source={tmp_path / 'tree'}", f"--ha-run-dir={tmp_path / 'found'}", "HEAD~1", "HEAD"]
    wanted = understood(typed)
    wanted.folder.mkdir()
    (wanted.folder / "bisect.json").write_bytes(wanted.described)
    assert understood(typed) == wanted
    with pytest.raises(BadInput, match="has another search"):
        understood([*typed, "-k", "another"])


def test_an_outcome_that_was_kept_is_read_as_it_was(tmp_path: Path, runs: Runs) -> None:
    commits = a_tree(tmp_path / "tree", GREEN, RED)
    trial, _ = searched(tmp_path, runs, commits).tried[0]
    assert trial.outcome == Outcome(
        {f"{NODE} of cp1": "cp1: taint"}, frozenset({"the step 'init'", "the step 'the cluster'"})
    )
    assert json.loads((trial.folder / "outcome.json").read_text())["reason"] == ""

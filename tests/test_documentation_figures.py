"""How well the checks of pages do is counted rightly, on a small repository with a page in two languages."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from documentation.programs.programs import Programs
from documentation.reports import report
from tests.documentation_figures import __main__ as command
from tests.documentation_figures import answers as product
from tests.documentation_figures import defects, figures, judged, reported, revisions, table
from tests.documentation_figures.answers import Answer, KeptFinding, Question
from tests.documentation_figures.checkout import At, Checkout
from tests.documentation_figures.lists import Revision, Sign
from tests.kept_findings import ENGLISH, GERMAN, finding

PAGE = """---
title: Boats
---

# Boats {#boats}

Boats are counted with the load ballancer of the harbour.

```sh
kubeadm token list --kubeconfig /etc/kubernetes/admin.conf
```
"""
FIXED = PAGE.replace("ballancer", "balancer")
RECOUNTED = FIXED.replace("token list", "token create")

Commit = Callable[..., str]


@pytest.fixture
def _no_programs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Without programs, answers take no time."""
    monkeypatch.setattr(product, "programs", Programs)
    product.product.cache_clear()
    yield
    product.product.cache_clear()


@pytest.fixture
def commit(tmp_path: Path) -> Commit:
    """Commit files into a repository beside, by path; the commit's name."""
    folder = tmp_path / "website"

    def git(*arguments: str) -> str:
        settings = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        command = ["git", *settings, "-C", str(folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(**pages: str) -> str:
        for name, text in pages.items():
            path = folder / {"english": ENGLISH, "german": GERMAN}[name]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git("add", "-A")
        git("commit", "-qm", "a revision")
        return git("rev-parse", "HEAD")

    folder.mkdir()
    git("init", "-q")
    return commit


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "website")


def sign(commit: str = "", **more: object) -> Sign:
    known: dict[str, object] = {
        "report": "#1", "page": "boats", "language": "en", "commit": commit, "wrong": "a slip", "kind": "brought",
        "whole_page": False, "slip": "ballancer", "right": r"load balancer\b", "sign": "",
    }  # fmt: skip
    return Sign(**known | more)  # type: ignore[arg-type]


def revision(commit: str, number: int = 0, date: str = "2020-01-01", path: str = ENGLISH) -> Revision:
    return Revision("boats", path.split("/")[1], number, date, At(commit, path))


def outcome(checkout: Checkout, old: str, new: str, checked: KeptFinding, compared: KeptFinding) -> reported.Outcome:
    pair = revision(old), revision(new, 1)
    [error], missing = reported.errors([sign(new)], [pair])
    assert missing == []
    answers = {error.checked: Answer((checked,)), error.compared: Answer((compared,))}
    return reported.outcome(error, answers, checkout)


def test_a_finding_of_the_error_near_the_fix_counts(commit: Commit, checkout: Checkout) -> None:
    old, new = commit(english=PAGE), commit(english=FIXED)
    found = outcome(
        checkout, old, new, finding(what="`ballancer` is a slip", weight=1), finding(what="for `load balancer`")
    )
    assert (found.check, found.drift, found.uncounted) == ("r", "M", "")


@pytest.mark.parametrize("other", [finding(what="`harbour` is a slip"), finding(40, "`ballancer` is a slip")])
def test_a_finding_of_another_thing_or_place_does_not(commit: Commit, checkout: Checkout, other: KeptFinding) -> None:
    old, new = commit(english=PAGE), commit(english=FIXED)
    assert outcome(checkout, old, new, other, other).check == "-"


@pytest.mark.parametrize(
    "turned",
    [
        finding(what="`ballancer` is right", improves=True),
        finding(what="`ballancer`", edits=(("the load balancer", "the load ballancer"),)),
        finding(what="reads `load balancer`", fix="write ballancer"),
    ],
)
def test_what_takes_the_error_for_the_right_form_says_the_opposite(
    commit: Commit, checkout: Checkout, turned: KeptFinding
) -> None:
    old, new = commit(english=PAGE), commit(english=FIXED)
    assert outcome(checkout, old, new, finding(), turned).drift == "x"


def test_a_suggestion_to_remove_the_error_is_not_the_opposite() -> None:
    assert not reported.opposite(sign(), finding(fix="remove `ballancer`"))


def test_a_fix_that_the_list_of_pages_lacks_is_its_commit_and_the_parent() -> None:
    [error], _ = reported.errors([sign("f00")], [(revision("a"), revision("b", 1))])
    assert (error.wrong.at, error.right.at) == (At("f00^", ENGLISH), At("f00", ENGLISH))


def test_a_translation_is_compared_with_the_english_page_of_the_day_of_its_fix() -> None:
    english = [revision(each, n, f"2020-0{n + 1}-01") for n, each in enumerate("abcd")]
    german = revision("y", 0, "2020-03-01", GERMAN), revision("z", 1, "2020-03-02", GERMAN)
    pairs = [*pairwise(english), german]
    [error], _ = reported.errors([sign("z", language="de")], pairs)
    assert error.compared == Question(At("y", GERMAN), At("c", ENGLISH))


def test_what_a_checkout_lacks_is_named_with_the_reason(commit: Commit, checkout: Checkout) -> None:
    known = commit(english=PAGE)
    found = outcome(checkout, "0" * 40, known, finding(), finding())
    assert found.uncounted == "the checkout does not have both revisions"


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        (PAGE, FIXED, revisions.Changed.WORDS),
        (FIXED, RECOUNTED, revisions.Changed.CODE),
        (FIXED, PAGE, revisions.Changed.WORSE),
        (PAGE, PAGE, revisions.Changed.NOTHING),
    ],
)
def test_edits_are_sorted_by_what_they_change(
    commit: Commit, checkout: Checkout, old: str, new: str, changed: revisions.Changed
) -> None:
    first = commit(english=old)
    second = commit(english=new, german="Boote.") if old == new else commit(english=new)
    edit = revisions.Edit(revision(first), revision(second, 1))
    assert revisions.changed(edit, checkout, [sign()], frozenset()) is changed


def test_an_edit_that_a_reader_judged_is_set_apart(commit: Commit, checkout: Checkout) -> None:
    edit = revisions.Edit(revision(commit(english=PAGE)), revision(commit(english=FIXED), 1))
    worse = frozenset({("boats", "en", edit.new.at.commit)})
    assert revisions.changed(edit, checkout, [], worse) is revisions.Changed.WORSE


def test_an_error_that_came_with_a_release_was_brought_by_no_edit() -> None:
    assert not revisions.brings(sign(kind="aged"), FIXED, PAGE)


@pytest.mark.usefixtures("_no_programs")
def test_answers_are_kept_and_a_crash_is_one(
    commit: Commit, checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = Question(At(commit(english=PAGE), ENGLISH)), Question(At("0" * 40, ENGLISH))
    first = product.ask([good, bad], checkout, tmp_path)
    assert (first[good].trouble, "cannot be read" in first[bad].trouble) == ("", True)

    def crash(*_: object) -> None:
        raise ValueError("no such day")

    monkeypatch.setattr(report, "of_page", crash)
    assert product.ask([good], checkout, tmp_path) == {good: first[good]}
    assert product.ask([good], checkout, tmp_path / "new")[good].trouble == "crashed: ValueError: no such day"


@pytest.mark.usefixtures("_no_programs")
def test_a_page_is_judged_on_its_site_where_that_is_wanted(commit: Commit, checkout: Checkout, tmp_path: Path) -> None:
    at = At(commit(english="# Boats\n\nSee [sails](/docs/sails/).\n"), ENGLISH)
    alone, placed = Question(at), Question(at, placed=True)
    found = product.ask([alone, placed], checkout, tmp_path)
    rules = [[each.rule for each in found[question].findings] for question in (alone, placed)]
    assert rules == [[], ["site-link"]]


def test_a_translation_is_compared_with_its_original_where_there_is_one() -> None:
    english, german, other = At("b", ENGLISH), At("b", GERMAN), At("b", GERMAN.replace("high", "low"))
    questions = judged.questions([english, german, other], {english})
    assert [each.verb for each in questions] == ["check", "check", "check", "drift"]
    assert all(each.placed for each in questions)


@pytest.mark.usefixtures("_no_programs")
def test_a_translation_is_compared_by_history_as_on_the_command_line(
    commit: Commit, checkout: Checkout, tmp_path: Path
) -> None:
    commit(english=PAGE, german=PAGE)
    now = commit(english=RECOUNTED)
    pair = At(now, GERMAN), At(now, ENGLISH)
    found = product.ask([Question(*pair), Question(*pair, placed=True)], checkout, tmp_path)
    rules = [{each.rule for each in answer.findings} for answer in found.values()]
    assert ["behind" in each for each in rules] == [False, True]


def test_figures_are_printed_with_their_lists_and_written_as_a_table() -> None:
    known = [table.Figure("pears", "1 of 2", "by | hand", "2", ("a pear",), ("a plum: not a pear",))]
    assert table.text(known, lists=True).splitlines()[0] == "pears: 1 of 2 (goal: 2)"
    assert "    a pear\n    not counted: a plum" in table.text(known, lists=True)
    assert "| pears | 1 of 2 | 2 | by \\| hand |" in table.markdown(known, "Fruit")


@pytest.mark.usefixtures("_no_programs")
def test_all_is_counted_by_the_command(
    commit: Commit,
    checkout: Checkout,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = commit(english=PAGE)
    known = [revision(first), revision(commit(english=FIXED), 1), revision(commit(english=RECOUNTED, german=PAGE), 2)]
    monkeypatch.setattr(command, "revisions", lambda name="pages.tsv": known if name == "pages.tsv" else known[1:])
    monkeypatch.setattr(figures, "signs", lambda: [sign(known[1].at.commit)])
    written = tmp_path / "figures.md"
    arguments = [str(checkout.folder), "--kept", str(tmp_path / "kept"), "--markdown", str(written), "--lists"]
    assert command.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "reported errors that `check` finds on the page before the fix: " in printed
    assert "honest edits of words and links: red: 0 of 1, 0.0 % (goal: at most 1 %)" in printed
    assert (
        "honest edits of code: red, on pages that no rule was made with: 1 of 1, 100.0 % (goal: at most 10 %)"
        in printed
    )
    assert written.read_text().startswith("# Checks of pages, counted on the website at ")


def test_a_folder_that_is_not_a_checkout_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(tmp_path)]) == 2
    assert "has no revision HEAD" in capsys.readouterr().err


def test_a_defect_becomes_a_patch_that_applies_and_one_that_is_gone_is_named(
    commit: Commit, checkout: Checkout
) -> None:
    known = commit(english=PAGE)
    slip = {"page": ENGLISH, "line": "3", "wrong": "ballancer", "right": "balancer", "what": "a slip"}
    diff, gone = defects.patch([slip, slip | {"wrong": "pears"}], checkout, known)
    assert gone == [f"{ENGLISH}: a slip: pears"]
    subprocess.run(["git", "-C", str(checkout.folder), "apply"], input=diff, text=True, check=True)
    assert (checkout.folder / ENGLISH).read_text() == FIXED

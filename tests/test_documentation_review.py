"""A review of a change: which pages it is about, what counts, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.__main__ import main
from documentation.findings.rules import Finding, Weight
from documentation.review.changes import Change, How, changes_of, nearest, range_of
from documentation.review.judging import fresh
from documentation.review.known import Baseline
from documentation.review.review import Review, of_change
from provision.util.errors import BadInput
from tests.sites import HARBOUR, PIER, PIER_JA, SITE, commit, git, site

ROOT = Path(__file__).parent.parent
NONE = "\nSee [it](/docs/none/).\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return site(tmp_path / "site")


def _review(repository: Path, files: dict[str, str | None]) -> Review:
    commit(repository, files)
    return of_change(range_of(f"{repository}@HEAD~1..HEAD"), None, Baseline())


def _found(review: Review) -> list[tuple[str, str, str]]:
    return [(page.path, each.rule, each.weight) for page in review.pages for each in page.counted]


def test_pages_of_all_languages_are_reviewed_in_one_call(repository: Path) -> None:
    review = _review(
        repository, {PIER: SITE[PIER] + NONE, HARBOUR: SITE[HARBOUR] + NONE, PIER_JA: SITE[PIER_JA] + NONE}
    )
    assert {page.path: (page.how, page.language) for page in review.pages} == {
        HARBOUR: (How.CHANGED, "en"), PIER: (How.CHANGED, "en"), PIER_JA: (How.CHANGED, "ja"),
    }  # fmt: skip
    assert {(path, rule) for path, rule, _ in _found(review)} >= {(PIER, "site-link"), (HARBOUR, "site-link")}
    assert review.status == 1


def test_what_was_wrong_before_does_not_count(repository: Path) -> None:
    commit(repository, {PIER: SITE[PIER] + NONE})
    review = _review(repository, {PIER: SITE[PIER].replace("Tie the boat up", "Tie up the boat") + NONE})
    assert (_found(review), review.status) == ([], 0)


def test_the_same_fault_once_more_counts(repository: Path) -> None:
    fault = Finding(Weight.MISLEADS, "site-link", 3, "a", "none")
    again = Finding(Weight.MISLEADS, "site-link", 9, "b", "none")
    assert list(fresh([fault, again], [fault], changed=[9])) == [again]
    assert list(fresh([again], [fault], changed=[9])) == []
    assert list(fresh([fault], [], changed=[])) == [fault]


def test_a_finding_whose_sentence_names_other_lines_is_the_same(repository: Path) -> None:
    before = Finding(Weight.MISLEADS, "missing", 3, "a", "a command of line 65 is missing")
    now = Finding(Weight.MISLEADS, "missing", 4, "a", "a command of line 67 is missing")
    assert list(fresh([now], [before], changed=[4])) == []


def test_a_flag_that_a_change_breaks_is_found_against_the_page_before(repository: Path) -> None:
    review = _review(repository, {PIER: SITE[PIER].replace("must not leave", "must leave")})
    assert _found(review) == [(PIER, "negation", "misleads")]
    assert review.pages[0].against == PIER


def test_what_the_lines_of_a_change_show_themselves_is_not_repeated(repository: Path) -> None:
    review = _review(repository, {PIER: SITE[PIER].replace("Tie the boat up", "Make your boat fast")})
    assert review.pages[0].findings == ()


def test_a_new_translation_is_compared_with_its_original(repository: Path) -> None:
    text = (
        "---\ntitle: Der Steg\n---\n\n## Festmachen {#moor}\n\nBoot festmachen:\n\n```shell\nkubectl get ships\n```\n\n"
    )
    text += "Nicht verlassen. Erst `KUBECONFIG` setzen.\n"
    review = _review(repository, {"content/de/docs/pier.md": text})
    [page] = review.pages
    assert (page.how, page.language, page.against) == (How.ADDED, "de", PIER)
    assert [each.rule for each in page.counted if each.weight != "remark"] == ["command"]


def test_a_translation_that_follows_its_original_is_quiet(repository: Path) -> None:
    commit(repository, {PIER: SITE[PIER].replace("get boats", "get ships")})
    review = _review(repository, {PIER_JA: SITE[PIER_JA].replace("get boats", "get ships")})
    assert (_found(review), review.pages[0].against) == ([], PIER)


def test_what_a_translation_lacked_before_does_not_count(repository: Path) -> None:
    commit(repository, {PIER: SITE[PIER].replace("get boats", "get ships")})
    review = _review(repository, {PIER_JA: SITE[PIER_JA].replace("船をつなぎます", "船を係留します")})
    assert _found(review) == []


def test_a_deleted_page_that_others_link_to_misleads(repository: Path) -> None:
    review = _review(repository, {PIER: None, PIER_JA: None})
    found = {(page.path, each.rule, each.weight, each.what) for page in review.pages for each in page.counted}
    assert (
        PIER,
        "page-gone",
        "misleads",
        f"`/docs/pier/` leads nowhere any more, and 1 page links to it: `{HARBOUR}`",
    ) in found
    assert review.status == 1


def test_a_deleted_translation_leaves_the_english_page(repository: Path) -> None:
    review = _review(repository, {PIER_JA: None})
    assert (_found(review), review.status) == ([(PIER_JA, "page-gone", "remark")], 0)


def test_links_of_other_languages_do_not_miss_a_deleted_translation(repository: Path) -> None:
    commit(repository, {PIER: None, "content/de/docs/x.md": "---\ntitle: x\n---\n\n[Steg](/docs/pier/)\n"})
    review = _review(repository, {PIER_JA: None})
    assert [each.what for each in review.pages[0].counted] == [
        "`/ja/docs/pier/` leads nowhere any more, and no page links to it"
    ]


def test_a_renamed_page_needs_a_redirect(repository: Path) -> None:
    moved = {PIER: None, "content/en/docs/jetty.md": SITE[PIER]}
    review = _review(repository, moved)
    [page] = review.pages
    assert (page.how, page.old) == (How.RENAMED, PIER)
    assert [(each.rule, each.weight) for each in page.counted] == [("page-gone", "misleads"), ("page-gone", "remark")]
    redirected = SITE["static/_redirects"] + "/docs/pier/ /docs/jetty/ 301\n"
    commit(repository, {"static/_redirects": redirected})
    review = of_change(range_of(f"{repository}@HEAD~2..HEAD"), None, Baseline())
    assert [each.what for each in review.pages[0].counted] == ["translations keep it under its old name: ja"]
    assert review.status == 0


def test_an_anchor_that_others_link_to_is_missed(repository: Path) -> None:
    review = _review(repository, {PIER: SITE[PIER].replace(" {#moor}", "")})
    assert _found(review) == []  # the heading itself makes the same anchor
    review = _review(repository, {PIER: SITE[PIER].replace("## Moor {#moor}", "## Make fast")})
    assert _found(review) == [(PIER, "anchor-gone", "misleads")]
    assert review.pages[0].counted[0].what == f"the anchor `#moor` is gone, and 1 page links to it: `{HARBOUR}`"


def test_other_formats_are_named_and_other_files_are_not(repository: Path) -> None:
    review = _review(repository, {"content/en/docs/x.rst": "X\n=\n", "Makefile": "all:\n", "README.md": "# A\n"})
    assert (review.pages, review.unread) == ((), ("content/en/docs/x.rst",))


def test_a_page_with_nothing_to_read_says_so(repository: Path) -> None:
    review = _review(repository, {"content/en/docs/empty.md": "\n", PIER: SITE[PIER] + "\nMore.\n"})
    assert [page.limits for page in review.pages] == [("It has nothing that can be read.",), ()]
    assert [each[:9] for each in review.notes] == ["Not valid"]  # of all that were read


def test_a_page_that_only_lists_others_is_quiet(repository: Path) -> None:
    text = "---\ntitle: All harbours\nweight: 10\n---\n"
    review = _review(repository, {"content/en/docs/all/_index.md": text, "content/ja/docs/all/_index.md": text})
    assert [(page.findings, page.limits) for page in review.pages] == [((), ()), ((), ())]


def test_a_translation_that_moves_to_its_originals_place_is_as_good_as_before(repository: Path) -> None:
    text = SITE[PIER_JA].replace("get boats", "get ships")
    commit(repository, {PIER_JA: None, "content/ja/docs/old/pier.md": text})
    review = _review(repository, {"content/ja/docs/old/pier.md": None, PIER_JA: text})
    assert [(page.how, [each.rule for each in page.counted]) for page in review.pages] == [(How.RENAMED, ["page-gone"])]


def test_three_dots_leave_out_what_the_base_got_meanwhile(repository: Path) -> None:
    git(repository, "checkout", "-qb", "topic")
    commit(repository, {PIER: SITE[PIER] + "\nMore.\n"})
    git(repository, "checkout", "-q", "main")
    commit(repository, {HARBOUR: SITE[HARBOUR] + "\nMore.\n"})
    two, _ = changes_of(range_of(f"{repository}@main..topic"))
    three, _ = changes_of(range_of(f"{repository}@main...topic"))
    assert ([each.path for each in two], [each.path for each in three]) == ([HARBOUR, PIER], [PIER])


def test_the_changed_lines_are_known(repository: Path) -> None:
    commit(repository, {PIER: SITE[PIER].replace("Tie the boat up", "Moor it") + "\nMore.\n"})
    [change], _ = changes_of(range_of(f"{repository}@HEAD~1..HEAD"))
    assert change == Change(How.CHANGED, PIER, PIER, (7, 14, 15))
    assert [nearest(change.lines, line) for line in (1, 8, 15, 99)] == [7, 7, 15, 15]
    assert nearest((), 5) == 5


@pytest.mark.parametrize("name", ["größe.md", 'a "b" c.md', "a b.md"])
def test_files_with_unusual_names_are_found(repository: Path, name: str) -> None:
    path = f"content/en/docs/{name}"
    commit(repository, {path: "# One\n\n++ b/other.md\n"})
    [change], _ = changes_of(range_of(f"{repository}@HEAD~1..HEAD"))
    assert (change.how, change.new, change.lines) == (How.ADDED, path, (1, 2, 3))


def test_what_the_user_configured_for_git_does_not_matter(repository: Path) -> None:
    for key, value in (("diff.noprefix", "true"), ("diff.external", "false"), ("core.quotePath", "true"),
                       ("diff.mnemonicPrefix", "true"), ("color.diff", "always")):  # fmt: skip
        git(repository, "config", key, value)
    test_the_changed_lines_are_known(repository)


@pytest.mark.parametrize(
    "spec", ["x", "x@main", "x@main..", "{}@main..none", "{}@none...main", "{}@--all..main", "{}/none@a..b"]
)
def test_what_is_not_a_change_is_refused(repository: Path, spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadInput):
        changes_of(range_of(spec.format(repository)))
    assert main(["review", "--kubeadm", "none", spec.format(repository)]) == 2
    assert "Traceback" not in capsys.readouterr().err

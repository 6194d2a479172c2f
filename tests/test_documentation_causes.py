"""Causes: each is found on a page that is broken on purpose, alone, with what follows from it below it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from documentation.checks import usual_slips
from documentation.findings.grouping import grouped
from documentation.findings.rules import Edit, Finding, Weight
from documentation.pages import markdown, source
from documentation.reports import all_rules, report

CASES = Path(__file__).parent / "documentation_cases"
STRUCTURE = ("conflict", "shortcode", "anchor-twice", "list-item", "twice", "spelling", "anchor", "dash")
TAUGHT = """Type `git merge`, and see

```
<<<<<<< HEAD
a
=======
b
>>>>>>> topic
```
"""


def _found(text: str, language: str = "en") -> list[tuple[str, int]]:
    found = all_rules.check(markdown.parse(text, "pears.md", language), None)
    return [(each.check, each.line) for each in found if each.check in STRUCTURE]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("miss-conflict-markers", [("conflict", Weight.BREAKS, 7, (9, 11))]),
        ("miss-own-anchor-absolute", [("anchor", Weight.MISLEADS, 7, ())]),
        ("miss-anchor-twice", [("anchor-twice", Weight.MISLEADS, 11, (7,))]),
        ("miss-unclosed-note", [("shortcode", Weight.MISLEADS, 7, ())]),
        ("miss-slip-of-four", [("spelling", Weight.REMARK, 7, ())]),
        ("miss-doubled-word", [("twice", Weight.REMARK, 7, ()), ("twice", Weight.REMARK, 7, ())]),
    ],
)
def test_each_case_is_found_with_its_weight_and_lines(
    case: str, expected: list[tuple[str, Weight, int, tuple[int, ...]]]
) -> None:
    found = all_rules.check(source.read(str(CASES / f"{case}.md")), None)
    assert [(each.check, each.weight, each.line, each.lines) for each in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\n>>>>>>> topic\n", [("conflict", 3)]),
        ("```sh\n<<<<<<< HEAD\nls\n||||||| base\npwd\n=======\nid\n>>>>>>> topic\n```\n", [("conflict", 2)]),
        ("{{% tab %}}\na\n", [("shortcode", 1)]),
        ("a\n\n{{< /caution >}}\n", [("shortcode", 3)]),
        ("{{< note >}}\na\n{{< note >}}\n", [("shortcode", 3)]),
        ("1. Dig:\n   2. Plant.\n", [("list-item", 2)]),
        ("1. Dig.\n1. Plant.\n\nThen\n3. Water.\n", [("list-item", 5)]),
        ("1. Dig.\n2.Plant.\n", [("list-item", 2)]),
        ("1. 掘る。\n2.植える。\n", [("list-item", 2)]),
        ("Take:\n      - a spade\n", [("list-item", 2)]),
        ("1. Dig:\n\n\u00a0 \u00a0 - a hole\n\u00a0 \u00a0 - a deep one\n", [("list-item", 4)]),
        ("* Dig.\n*Plant.\n", [("list-item", 2)]),
        ("See the kube-apserver logs.\n", [("spelling", 1)]),
        ("We water the\nthe tree.\n", [("twice", 2)]),
        ("Nous plantons les les arbres.\n", [("twice", 1)]),
    ],
)
def test_what_is_broken_is_found_on_its_line(text: str, expected: list[tuple[str, int]]) -> None:
    assert _found(text) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (TAUGHT, "en"),
        ("Pears\n=======\n\n> > > > > > > deep\n", "en"),
        ('{{< tab name="a" include="b.md" />}}\n\n{{< figure src="a.png" >}}\n\n{{< toc >}}\n', "en"),
        ("```\n{{< note >}}\n```\n\n<!-- {{< note >}} -->\n", "en"),
        ("{{< tabs >}}\n{{% tab %}}\n{{< note >}}\na\n{{< /note >}}\n{{% /tab %}}\n{{< /tabs >}}\n", "en"),
        ("## Pears\n\n## Pears\n\n## More {#more}\n", "en"),
        ('## {{% heading "prerequisites" %}}\n\n## Needed {#prerequisites}\n', "uk"),
        ("1. Dig.\n\n   It was made in\n   2024. It lasts.\n2. Plant.\n", "en"),
        ("We saw version\n2. That was late.\n", "en"),
        ("1. Dig as of\n2.x of the rules.\n", "en"),
        ("- Dig.\n- -5 degrees are cold.\n\n--flag and *one* word\n", "en"),
        ("```yaml\na:\n    - b\n    - c\n```\n", "en"),
        ("It had had pears, and that that is so is known; `a` `a`, 5 5, A A and pod Pod.\n", "en"),
        ("Vous vous demandez.\n", "fr"),
        (
            "The kubenet plugin, kubectx, kubelets, kubeadmin; rollingupdate is not `rollingUpdate`.\n",
            "en",
        ),
        ("1.\n\nThen 2. is next.\n", "en"),
        ("`kube-log-runner -log-file=a` and `--log-file`\n", "en"),
        ("```sh\nkubectl get special\nkubectl get special\nkubectl get special # spesial\n```\n", "id"),
        ("`kube-tree-1` and `kube-tree-1` and `kube-tree-1`; kube-tree-2\n", "en"),
        ("クラスタースコープ、" * 4 + "クラスター・スコープとクラスタースコープグループ\n", "ja"),
        ("The extension api-server.\n", "en"),
        ("La ressource, la ressource, la ressource.\n\n```sh\nkubectl get resource\n```\n", "fr"),
        ("アドミッションコントローラー、" * 4 + "アドミッションコントロール\n", "ja"),
        ("They eat: om nom nom nom nom, la la la.\n", "en"),
        ("Cây lớn dần dần, luôn luôn.\n", "vi"),
        ("Pohon-pohon dan pohon pohon.\n", "id"),
        ("पेड़ अलग अलग हैं।\n", "hi"),
        ("- Ripe\n  Ripe pears are soft.\n", "en"),
        ("The node takes a note; the code of the tree is in the etc folder, and tecd is a name.\n", "en"),
        ("```sh\nkubectl get certificate\n```\n\n`certificated` and `Certificates`\n", "en"),
        ("[there](/docs/other/plums/#ripe) and [here](/docs/other/pears/#pears)\n\n## Pears\n", "en"),
    ],
)
def test_healthy_and_unusual_pages_are_quiet(text: str, language: str) -> None:
    assert _found(text, language) == []


def test_a_section_that_is_on_the_page_twice_is_called_that_and_is_left_to_a_person() -> None:
    page = markdown.parse("## Dig {#dig}\n\na\n\n## Plant {#p}\n\nb\n\n## Dig {#dig}\n\nc\n", "p.md", "en")
    [found] = all_rules.check(page, None)
    assert (found.what, found.line, found.lines) == ("this heading with the anchor #dig is on the page twice", 9, (1,))
    assert found.edits == ()


def test_a_link_to_a_page_of_the_same_name_elsewhere_on_the_site_is_another_page(tmp_path: Path) -> None:
    page = tmp_path / "content" / "en" / "docs" / "trees" / "pears.md"
    page.parent.mkdir(parents=True)
    page.write_text("[a](/docs/fruit/pears/#ripe) and [b](/docs/trees/pears/#ripe)\n")
    found = all_rules.check(source.read(str(page)), None)
    assert [each.what for each in found if each.check == "anchor"] == [
        "this page does not have the anchor #ripe, to which it links by its full path"
    ]


CONFLICT = """## Steps

```sh
kubectl get nodes
<<<<<<< HEAD
prune a
=======
for tree in a b; do prune $tree; done
>>>>>>> topic
```

See [there](#gone).
"""


def test_what_follows_from_a_cause_is_counted_below_it_and_listed_on_request() -> None:
    found = report.of_page(markdown.parse(CONFLICT, "pears.md", "en"), None)
    assert [each.check for each in found.own] == ["conflict", "anchor"]
    assert [each.check for each in found.own[0].follows] == ["script"]
    assert "1 more finding follows from this (--all lists what)." in found.text()
    assert "follows: line 5  a shell cannot read this script" in found.text(everything=True)


def test_a_note_that_is_never_closed_is_one_finding_and_not_one_for_each_paragraph() -> None:
    note = "{{< note >}}\nPears fall.\n{{< /note >}}\n"
    old = f"{note}\nDig.\n\nPlant.\n\nWater.\n\n## More\n\nPrune.\n\n{note}"
    new = old.replace("{{< /note >}}\n", "", 1)
    found = report.of_drift(markdown.parse(old, "p.md", "en"), markdown.parse(new, "p.md", "en"), None)
    assert (found.differences, [each.check for each in found.own]) == ((), ["shortcode"])
    assert len(found.own[0].follows) >= 3


def test_a_step_that_is_not_read_as_one_is_found_and_not_reported_as_missing() -> None:
    old = "1. Dig a hole.\n2. Plant the tree there.\n3. Water it.\n"
    new = old.replace("2. ", "2.")
    found = report.of_drift(markdown.parse(old, "p.md", "en"), markdown.parse(new, "p.md", "en"), None)
    assert [each.check for each in found.own] == ["list-item"]
    assert found.differences == ()
    assert found.own[0].follows


def test_another_page_is_one_finding() -> None:
    page, other = ("".join(f"See `{letter}-{n}` there.\n\n" for n in range(30)) for letter in "ab")
    found = report.of_drift(markdown.parse(page, "a.md", "en"), markdown.parse(other, "b.md", "en"), None)
    assert [(each.check, each.weight) for each in found.differences] == [("another-page", Weight.BREAKS)]
    assert found.differences[0].follows


def test_a_page_that_kept_a_third_of_its_names_is_still_the_same_page() -> None:
    page = "".join(f"See `a-{n}` there.\n\n" for n in range(30))
    new = "".join(f"See `{'a' if n % 3 else 'b'}-{n}` there.\n\n" for n in range(30))
    found = report.of_drift(markdown.parse(page, "a.md", "en"), markdown.parse(new, "b.md", "en"), None)
    assert "another-page" not in [each.check for each in found.differences]


def test_the_same_of_several_lines_is_one_finding_with_all_lines() -> None:
    page = markdown.parse("[a](#no)\n\n[b](#no)\n\n[c](#no) and [d](#other)\n", "p.md", "en")
    found = [each for each in all_rules.check(page, None) if each.check == "anchor"]
    assert [(each.line, each.lines) for each in found] == [(1, (3, 5)), (5, ())]
    assert "Also on lines 3, 5." in report.of_page(page, None).text()


def test_of_one_cause_the_heaviest_finding_is_shown_with_all_edits() -> None:
    one, other = Edit(1, "a", "b"), Edit(9, "c", "d")
    first = Finding(Weight.REMARK, "gone", 1, "x", "it is gone", edits=(one,))
    second = Finding(Weight.BREAKS, "gone", 9, "y", "it is gone", edits=(other,))
    [found] = grouped([first, second])
    assert (found.weight, found.line, found.lines, found.others) == (Weight.BREAKS, 9, (1,), ("x",))
    assert found.edits == (one, other)


def test_the_lines_text_is_below_each_finding_with_the_part_that_it_is_about() -> None:
    page = markdown.parse(f"{', '.join(f'pear {n}' for n in range(60))}, ectd `a|b`\n", "p.md", "en")
    found = report.of_page(page, None)
    [line] = [each for each in found.text().splitlines() if each.strip().startswith("| ")]
    assert "ectd `a|b`" in line
    assert "ectd &#96;a&#124;b&#96;</code>" in found.markdown()


@pytest.fixture
def _list_of_slips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A list like that of codespell, in a package whose code must not be run."""
    (tmp_path / "codespell_lib" / "data").mkdir(parents=True)
    (tmp_path / "codespell_lib" / "__init__.py").write_text("raise AssertionError")
    rows = "gardenre->gardener\nprunned->pruned, pruner,\ncrate->create, is a word\n"
    (tmp_path / "codespell_lib" / "data" / "dictionary.txt").write_text(rows)
    monkeypatch.syspath_prepend(str(tmp_path))
    usual_slips.usual.cache_clear()
    yield
    usual_slips.usual.cache_clear()


@pytest.mark.usefixtures("_list_of_slips")
@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("A Gardenre is here.\n", "en", [(1, "write gardener", ["A Gardener is here."])]),
        ("---\ntitle: A gardenre\n---\n\nPears.\n", "en", [(2, "write gardener", ["title: A gardener"])]),
        ("A Well-Prunned tree.\n", "en", [(1, "write pruned or pruner", [])]),
        ("We prunned it.\n", "en", [(1, "write pruned or pruner", [])]),
        ("A crate, `gardenre` and the gardenre.\n", "en", []),
        ('It has the typo "gardenre".\n', "en", []),
        ("See [it](/gardenre/), gardenre.yaml and GARDENRE.\n", "en", []),
        ("Le gardenre.\n", "fr", []),
    ],
)
def test_usual_slips_are_found_in_sentences_and_titles_in_english(
    text: str, language: str, expected: list[tuple[int, str, list[str]]]
) -> None:
    found = all_rules.check(markdown.parse(text, "p.md", language), None)
    assert [(each.line, each.fix, [edit.new for edit in each.edits]) for each in found] == expected


def test_without_the_list_no_usual_slip_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    usual_slips.usual.cache_clear()
    assert usual_slips.usual() == {}
    usual_slips.usual.cache_clear()

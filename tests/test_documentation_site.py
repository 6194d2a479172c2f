"""The site around a page: where its links lead, which anchors are there, and what its shortcodes name."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.__main__ import main
from documentation.findings.rules import Finding, Weight
from documentation.pages import markdown, source
from documentation.reports import all_rules
from documentation.site.anchors import anchors_of
from documentation.site.place import place_of
from provision.util.errors import BadInput
from tests.sites import HARBOUR, PIER, PIER_JA, SITE, commit, site, write

RULES = {"site-link", "site-anchor", "redirect", "shortcode", "reference"}


def _found(folder: Path, path: str, added: str) -> list[Finding]:
    """What the rules of the site find on a page that something was added to."""
    (folder / path).write_text(SITE[path] + "\n" + added + "\n")
    page, place = source.read(str(folder / path)), place_of(str(folder / path), str(folder))
    return [each for each in all_rules.check(page, None, place) if each.check in RULES]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "site")


@pytest.mark.parametrize("path", [PIER, HARBOUR, PIER_JA])
def test_a_page_whose_links_lead_somewhere_is_quiet(folder: Path, path: str) -> None:
    assert _found(folder, path, "Nothing more.") == []


@pytest.mark.parametrize(
    "link",
    [
        "/docs/harbour/", "/docs/harbour", "/docs/harbour/#ships-and-boats", "/docs/HARBOUR/", "/port/", "../harbour/",
        "https://kubernetes.io/docs/harbour/", "/docs/", "/blog/2020/01/02/a-boat/", "https://example.org/none/",
        "/docs/reference/glossary/?all=true#term-boat", "/examples/boats/one.yaml", "mailto:a@example.org",
        "/docs/reference/generated/kubernetes-api/v1.99/", '/docs/{{< param "version" >}}/x/', "/docs//harbour/",
    ],
)  # fmt: skip
def test_links_of_every_kind_that_lead_somewhere_are_quiet(folder: Path, link: str) -> None:
    assert _found(folder, PIER, f"See [it]({link}).") == []


@pytest.mark.parametrize(
    "link", ["/docs/none/", "/docs/sunk/", "/de/docs/pier/", "../none/", "https://kubernetes.io/docs/none/"]
)
def test_a_link_to_a_page_that_the_site_does_not_have_misleads(folder: Path, link: str) -> None:
    [found] = _found(folder, PIER, f"Read\nand see [it]({link}).")
    assert (found.check, found.weight, found.line) == ("site-link", Weight.MISLEADS, 16), found
    assert link in found.what


def test_a_link_to_what_is_not_translated_yet_leads_to_the_english_page(folder: Path) -> None:
    assert _found(folder, PIER_JA, "[港](/docs/harbour/#ships-and-boats)") == []


def test_a_link_that_names_the_language_finds_no_english_page(folder: Path) -> None:
    [found] = _found(folder, PIER_JA, "[港](/ja/docs/harbour/)")
    assert found.fix == "write `/docs/harbour/`, which leads to the English page until there is one in this language"


@pytest.mark.parametrize(
    ("link", "fix"),
    [
        ("/ja/docs/quay/#moor", "write `/docs/pier/#moor`"),
        (
            "/ja/docs/old/",
            "write `/docs/harbour/`, which leads to the English page until there is one in this language",
        ),
    ],
)
def test_a_link_that_names_the_language_of_a_redirect_is_to_name_where_that_leads(
    folder: Path, link: str, fix: str
) -> None:
    [found] = _found(folder, PIER_JA, f"[港]({link})")
    assert (found.check, found.fix) == ("site-link", fix)


def test_a_link_from_a_translation_needs_the_anchor_of_the_translated_page(folder: Path) -> None:
    (folder / PIER_JA).write_text(SITE[PIER_JA].replace(" {#moor}", ""))
    (folder / "content/ja/docs/x.md").write_text("---\ntitle: x\n---\n\n[係留](/docs/pier/#moor)\n")
    page = str(folder / "content/ja/docs/x.md")
    [found] = [
        each for each in all_rules.check(source.read(page), None, place_of(page, str(folder))) if each.check in RULES
    ]
    assert (found.check, found.what) == ("site-anchor", f"`{PIER_JA}` does not have the anchor `#moor`")


def test_an_anchor_that_the_other_page_does_not_have_misleads(folder: Path) -> None:
    [found] = _found(folder, PIER, "See [it](/docs/harbour/#ships-or-boats).")
    assert (found.check, found.weight, found.fix) == ("site-anchor", Weight.MISLEADS, "perhaps `#ships-and-boats`")


def test_an_anchor_by_a_headings_own_words_is_the_one_that_the_heading_names(folder: Path) -> None:
    (folder / HARBOUR).write_text(SITE[HARBOUR] + "\n## Customs house {#customs}\n\n## Customs hours\n")
    [found] = _found(folder, PIER, "See [it](/docs/harbour/#customs-house).")
    assert (found.check, found.fix) == ("site-anchor", "perhaps `#customs`")


def test_no_heading_is_the_first_of_one(folder: Path) -> None:
    (folder / HARBOUR).write_text(SITE[HARBOUR] + "\n## Cranes 船\n")
    [found] = _found(folder, PIER, "See [it](/docs/harbour/#cranes-0).")
    assert (found.check, found.fix) == ("site-anchor", "perhaps `#cranes-船`")
    assert "cranes-1" in (anchors_of("## Cranes\n\n## Cranes\n", lambda name: None) or ())


WORDS = '[prerequisites_heading]\nother = "始める前に"\n\n[year]\none = "年"\n'


@pytest.mark.parametrize(
    ("words", "anchor", "rules"),
    [
        (WORDS, "始める前に", []),
        (WORDS, "始めた後に", ["site-anchor"]),
        ("[prerequisites_heading\n", "始める前に", ["site-anchor"]),
    ],
)
def test_a_heading_of_the_sites_words_has_the_anchor_of_its_language(
    folder: Path, words: str, anchor: str, rules: list[str]
) -> None:
    page = '---\ntitle: x\n---\n\n## {{% heading "prerequisites" %}}\n'
    write(folder, {"i18n/ja/ja.toml": words, "content/ja/docs/x.md": page})
    assert [each.check for each in _found(folder, PIER_JA, f"[前](/ja/docs/x/#{anchor})")] == rules


def test_a_redirect_leads_to_the_page_that_it_names_in_any_language(folder: Path) -> None:
    (folder / PIER_JA).write_text(SITE[PIER_JA].replace(" {#moor}", ""))
    (folder / "content/ja/docs/x.md").write_text("---\ntitle: x\n---\n\n[係留](/docs/quay/#moor)\n")
    page = str(folder / "content/ja/docs/x.md")
    [found] = [
        each for each in all_rules.check(source.read(page), None, place_of(page, str(folder))) if each.check in RULES
    ]
    assert (found.check, found.weight) == ("redirect", Weight.REMARK), "the English page has the anchor"
    assert (found.fix, found.edits) == ("write `/docs/pier/`, with the anchor that the section has there", ())


def test_a_redirected_link_is_a_remark_with_the_line_that_is_right(folder: Path) -> None:
    [found] = _found(folder, HARBOUR, "See [it](/docs/quay/#moor).")
    assert (found.check, found.weight) == ("redirect", Weight.REMARK)
    [edit] = found.edits
    assert (edit.old, edit.new) == ("See [it](/docs/quay/#moor).", "See [it](/docs/pier/#moor).")


def test_a_redirect_of_many_addresses_is_followed(folder: Path) -> None:
    found = _found(folder, PIER, "[it](/docs/old/) [gone](/docs/old/none/)")
    assert {each.check for each in found} == {"redirect", "site-link"}


@pytest.mark.parametrize(
    ("shortcode", "what", "weight"),
    [
        ('{{< glossary_tooltip term_id="bote" >}}', "the glossary has no term `bote`", Weight.BREAKS),
        ('{{< glossary_tooltip text="boat" >}}', "glossary_tooltip has no term_id", Weight.BREAKS),
        ('{{< code_sample file="boats/two.yaml" >}}', "the site has no example `boats/two.yaml`", Weight.BREAKS),
        ('{{< feature-state state="ripe" >}}', "feature-state has the state `ripe`", Weight.BREAKS),
        (
            '{{< feature-state state="beta" >}}',
            "feature-state has no version: the site shows its newest one",
            Weight.MISLEADS,
        ),
    ],
)
def test_a_shortcode_that_names_what_is_not_there_is_found(
    folder: Path, shortcode: str, what: str, weight: Weight
) -> None:
    for path in (PIER, PIER_JA):
        [found] = _found(folder, path, f"A\n{shortcode}")
        assert (found.check, found.weight, found.what[: len(what)]) == ("shortcode", weight, what)
        assert found.line == SITE[path].count("\n") + 3


@pytest.mark.parametrize(
    "shortcode",
    [
        '{{< glossary_tooltip text="boats" term_id="boat" >}}', '{{< glossary_tooltip term_id="Boat" >}}',
        '{{< code_sample file="boats/one.yaml" >}}', '{{< feature-state for_k8s_version="v1.2" state="beta" >}}',
        '{{</* glossary_tooltip term_id="bote" */>}}', '{{< skew currentVersion >}}', '{{% heading "whatsnext" %}}',
    ],
)  # fmt: skip
def test_shortcodes_that_name_what_is_there_are_quiet(folder: Path, shortcode: str) -> None:
    for path in (PIER, PIER_JA):
        assert _found(folder, path, shortcode) == []


def test_a_reference_that_is_defined_nowhere_misleads() -> None:
    page = markdown.parse(
        "See [the pier][pier],\n[the quay][] and [the\nharbour][Harbour Page].\n\n[harbour page]: /docs/x/\n"
    )
    found = [each for each in all_rules.check(page, None) if each.check == "reference"]
    assert [(each.line, each.what.split("]")[0]) for each in found] == [
        (1, "the reference [pier"),
        (2, "the reference [the quay"),
    ]


@pytest.mark.parametrize(
    "text", ["`a[b][c]`", "x = list[0][1]", "See [it](/docs/x/)[1]", "[one](a)[two](b)", "- [ ][x] done", r"\[a\][b]"]
)
def test_brackets_that_are_no_reference_are_quiet(text: str) -> None:
    assert [each for each in all_rules.check(markdown.parse(text), None) if each.check == "reference"] == []


def test_all_anchors_that_a_page_may_have_are_known() -> None:
    text = (
        '## What\'s `new`?\n\n## Ahoy {#hello}\n\n<a name="mast"></a>\n\n### Boats\n\n### Boats\n\nTerm\n: meaning\n\n'
        '{{< tabs name="by_sea" >}}\n\n## {{% heading "whatsnext" %}}\n\nLow\n---\n'
    )
    found = anchors_of(text, lambda name: None)
    assert found is not None
    wanted = {"what-s-new", "whats-new", "hello", "mast", "boats", "boats-1", "term", "by-sea-1", "what-s-next", "low"}
    assert wanted <= found


def test_anchors_that_the_site_makes_are_not_judged() -> None:
    assert anchors_of("{{< feature-gate-list >}}", lambda name: None) is None
    assert anchors_of('{{< include "none.md" >}}', lambda name: None) is None
    assert "deck" in (anchors_of('{{< include "boat.md" >}}', lambda name: "## Deck") or ())


def test_a_revision_is_read_without_a_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = site(tmp_path / "site")
    commit(folder, {PIER: SITE[PIER] + "\n[it](/docs/none/)\n"})
    (folder / PIER).unlink()
    assert main(["check", "--kubeadm", "none", f"{folder}@main:{PIER}"]) == 1
    assert "the site has no page `/docs/none/`" in capsys.readouterr().out
    assert main(["check", "--kubeadm", "none", f"{folder}@main~1:{PIER}"]) == 0


def test_the_sites_folder_can_be_given(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / PIER).write_text(SITE[PIER] + "\n[it](/docs/none/)\n")
    assert main(["check", "--kubeadm", "none", "--site", str(folder), str(folder / PIER)]) == 1
    assert "the site has no page `/docs/none/`" in capsys.readouterr().out
    assert main(["check", "--kubeadm", "none", str(folder / PIER)]) == 0


def test_a_page_that_is_not_of_the_site_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Other\n")
    with pytest.raises(BadInput, match="is not a page of the site"):
        place_of(str(tmp_path / "other.md"), str(folder))
    with pytest.raises(BadInput, match="is not a page of the site"):
        place_of(str(tmp_path / "other.md"), str(tmp_path))
    with pytest.raises(BadInput, match="there is no folder"):
        place_of(str(tmp_path / "none/content/en/other.md"), str(tmp_path / "none"))

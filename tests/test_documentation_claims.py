"""Claims as data: each is decided or says why not, each is bound, and what changed is never passed over."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from documentation.__main__ import main
from documentation.claims import edition
from documentation.claims.binding import Bindings, Status, bind, coverage
from documentation.claims.claim import Claim, CommentClaim, claims
from documentation.claims.edition import edition_of, editions, record
from documentation.findings.rules import Needs
from documentation.pages import markdown
from documentation.pages.block import Kind, Page
from documentation.reports import all_rules
from provision.util.errors import BadInput
from scenarios.test_preflight import ANSWERS
from scenarios.test_refusals import _ANSWERS
from tests import deciders

PAGES = Path(__file__).parent / "pages"
EN = (PAGES / "orchard.en.md").read_text()
JA = (PAGES / "orchard.ja.md").read_text()
CLAIMS = claims()


def _claim(name: str, *blocks: str, **more: object) -> Claim:
    values: dict[str, object] = {"kind": "command", "says": "a", "modality": "must", "expects": "b"}
    values |= {"page": "orchard", "blocks": blocks, "untestable": "made up"} | more
    return Claim(id=name, **values)  # type: ignore[arg-type]


def _page(text: str, language: str) -> Page:
    return markdown.parse(text, f"orchard.{language}.md", language)


ORIGINAL = record(_page(EN, "en"), None)
ALL = [_claim(block.id, block.id) for block in ORIGINAL.blocks if block.kind is Kind.COMMAND]
CARRIED = _claim("carry", "seeds/command-1", comment=CommentClaim("etcd/ca.key", "skip"))


def _bound(text: str, language: str = "en", *claims: Claim) -> Bindings:
    return bind(_page(text, language), ORIGINAL, {claim.id: claim for claim in claims or ALL})


def test_no_claim_of_the_checklist_is_missing() -> None:
    assert Counter(name[0] for name in CLAIMS) == {
        "P": 11, "L": 11, "K": 18, "J": 11, "X": 13, "M": 13, "E": 8, "T": 13, "C": 20,
    }  # fmt: skip


def test_every_decider_exists() -> None:
    assert deciders.missing(CLAIMS.values()) == []


def test_every_parameter_of_a_scenario_that_decides_a_claim_exists() -> None:
    made = {"test_refusals": {*_ANSWERS}, "test_preflight": {*ANSWERS}}
    named = [
        re.fullmatch(r"scenarios/(\w+)\.py::\w+\[(.*)\]", each) for claim in CLAIMS.values() for each in claim.deciders
    ]
    assert [match[2] for match in named if match and match[1] in made and match[2] not in made[match[1]]] == []


@pytest.mark.parametrize(
    "decider",
    [
        "scenarios/test_joins.py::test_nothing",
        "scenarios/nowhere.py::test_ready",
        "step: dance",
        "check: luck",
        "fault: rain",
    ],
)
def test_a_decider_that_does_not_exist_is_missed(decider: str) -> None:
    assert deciders.missing([_claim("a", untestable="", deciders=(decider,))]) == [f"a: {decider}"]


def test_every_command_of_every_edition_is_what_a_claim_is_about() -> None:
    about = {(claim.page, name) for claim in CLAIMS.values() for name in claim.blocks}
    about |= {(claim.page, name) for claim in CLAIMS.values() for names in claim.own_blocks.values() for name in names}
    commands = [(each, block) for each in editions() for block in each.blocks if block.kind is Kind.COMMAND]
    assert [
        block.id
        for each, block in commands
        if (each.page, each.names.get(block.id, block.id)) not in about and (each.page, block.id) not in about
    ] == []


def test_every_block_of_a_claim_is_in_an_edition() -> None:
    read = {(each.page, block.id) for each in editions() for block in each.blocks}
    wanted = {(claim.page, name) for claim in CLAIMS.values() for name in claim.blocks}
    wanted |= {(claim.page, name) for claim in CLAIMS.values() for names in claim.own_blocks.values() for name in names}
    assert wanted - read == set()


def test_a_claim_that_says_the_opposite_of_another_is_named_by_it() -> None:
    assert [claim.id for claim in CLAIMS.values() if claim.against and CLAIMS[claim.against].against != claim.id] == []


@pytest.mark.parametrize(
    "table",
    [
        {"kind": "poem"},
        {"modality": "perhaps"},
        {"untestable": ""},
        {"deciders": ("step: a",)},
        {"comment": CommentClaim("x", "sing")},
    ],
)
def test_an_invalid_claim_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        _claim("a", **table)


@pytest.mark.parametrize("rule", [*sorted(all_rules.names(Needs.CHANGE, Needs.REPORT, Needs.REVISIONS)), "site-link"])
def test_a_rule_that_is_never_applied_to_claims_decides_none(rule: str) -> None:
    with pytest.raises(BadInput, match="never applied to claims"):
        _claim("a", untestable="", deciders=(f"check: {rule}",))


@pytest.mark.parametrize("rule", ["shortcode", "anchor", "missing", "kubeadm"])
def test_a_rule_that_is_applied_to_claims_in_one_of_its_forms_decides_them(rule: str) -> None:
    assert _claim("a", untestable="", deciders=(f"check: {rule}",)).deciders


def test_every_claim_is_bound_to_the_page_that_it_was_read_from() -> None:
    bindings = _bound(EN)
    assert (bindings.status, {each.status for each in bindings.bound}) == (0, {Status.BOUND})


def test_an_edition_is_stored_without_words() -> None:
    stored = ORIGINAL.dumped()
    assert (edition.parse(stored), "Plant" in stored, "kubeadm" in stored) == (ORIGINAL, False, False)


@pytest.mark.parametrize(
    ("change", "name", "status"),
    [
        (("--upload-certs", "--upload-keys"), "first/command-1", Status.STALE),
        (("# Skip the next line", "# Skip this"), "seeds/command-1", Status.STALE),
        (("```sh\nkubectl get nodes\n```\n", ""), "watching/command-1", Status.ABSENT),
        (("## Watching", "## Looking"), "watching/command-1", Status.BOUND),
        (
            ("## The first tree {#first}", "Rest.\n\n## A new section\n\n## The first tree {#first}"),
            "first/command-2",
            Status.BOUND,
        ),
    ],
)
def test_a_claim_whose_block_changed_or_went_is_not_bound(change: tuple[str, str], name: str, status: Status) -> None:
    assert change[0] in EN
    bindings = _bound(EN.replace(*change))
    assert {each.claim.id: each.status for each in bindings.bound}[name] == status


def test_a_claim_that_lost_one_of_its_blocks_is_stale() -> None:
    claim = _claim("both", "first/command-1", "watching/command-1")
    [bound] = _bound(EN.replace("```sh\nkubectl get nodes\n```\n", ""), "en", claim).bound
    assert (bound.status, "watching/command-1" in bound.why) == (Status.STALE, True)


def test_a_command_that_no_claim_is_about_is_unbound() -> None:
    bindings = _bound(EN + "\n```sh\nkubectl get trees\n```\n")
    assert ([block.bare for block in bindings.unbound], bindings.status) == (["kubectl get trees"], 1)


def test_a_translation_is_unreviewed_where_the_originals_command_has_comments_and_stale_where_it_changed() -> None:
    found = {each.claim.id: each.status for each in _bound(JA, "ja").bound}
    assert (found["first/command-1"], found["first/command-2"], found["seeds/command-1"]) == (
        Status.BOUND,
        Status.STALE,
        Status.UNREVIEWED,
    )


@pytest.mark.parametrize(("text", "language", "status"), [(EN, "en", Status.BOUND), (JA, "ja", Status.INVERTED)])
def test_an_inverted_comment_is_found_without_the_other_page(text: str, language: str, status: Status) -> None:
    assert [each.status for each in _bound(text, language, CARRIED).bound] == [status]


def test_a_gap_is_bound_to_no_block() -> None:
    assert [each.status for each in _bound(EN, "en", _claim("gap", kind="gap")).bound] == [Status.GAP]


def test_a_page_is_judged_by_an_edition_of_its_own_language_before_the_originals() -> None:
    translated = record(_page(JA, "ja"), ORIGINAL)
    assert edition_of(_page(JA, "ja"), [ORIGINAL, translated]).language == "ja"
    assert edition_of(_page(JA, "ko"), [ORIGINAL, translated]).language == "en"


def test_a_page_about_something_else_is_refused() -> None:
    with pytest.raises(BadInput):
        edition_of(markdown.parse("# Pears\n\n```sh\nls\n```\n"), [ORIGINAL])


def test_coverage_counts_commands_claims_and_cautions() -> None:
    claims = (ALL[0], replace(ALL[1], kind="caution", negative="n", untestable="", deciders=("step: a",)))
    assert coverage(_bound(EN, "en", *claims)) == (
        "2 of 5 commands bound, 1 of 2 claims decided, 1 of 1 cautions with a negative case"
    )


def test_a_page_that_no_claim_was_read_from_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["claims", str(PAGES / "traps.en.md")]), "too few" in capsys.readouterr().err) == (2, True)


def test_plain_text_has_no_claims_and_is_neither_recorded_nor_executed(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Pears\n\nPears fall.\n")
    assert [main([verb, str(tmp_path / "page.txt")]) for verb in ("claims", "record", "execute")] == [2, 2, 2]


def test_an_edition_is_printed_to_be_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", str(PAGES / "orchard.en.md")]) == 0
    assert '"id": "watching/command-1"' in capsys.readouterr().out

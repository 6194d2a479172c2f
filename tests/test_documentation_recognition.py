"""Which page it is: known by several commands or by many names, in any language, and by the edition that fits best."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from documentation.__main__ import main
from documentation.claims.binding import Status, bind
from documentation.claims.claim import Claim
from documentation.claims.edition import edition_of, editions, fitting, parse, record
from documentation.pages import markdown
from documentation.pages.block import Page
from provision.util.errors import BadInput

CASES = Path(__file__).parent / "documentation_cases"

BRIDGES = """## Bridges {#bridges}

Each bridge has a `bridge-keeper` and a `bridge-bell`; see [the river](/docs/river/) and [its map](/docs/map/).

## Ropes {#ropes}

A rope has a `rope-end`, and is tied by the `rope-maker` with `--knots 8`. See [the ropery](/docs/ropery/).

## Floods {#floods}

The `flood-gate` closes at 3 m, and the `flood-bell` is rung. See [the tide](/docs/tide/).
"""
"""A page of sentences alone."""

TRANSLATED = """## Brücken

Jede Brücke hat einen `bridge-keeper` und eine `bridge-bell`; siehe [Fluss](/de/docs/river/), [Karte](/de/docs/map/).

## Seile

Ein Seil hat ein `rope-end` und wird vom `rope-maker` mit `--knots 8` geknüpft. Siehe [Seilerei](/de/docs/ropery/).
"""

ROWING = "## {}\n\n```sh\nrow --boat one\n```\n\n```sh\nrow --boat two\n```\n\n```sh\nmoor --at pier\n```\n"


def _page(text: str, language: str = "en", name: str = "page.md") -> Page:
    return markdown.parse(text, name, language)


BRIDGE = record(_page(BRIDGES, name="bridges.md"), None)
ROWED = record(_page(ROWING.format("Rowing") + "\n```sh\nrest 5m\n```\n", name="rowing.md"), None)


def test_a_page_without_any_code_is_known_by_its_names_in_another_language() -> None:
    assert edition_of(_page(TRANSLATED, "de"), [ROWED, BRIDGE]).page == "bridges"


def test_a_part_of_a_page_is_known_by_its_commands() -> None:
    many = "\n".join(f"```sh\nsail --to port-{number} --with crew-{number}\n```\n" for number in range(30))
    whole = record(_page(ROWING.format("Rowing") + many, name="sailing.md"), None)
    assert edition_of(_page(ROWING.format("A draft")), [BRIDGE, whole]).page == "sailing"


@pytest.mark.parametrize(
    "text",
    [
        "## S\n\n```sh\nrow --boat one\n```\n\n```sh\nrow --boat two\n```\n" + "\n".join(
            f"\n```sh\npaint --boat {number} --colour shade-{number}\n```\n" for number in range(9)
        ),
        "## Bells\n\nA `bridge-bell` and a `flood-bell` are cast; see [the river](/docs/river/).\n",
        "Words alone.\n",
    ],
    ids=["two commands of it", "names of it", "nothing"],
)  # fmt: skip
def test_a_page_that_has_little_in_common_with_any_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="too few commands and names"):
        edition_of(_page(text), [BRIDGE, ROWED])


def test_one_command_makes_no_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", str(CASES / "claims-one-command.md")]) == 2
    assert "too few" in capsys.readouterr().err


NEWER = BRIDGES.replace(
    "A rope has",
    "{{< note >}}\nRopes of `hemp-2` rot: call `rope-maker --inspect yearly` first.\n{{< /note >}}\n\nA rope has",
).replace("\nThe `flood-gate` closes at 3 m, and the `flood-bell` is rung. See [the tide](/docs/tide/).\n", "")
LATER = replace(record(_page(NEWER), BRIDGE), since="2025-08")


def test_a_later_edition_names_its_blocks_by_the_one_before_and_new_ones_by_themselves() -> None:
    assert LATER.page == "bridges"
    assert LATER.names["ropes/prose-1"] == "ropes/prose-1"
    assert LATER.names["ropes/note-1"] == "ropes/note-1"
    assert parse(LATER.dumped()).names == LATER.names


def test_a_new_block_gets_no_name_that_another_block_had_before() -> None:
    moved = NEWER.replace("## Ropes {#ropes}", "## Cables {#floods}").replace("## Floods {#floods}\n", "")
    later = record(_page(moved), BRIDGE)
    assert len(set(later.names.values())) == len(later.names)


def test_a_translation_that_is_recorded_again_keeps_the_names_of_the_original() -> None:
    first = record(_page(TRANSLATED, "de"), BRIDGE)
    again = record(_page(TRANSLATED, "de"), first)
    assert (again.names, again.names["seile/prose-1"]) == (first.names, "ropes/prose-1")


@pytest.mark.parametrize(("text", "since"), [(BRIDGES, ""), (NEWER, "2025-08")])
def test_of_several_editions_of_a_language_the_one_that_fits_best_is_taken(text: str, since: str) -> None:
    for known in ([BRIDGE, LATER], [LATER, BRIDGE]):
        assert edition_of(_page(text), known).since == since


def test_a_translation_is_judged_by_the_edition_of_the_original_that_it_was_made_from() -> None:
    newer = TRANSLATED + "\n{{< note >}}\n`hemp-2` fault: `rope-maker --inspect yearly` hilft.\n{{< /note >}}\n"
    added = "```sh\nring --bell 3\n```\n"
    later = replace(record(_page(NEWER + added), BRIDGE), since="2025-08")
    assert edition_of(_page(newer + added, "de"), [BRIDGE, later]).since == "2025-08"


def _claim(name: str, *blocks: str, **more: object) -> Claim:
    values = {"kind": "note", "says": "a", "modality": "may", "expects": "b", "page": "bridges", "blocks": blocks}
    return Claim(id=name, **values, untestable="made up", **more)  # type: ignore[arg-type]


def test_what_another_edition_of_the_page_says_is_a_gap_of_this_one() -> None:
    claims = {"A": _claim("A", "ropes/note-1"), "B": _claim("B", "floods/prose-1")}
    found = {
        edition.since: {each.claim.id: each.status for each in bind(_page(text), edition, claims).bound}
        for text, edition in ((BRIDGES, BRIDGE), (NEWER, LATER))
    }
    assert found == {"": {"A": Status.GAP, "B": Status.BOUND}, "2025-08": {"A": Status.BOUND, "B": Status.GAP}}


def test_a_claim_whose_block_the_page_lost_is_absent_and_not_a_gap() -> None:
    claims = {"A": _claim("A", "ropes/note-1")}
    gone = _page(NEWER.replace("{{< note >}}\nRopes of `hemp-2` rot: call `rope-maker --inspect yearly` first.\n", "")
                 .replace("{{< /note >}}\n", ""))  # fmt: skip
    assert [each.status for each in bind(gone, LATER, claims).bound] == [Status.ABSENT]


def test_a_defect_is_known_but_of_editions_that_corrected_it() -> None:
    claim = _claim("A", "ropes/prose-1", defect={"all": "says too little"}, corrected=("2025-08",))
    known = [bind(_page(BRIDGES), each, {"A": claim}).defect_of(claim) for each in (BRIDGE, LATER)]
    assert known == ["says too little", ""]


def test_every_page_with_claims_has_an_edition_of_the_original_and_every_edition_a_month_at_most() -> None:
    known = list(editions())
    assert {each.page for each in known if each.language == "en"} == {each.page for each in known}
    assert [each.since for each in known if each.since and not each.since[:4].isdigit()] == []


def test_a_page_of_no_edition_is_recorded_as_a_new_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "ferries.md").write_text(ROWING.format("Ferries"))
    assert fitting(_page(ROWING.format("Ferries")), editions()) is None
    assert main(["record", str(tmp_path / "ferries.md")]) == 0
    assert '"page": "ferries"' in capsys.readouterr().out

"""Notes that moved: one finding each, whatever else became of them."""

from __future__ import annotations

import pytest

from documentation.findings.rules import Finding
from documentation.pages import markdown
from documentation.reports import report

START = "## Start {#start}\n\nStart the boat.\n\n"
WAIT = "Wait for the crew to come aboard.\n\n```sh\nkubeadm init\n```\n\nThen wait for 20 minutes.\n\n"
SAIL = "## Sail {#sail}\n\nSail away with all hands on deck.\n\n```sh\nkubeadm join\n```\n\n"
KEY = "Keep the key of the boat dry, or it rusts.\n"
DUSK = "The harbour closes at dusk every day.\n"


def _note(text: str, kind: str = "note") -> str:
    return f"{{{{< {kind} >}}}}\n{text}{{{{< /{kind} >}}}}\n\n"


def _found(old: str, new: str, language: str = "en") -> list[Finding]:
    pages = markdown.parse(old, "page", "en"), markdown.parse(new, "page", language)
    return list(report.of_drift(*pages, None).differences)


def _rules(found: list[Finding]) -> list[str]:
    return [each.check for each in found]


@pytest.mark.parametrize(
    ("new", "rules"),
    [
        (START + WAIT + _note(KEY) + SAIL, ["moved"]),
        (START + WAIT + SAIL + _note(KEY), ["moved"]),
        (START + WAIT + _note(KEY.replace("or it", "else it")) + SAIL, ["moved", "prose"]),
        (START + WAIT + SAIL + _note(KEY.replace("or it", "else it")), ["moved", "prose"]),
        (START + WAIT + SAIL + _note(KEY, "caution"), ["moved", "kind"]),
        (START + WAIT + KEY + "\n" + SAIL, ["moved"]),
        (START + WAIT + SAIL + KEY, ["moved"]),
        (START + WAIT + SAIL, ["missing"]),
        (START + WAIT + SAIL + _note(DUSK), ["missing", "extra"]),
    ],
)
def test_a_note_that_moved_is_neither_missing_nor_extra(new: str, rules: list[str]) -> None:
    assert _rules(_found(START + _note(KEY) + WAIT + SAIL, new)) == rules


def test_two_notes_that_changed_places_are_not_one_another() -> None:
    found = _found(START + _note(KEY) + WAIT + _note(DUSK) + SAIL, START + _note(DUSK) + WAIT + _note(KEY) + SAIL)
    assert _rules(found) == ["moved", "moved"]


def test_the_parts_of_one_note_that_moved_are_one_finding_with_all_their_lines() -> None:
    note = _note("Keep the key dry:\n\n- in a box\n- in a bag\n")
    [found] = _found(START + note + WAIT + SAIL, START + WAIT + SAIL + note)
    assert (found.check, found.line, found.lines) == ("moved", 22, (24, 25))


def test_a_moved_note_that_says_the_opposite_misleads() -> None:
    note, other = _note("You must not wash the key of the boat.\n"), _note("You must wash the key of the boat.\n")
    found = _found(START + note + WAIT + SAIL, START + WAIT + SAIL + other)
    assert _rules(found) == ["moved", "negation"]


def test_a_note_that_moved_in_a_translation_is_known_by_its_names() -> None:
    old = _note("Run `kubeadm init --config=a.yaml` on 10.0.0.7 as root.\n")
    new = _note("10.0.0.7で`kubeadm init --config=a.yaml`を実行します。\n")
    found = _found(START + old + WAIT + SAIL, START + WAIT + SAIL + new, "ja")
    assert not {"missing", "extra"} & {*_rules(found)}
    assert "moved" in _rules(found)

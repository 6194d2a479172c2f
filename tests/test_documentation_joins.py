"""What a page says of joining, and what it names that is gone."""

from __future__ import annotations

import pytest

from doccheck.drift.checks import gone, joins
from doccheck.drift.finding import Finding
from doccheck.pages import markdown

SEVERAL = {"en": "Trees can join in parallel.", "ja": "木は並行して参加させることができます。"}
ONE = {"en": "Have the trees join one at a time.", "ja": "木は1台ずつ参加させるのを推奨します。"}
SCP = "```sh\nscp /trees/ca.key farmer@garden:\n```\n"
JOIN = "```sh\nsudo kubeadm join 10.9.8.7:1 --control-plane{}\n```\n"


def _contradictions(text: str, language: str) -> list[Finding]:
    return [each for each in joins.check(markdown.parse(text, language=language)) if each.check == "contradiction"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_page_does_not_say_both(language: str) -> None:
    [found] = _contradictions(f"{SEVERAL[language]}\n\n{ONE[language]}\n", language)
    assert (found.line, "(line 1)" in found.what, len(found.others)) == (3, True, 1)


@pytest.mark.parametrize(
    "text",
    [
        SEVERAL["en"],
        ONE["en"],
        f"{SEVERAL['en']}\n\nWater them one at a time.",
        f"{SEVERAL['en']} Before 1.15 they had to join one at a time.",
    ],
)
def test_what_differs_need_not_contradict(text: str) -> None:
    assert _contradictions(text, "en") == []


def test_a_language_without_words_is_not_judged() -> None:
    assert _contradictions(f"{SEVERAL['en']}\n\n{ONE['en']}\n", "tlh") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SCP + JOIN.format(" --certificate-key b"), True),
        (SCP + JOIN.format(" --certificate-key b") + JOIN.format(""), False),
        (JOIN.format(" --certificate-key b"), False),
        (SCP, False),
    ],
)
def test_the_command_of_each_way_is_shown(text: str, found: bool) -> None:
    assert [each.check for each in joins.check(markdown.parse(text))] == ["join-form"] * found


@pytest.mark.parametrize(
    ("text", "check", "line"),
    [
        ("See [this](https://godoc.org/trees/v1).", "gone", 1),
        ('```sh\nwater\nkubectl apply -f "https://cloud.weave.works/net?v=$(water)"\n```', "gone", 3),
        ("Three trees for the master nodes.", "vocabulary", 1),
        ("master用に3本の木", "vocabulary", 1),
        ("See [this](https://example.org/blob/master/trees) and `master`.", "", 0),
        ("A mastery of trees, and a https://example.org/master.", "", 0),
    ],
)
def test_what_is_gone_is_found(text: str, check: str, line: int) -> None:
    found = [(each.check, each.line) for each in gone.check(markdown.parse(f"{text}\n"))]
    assert found == ([(check, line)] if check else [])

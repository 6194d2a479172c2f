"""What a page says of joining, and what it names that is gone."""

from __future__ import annotations

import pytest

from documentation.findings.rules import Finding
from documentation.pages import markdown
from documentation.reports import all_rules

SEVERAL = {"en": "Trees can join in parallel.", "ja": "木は並行して参加させることができます。"}
ONE = {"en": "Have the trees join one at a time.", "ja": "木は1台ずつ参加させるのを推奨します。"}
SCP = "```sh\nscp /trees/ca.key farmer@garden:\n```\n"
JOIN = "```sh\nsudo kubeadm join 10.9.8.7:1 --control-plane{}\n```\n"


def _found(text: str, *names: str, language: str = "en") -> list[Finding]:
    return [each for each in all_rules.check(markdown.parse(text, language=language), None) if each.check in names]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_joining_at_once_and_one_at_a_time_contradict_each_other(language: str) -> None:
    [found] = _found(f"{SEVERAL[language]}\n\n{ONE[language]}\n", "contradiction", language=language)
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
def test_sentences_about_different_things_do_not_contradict_each_other(text: str) -> None:
    assert _found(text, "contradiction") == []


def test_sentences_of_a_language_without_words_are_not_judged() -> None:
    assert _found(f"{SEVERAL['en']}\n\n{ONE['en']}\n", "contradiction", language="tlh") == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (SCP + JOIN.format(" --certificate-key b"), True),
        (SCP + JOIN.format(" --certificate-key b") + JOIN.format(""), False),
        (JOIN.format(" --certificate-key b"), False),
        (SCP, False),
    ],
)
def test_a_page_has_to_show_the_join_command_of_each_way(text: str, wrong: bool) -> None:
    assert [each.check for each in _found(text, "join-form")] == ["join-form"] * wrong


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
def test_sites_and_words_that_are_gone_are_found(text: str, check: str, line: int) -> None:
    found = _found(f"{text}\n", "gone", "vocabulary")
    assert [(each.check, each.line) for each in found] == ([(check, line)] if check else [])

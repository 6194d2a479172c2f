"""Two editions of a page in one language: what a writer learns about steps, sentences and numbers."""

from __future__ import annotations

import pytest

from documentation.drift import prose
from documentation.findings.rules import Finding, Weight
from documentation.language.words import Words
from documentation.pages import markdown
from documentation.reports import report
from documentation.reports.report import Report
from tests.editions import FERRY, PAGES, revised

PAINT = "1. Paint the boats.\n\n"
WRITE = "1. Write down the number of the mooring (by default `:6443`).\n\n"


def _rules(found: Report) -> list[tuple[Weight, str]]:
    return [(each.weight, each.check) for each in found.differences]


def test_a_page_does_not_differ_from_itself_and_has_nothing_wrong() -> None:
    assert (revised().differences, revised().own, revised().known) == ((), (), ())


def test_a_step_that_is_gone_misleads() -> None:
    [finding] = revised((PAINT, "")).differences
    assert (finding.weight, finding.check) == (Weight.MISLEADS, "missing")
    assert "step 1 of line 10 is missing: `Paint the boats.`" in finding.what
    assert revised((PAINT, "")).status == 1


def test_a_step_that_stands_before_another_one_misleads() -> None:
    [finding] = revised((WRITE, ""), (PAINT, WRITE + PAINT)).differences
    assert (finding.weight, finding.check, finding.line) == (Weight.MISLEADS, "moved", 10)
    assert "step 3 moved here" in finding.what
    assert "(line 14)" in finding.what


def test_two_steps_that_became_one_are_a_remark() -> None:
    found = revised((PAINT, ""), ("1. Launch", "1. Paint the boats, and launch"))
    assert {weight for weight, _ in _rules(found)} == {Weight.REMARK}
    assert "step 1 of line 10 is part of this one now" in " ".join(each.what for each in found.differences)


def test_a_step_that_is_no_longer_numbered_is_not_missing() -> None:
    assert revised((PAINT, "- Paint the boats.\n\n")).status == 0


@pytest.mark.parametrize(
    ("change", "weight", "check"),
    [
        (("must not launch", "must launch"), Weight.MISLEADS, "negation"),
        (("must not launch", "can launch"), Weight.MISLEADS, "negation"),
        (("is not recommended", "is recommended"), Weight.MISLEADS, "negation"),
        (("You must not launch two boats by night.", "No boat sails by night."), Weight.REMARK, "prose"),
        (("You must not launch two", "Never have two"), Weight.REMARK, "prose"),
        (("It is not recommended to sail", "Avoid to sail"), Weight.REMARK, "negation"),
        (("You need three", "You should have three"), Weight.REMARK, "prose"),
        (("two hours", "ten hours"), Weight.MISLEADS, "number"),
        (("three boats. ", "2 boats. "), Weight.MISLEADS, "number"),
        (("`:6443`)", "`:6444`)"), Weight.MISLEADS, "number"),
        (("two hours", "120 minutes"), Weight.REMARK, "number"),
        (("two hours", "2 hours"), Weight.REMARK, "prose"),
        (("is kept in the boat house", "is kept there since 1.36"), Weight.REMARK, "prose"),
        (("is kept in the boat house", "lies in the boat house"), Weight.REMARK, "prose"),
    ],
)
def test_a_changed_sentence_weighs_as_much_as_it_misleads(change: tuple[str, str], weight: Weight, check: str) -> None:
    found = revised(change)
    assert (weight, check) in _rules(found), found.text()
    assert found.status == int(weight > Weight.REMARK)


@pytest.mark.parametrize(
    ("language", "old", "new"),
    [
        ("en", "Do not run it.", "Run it."),
        ("en", "It doesn't work here.", "It works here."),
        ("en", "They cannot be mixed.", "They can be mixed."),
        ("ja", "この行は実行しないでください。", "この行は実行してください。"),
        ("ja", "使うことは推奨されません。", "使うことは推奨されます。"),
        ("ja", "ここに置かなければなりません。", "ここに置いてはなりません。"),
        ("ja", "鍵を作る必要があります。", "鍵を作る必要はありません。"),
        ("de", "Es ist kein Schlüssel erforderlich.", "Es ist ein Schlüssel erforderlich."),
        ("fr", "Ne copiez pas la clé.", "Copiez la clé."),
        ("es", "No copie la clave.", "Copie la clave."),
        ("zh", "不要复制。", "复制。"),
    ],
)
def test_a_sentence_that_says_the_opposite_is_known_in_many_languages(language: str, old: str, new: str) -> None:
    words = Words.of(language)
    assert (prose.turned(old, new, words), prose.nothing_else_changed(old, new, words)) == (True, True)


@pytest.mark.parametrize(
    ("language", "old", "new"),
    [
        ("en", "Don't forget that it expires.", "Remember that it expires."),
        ("en", "Keep it, if you do not trust it.", "Keep it, unless you trust it."),
        ("ja", "鍵を作らなければなりません。", "鍵を作る必要があります。"),
        ("ja", "失敗するかもしれません。", "失敗することがあります。"),
    ],
)
def test_the_same_in_other_words_is_not_the_opposite(language: str, old: str, new: str) -> None:
    words = Words.of(language)
    assert not (prose.turned(old, new, words) and prose.nothing_else_changed(old, new, words))


def _translated(old: str, new: str) -> list[Finding]:
    pages = markdown.parse(old, language="en"), markdown.parse(new, language="ja")
    return [each for each in report.of_drift(*pages, None).differences if each.check == "number"]


def test_a_number_is_compared_with_that_of_a_translation() -> None:
    [finding] = _translated("The key of `boat` expires after two hours.", "`boat`の鍵は10時間で期限切れになります。")
    assert (finding.weight, finding.what) == (Weight.MISLEADS, "says 10, and line 1 of the other page says 2")


def test_a_number_in_what_may_be_another_sentence_is_a_remark() -> None:
    [finding] = _translated("Two boats are needed.", "3台の船が必要です。")
    assert finding.weight is Weight.REMARK


@pytest.mark.parametrize("new", ["2時間", "1時間", "2時間または10分", "`10`時間"])
def test_numbers_of_a_translation_that_may_be_others_are_not_compared(new: str) -> None:
    assert _translated("It takes two hours.", f"{new}かかります。") == []


def _in_italian(old: str, new: str) -> Report:
    pages = markdown.parse(old, "ferry.md", "en"), markdown.parse(new, "ferry.md", "it")
    return report.of_drift(*pages, programs=None)


def test_a_language_without_words_is_compared_by_everything_else() -> None:
    found = _in_italian(FERRY, (PAGES / "ferry.it.md").read_text())
    assert _rules(found) == [(Weight.MISLEADS, "missing"), (Weight.MISLEADS, "command")], found.text()
    assert "step 1 of line 10 is missing" in found.differences[0].what
    assert "--upload-certs became --upload-cert in" in found.differences[1].what
    assert found.limits[0].startswith(
        "Not judged, since no words of the language it are known: must, should and may, negations"
    )


def test_a_comment_in_a_language_without_words_is_reported_as_not_compared() -> None:
    code = "```sh\n# %s\nscp a b:\n```\n"
    found = _in_italian(code % "Skip the next line", code % "Eseguire la riga seguente")
    [finding] = found.differences
    assert (finding.weight, found.status) == (Weight.REMARK, 0)
    assert "was not compared: no words of it are known" in finding.what

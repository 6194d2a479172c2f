"""Which finding a verdict is for, and what share of those that have one is true."""

from __future__ import annotations

import pytest

from tests.documentation_figures import figures, judged
from tests.documentation_figures.answers import Answer, Question
from tests.documentation_figures.checkout import At
from tests.documentation_figures.lists import CASES, records
from tests.kept_findings import ENGLISH, finding


def test_verdicts_are_found_by_rule_and_line_wherever_the_line_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question(At("b", ENGLISH), placed=True)
    texts = [finding(line, text=text) for line, text in ((3, "aa"), (4, "bb"), (5, "cc"))]
    verdicts = {judged.Key("check", ENGLISH, "spelling", text): text == "aa" for text in ("aa", "bb")}
    monkeypatch.setattr(judged, "verdicts", lambda: verdicts)
    counted, cause = _findings([At("b", ENGLISH)]).figures({question: Answer((*texts, finding(text="dd", weight=1)))})
    assert (counted.what, counted.value) == ("true of what breaks or misleads, English, HA pages", "1 of 2, 50.0 %")
    assert [line.split("\t")[5] for line in counted.rest] == ["cc"]
    assert cause.value == "4"


def test_two_findings_of_one_rule_and_line_have_a_verdict_each(monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question(At("b", ENGLISH), placed=True)
    found = [finding(3, what, text="aa") for what in ("pears", "plums", "plums", "figs")]
    right, wrong = (judged.Stated(question, each).key for each in found[:2])
    monkeypatch.setattr(judged, "verdicts", lambda: {right: True, wrong: False})
    [counted, _] = _findings([At("b", ENGLISH)]).figures({question: Answer(tuple(found))})
    assert (counted.value, [line.split("\t")[-1] for line in counted.rest]) == ("1 of 2, 50.0 %", ["figs"])


def test_a_verdict_that_names_no_subject_is_for_all_that_the_rule_says_of_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    question = Question(At("b", ENGLISH), placed=True)
    found = [finding(3, what, text="aa") for what in ("pears", "plums")]
    all_of_it = judged.Key("check", ENGLISH, "spelling", "aa")
    monkeypatch.setattr(judged, "verdicts", lambda: {all_of_it: False, judged.Stated(question, found[0]).key: True})
    [counted, _] = _findings([At("b", ENGLISH)]).figures({question: Answer(tuple(found))})
    assert (counted.value, counted.rest) == ("1 of 2, 50.0 %", ())


def test_what_a_finding_is_about_is_the_same_where_numbers_of_lines_are_others() -> None:
    assert finding(what="see line 3").subject == finding(what="see line 12").subject
    assert finding(what="see line 3").subject != finding(what="see page 3").subject
    assert finding(what="3 commits", about="behind").subject == finding(what="4 days", about="behind").subject


def test_every_verdict_of_the_list_is_for_something_else() -> None:
    listed = [tuple(each[name] for name in judged.FIELDS) for each in records(CASES / "verdicts.tsv")]
    keys = [(verb, page, rule, text, about) for verb, page, _, rule, _, text, about, _, _ in listed]
    assert sorted(keys) == sorted({*keys})
    assert {each[-2] for each in listed} == {"true", "false"}


def _findings(pages: list[At]) -> figures.Findings:
    return figures.Findings(pages, set(pages), 0)

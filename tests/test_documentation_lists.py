"""The lists that the figures of the checks of pages are counted on say all that they have to, and samples of them."""

from __future__ import annotations

from tests.documentation_figures import figures, lists


def test_every_report_has_a_sign_and_every_sign_a_pattern() -> None:
    reports = [each["report"] for each in lists.records(lists.CASES / "reports.tsv")]
    signs = lists.signs()
    assert [each.report for each in signs] == reports
    assert all(each.slip or each.right or each.sign for each in signs)
    assert {each.kind for each in signs} == {"brought", "aged", "lacking", "here"}


def test_every_verdict_has_a_reason() -> None:
    for name, words in (("verdicts.tsv", {"true", "false"}), ("revisions.tsv", {"worse", "honest"})):
        assert all(each["verdict"] in words and each["reason"] for each in lists.records(lists.CASES / name))


def test_every_other_edit_is_of_a_page_that_no_rule_was_made_with() -> None:
    other = lists.revisions("other_edits.tsv")
    assert not {each.page for each in other} & {each.page for each in lists.revisions()}
    assert [(old, new) for old, new in lists.pairs(other)] == list(zip(other[::2], other[1::2], strict=True))


def test_every_defect_of_the_list_says_what_should_stand_there() -> None:
    for each in lists.records(lists.CASES / "defects.tsv"):
        assert each["wrong"] != each["right"]
        assert each["what"]


def test_a_sample_is_the_same_each_time_and_all_for_none() -> None:
    assert figures.sample(range(50), 5) == figures.sample(range(50), 5)
    assert (len(figures.sample(range(50), 5)), sorted(figures.sample(range(3), 0))) == (5, [0, 1, 2])

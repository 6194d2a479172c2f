"""Comments that have findings ignored: which lines they are about, and what a report says of them."""

from __future__ import annotations

import pytest

from documentation.pages import markdown
from documentation.reports import report

COMMENT = "<!-- documentation: ignore gone: the example is about a mirror -->"
OLD = "See https://godoc.org/x for more."


def _lines(text: str) -> list[int]:
    """The lines of the findings of the rule `gone`."""
    return [each.line for each in report.of_page(markdown.parse(text), None).own if each.check == "gone"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"{OLD}\n", [1]),
        (f"A\n\n{COMMENT}\n{OLD}\n", []),
        (f"A\n\n{COMMENT}\n\n{OLD}\n", []),
        (f"A\n\n{COMMENT}\n{OLD}\n\n{OLD}\n", [6]),
        (f"A\n\n{COMMENT}\n```shell\ncurl https://godoc.org/a\n\ncurl b\n```\n\n{OLD}\n", [10]),
        (f"- A\n\n  {COMMENT}\n  - {OLD}\n  - {OLD}\n\n{OLD}\n", [7]),
        (f"{COMMENT}\n\n{OLD}\n\n## B\n\n{OLD}\n", []),
        (f"---\ntitle: a\n---\n{COMMENT}\n\n{OLD}\n\n## B\n\n{OLD}\n", []),
        (f"---\ntitle: a\n---\n{COMMENT}\n{OLD}\n\n## B\n\n{OLD}\n", [9]),
        (f"A\n\n{COMMENT.replace('gone', 'anchor')}\n{OLD}\n", [4]),
        (f"A\n\n<!-- documentation: ignore gone -->\n{OLD}\n", [4]),
        (f"A\n\n<!-- documentation: ignore gone: -->\n{OLD}\n", [4]),
    ],
)
def test_a_comment_counts_for_what_stands_below_it(text: str, lines: list[int]) -> None:
    assert _lines(text) == lines


def test_what_is_ignored_is_named_with_its_reason() -> None:
    found = report.of_page(markdown.parse(f"A\n\n{COMMENT}\n{OLD}\n"), None)
    assert "Ignored, as comments on the page have it: line 4 `gone` (the example is about a mirror)." in found.limits
    assert (found.status, [each.reason for each in found.waived]) == (0, ["the example is about a mirror"])


def test_a_comment_that_counts_for_nothing_is_named() -> None:
    text = f"A\n\n<!-- documentation: ignore gone -->\n{OLD}\n\n<!-- documentation: ignore dew: it is wet -->\nB\n"
    found = report.of_page(markdown.parse(text), None)
    assert "Line 3 ignores `gone` without a reason: it counts." in found.limits
    assert "Line 6 ignores `dew`: no rule has this name." in found.limits
    assert found.status == 1


def test_differences_are_ignored_by_comments_on_the_new_page() -> None:
    old = markdown.parse("You must not go.\n", language="en")
    comment = "<!-- documentation: ignore negation: the pier was built anew -->"
    assert report.of_drift(old, markdown.parse("You must go.\n", language="en"), None).status == 1
    assert report.of_drift(old, markdown.parse(f"Hm.\n\n{comment}\nYou must go.\n", language="en"), None).status == 0

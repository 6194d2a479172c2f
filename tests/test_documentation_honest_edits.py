"""What writers do to pages and is no fault: variables for values, sections for steps, a line more of an old release."""

from __future__ import annotations

import pytest

from documentation.pages import markdown
from documentation.pages.block import Page
from documentation.reports import report

SHELL = "## Steps\n\n```shell\n%s\n```\n"


def _status(old: str, new: str) -> int:
    return report.of_drift(_page(old), _page(new), None).status


def _page(text: str) -> Page:
    return markdown.parse(text, "page.md", "en")


TOOLS = "TOOLS=/opt/tools\nPARTS=(a b)\nls $TOOLS ${PARTS[0]}\nmkdir -p %s\n"


@pytest.mark.parametrize("value", ["$TOOLS", "${TOOLS}", "${PARTS[1]}"])
def test_a_variable_that_the_page_sets_may_stand_for_a_value(value: str) -> None:
    old, new = SHELL % (TOOLS % "/srv/tools"), SHELL % (TOOLS % value)
    assert (_status(old, new), _status(new, old)) == (0, 1)


@pytest.mark.parametrize(
    ("old", "new"), [("/srv/tools", "$TOOL"), ("$TOOLS", "${PARTS[1]}"), ("/srv/a/b", "/opt/$TOOLS/b")]
)
def test_a_variable_misleads_that_is_not_set_or_stands_for_another_or_beside_another_change(old: str, new: str) -> None:
    assert _status(SHELL % (TOOLS % old), SHELL % (TOOLS % new)) == 1

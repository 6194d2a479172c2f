"""Pages of our own, and editions of them."""

from __future__ import annotations

from pathlib import Path

from documentation.pages import markdown
from documentation.reports import report
from documentation.reports.report import Report

PAGES = Path(__file__).parent / "pages"
FERRY = (PAGES / "ferry.en.md").read_text()

Change = tuple[str, str]


def edited(text: str, *changes: Change) -> str:
    """A text with other words, all of which it has."""
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text


def revised(*changes: Change) -> Report:
    """The report on the ferry's page after some changes."""
    old, new = (markdown.parse(each, "ferry.md", "en") for each in (FERRY, edited(FERRY, *changes)))
    return report.of_drift(old, new, None)

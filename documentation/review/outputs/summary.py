"""What all outputs for people say alike: numbers in words, a page's heading, and its findings in order."""

from __future__ import annotations

from documentation.review.changes import How
from documentation.review.review import WEIGHTS, Noted, Review, ReviewedPage

_HOW = {How.ADDED: "new", How.CHANGED: "changed", How.RENAMED: "renamed", How.DELETED: "deleted"}


def headline(review: Review) -> str:
    """All findings that count, in one line."""
    pages = number(len(review.pages), "changed page")
    found = counted([each for page in review.pages for each in page.counted])
    return f"{found} on {pages}, {review.base} to {review.head}"


def counted(findings: list[Noted]) -> str:
    """As in `1 breaks, 2 misleads, 3 remarks`; `nothing` where there is none."""
    counts = {name: sum(each.weight == name for each in findings) for name in WEIGHTS}
    words = (number(count, name) if name == "remark" else f"{count} {name}" for name, count in counts.items() if count)
    return ", ".join(words) or "nothing"


def number(count: int, noun: str) -> str:
    """As in `1 page` or `2 pages`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def heading(page: ReviewedPage) -> str:
    """What became of a page and what it was compared with, as in `ja, changed, against content/en/…`."""
    how = f"renamed from {page.old}" if page.how is How.RENAMED else _HOW[page.how]
    return ", ".join([page.language, how, *([f"against {page.against}"] if page.against != page.path else [])])


def accepted(review: Review) -> list[tuple[ReviewedPage, Noted]]:
    """What does not count, since a file or a comment accepts it."""
    return [(page, each) for page in review.pages for each in page.findings if each.accepted]


def improved(page: ReviewedPage) -> list[Noted]:
    """What the change made better."""
    return [each for each in page.findings if each.improves and not each.accepted]


def quiet(review: Review) -> list[ReviewedPage]:
    """The pages of which there is nothing to say."""
    return [each for each in review.pages if not each.findings and not each.limits]

"""A review as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from documentation.review.outputs.summary import accepted, counted, heading, headline, improved, number, quiet
from documentation.review.review import Noted, Review, ReviewedPage
from provision.util.characters import visible

_WIDTH = 100  # of a page's line that is shown: with the margin it fits into a terminal of 120


def document(review: Review) -> str:
    """The review as text."""
    silent = quiet(review)
    lines = [headline(review)]
    for page in review.pages:
        lines += [] if page in silent else ["", *_page(page)]
    lines += (
        ["", f"Nothing on {number(len(silent), 'page')}:", *(f"  {each.path}" for each in silent)] if silent else []
    )
    lines += ["", *_ends(review)]
    return "\n".join(lines).rstrip() + "\n"


def _page(page: ReviewedPage) -> Iterator[str]:
    yield f"{visible(page.path)} ({visible(heading(page))}): {counted(list(page.counted))}"
    for each in page.counted:
        yield from _finding(each)
    for each in improved(page):
        yield f"  better   line {each.line}  {visible(each.what)}  [{each.rule}, {each.block}]"
    yield from (f"  {visible(each)}" for each in page.limits)


def _finding(noted: Noted) -> Iterator[str]:
    yield f"  {noted.weight:8} line {noted.line}  {visible(noted.what)}  [{noted.rule}, {visible(noted.block)}]"
    text = visible(noted.text)
    if text:
        yield f"           | {text[:_WIDTH]}{'…' if len(text) > _WIDTH else ''}"
    if noted.fix:
        yield f"           Try: {visible(noted.fix)}"


def _ends(review: Review) -> Iterator[str]:
    for page, each in accepted(review):
        yield f"Accepted: {visible(page.path)} line {each.line} {each.rule}: {visible(each.accepted)}"
    for path in review.unread:
        yield f"Not read, since it is not Markdown: {visible(path)}"
    yield from review.notes
    yield f"{review.seconds:.0f} s"

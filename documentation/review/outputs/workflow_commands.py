"""A review as workflow commands, which GitHub shows beside the lines of a change.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from documentation.review.review import WEIGHTS, Noted, Review, ReviewedPage
from provision.util.characters import visible

_COMMANDS = {"breaks": "error", "misleads": "warning", "remark": "notice"}


def document(review: Review) -> str:
    """A line for each finding that counts, the heaviest first: GitHub shows ten of each kind a step."""
    pairs = [(page, each) for page in review.pages for each in page.counted]
    pairs.sort(key=lambda pair: -WEIGHTS[pair[1].weight])
    return "".join(f"{_line(page, each)}\n" for page, each in pairs)


def _line(page: ReviewedPage, noted: Noted) -> str:
    """One command. GitHub shows lines of the change alone: what is elsewhere stands at the nearest, and says so."""
    where = "" if noted.shown == noted.line else f"line {noted.line}: "
    message = f"{where}{visible(noted.what)}" + (f"\nTry: {visible(noted.fix)}" if noted.fix else "")
    fields = {"file": page.path, "line": str(noted.shown), "title": f"{noted.weight}: {noted.rule}"}
    given = ",".join(f"{name}={_value(value)}" for name, value in fields.items())
    return f"::{_COMMANDS[noted.weight]} {given}::{_message(message)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")

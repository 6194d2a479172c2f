"""The text of an issue for a cause, in Markdown: what fails, since when, how often, the log, how to see it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nightly import nights
from nightly.attempts import Attempt
from nightly.causes import words
from nightly.causes.again import command
from nightly.causes.cause import Cause, found
from nightly.causes.failed import Reader
from nightly.causes.keeping import causes
from nightly.gists.sorting import merged
from nightly.store import Store
from nightly.views import clusters
from provision.util.errors import BadInput

_TESTS = 20  # of which the rest is counted: the text of an issue has to be read


def about(cause: str, store: Store) -> str:
    """The text for a cause by its id, which may be that of a cause it was merged into; raises BadInput for another."""
    views = clusters(nights.merged(store.runs().runs))
    known = found(views, store)
    wanted = merged(causes(store))[1].get(cause, cause)
    for each in known:
        if each.id == wanted:
            return issue(each, store)
    red = ", ".join(each.id for each in known if each.red) or "none"
    raise BadInput(
        f"the store has no cause {cause}", answer=f"what is red now: {red}", fix="an id of the page's causes"
    )


def issue(cause: Cause, store: Store) -> str:
    """The whole text; its first line is a title. The log is that of the newest failure, as the store has it."""
    failed = cause.shown[0]
    log = Reader(store).text(failed).strip()
    return "\n".join(
        [
            f"# {cause.headline}",
            "",
            f"{cause.state.capitalize()}: {words.name(cause)}. {words.counted(cause)}.",
            "",
            *_section("What fails", _tests(cause)),
            *_section("Since when", _since(cause)),
            *_section("Versions and clusters", _where(cause)),
            *_section("How to reproduce", _fenced(command(failed))),
            *_section(
                f"Log of {words.test(failed.scenario)} on {failed.subject}", _fenced(log or "(nothing was kept)")
            ),
            f"Cause `{cause.id}` of the nightly results.",
            "",
        ]
    )


def _section(name: str, lines: Iterable[str]) -> list[str]:
    return [f"## {name}", "", *lines, ""]


def _tests(cause: Cause) -> Iterator[str]:
    yield from (f"- `{each}`" for each in cause.tests[:_TESTS])
    if len(cause.tests) > _TESTS:
        yield f"- and {len(cause.tests) - _TESTS} more"


def _since(cause: Cause) -> Iterator[str]:
    yield f"- first red night: {words.moment(cause.since)}{_of(cause.first, cause.since)}"
    began = cause.numbers.now[-1].attempt if cause.numbers.now else cause.first
    if began.run != cause.first.run:
        yield f"- red in every night since: {words.moment(began.started)}, {described(began)}"
    green = cause.last_green
    label = "last green night before that" if cause.red else "newest green night"
    yield f"- {label}: {f'{words.moment(green.started)}, {described(green)}' if green else 'none is known'}"


def _of(first: Attempt, since: float) -> str:
    return f", {described(first)}" if first.started == since else ""


def described(attempt: Attempt) -> str:
    """What was tried, in one line."""
    return f"Kubernetes {attempt.version or 'unknown'}, kubeadm-ha {attempt.harness or 'unknown'}"


def _where(cause: Cause) -> Iterator[str]:
    yield f"- Kubernetes {', '.join(cause.versions)}"
    yield f"- {', '.join(f'`{each}`' for each in cause.clusters)}"
    attempt = cause.shown[0].attempt
    yield from (f"- own build: {each.name} {each.version}, SHA-256 `{each.digest}`, commit `{each.commit or 'unknown'}`"
                for each in attempt.own)  # fmt: skip
    yield from (f"- {name} {value}" for name, value in attempt.data["components"].items())


def _fenced(text: str) -> list[str]:
    """A block of text as it is; the fence is longer than any run of backticks in it."""
    longest = max((len(each) for each in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", text, fence]

"""How a piece of text became another one: by what was added to it, by what is newer, or otherwise.

A later edition of a page adds, and goes from releases to newer ones. What goes the other way is a fault as a rule, and
so is what was replaced by anything else.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from documentation.drift import spellings, succession
from documentation.drift.removed import Removed
from documentation.pages.block import Block
from documentation.pages.shell import Command, Script

_TOKEN = re.compile(r"v?\d+(?:\.(?:\d+|x)\b)+|v\d+(?:(?:alpha|beta)\d+)?\b|\w+|[^\w\s]")
_WITH_SHORTCODES = re.compile(rf"v?‹[^›]*›(?:\.(?:\d+|x)\b)*|{_TOKEN.pattern}")
_DOTTED = re.compile(r"v?(\d+(?:\.(?:\d+|x))+)")
_API = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")
_STAGES = ("alpha", "beta", None)
_TEE = re.compile(r"\|\s*(?:sudo\s+)?tee\s+(?=[\w/\"$~.])|>\s*(?=[\w/\"$~.])")
_NAME = r"(?:\$\{?|<)%s\b"  # of a variable, or of a placeholder
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:\[\d+\])?\})")
_PLACEHOLDER = re.compile(r"<[^<>]+>")
_ADDRESS_OF_A_FILE = re.compile(r"https?://\S+/[\w.-]+")
_SHORTCODE = re.compile(r"\{\{[<%]\s*(.*?)\s*[%>]\}\}")
_OF_THE_SITE = re.compile(r"v?‹(?:skew|param \"?(?:full)?version)\b[^›]*›(?:\.(?:\d+|x))*")
_COMMIT = re.compile(r"(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}")
_ALIKE = 0.8  # two addresses of a file, or commits, that are more alike than this differ by a slip, not by a move
_SEVERAL = 2  # places in which a change is not a slip
_ADDRESS = 4  # numbers with dots between them are an address, not a version
_ANY = 10**6  # what the x of 1.37.x counts: it is the latest patch


Run = tuple[tuple[str, ...], tuple[str, ...]]
"""Words that became others."""


class Change(Enum):
    """How an edition changed what an earlier one has."""

    NONE = auto()
    ADDED = auto()  # all that was there still is
    NEWER = auto()  # a version, or what took a thing's place in a later release; other things may be new beside it
    EVERYWHERE = auto()  # the same thing became the same other one in several places
    OLDER = auto()  # the same the other way round
    OTHER = auto()

    @property
    def revises(self) -> bool:
        """Whether a later edition may well do so."""
        return self not in (Change.OLDER, Change.OTHER)


_BY_WEIGHT = (Change.OTHER, Change.OLDER, Change.NEWER, Change.ADDED)


@dataclass(frozen=True)
class Editions:
    """Two pages, or parts of them: `revised` says that they are of one language, so that one may be later.

    `everywhere` are runs of words that became the same others in several places of the page; `page` is the new one's
    code, `removed` knows why code may be gone, and `explained` are variables that the new page's sentences name.
    """

    revised: bool
    everywhere: frozenset[Run] = frozenset()
    page: str = ""
    removed: Removed | None = None
    explained: frozenset[str] = frozenset()

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]], texts: tuple[str, str], *, revised: bool) -> Editions:
        """The editions, by the pairs of lines that differ, and by the texts of both pages."""
        counts = Counter(run for old, new in pairs for run in {*_runs(old, new)})
        went = Counter(one for one, _ in counts)
        sure = (run for run, count in counts.items() if count >= _SEVERAL or _renamed(run, *texts))
        sure = (run for run in sure if not _is_still_set(run[0], texts[1]))
        return cls(revised, frozenset(run for run in sure if went[run[0]] == 1), texts[1])

    def change(self, old: str, new: str) -> Change:
        """How one text became the other; values may become variables that the page sets, and nothing else besides."""
        runs = [*_runs(old, new)]
        variables = runs if all(self._is_a_variable_for_a_value(run) for run in runs) else ()
        return change(old, new, self.everywhere.union(variables))

    def _is_a_variable_for_a_value(self, run: Run) -> bool:
        """Whether a variable of the page took the place of what is none, as `$DIR` or `${NAMES[0]}` of `/opt/bin`."""
        one, other = ("".join(each) for each in run)
        match = _VARIABLE.fullmatch(other)
        name = (match[1] or match[2]) if match and "$" not in one else ""
        return bool(name) and (name in self.explained or bool(re.search(rf"\b{name}=", self.page)))

    def revises(self, old: str, new: str) -> bool:
        """Whether a later edition may well have changed a text so."""
        return self.revised and self.change(old, new).revises

    def why_gone(self, block: Block, command: Command | None = None, script: Script | None = None) -> str:
        """Why a later edition may well lack a block or one of its commands; empty where nothing says so."""
        if not self.revised or not self.removed:
            return ""
        if command and script:
            return self.removed.why_command(command, script, block)
        return self.removed.why(block)

    def gone_everywhere(self, name: str) -> bool:
        """Whether a later edition has a name nowhere any more that stood in several places of the code."""
        return self.revised and self.removed is not None and self.removed.everywhere(name)

    def adds(self, command: Command) -> bool:
        """Whether a command of the new page is more than one that moved: the old page does not have it as often."""
        return not self.revised or not self.removed or self.removed.comes_oftener(command)

    def another_program(self, old: Command, new: Command) -> bool:
        """Whether a later edition has another program do it, and its sentences do not name the former one any more."""
        if not self.revised or not self.removed or old.program == new.program:
            return False
        return self.removed.is_named_no_more(old.program)

    def given_up(self, text: str) -> bool:
        """Whether a text of the old page has what something newer took the place of, and the new page nowhere has."""
        return self.revised and succession.given_up(text, self.page)

    def drops(self, old: str, new: str) -> bool:
        """Whether a text lost one run of words and nothing else, and had what the page gave up."""
        runs = list(_replaced(_TOKEN.findall(old), _TOKEN.findall(new)))
        return len(runs) == 1 and not runs[0][1] and self.given_up(old) and not self.given_up(new)

    def newer(self, old: str, new: str) -> bool:
        """Whether versions in a text went up and none down, so that it is of a later release, whatever else changed."""
        return self.revised and {*_version_steps(old, new)} == {Change.NEWER}


def change(old: str, new: str, everywhere: frozenset[Run] = frozenset()) -> Change:
    """How one text became the other; blanks do not count, and a file is written by `>` as by `sudo tee`."""
    old, new = (_SHORTCODE.sub(r"‹\1›", _TEE.sub("> ", each)) for each in (old, new))
    old, new = _same_addresses(*(" ".join(spellings.spread(each.split())) for each in (old, new)))
    if old == new:
        return Change.NONE
    if succession.succeeded(new, old)[1]:
        return Change.OLDER
    plain, succeeded = succession.succeeded(old, new)
    token = _WITH_SHORTCODES if "‹" in new and "‹" not in plain else _TOKEN
    before, after = token.findall(plain), token.findall(new)
    replaced = [(one, other) for one, other in _replaced(before, after) if (tuple(one), tuple(other)) not in everywhere]
    kinds = {each for one, other in replaced for each in _step(one, other)}
    kinds |= {Change.NEWER} if succeeded else set()
    rest = Change.EVERYWHERE if before != after else Change.NONE
    return next((each for each in _BY_WEIGHT if each in kinds), rest)


def is_placeholder(span: str) -> bool:
    """Whether all of a code span is one, in angle brackets."""
    return bool(_PLACEHOLDER.fullmatch(span))


def variables(spans: Iterable[str]) -> frozenset[str]:
    """The variables that code spans of sentences are, as `${ETCD_TAG}`: a sentence says what to set each to."""
    found = (_VARIABLE.fullmatch(each) for each in spans)
    return frozenset(each[1] or each[2] for each in found if each)


def goes(old: str, new: str) -> Change:
    """NEWER where something in a text is newer and nothing older, whatever else changed; OLDER the other way round."""
    newer, older = bool(succession.succeeded(old, new)[1]), bool(succession.succeeded(new, old)[1])
    steps = {*_version_steps(old, new)}
    newer, older = newer or Change.NEWER in steps, older or Change.OLDER in steps
    return Change.OTHER if newer == older else Change.NEWER if newer else Change.OLDER


def _same_addresses(old: str, new: str) -> tuple[str, str]:
    """The texts with one address for a file that moved to another place under its own name."""
    before, after = (_ADDRESS_OF_A_FILE.findall(each) for each in (old, new))
    for one, other in zip(before, after, strict=False) if len(before) == len(after) else ():
        if one != other and one.rpartition("/")[2] == other.rpartition("/")[2] and _ratio(one, other) < _ALIKE:
            old = old.replace(one, other)
    return old, new


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _replaced(before: list[str], after: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, stop, first, last in matcher.get_opcodes():
        if kind != "equal":
            yield before[start:stop], after[first:last]


def _runs(old: str, new: str) -> Iterator[Run]:
    before, after = (_TOKEN.findall(_SHORTCODE.sub(r"‹\1›", each)) for each in (old, new))
    for one, other in _replaced(before, after):
        named = one and other and any(re.match(r"\w", token) for token in (*one, *other))
        if named and Change.OLDER not in _step(one, other):
            yield tuple(one), tuple(other)


def _is_still_set(words: tuple[str, ...], new: str) -> bool:
    """Whether it is a variable that the new page sets as the old one did, so that it is to be used there."""
    return words[0] == "$" and any(
        re.search(rf"\b(?:{each}=|for {each} in\b)", new) for each in words[1:] if each.isidentifier()
    )


def _renamed(run: Run, old: str, new: str) -> bool:
    """Whether it is the name of a variable or a placeholder that only one page has, and one that only the other has."""
    one, other = ("".join(each) for each in run)
    named = re.search(_NAME % re.escape(one), old) and re.search(_NAME % re.escape(other), new)
    return bool(named) and not succession.word(one).search(new) and not succession.word(other).search(old)


def _step(one: list[str], other: list[str]) -> Iterator[Change]:
    if not one:
        yield Change.ADDED
    elif len(one) != len(other):
        yield Change.OTHER
    else:
        yield from (_versions(was, now) for was, now in zip(one, other, strict=True) if was != now)


def _version_steps(old: str, new: str) -> Iterator[Change]:
    """NEWER or OLDER for each version that another one stands in the place of."""
    for one, other in _replaced(_TOKEN.findall(old), _TOKEN.findall(new)):
        steps = (_versions(was, now) for was, now in zip(_dated(one), _dated(other), strict=False))
        yield from (each for each in steps if each in (Change.NEWER, Change.OLDER))


def _dated(tokens: list[str]) -> list[str]:
    return [each for each in tokens if _age(each)]


def _versions(old: str, new: str) -> Change:
    """Which of two versions is newer, as the site's own is; OTHER where one of them is none, and no other commit."""
    if _OF_THE_SITE.fullmatch(new) and (_age(old) or ("",))[0] == "release":
        return Change.NEWER
    if _COMMIT.fullmatch(old) and _COMMIT.fullmatch(new) and _ratio(old, new) < _ALIKE:
        return Change.NONE
    was, now = _age(old), _age(new)
    if was is None or now is None or was[0] != now[0]:
        return Change.OTHER
    return Change.NEWER if was < now else Change.OLDER if now < was else Change.NONE


def _age(word: str) -> tuple[object, ...] | None:
    """Sorts versions as in 1.37.2, v1.37.x and v1beta4 by age; none for anything else."""
    if dotted := _DOTTED.fullmatch(word):
        numbers = [_ANY if each == "x" else int(each) for each in dotted[1].split(".")]
        return ("release", *numbers) if len(numbers) < _ADDRESS else None
    if api := _API.fullmatch(word):
        return ("api", int(api[1]), _STAGES.index(api[2]), int(api[3] or 0))
    return None

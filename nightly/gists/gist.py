"""What a failure says, without noise, and when two failures say the same. Pure.

Two texts are of one cause where their subjects are the same, and less than a tenth of the longer one has to be edited
to get the other. The subject are the words that name what is wrong: of the headline, and of the lines that say error.
So noise that no pattern knows, and lines that one run logged and another did not, are no difference; a word is:
"kube-scheduler is not ready" and "kube-controller-manager is not ready" are two causes, however long the same text is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz.distance import Levenshtein

from nightly.gists.noise import WELL_KNOWN, without_noise

UNLIKE = 0.1
"""The part of the longer text from which on two texts are not of one cause."""

_LONGEST = 16_000  # characters: the largest answer that an assertion shows is 3000, and distance grows with the square
_CLASS = re.compile(r"^(?:AssertionError|Failed|provision\.[\w.]+): ")
_EXPLAINED = re.compile(r"E {3}assert |E +\+ +where ")
_SILENT = re.compile(r"(?:AssertionError: )?assert |AssertionError$")
_AGAIN = re.compile(r"failed before, and was not tried again: see .*\n")
_STEP = re.compile(r"(?:.*: )?step '.*' failed$")
_ERROR = re.compile(r"^[ \t]*\[?(?:error|fatal|panic|failed|failure|unable to|could ?n.t|cannot)\b.*", re.I | re.M)
_WORD = re.compile(r"‹[^›]*›|(?<=[\w›\]]):\d{2,5}\b(?![:.]?\d)|[\w./@+-]+")


@dataclass(frozen=True)
class Gist:
    """What a failure says. `test` is the scenario's function where the text names nothing by itself, and else empty.

    The first line of the text is the headline.
    """

    text: str
    test: str = ""

    @property
    def headline(self) -> str:
        """What is wrong, in one line."""
        return self.text.split("\n", 1)[0]

    @property
    def error(self) -> str:
        """The first line below it that says error by itself; empty where none does."""
        found = (line.strip() for line in _ERROR.findall(self.text, len(self.headline)))
        return next((line for line in found if not line.endswith(":")), "")

    @cached_property
    def subject(self) -> tuple[str, ...]:
        """The words that name what is wrong, each once: a list of three machines says the same as one of two."""
        lines = (self.headline, *_ERROR.findall(self.text, len(self.headline)))
        return (self.test, *dict.fromkeys(word for line in lines for word in _words(line)))

    def same_as(self, other: Gist) -> bool:
        """Whether both are of one cause."""
        if self.subject != other.subject:
            return False
        longer = max(len(self.text), len(other.text))
        most = int(longer * UNLIKE - 1e-9) if longer else 0
        return abs(len(self.text) - len(other.text)) <= most and (
            Levenshtein.distance(self.text, other.text, score_cutoff=most) <= most
        )


def gist(text: str, reason: str, test: str, names: Iterable[str] = ()) -> Gist:
    """What a failed test says: its text as pytest shows it, its reason in one line, and its function.

    What pytest explains of a condition counts only where the assertion says nothing by itself: it is about the test's
    own expressions, so it means the same in the same test alone.
    """
    lines = [line for line in text.splitlines() if line.startswith("E  ")]
    if not lines:
        return _plain(_AGAIN.sub("", text) or reason, names)
    first = lines[0][1:].strip()
    if _SILENT.match(first):
        return _made([_CLASS.sub("", reason), *(line[4:] for line in lines)], test, names)
    until = next((n for n, line in enumerate(lines) if n and _EXPLAINED.match(line)), len(lines))
    rest = [line[4:] for line in lines[1:until]]
    if rest and _is_output(rest):
        error = next((line.strip() for line in rest if _ERROR.match(line)), "")
        return _made([error, _CLASS.sub("", first), *rest], "" if error else test, names)
    return _made([_CLASS.sub("", first), *rest], "", names)


def function_of(scenario: str) -> str:
    """A scenario without its parameters."""
    return scenario.partition("[")[0]


def step(name: str, error: str, names: Iterable[str] = ()) -> Gist:
    """What a step that failed says; the test that met it first says the same."""
    return _plain(f"step '{name}' failed\n{error}", names)


def _plain(text: str, names: Iterable[str]) -> Gist:
    head, _, rest = text.strip().partition("\n")
    if _STEP.match(head):
        what, _, rest = rest.partition("\n")
        head = f"{head[head.index('step ') :]}: {what}"
    return _made([head, *rest.splitlines()], "", names)


def _is_output(lines: list[str]) -> bool:
    """Whether an assertion's message is what a program printed, cut off anywhere, and nothing else.

    Then the first line is on a level with the others; below a sentence, a program's answer is indented.
    """
    return len(lines[0]) - len(lines[0].lstrip()) <= 2 and len(lines) > 2


def _made(lines: list[str], test: str, names: Iterable[str]) -> Gist:
    text = without_noise("\n".join(line.rstrip() for line in lines), names)
    return Gist(text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}\n…\n{text[-_LONGEST // 2 :]}", test)


def _words(line: str) -> Iterator[str]:
    """Names, options, files and ports of servers; neither noise nor numbers."""
    for found in _WORD.findall(line):
        word = found.strip("./")
        if found[0] != "‹" and (found[0] == ":" or word in WELL_KNOWN or any(map(str.isalpha, word))):
            yield word

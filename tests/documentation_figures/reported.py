"""Errors that people reported and fixed: whether `check` finds them before the fix, and `drift` from right to wrong.

A finding counts where it says what the sign of the error wants, near a line that the fix changed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from documentation.findings.rules import Weight
from tests.documentation_figures.answers import Answer, Answers, KeptFinding, Question
from tests.documentation_figures.checkout import Checkout
from tests.documentation_figures.lists import Revision, Sign

ORIGINAL = "en"
_REACH = 12  # lines from a change to a finding of it: a block's finding stands at its first line
_LETTERS = {Weight.BREAKS: "B", Weight.MISLEADS: "M", Weight.REMARK: "r"}
_NOTHING = "-"
_SHOWN = 100  # letters of a finding in a list
_OPPOSITE = "x"
_HERE = "here"
_REMOVING = re.compile(r"(?:remove|take out|drop|delete|write .* instead of)\b", re.I)


@dataclass(frozen=True)
class Error:
    """A reported error: the page with it, without it, and what it is compared with."""

    sign: Sign
    wrong: Revision
    right: Revision
    original: Revision

    @property
    def checked(self) -> Question:
        """The wrong page, on its site of that day, as `check REPO@REV:PATH` has it."""
        return Question(self.wrong.at, placed=True)

    @property
    def compared(self) -> Question:
        """From the right page to the wrong one; for a translation, from the English page of that day."""
        return Question(self.wrong.at, self.original.at)


@dataclass(frozen=True)
class Outcome:
    """What was found of one error: a letter each, as in reports.tsv, and what finding has it.

    `uncounted` is why it could not be counted.
    """

    sign: Sign
    check: str = _NOTHING
    drift: str = _NOTHING
    uncounted: str = ""
    checked: str = ""
    compared: str = ""


def errors(signs: Iterable[Sign], pairs: Iterable[tuple[Revision, Revision]]) -> tuple[list[Error], list[Outcome]]:
    """Errors with their pages, and those that pages.tsv does not have."""
    known = list(pairs)
    found, missing = [], []
    for sign in signs:
        of_page = [pair for pair in known if (pair[1].page, pair[1].language) == (sign.page, sign.language)]
        if not of_page:
            missing.append(Outcome(sign, uncounted="pages.tsv does not have the page"))
            continue
        wrong, right = _fix(sign, of_page) if sign.kind != _HERE else reversed(_fix(sign, of_page))
        found.append(Error(sign, wrong, right, _original(right, known)))
    return found, missing


def _fix(sign: Sign, of_page: list[tuple[Revision, Revision]]) -> tuple[Revision, Revision]:
    """The pair of the fix; one that pages.tsv lacks, since it was made on a branch, is the commit and its parent."""
    newest = of_page[-1][1]
    parts = (replace(newest, at=replace(newest.at, commit=each)) for each in (f"{sign.commit}^", sign.commit))
    return next((pair for pair in of_page if pair[1].at.commit == sign.commit), (next(parts), next(parts)))


def _original(right: Revision, known: list[tuple[Revision, Revision]]) -> Revision:
    """What a translator compares with: the newest English page of the day of the fix."""
    if right.language == ORIGINAL:
        return right
    english = [new for _, new in known if (new.page, new.language) == (right.page, ORIGINAL)]
    return max((each for each in english if each.date <= right.date), key=lambda each: each.number, default=right)


def outcome(error: Error, answers: Answers, checkout: Checkout) -> Outcome:
    """What was found of an error."""
    wrong, right = checkout.text(error.wrong.at), checkout.text(error.right.at)
    checked, compared = answers[error.checked], answers[error.compared]
    if wrong is None or right is None:
        return Outcome(error.sign, uncounted="the checkout does not have both revisions")
    if checked.trouble or compared.trouble:
        return Outcome(error.sign, uncounted=checked.trouble or compared.trouble)
    near = None if error.sign.whole_page else changed(wrong, right)
    alone, against = (heaviest(about(error.sign, *each, near)) for each in ((checked, True), (compared, False)))
    turned = any(opposite(error.sign, each) for each in about(error.sign, compared, False, near))
    drift = _OPPOSITE if turned else _letter(against)
    return Outcome(error.sign, _letter(alone), drift, checked=_shown(alone), compared=_shown(against))


def changed(wrong: str, right: str) -> set[int]:
    """The lines of the wrong page, from 1, that a fix changed, or beside which it added some, and those near them."""
    near: set[int] = set()
    matcher = difflib.SequenceMatcher(None, wrong.splitlines(), right.splitlines(), autojunk=False)
    for tag, first, last, _, _ in matcher.get_opcodes():
        if tag != "equal":
            near |= set(range(first + 1 - _REACH, max(last, first + 1) + 1 + _REACH))
    return near


def about(sign: Sign, answer: Answer, alone: bool, near: set[int] | None) -> Iterator[KeptFinding]:
    """The findings of a reported error."""
    for each in answer.findings:
        here = near is None or near & {each.line, *each.lines}
        if each.part != "known" and here and sign.names(each.words, alone=alone):
            yield each


def opposite(sign: Sign, finding: KeptFinding) -> bool:
    """Whether a finding takes the error for the right form: as an improvement, or as what it suggests to write."""
    wants = [new for _, new in finding.edits] + ([] if _REMOVING.match(finding.fix) else [finding.fix])
    return finding.improves or any(_has(sign.slip, each) and not _has(sign.right, each) for each in wants)


def _has(pattern: str, text: str) -> bool:
    return bool(pattern and re.search(pattern, text, re.M))


def heaviest(finding: Iterable[KeptFinding]) -> KeptFinding | None:
    """The finding that weighs most, the first of several."""
    return max((each for each in finding if not each.improves), key=lambda each: each.weight, default=None)


def _letter(finding: KeptFinding | None) -> str:
    return _LETTERS[Weight(finding.weight)] if finding else _NOTHING


def _shown(finding: KeptFinding | None) -> str:
    return f"{finding.rule} line {finding.line}: {' '.join(finding.what.split())[:_SHOWN]}" if finding else ""

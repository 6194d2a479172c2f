"""The figures, from answers: what each needs, and how it is counted."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Protocol, TypeVar

from tests.documentation_figures import judged, reported, revisions
from tests.documentation_figures.answers import Answers, Question
from tests.documentation_figures.checkout import At, Checkout
from tests.documentation_figures.lists import Revision, signs
from tests.documentation_figures.reported import ORIGINAL
from tests.documentation_figures.revisions import Changed, Edit
from tests.documentation_figures.table import Figure, share

_FOUND = "BMr"
T = TypeVar("T")


def shuffled(items: Iterable[T]) -> list[T]:
    """All of them in an order that has nothing to do with theirs, and is the same each time."""
    ranks = ((hashlib.sha256(str(number).encode()).hexdigest(), each) for number, each in enumerate(items))
    return [each for _, each in sorted(ranks, key=lambda ranked: ranked[0])]


def sample(items: Iterable[T], count: int) -> list[T]:
    """Some of them, the same each time; all for 0."""
    return shuffled(items)[: count or None]


class Part(Protocol):
    """A part of the figures."""

    def questions(self) -> list[Question]:
        """What the product has to answer."""

    def figures(self, answers: Answers) -> list[Figure]:
        """What is counted in its answers."""


class Reported:
    """Errors that people reported."""

    def __init__(self, pairs: Iterable[tuple[Revision, Revision]], checkout: Checkout, count: int) -> None:
        found, self._missing = reported.errors(signs(), pairs)
        self._errors, self._checkout = sample(found, count), checkout

    def questions(self) -> list[Question]:
        """The pages with the errors, alone and against those without."""
        return [question for each in self._errors for question in (each.checked, each.compared)]

    def figures(self, answers: Answers) -> list[Figure]:
        """What `check` and `drift` find."""
        outcomes = [*self._missing, *(reported.outcome(each, answers, self._checkout) for each in self._errors)]
        counted = [each for each in outcomes if not each.uncounted]
        uncounted = tuple(f"{each.sign.name}: {each.uncounted}" for each in outcomes if each.uncounted)
        checked = [each for each in counted if each.check in _FOUND]
        compared = [each for each in counted if each.drift in _FOUND]
        turned = tuple(each.sign.name for each in counted if each.drift == "x")
        return [
            Figure(
                "reported errors that `check` finds on the page before the fix", share(len(checked), len(counted)),
                "of the page on its site of that day: a finding of any weight near a line that the fix changed, which "
                "says what signs.tsv has of the error",
                "at least 45 %",
                tuple(f"{each.check} {each.sign.name} [{each.checked}]" for each in counted), uncounted,
            ),
            Figure(
                "reported errors that `drift` finds from the right page to the wrong one",
                share(len(compared), len(counted)),
                "the same; for a translation from the newest English page of the day of its fix",
                "at least 85 %",
                tuple(f"{each.drift} {each.sign.name} [{each.compared}]" for each in counted), uncounted,
            ),
            Figure(
                "reported errors that `drift` takes for the right form", str(len(turned)),
                "a finding near the fix that is an improvement, or whose suggestion has the slip", "0", turned,
            ),
        ]  # fmt: skip


class Edits:
    """Edits that people made to English pages."""

    def __init__(self, pairs: Iterable[tuple[Revision, Revision]], checkout: Checkout, count: int) -> None:
        english = [Edit(old, new) for old, new in pairs if new.language == ORIGINAL]
        known, worse = signs(), revisions.judged_worse()
        self._kinds: dict[Edit, Changed] = {}
        for edit in shuffled(english):
            self._kinds[edit] = revisions.changed(edit, checkout, known, worse)
            if count and all(len(self._of(kind)) >= count for kind in (Changed.WORDS, Changed.CODE)):
                break
        self._words, self._code = (self._of(kind)[: count or None] for kind in (Changed.WORDS, Changed.CODE))

    def questions(self) -> list[Question]:
        """Each edit as it was made; those of code also taken back."""
        return [each.forwards for each in (*self._words, *self._code)] + [each.backwards for each in self._code]

    def figures(self, answers: Answers) -> list[Figure]:
        """Which are red."""
        counts = Counter(self._kinds.values())
        known = ", ".join(f"{counts[kind]} {kind.value}" for kind in Changed)
        reds = f"edits of English pages ({known}) for which `drift` exits with 1"
        better = [each for each in self._code if any(finding.improves for finding in answers[each.forwards].findings)]
        return [
            _red("honest edits of words and links: red", reds, "at most 1 %", _forwards(self._words), answers),
            _red("honest edits of code: red", reds, "at most 10 %", _forwards(self._code), answers),
            _red(
                "the same edits of code, taken back: red", "`drift` from the new page to the old one",
                "as many as are fixes", {each.name: each.backwards for each in self._code}, answers,
            ),
            Figure("honest edits of code in which `drift` names an improvement", share(len(better), len(self._code)),
                   "a finding that says that the new page is better here", "", tuple(each.name for each in better)),
        ]  # fmt: skip

    def _of(self, kind: Changed) -> list[Edit]:
        return [edit for edit, its in self._kinds.items() if its is kind]


class OtherEdits(Edits):
    """Edits of code on other pages, drawn by chance and read when the rules were finished."""

    def figures(self, answers: Answers) -> list[Figure]:
        """Those of code alone."""
        found = super().figures(answers)[1:3]
        return [replace(each, what=f"{each.what}, on pages that no rule was made with") for each in found]


class Findings:
    """Findings of all pages about kubeadm at one revision."""

    def __init__(self, pages: Iterable[At], known: Collection[At], count: int) -> None:
        self._questions = judged.questions(sample(pages, count), known)

    def questions(self) -> list[Question]:
        """Each page alone, and each translation against its original."""
        return self._questions

    def figures(self, answers: Answers) -> list[Figure]:
        """How many findings are true of those that a reader judged, and what one cause makes."""
        stated = list(judged.stated(self._questions, answers))
        uncounted = tuple(_troubles({_named(each): each for each in self._questions}, answers))
        groups = sorted({each.group for each in stated})
        found = [_true(group, [each for each in stated if each.group == group]) for group in groups]
        most, cause = judged.most_of_a_cause(self._questions, answers)
        how = "findings of one answer by one rule about the same thing; causes that rules do not know are not seen"
        return [*found, Figure("findings of one cause, at most", str(most), how, "1", (cause,), uncounted)]


def _true(group: str, stated: list[judged.Stated]) -> Figure:
    verdicts = judged.verdicts()
    keys = dict.fromkeys(each.key for each in stated)
    found = [judged.verdict(key, verdicts) for key in keys]
    judgements = [each for each in found if each is not None]
    open_ones = tuple(each.record for each in stated if judged.verdict(each.key, verdicts) is None)
    how = (
        f"of {len(stated)} findings, {len(keys)} by rule, line and subject, {len(judgements)} are in verdicts.tsv; "
        "those that share all three count once; each page on its site, translations also by `drift` from English"
    )
    goal = "at least 85 %" if group == "translations, other kubeadm pages" else "at least 90 %"
    return Figure(
        f"true of what breaks or misleads, {group}", share(sum(judgements), len(judgements)), how, goal, open_ones
    )


def _forwards(edits: Iterable[Edit]) -> dict[str, Question]:
    return {each.name: each.forwards for each in edits}


def _red(what: str, how: str, goal: str, questions: dict[str, Question], answers: Answers) -> Figure:
    counted = {name: answers[each] for name, each in questions.items() if not answers[each].trouble}
    reds = {name: [finding for finding in each.findings if finding.red] for name, each in counted.items() if each.red}
    rest = tuple(
        f"{name}: {len(found)}, as {found[0].rule} line {found[0].line}: {found[0].what}"
        for name, found in reds.items()
    )
    return Figure(what, share(len(reds), len(counted)), how, goal, rest, tuple(_troubles(questions, answers)))


def _troubles(questions: dict[str, Question], answers: Answers) -> Iterable[str]:
    return (f"{name}: {answers[each].trouble}" for name, each in questions.items() if answers[each].trouble)


def _named(question: Question) -> str:
    return f"{question.verb} {question.new.path}"

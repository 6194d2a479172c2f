"""Findings at one revision, and what a reader judged them to be: how many of those that break or mislead are true.

A verdict is for what a rule says of a line with this text, on a page: it stands as long as the three are the same,
wherever the line has gone. One that does not name a finding's words is for all that the rule finds on the line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from documentation.findings.rules import Weight
from tests.documentation_figures.answers import Answers, KeptFinding, Question
from tests.documentation_figures.checkout import At
from tests.documentation_figures.lists import CASES, records
from tests.documentation_figures.reported import ORIGINAL

_HA_PAGES = ("high-availability.md", "setup-ha-etcd-with-kubeadm.md")
FIELDS = ("verb", "page", "revision", "rule", "line", "text", "about", "verdict", "reason")


@dataclass(frozen=True)
class Key:
    """What a verdict is for; `text` is the digest of the line and the next one, `about` that of the finding's words."""

    verb: str
    page: str
    rule: str
    text: str
    about: str = ""


@dataclass(frozen=True)
class Stated:
    """One finding that breaks or misleads, of a page."""

    question: Question
    finding: KeptFinding

    @property
    def key(self) -> Key:
        """What its verdict is found by."""
        return Key(
            self.question.verb, self.question.new.path, self.finding.rule, self.finding.text, self.finding.subject
        )

    @property
    def group(self) -> str:
        """The pages that it is counted with."""
        pages = "HA pages" if self.question.new.path.endswith(_HA_PAGES) else "other kubeadm pages"
        return f"{'English' if self.question.new.language == ORIGINAL else 'translations'}, {pages}"

    @property
    def record(self) -> str:
        """A line for verdicts.tsv, in which a reader puts a verdict and a reason instead of what was found."""
        key, at, what = self.key, self.question.new, " ".join(self.finding.what.split())
        fields = [at.commit[:10], key.rule, str(self.finding.line), key.text, key.about, "?", what]
        return "\t".join((key.verb, key.page, *fields))


def questions(pages: Iterable[At], known: Collection[At]) -> list[Question]:
    """Each page by itself on its site, and each translation against its original, if that is known."""
    wanted = list(pages)
    found = [Question(each, placed=True) for each in wanted]
    for each in wanted:
        original = At(each.commit, each.path.replace(f"content/{each.language}/", f"content/{ORIGINAL}/", 1))
        if each.language != ORIGINAL and original in known:
            found.append(Question(each, original, placed=True))
    return found


def stated(questions: Iterable[Question], answers: Answers) -> Iterator[Stated]:
    """What breaks or misleads: of `drift` the differences alone, since `check` has the rest."""
    for question in questions:
        part = "differences" if question.old else "own"
        for finding in answers[question].findings:
            if finding.part == part and finding.weight > Weight.REMARK:
                yield Stated(question, finding)


def verdicts() -> dict[Key, bool]:
    """What a reader judged: whether it is true."""
    return {
        Key(each["verb"], each["page"], each["rule"], each["text"], each["about"]): each["verdict"] == "true"
        for each in records(CASES / "verdicts.tsv")
    }


def verdict(key: Key, known: Mapping[Key, bool]) -> bool | None:
    """The verdict for these words, else the one for all that the rule finds on the line; none without either."""
    return known.get(key, known.get(replace(key, about="")))


def most_of_a_cause(questions: Iterable[Question], answers: Answers) -> tuple[int, str]:
    """The most findings of one answer that are of one cause, as far as a rule knows it, and which."""
    counts = Counter(
        (question.verb, question.new.path, finding.cause)
        for question in questions
        for finding in answers[question].findings
        if finding.part != "known"
    )
    if not counts:
        return 0, "nothing was found"
    (verb, path, (rule, subject)), count = counts.most_common(1)[0]
    return count, f"{verb} {path}: {rule}, {' '.join(subject.split())[:80]}"

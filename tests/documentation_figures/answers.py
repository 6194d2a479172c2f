"""What the product says of pages, in process. Answers are kept by digest of the product and of the question.

A count takes minutes, so one that was ended goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import re
import traceback
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

from documentation.findings.rules import Finding, Weight
from documentation.pages import source
from documentation.programs.programs import Programs
from documentation.reports import report
from documentation.reports.translation import of_two
from documentation.site import place
from documentation.site.place import Place
from provision.util.atomic_write import write_whole
from provision.util.errors import Problem
from tests.documentation_figures.checkout import At, Checkout

ROOT = Path(__file__).parent.parent.parent
_PRODUCT = ("documentation", "provision/util")
_DIGITS = 10  # of a digest: enough that no two on the pages of a site are the same by chance


@dataclass(frozen=True)
class Question:
    """`check` of a page, or `drift` from another one to it.

    `placed` is as the command line asks it of a checkout: with the site around the page, and a translation by history.
    """

    new: At
    old: At | None = None
    placed: bool = False

    @property
    def verb(self) -> str:
        """As it is typed."""
        return "drift" if self.old else "check"


@dataclass(frozen=True)
class KeptFinding:
    """One finding. `part` is where the report has it: differences, own, known. `text` is the digest of the line."""

    part: str
    weight: int
    rule: str
    line: int
    lines: tuple[int, ...]
    what: str
    fix: str
    about: str
    improves: bool
    edits: tuple[tuple[str, str], ...]
    text: str

    @property
    def red(self) -> bool:
        """Whether the exit status is 1 for this alone."""
        return self.part != "known" and self.weight > Weight.REMARK

    @property
    def words(self) -> str:
        """All words that a reader gets."""
        return "\n".join([self.rule, self.what, self.fix, *(f"{old}\n{new}" for old, new in self.edits)])

    @property
    def cause(self) -> tuple[str, str]:
        """The same for findings of one cause, as far as the rule knows: what it is about, numbers apart."""
        return self.rule, self.about or re.sub(r"\d+", "0", self.what)

    @property
    def subject(self) -> str:
        """The digest of what it is about, by which it differs from others of its rule and line."""
        return hashlib.sha256(self.cause[1].encode()).hexdigest()[:_DIGITS]


@dataclass(frozen=True)
class Answer:
    """What was found; `trouble` is why there is no answer."""

    findings: tuple[KeptFinding, ...] = ()
    trouble: str = ""

    @property
    def red(self) -> bool:
        """Whether the exit status is 1."""
        return any(each.red for each in self.findings)


Answers = dict[Question, Answer]


def ask(questions: Iterable[Question], checkout: Checkout, kept: Path, processes: int = 1) -> Answers:
    """The answers to all questions, those about one page and its translations by one process, one after another."""
    ordered = sorted(dict.fromkeys(questions), key=_page)
    groups = [list(group) for _, group in groupby(ordered, key=_page)]
    kept = kept / product()
    kept.mkdir(parents=True, exist_ok=True)
    work = partial(_all_of, checkout=checkout, kept=kept)
    if processes == 1:
        return {question: answer for each in groups for question, answer in work(each)}
    with ProcessPoolExecutor(processes) as pool:
        return {question: answer for each in pool.map(work, groups) for question, answer in each}


def _page(question: Question) -> str:
    """The page that a question is about, in whatever language: what git says of its original is read once."""
    return question.new.path.partition(f"/{question.new.language}/")[2]


@cache
def product() -> str:
    """The digest of what answers: the product's files and what it says of its programs."""
    digest = hashlib.sha256("\n".join(programs().summary()).encode())
    for path in sorted(each for room in _PRODUCT for each in (ROOT / room).rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def programs() -> Programs:
    """The newest that the harness keeps."""
    return Programs.find()


def _all_of(questions: list[Question], checkout: Checkout, kept: Path) -> list[tuple[Question, Answer]]:
    return [(each, _answer(each, checkout, kept)) for each in questions]


def _answer(question: Question, checkout: Checkout, kept: Path) -> Answer:
    name = hashlib.sha256(json.dumps(asdict(question)).encode()).hexdigest()[:32]
    path = kept / f"{name}.json"
    if path.exists():
        return _read(json.loads(path.read_text(encoding="utf-8")))
    answer = _fresh(question, checkout)
    write_whole(path, json.dumps(asdict(answer)).encode())
    return answer


def _fresh(question: Question, checkout: Checkout) -> Answer:
    try:
        found = _report(question, checkout)
    except Problem as problem:
        return Answer(trouble=str(problem).splitlines()[0])
    except Exception:  # a crash of the product is a figure, too
        return Answer(trouble="crashed: " + traceback.format_exc().strip().splitlines()[-1])
    lines = (checkout.text(question.new) or "").splitlines()
    parts = (("differences", found.differences), ("own", found.own), ("known", found.known))
    return Answer(tuple(_kept(part, each, lines) for part, findings in parts for each in findings))


def _report(question: Question, checkout: Checkout) -> report.Report:
    specs = [checkout.spec(each) for each in (question.old, question.new) if each]
    pages = [source.read(each) for each in specs]
    places = [_place(each) if question.placed else None for each in specs]
    if question.old is None:
        return report.of_page(pages[0], programs(), places[0])
    if not question.placed:
        return report.of_drift(pages[0], pages[1], programs())
    return of_two(pages[0], pages[1], (specs[0], specs[1]), programs(), (places[0], places[1]))


def _place(spec: str) -> Place | None:
    """Where a page stands. A site is large: no more than two revisions are kept, which are those of one question."""
    if place.site_at.cache_info().currsize > 1:
        place.site_at.cache_clear()
    return place.place_of(spec)


def _kept(part: str, finding: Finding, lines: list[str]) -> KeptFinding:
    edits = tuple((each.old, each.new or "") for each in finding.edits)
    return KeptFinding(
        part, int(finding.weight), finding.check, finding.line, finding.lines, finding.what, finding.fix,
        finding.about, finding.improves, edits, text_digest(lines, finding.line),
    )  # fmt: skip


def text_digest(lines: list[str], number: int) -> str:
    """Tells a line from others, however it is indented, by its text and the next one's: a fence begins many blocks."""
    near = "\n".join(line.strip() for line in lines[max(number - 1, 0) : number + 1])
    return hashlib.sha256(near.encode()).hexdigest()[:_DIGITS]


def _read(kept: dict[str, Any]) -> Answer:
    findings = (
        KeptFinding(**each | {"lines": tuple(each["lines"]), "edits": tuple((old, new) for old, new in each["edits"])})
        for each in kept["findings"]
    )
    return Answer(tuple(findings), kept["trouble"])

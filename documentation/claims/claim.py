"""What the pages claim, in our own words: documentation/claims/data/*.toml, one table a claim."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from importlib.resources import files
from typing import Any

from documentation.findings.rules import Needs
from documentation.language.words import MODALITIES, RUN, SKIP
from documentation.reports import all_rules
from provision.util.errors import BadInput

HOME = "high-availability"
"""The page that a claim is about where it names none."""

KINDS = ("prerequisite", "command", "output", "note", "caution", "gap")
"""A gap is something that is needed, and that the page does not say."""

SAMPLE = "walk: sample"
"""The decider of claims about the words of a sample: whether they come back when its command is run."""


class DecidedBy(StrEnum):
    """What kind of thing decides a claim."""

    SCENARIO = "scenario"
    STEP = "step"
    RULE = "check"
    SAMPLE = "walk"
    FAULT = "fault"


DECIDING = (Needs.PAGE, Needs.KUBEADM, Needs.PROGRAMS, Needs.OTHER_PAGE)
"""What rules need that may decide claims: no other is applied where claims are decided, and so would find nothing."""

_WORDS = frozenset(DecidedBy) - {DecidedBy.SCENARIO}
"""What deciders begin with, but for scenarios."""


@dataclass(frozen=True)
class Decider:
    """One thing that decides a claim, as its table has it.

    `step: NAME`, `check: NAME`, `fault: NAME`, SAMPLE, or a scenario's id.
    """

    text: str

    @property
    def kind(self) -> DecidedBy:
        """What kind of thing it is."""
        word = self.text.partition(": ")[0]
        return DecidedBy(word) if word in _WORDS else DecidedBy.SCENARIO

    @property
    def applied(self) -> bool:
        """Whether it is another decider than a rule, or a rule that is applied where claims are decided."""
        others = [each for each in Needs if each not in DECIDING]
        never = self.kind is DecidedBy.RULE and self.name in all_rules.names(*others)
        return not never or self.name in all_rules.names(*DECIDING)

    @property
    def name(self) -> str:
        """The step's, rule's or fault's name; a scenario's id as it is, `file::test` or `file::test[parameters]`."""
        return self.text if self.kind is DecidedBy.SCENARIO else self.text.partition(": ")[2]


@dataclass(frozen=True)
class CommentClaim:
    """What the comment on a line of code says: to SKIP or RUN the line that has the words `about` in it."""

    about: str
    asks: str


@dataclass(frozen=True)
class Claim:
    """One thing that a page says, or leaves out.

    `blocks` are block ids of the English page, `own_blocks` those that only a translation has, by language. `expects`
    is what has to be seen, `negative` what must fail. `deciders` are scenarios (`scenarios/file.py::test`, with
    `[parameters]` or without), steps (`step: name`), rules of the drift report (`check: name`), faults under traffic
    (`fault: name`) or SAMPLE; where there are none, `untestable` says why. Of them, `negatives` try what must fail, and
    `shows` pass where the page is wrong.
    `topology`, `certificates` and `versions` (`<1.15`) say which clusters it is about, `near` where a gap is noticed.
    `comment` is what the comment on a line asks for. `defect` is what is known to be wrong with the
    page, by language or for `all`, but for the editions that it is `corrected` in, which `Edition.since` names;
    `against` names a claim that says the opposite.
    """

    id: str
    kind: str
    says: str
    modality: str
    expects: str
    blocks: tuple[str, ...] = ()
    own_blocks: Mapping[str, list[str]] = field(default_factory=dict)
    page: str = HOME
    near: tuple[str, ...] = ()
    topology: str = ""
    certificates: str = ""
    versions: str = ""
    languages: tuple[str, ...] = ()
    machines: str = ""
    negative: str = ""
    comment: CommentClaim | None = None
    deciders: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    untestable: str = ""
    defect: Mapping[str, str] = field(default_factory=dict)
    corrected: tuple[str, ...] = ()
    against: str = ""

    def __post_init__(self) -> None:
        problems = [
            self.kind not in KINDS and f"kind {self.kind}",
            self.modality not in MODALITIES and f"modality {self.modality}",
            bool(self.deciders) == bool(self.untestable) and "deciders or untestable, one of them",
            not {*self.negatives, *self.shows} <= {*self.deciders} and "negatives and shows, which are among deciders",
            *(not Decider(each).applied and f"{each}, which is never applied to claims" for each in self.deciders),
            self.comment is not None and self.comment.asks not in (SKIP, RUN) and "what a comment asks for",
        ]
        if wrong := [str(problem) for problem in problems if problem]:
            raise BadInput(f"claim {self.id}: {', '.join(wrong)}")

    def defect_in(self, language: str, since: str = "") -> str:
        """What is known to be wrong with the page in a language, in the edition since a month."""
        if since in self.corrected:
            return ""
        return "; ".join(filter(None, (self.defect.get("all", ""), self.defect.get(language.split("-")[0], ""))))

    def concerns(self, page: str, language: str) -> bool:
        """Whether a page in a language says this."""
        return self.page == page and (not self.languages or language.split("-")[0] in self.languages)


def claims() -> dict[str, Claim]:
    """All claims by id, in the order of their files; raises BadInput for an invalid one."""
    found: dict[str, Claim] = {}
    folder = files("documentation.claims").joinpath("data")
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        for name, table in tomllib.loads(file.read_text("utf-8")).items():
            if name in found:
                raise BadInput(f"there are two claims {name}", fix=f"see {file.name}")
            found[name] = _claim(name, table)
    return found


def _claim(name: str, table: dict[str, Any]) -> Claim:
    known = {each.name for each in fields(Claim)}
    if unknown := table.keys() - known:
        raise BadInput(f"claim {name} has no field {', '.join(sorted(unknown))}")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    comment = CommentClaim(**table["comment"]) if "comment" in table else None
    return Claim(id=name, **values | {"comment": comment})

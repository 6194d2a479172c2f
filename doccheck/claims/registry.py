"""What the pages claim, in our own words: doccheck/claims/data/*.toml, one table a claim."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.resources import files
from typing import Any

from doccheck.drift.words import MODALITIES, RUN, SKIP
from provision.errors import BadInput

HOME = "high-availability"
"""The page that a claim is about where it names none."""

KINDS = ("prerequisite", "command", "output", "note", "caution", "gap")
"""A gap is something that is needed, and that the page does not say."""

SAMPLE = "walk: sample"
"""The decider of claims about the words of a sample: whether they come back when its command is run."""


@dataclass(frozen=True)
class Claim:
    """One thing that a page says, or leaves out.

    `blocks` are block ids of the English page, `own_blocks` those that only a translation has, by language. `expects`
    is what has to be seen, `negative` what must fail. `deciders` are scenarios (`scenarios/file.py::test`, with
    `[parameters]` or without), steps (`step: name`), rules of the drift report (`check: name`) or SAMPLE; where there
    are none, `untestable` says why. Of them, `negatives` try what must fail, and `shows` pass where the page is wrong.
    `topology`, `certificates` and `versions` (`<1.15`) say which clusters it is about, `near` where a gap is noticed.
    `comment` says what the comment on a line asks for (`about`, `asks`). `defect` is what is known to be wrong with the
    page, by language or for `all`; `against` names a claim that says the opposite.
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
    comment: Mapping[str, str] = field(default_factory=dict)
    deciders: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    untestable: str = ""
    defect: Mapping[str, str] = field(default_factory=dict)
    against: str = ""

    def __post_init__(self) -> None:
        problems = [
            self.kind not in KINDS and f"kind {self.kind}",
            self.modality not in MODALITIES and f"modality {self.modality}",
            bool(self.deciders) == bool(self.untestable) and "deciders or untestable, one of them",
            not {*self.negatives, *self.shows} <= {*self.deciders} and "negatives and shows, which are among deciders",
            bool(self.comment) and self.comment.get("asks") not in (SKIP, RUN) and "what a comment asks for",
        ]
        if wrong := [str(problem) for problem in problems if problem]:
            raise BadInput(f"claim {self.id}: {', '.join(wrong)}")

    def defect_in(self, language: str) -> str:
        """What is known to be wrong with the page in a language."""
        return "; ".join(filter(None, (self.defect.get("all", ""), self.defect.get(language.split("-")[0], ""))))

    def concerns(self, page: str, language: str) -> bool:
        """Whether a page in a language says this."""
        return self.page == page and (not self.languages or language.split("-")[0] in self.languages)


def claims() -> dict[str, Claim]:
    """All claims by id, in the order of their files; raises BadInput for one that makes no sense."""
    found: dict[str, Claim] = {}
    folder = files("doccheck.claims").joinpath("data")
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        for name, table in tomllib.loads(file.read_text("utf-8")).items():
            if name in found:
                raise BadInput(f"claim {name} is there twice", fix=f"see {file.name}")
            found[name] = _claim(name, table)
    return found


def _claim(name: str, table: dict[str, Any]) -> Claim:
    known = {each.name for each in fields(Claim)}
    if unknown := table.keys() - known:
        raise BadInput(f"claim {name} has no field {', '.join(sorted(unknown))}")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Claim(id=name, **values)

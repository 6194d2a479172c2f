"""The outcome of a block when it was run as written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from documentation.claims.claim import HOME


class Outcome(StrEnum):
    """How a block or a claim did, as a writer needs to know it; the last one is of claims alone."""

    VERIFIED = "verified"
    SUBSTITUTED = "verified-with-substitution"
    DEFECT = "doc-defect"
    FAILED = "failed"
    STALE = "stale-binding"
    ABSENT = "absent"
    UNBOUND = "unbound"
    NOT_APPLICABLE = "not-applicable"
    UNTESTABLE = "untestable"


class Form(StrEnum):
    """The form in which a block is run."""

    LITERAL = "literal"  # as written
    CORRECTED = "corrected"


@dataclass(frozen=True)
class Try:
    """One run of a block on one machine. `command` and `answer` carry no secrets; `failed` are commands inside it.

    `unlike` are lines of the page's sample that did not come back. `ended` says that it was ended after its limit,
    since it does not end by itself; `promised` whether the answer that the page promises came back, where it promises
    one.
    """

    form: Form
    machine: str
    command: str
    rc: int
    answer: str
    failed: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    ended: bool = False
    promised: bool = True

    @property
    def ok(self) -> bool:
        """Whether the block, and every command in it, succeeded."""
        return self.rc == 0 and not self.failed


@dataclass(frozen=True)
class Result:
    """The outcome of a block. `block` is the page's id, `original` the one that claims name.

    `reasons` say what was substituted or corrected, and why; `fix` is what to change on the page, which `page` names.
    """

    block: str
    original: str
    line: int
    outcome: Outcome
    tries: tuple[Try, ...] = ()
    reasons: tuple[str, ...] = ()
    fix: str = ""
    page: str = HOME

    @property
    def why(self) -> str:
        """The reasons in one line."""
        return "; ".join(self.reasons)

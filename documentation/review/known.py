"""Findings that do not count, since a file of accepted ones has them.

[[accepted]]
rule = "gone"
page = "content/en/docs/setup/x.md"   # optional: without it, on every page; a * stands for anything
what = "k8s.gcr.io"                   # optional: words that the finding has
reason = "The mirror of that registry is kept by the example's owner."
date = 2026-11-27
until = 2027-03-31                    # optional: the last day on which it counts
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, with_config

from documentation.findings.rules import Finding, Needs
from documentation.reports import all_rules
from provision.util import accepted
from provision.util.accepted import Day, Sentence


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class Accepted:
    """One entry: which findings, why they are accepted, since when, and until when."""

    rule: Sentence
    reason: Sentence
    date: Day
    page: Sentence = "*"
    what: Sentence = ""
    until: Day | None = None

    @property
    def name(self) -> str:
        """As messages call it."""
        return f"{self.rule} on {self.page}"

    def matches(self, path: str, finding: Finding) -> bool:
        """Whether it is about this finding on this page."""
        return self.rule == finding.check and fnmatchcase(path, self.page) and self.what in finding.what


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class Baseline:
    """All entries of a file."""

    accepted: tuple[Accepted, ...] = ()

    def reason(self, path: str, finding: Finding, today: datetime.date) -> str:
        """Why a finding is accepted today; empty where it is not."""
        current = (each for each in self.accepted if each.until is None or today <= each.until)
        return next((each.reason for each in current if each.matches(path, finding)), "")

    def over(self, today: datetime.date) -> list[str]:
        """A sentence for each entry whose time is over."""
        past = (each for each in self.accepted if each.until is not None and each.until < today)
        return [
            f"The baseline accepted `{each.rule}` on {each.page} until {each.until}: it counts again." for each in past
        ]

    def unknown(self) -> list[str]:
        """A sentence for each entry about a rule that does not exist: it counts for nothing."""
        known = all_rules.names(*Needs)
        rules = dict.fromkeys(each.rule for each in self.accepted if each.rule not in known)
        return [f"The baseline accepts `{rule}`: no rule has this name." for rule in rules]


_BASELINE = TypeAdapter(Baseline)


def load(file: Path) -> Baseline:
    """Read a baseline; raises BadInput."""
    return accepted.load(file, _BASELINE, lambda baseline: baseline.accepted)

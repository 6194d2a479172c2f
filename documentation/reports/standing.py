"""Where a translation stands: the commits that it is behind its original, and the lines to translate, for people."""

from __future__ import annotations

from dataclasses import dataclass

from documentation.findings.rules import Weight
from documentation.pages.block import Page
from documentation.reports import ignoring
from documentation.reports.cells import cell
from documentation.reports.report import MARKS
from documentation.translations import behind, own
from documentation.translations.behind import Part
from documentation.translations.fitting import Followed


@dataclass(frozen=True)
class Standing:
    """The revision that a translation follows, and what is no longer as it was then; `ignored` is by comments."""

    page: Page
    followed: Followed
    parts: tuple[Part, ...]
    ignored: tuple[Part, ...] = ()

    @classmethod
    def of(cls, followed: Followed, page: Page) -> Standing:
        """Compare a translation with all revisions of its original."""
        _, stale = own.faults(followed, page)
        parts, ignored = ignoring.parted_parts(page, behind.all_parts(followed, page, stale))
        return cls(page, followed, tuple(parts), tuple(ignored))

    @property
    def status(self) -> int:
        """1 where a change that the translation lacks misleads its readers, else 0."""
        return int(any(part.weight > Weight.REMARK for part in self.parts))

    def text(self) -> str:
        """Lines for a terminal."""
        lines = [self._title(), "", *(f"  {each.commit} {each.day} {each.subject}" for each in self.followed.since)]
        lines += ["", f"To translate: {len(self.parts) or 'nothing'}"]
        lines += [f"  {MARKS[part.weight]:8} line {part.line}  {part.what}" for part in self.parts]
        lines += [line for limit in self._limits() for line in ("", limit)]
        return "\n".join(lines) + "\n"

    def markdown(self) -> str:
        """The same, fit to paste into an issue."""
        lines = [f"### {self._title()}", ""]
        lines += [f"- {each.commit} {each.day} {cell(each.subject)}" for each in self.followed.since]
        lines += ["", "| | line | what |", "| --- | --- | --- |"]
        lines += [f"| {MARKS[part.weight]} | {part.line} | {cell(part.what)} |" for part in self.parts]
        lines += [f"\n{limit}" for limit in self._limits()]
        return "\n".join(lines) + "\n"

    def _limits(self) -> list[str]:
        """What comments of the page have ignored."""
        found = [each for part in self.ignored for each in behind.behind(self.followed, [part])]
        _, waived = ignoring.parted(self.page, found)
        return ignoring.limits(self.page, waived)

    def _title(self) -> str:
        if not self.followed.since and not self.parts:
            return f"{self.page.name} ({self.page.language}) is up to date: it follows {self.followed.named}"
        return f"{self.page.name} ({self.page.language}): {behind.distance(self.followed)}"

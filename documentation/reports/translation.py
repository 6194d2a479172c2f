"""A translation in a checkout: what it has wrong by itself, and how far it is behind its original."""

from __future__ import annotations

from dataclasses import replace

from documentation.drift.compare import Comparison
from documentation.drift.improvements import Judged
from documentation.findings.rules import Finding
from documentation.language.words import Words
from documentation.pages.block import Page
from documentation.programs.programs import Programs
from documentation.reports import all_rules, ignoring, report
from documentation.reports.report import Compared, Report
from documentation.site.addresses import ORIGINAL
from documentation.site.place import Place
from documentation.translations import behind, history, own, taken_back
from documentation.translations.fitting import Followed, follow


def of_two(
    old: Page, new: Page, specs: tuple[str, str], programs: Programs | None, places: tuple[Place | None, Place | None]
) -> Report:
    """A page against another one, as the command line compares them: a translation with all that its original was.

    `specs` are how the pages were named; the history is known where both are revisions of checkouts.
    """
    original, translation = map(history.Place.of, specs)
    if old.language == ORIGINAL != new.language and original and translation:
        followed = followed_by(new, original, translation)
        if followed:
            return of_translation(followed, new, programs, places)
    return report.of_drift(old, new, programs, places)


def followed_by(page: Page, original: history.Place, translation: history.Place) -> Followed | None:
    """The revision that a translation follows, as far as its checkout has the original's history."""
    return follow(page.source, history.revisions(original), history.last_day(translation))


def of_translation(
    followed: Followed, new: Page, programs: Programs | None, places: tuple[Place | None, Place | None] = (None, None),
    *, before: Page | None = None,
) -> Report:  # fmt: skip
    """The translation's own faults; all that it lacks of its original's changes is one finding.

    `places` are those of the original and of the translation on their sites, where these are known. `before` is the
    translation before a change, which may have taken back what it had of today's original.
    """
    now = replace(followed.newest.page, name=new.name)  # revisions are named by their commits
    known = all_rules.found(now, programs, places[0])
    compared = Compared(
        f"{new.name} ({new.language}) against the original of {followed.named}, which it follows",
        now,
        new,
        _differences(followed, new, before),
        Judged.of(Comparison.of(now, new), known, all_rules.found(new, programs, places[1])),
        [] if Words.of(new.language).known else [new.language],
        lambda corrected: _differences(followed, corrected, before),
    )
    return compared.report(programs, places[1])


def _differences(followed: Followed, new: Page, before: Page | None) -> list[Finding]:
    faults, stale = own.faults(followed, new)
    changed, ignored = ignoring.parted_parts(new, behind.all_parts(followed, new, stale))
    back = taken_back.taken_back(before, new, [*changed, *ignored]) if before else ()
    lacks = (changed, *([each] for each in ignored))  # a comment is about one line, and the finding about all
    return own.weighed([*faults, *back, *(each for parts in lacks for each in behind.behind(followed, parts))])

"""How far a translation is behind its original: the commits since the revision that it follows, and what they changed.

What changed is listed at the translation's own lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from documentation.drift import translated_code
from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages.align import align
from documentation.pages.block import Block, Kind, Page
from documentation.pages.outline import outlines
from documentation.translations import outdated
from documentation.translations.fitting import Followed
from documentation.translations.history import Revision
from documentation.translations.outdated import Outdated

NAME = "behind"
"""The rule that says how far a translation is behind."""

_SHOWN = 72  # letters of a block that are shown
_COMMITS = 3  # that a finding names; all of them are listed by `behind`


@dataclass(frozen=True)
class Part:
    """A block of the original that changed since, and the line of the translation that is about it.

    `before` is none for a block that is new, `after` for one that is gone; `by` is the commit that made it what it is.
    `until` is the newest revision that had it as the translation has it, where that is older than all the rest.
    """

    line: int
    block: str
    before: Block | None
    after: Block | None
    by: Revision | None
    weight: Weight
    until: Revision | None = None

    @property
    def what(self) -> str:
        """The change, for people."""
        by = f" by {self.by.commit} of {self.by.day}" if self.by else ""
        if self.until:
            now = f"; today it has {_shown(self.after.bare)}" if self.after else ""
            return f"the newest original that has this is that of {self.until.day} ({self.until.commit}){now}"
        if self.before and self.after:
            one, other = _differing(self.before, self.after)
            return f"the original changed{by}: {one} became {other}"
        if self.after:
            return f"the original has this {self.after.kind} more{by}: {_shown(self.after.bare)}"
        return f"the original no longer has this{by}: {_shown(self.before.bare)}" if self.before else ""


def parts(followed: Followed, translation: Page) -> list[Part]:
    """What changed since, block by block, in the order of the translation."""
    then, now = followed.revision.page, followed.newest.page
    before, after, ours = ({block.id: block for block in page.blocks} for page in (then, now, translation))
    counterparts = align(outlines(then), outlines(translation)).counterparts
    texts = [(each, outdated.plain(each.text)) for each in reversed(followed.since)]
    near = 1
    found = []
    for one, other in align(outlines(then), outlines(now)).pairs:
        old, new = before[one.id] if one else None, after[other.id] if other else None
        here = ours.get(counterparts.get(old.id, "")) if old else None
        near = here.line if here else near
        if old and new and _plain(old.text) == _plain(new.text):
            continue
        lacks_all = old and new and not here and new.kind is Kind.COMMAND and not _has(translation, old)
        old = None if lacks_all else old  # and not only what changed
        if not (old or new) or (old and not new and not here) or (new and not old and _has(translation, new)):
            continue  # what a translation never had needs not to go, and what it has needs not to come
        if here and new and _is_todays(here, new):
            continue
        by = None if lacks_all else _by(texts, new) if new else _gone(texts, old)
        found.append(Part(near, here.id if here else "", old, new, by, outdated.weight(old, new)))
    return sorted(found, key=lambda part: part.line)


def all_parts(followed: Followed, translation: Page, stale: Sequence[Part]) -> list[Part]:
    """What changed since, with what is older still, and without what the kept English shows to be translated anew."""
    now = followed.newest.page
    have = outdated.current(translation, now)
    texts = [(each, outdated.plain(each.text)) for each in reversed(followed.all)]
    kept = [
        _kept(each, texts, translation)
        for each in outdated.outdated(translation, now, [each.text for each in followed.all])
    ]
    known = {part.after.id for part in kept if part.after} | have
    since = [part for part in parts(followed, translation) if not (part.after and part.after.id in known)]
    if kept or have:  # what the English of a paragraph is, is seen, and need not be concluded
        since = [part for part in since if not _is_kept(part, translation)]
    taken = {part.block for part in since if part.block}
    return sorted([*since, *kept, *(each for each in stale if each.block not in taken)], key=lambda part: part.line)


def _kept(each: Outdated, texts: list[tuple[Revision, str]], translation: Page) -> Part:
    follows = next((block.id for block in translation.blocks if block.line > each.line), "")
    by = _by(texts, each.today) if each.today else None
    return Part(each.line, follows, each.kept, each.today, by, outdated.weight(each.kept, each.today))


def _is_kept(part: Part, translation: Page) -> bool:
    """Whether the translation keeps the English of what is gone, so that it was compared already."""
    before = outdated.plain(part.before.text) if part.before and not part.before.kind.code else ""
    return bool(before) and any(outdated.plain(each.text) == before for each in translation.kept)


@rule(NAME, Weight.MISLEADS, Needs.REVISIONS)
def behind(followed: Followed, changed: Sequence[Part]) -> Iterator[Found]:
    """All that a translation lacks since the revision that it follows, as one finding."""
    if not changed:
        return
    counts = {
        "changed": sum(bool(each.before and each.after) for each in changed),
        "new": sum(not each.before for each in changed),
        "gone": sum(not each.after for each in changed),
    }
    shown = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    first = changed[0]
    what = f"{distance(followed)}; blocks that are not up to date: {shown}"
    yield Found(
        first.line, first.block, what, "translate these lines again; the verb `behind` lists what changed, and when",
        lines=tuple(dict.fromkeys(each.line for each in changed[1:])),
        weight=max(each.weight for each in changed), about=NAME,
    )  # fmt: skip


def distance(followed: Followed) -> str:
    """How far a translation is behind, for people."""
    if not followed.since:
        return f"follows the original of {followed.named}, which is the newest, but not all over"
    named = ", ".join(each.commit for each in followed.since[:_COMMITS])
    more = ", …" if len(followed.since) > _COMMITS else ""
    commits = "1 commit" if len(followed.since) == 1 else f"{len(followed.since)} commits"
    return f"{commits} behind ({named}{more}): it follows the original of {followed.named}"


def _is_todays(here: Block, new: Block) -> bool:
    """Whether code is today's, but for blanks and for placeholders, which a translation puts into its own words."""
    return here.kind.code and translated_code.as_original(new, here).bare.split() == new.bare.split()


def _has(translation: Page, new: Block) -> bool:
    return new.kind.code and any(block.hash == new.hash for block in translation.blocks)


def _by(texts: list[tuple[Revision, str]], new: Block) -> Revision | None:
    """The first revision that has the block as it is now."""
    wanted = outdated.plain(new.text)
    return next((revision for revision, text in texts if wanted in text), None)


def _gone(texts: list[tuple[Revision, str]], old: Block | None) -> Revision | None:
    """The first revision that does not have the block as it was; none where shortcodes in it are read as text."""
    wanted = outdated.plain(old.text) if old else ""
    without = [revision for revision, text in texts if wanted not in text]
    return without[0] if without and len(without) < len(texts) else None


def _plain(text: str) -> str:
    """A text without what says nothing: blanks, and where lines end."""
    return re.sub(r"\s+", " ", text).strip()


def _differing(old: Block, new: Block) -> tuple[str, str]:
    """The words that differ, with one word around them."""
    one, other = _plain(old.text).split(" "), _plain(new.text).split(" ")
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    end = next(
        (n for n, (a, b) in enumerate(zip(one[start:][::-1], other[start:][::-1], strict=False)) if a != b),
        min(len(one), len(other)) - start,
    )
    first = max(start - 1, 0)
    return _shown(" ".join(one[first : len(one) - end])), _shown(" ".join(other[first : len(other) - end]))


def _shown(text: str) -> str:
    plain = _plain(text)
    return f"`{plain[:_SHOWN]}{'…' if len(plain) > _SHOWN else ''}`"

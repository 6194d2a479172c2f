"""What a change takes away that others use: a page that is gone, or an anchor of one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.site.addresses import CONTENT, ORIGINAL, Outcome
from documentation.site.place import Site, placed

_NAMED = 5  # pages that are named one by one; all others are counted
_NUMBERED = re.compile(r"-\d+$")
_TARGET = re.compile(r"\]\(\s*<?([^\s)>]+)|^\s*\[[^\]]+\]:\s*<?(\S+?)>?\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Replaced:
    """A page's file before a change and after it, on the site as it was and as it is; `new` is empty for none."""

    before: Site
    after: Site
    old: str
    new: str

    @property
    def address(self) -> str:
        """The page's address before."""
        return self.before.addresses.of(self.old)

    @property
    def language(self) -> str:
        """The language of the page."""
        return self.old.split("/")[1]


@rule("page-gone", Weight.MISLEADS, Needs.CHANGE)
def a_page_that_others_link_to_is_gone(change: Replaced) -> Iterator[Found]:
    """A page that was deleted or renamed, and whose old address leads nowhere."""
    address = change.address
    if not address or change.after.addresses.of(change.new) == address:
        return
    after = change.after.addresses
    if change.language != ORIGINAL and after.target(_original(change), ORIGINAL, "").outcome is Outcome.FOUND:
        what = f"`{address}` is gone; links to it from pages in this language lead to the English page"
        yield Found(1, "top", what, weight=Weight.REMARK)
        return
    if after.target(address, ORIGINAL, "").outcome is not Outcome.GONE:
        return
    linking = sorted(_linking_to_nothing(change, address))
    what = f"`{address}` leads nowhere any more, and {_counted(linking)}"
    fix = "redirect it in static/_redirects, or change these links" if linking else "redirect it in static/_redirects"
    yield Found(1, "top", what, fix, weight=None if linking else Weight.REMARK)


@rule("page-gone", Weight.REMARK, Needs.CHANGE)
def translations_of_a_page_that_is_gone(change: Replaced) -> Iterator[Found]:
    """Translations that keep the name of an English page which was deleted or renamed."""
    start = f"{CONTENT}/{ORIGINAL}/"
    if not change.old.startswith(start) or change.old == change.new:
        return
    inner = change.old.removeprefix(start)
    left = [each for each in sorted(change.after.addresses.languages - {ORIGINAL}) if _exists(change, each, inner)]
    if left:
        fix = f"rename it there, too: to `{change.new.removeprefix(start)}`" if change.new else "remove it there, too"
        yield Found(1, "top", f"translations keep it under its old name: {', '.join(left)}", fix)


@rule("anchor-gone", Weight.MISLEADS, Needs.CHANGE)
def an_anchor_that_others_link_to_is_gone(change: Replaced) -> Iterator[Found]:
    """A heading that was renamed or removed, while links to it are left on other pages."""
    old, new = change.before.anchors(change.old), change.after.anchors(change.new) if change.new else None
    if old is None or new is None:
        return
    lost = {each for each in old - new if not _NUMBERED.search(each)}
    linking: dict[str, list[str]] = {}
    for path, anchor in _linking_to_anchors(change, lost) if lost else ():
        linking.setdefault(anchor, []).append(path)
    for anchor, pages in sorted(linking.items()):
        what = f"the anchor `#{anchor}` is gone, and {_counted(pages)}"
        yield Found(1, "top", what, f"keep it, as in `{{#{anchor}}}` behind the heading", about=f"#{anchor}")


def _original(change: Replaced) -> str:
    return change.address.removeprefix(f"/{change.language}")


def _exists(change: Replaced, language: str, inner: str) -> bool:
    return f"{CONTENT}/{language}/{inner}" in change.after.tree.paths


def _linking_to_nothing(change: Replaced, address: str) -> Iterator[str]:
    """The pages after the change with a link to an address that leads nowhere now."""
    name = address.rstrip("/").removeprefix("" if change.language == ORIGINAL else f"/{change.language}")
    for path, link in _links(change.after, [name]):
        own = change.language == ORIGINAL or path.startswith(f"{CONTENT}/{change.language}/")
        if link.partition("#")[0].rstrip("/").endswith(name) and (own or f"/{change.language}/" in link):
            place = placed(change.after, path)
            if place and place.target(link).outcome is Outcome.GONE:
                yield path


def _linking_to_anchors(change: Replaced, anchors: Collection[str]) -> Iterator[tuple[str, str]]:
    """(path, anchor) of the links on other pages after the change to these anchors of this one."""
    for path, link in _links(change.after, [f"#{each}" for each in sorted(anchors)]):
        anchor = link.partition("#")[2]
        place = placed(change.after, path) if anchor in anchors and path != change.new else None
        if place and place.target(link).path == change.new:
            yield path, anchor


def _links(site: Site, words: Collection[str]) -> Iterator[tuple[str, str]]:
    """(path, link) of all links of pages that have one of these words; each link once a page."""
    for path in sorted(site.tree.containing(words, CONTENT)):
        text = site.tree.text(path) if site.addresses.of(path) else None
        targets = {match[1] or match[2] for match in _TARGET.finditer(text or "")}
        yield from ((path, each) for each in sorted(targets) if any(word in each for word in words))


def _counted(pages: list[str]) -> str:
    pages = list(dict.fromkeys(pages))
    if not pages:
        return "no page links to it"
    more = f" and {len(pages) - _NAMED} more" if len(pages) > _NAMED else ""
    verb = "1 page links to it" if len(pages) == 1 else f"{len(pages)} pages link to it"
    return f"{verb}: {', '.join(f'`{each}`' for each in pages[:_NAMED])}{more}"

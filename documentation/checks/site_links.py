"""Links that leave a page, judged by the site around it: pages and anchors that are not there, and redirects."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from urllib.parse import unquote

from documentation.findings.rules import Edit, Found, Needs, Weight, rule
from documentation.pages.block import Block, Page
from documentation.site.addresses import CONTENT, Outcome, Target
from documentation.site.anchors import named_otherwise
from documentation.site.place import Place


@rule("site-link", Weight.MISLEADS, Needs.SITE)
def a_page_that_the_site_does_not_have(page: Page, place: Place) -> Iterator[Found]:
    """A link that leads to an error page: in the page's language there is nothing, and none in English."""
    for block, link, target in _links(page, place):
        if target.outcome is Outcome.GONE:
            what = f"the site has no page `{link}`, and no redirect from it"
            yield Found(line_of(block, link), block.id, what, _similar(link, place), about=link)


@rule("redirect", Weight.REMARK, Needs.SITE)
def a_link_that_is_redirected(page: Page, place: Place) -> Iterator[Found]:
    """A link that works as long as its redirect is kept."""
    for block, link, target in _links(page, place):
        if target.outcome is Outcome.MOVED and target.address and not _is_home(target):
            line, to = line_of(block, link), _moved_to(target)
            fix, edits = f"write `{to}`", _edit(place, line, link, to)
            if _lacks_anchor(place, place.target(to)):  # in the page's language, to which no redirect leads
                fix, edits = f"write `{target.address}`, with the anchor that the section has there", ()
            yield Found(line, block.id, f"`{link}` is redirected to `{target.address}`", fix, about=link, edits=edits)


@rule("site-anchor", Weight.MISLEADS, Needs.SITE)
def an_anchor_that_another_page_does_not_have(page: Page, place: Place) -> Iterator[Found]:
    """A link that leads to the top of the right page, since its section has another name there."""
    for block, link, target in _links(page, place):
        if target.path != place.path and _lacks_anchor(place, target):
            wanted = unquote(target.fragment)
            what = f"`{target.path}` does not have the anchor `#{wanted}`"
            yield Found(line_of(block, link), block.id, what, _near(wanted, target.path, place), about=link)


def _links(page: Page, place: Place) -> Iterator[tuple[Block, str, Target]]:
    """Each link to another page once for each block that has it, as it is written."""
    for block in page.blocks:
        for written in dict.fromkeys(block.links):
            link = unquote(written)
            if not link.startswith("#"):
                yield block, link, place.target(link)


def line_of(block: Block, link: str) -> int:
    """The line of a block that a link stands in; the block's first where it cannot be seen."""
    lines = block.text.splitlines()
    return block.line + next((number for number, line in enumerate(lines) if link in unquote(line)), 0)


def _is_home(target: Target) -> bool:
    """The addresses /docs/ and /LANGUAGE/docs/ are meant to be redirected."""
    return target.address.endswith("/docs/home/")


def _edit(place: Place, line: int, link: str, to: str) -> tuple[Edit, ...]:
    """The line with the address that the redirect leads to, where it can be seen in the page as it is written."""
    lines = place.text.splitlines()
    if line > len(lines) or f"({link})" not in lines[line - 1]:
        return ()
    return (Edit(line, lines[line - 1], lines[line - 1].replace(f"({link})", f"({to})")),)


def _moved_to(target: Target) -> str:
    return target.address.rstrip("#") + (f"#{target.fragment}" if target.fragment else "")


def _lacks_anchor(place: Place, target: Target) -> bool:
    anchors = place.site.anchors(target.path) if target.fragment and target.path else None
    wanted = unquote(target.fragment)
    return anchors is not None and wanted not in anchors and not wanted.startswith(":~:")


def _similar(link: str, place: Place) -> str:
    plain = link.removeprefix(f"/{place.language}/")
    target = place.target(f"/{plain}")
    if plain != link and target.outcome is not Outcome.GONE:
        to = _moved_to(target) if target.address else f"/{plain}"
        if place.target(to).path.startswith(f"{CONTENT}/{place.language}/"):
            return f"write `{to}`"
        return f"write `{to}`, which leads to the English page until there is one in this language"
    found = place.site.addresses.similar(link.partition("#")[0], place.language)
    return f"perhaps `{found}`" if found else "link to a page that the site has, or say it here"


def _near(anchor: str, path: str, place: Place) -> str:
    named = named_otherwise(place.site.tree.text(path) or "").get(anchor)
    alike = [named] if named else get_close_matches(anchor, sorted(place.site.anchors(path) or ()), 1)
    return f"perhaps `#{alike[0]}`" if alike else "give the heading there this anchor, or name another one"

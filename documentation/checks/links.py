"""What a page points at or names: anchors that it does not have, relative links, sites and words that are gone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import unquote

from documentation.checks.own_anchors import corrected
from documentation.findings.edits import replaced
from documentation.findings.rules import Found, Weight, rule
from documentation.pages.block import Block, Page

_HOST = re.compile(r"https?://([A-Za-z0-9.-]+)")
# The heading shortcode's keys, which are anchors here as they stand.
_WORDED_BY_THE_SITE = frozenset(("prerequisites", "whatsnext", "cleanup", "objectives", "synopsis", "seealso"))
_TERM = "#term-"  # an entry of the glossary's one page, which is made of many
_TOPS = frozenset(("", "top"))  # the page's beginning, for browsers, whatever it has
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|https?://\S+")


@dataclass(frozen=True)
class Gone:
    """What gone.toml lists: sites, registries and programs, with what happened to each and what to use; words and why.

    `instead` are sites that have the same under the same paths, and `ended` the first releases that came out after the
    end of a site or a registry.
    """

    hosts: Mapping[str, str]
    registries: Mapping[str, str]
    words: Mapping[str, str]
    programs: Mapping[str, str]
    instead: Mapping[str, str]
    ended: Mapping[str, str]


@cache
def listed() -> Gone:
    """The list, since a check reaches nothing."""
    return Gone(**tomllib.loads(files("documentation.checks").joinpath("gone.toml").read_text("utf-8")))


@rule("anchor", Weight.MISLEADS)
def an_anchor_that_the_page_does_not_have(page: Page) -> Iterator[Found]:
    """A link to a section of the page that does not exist."""
    for block, link in _links(page):
        if link.startswith("#") and link[1:] not in page.anchors | _TOPS and not link.startswith(_TERM):
            what = f"this page does not have the anchor {link}"
            weight = Weight.REMARK if _may_be_the_sites(link[1:], page) else None
            _, edits = corrected(page, block, link, link[1:])
            yield Found(_line(block, link), block.id, what, _near(link[1:], page), weight=weight, edits=edits)


@rule("link", Weight.REMARK)
def a_relative_link(page: Page) -> Iterator[Found]:
    """A link that breaks when the page moves or is translated."""
    for block, link in _links(page):
        if not link.startswith(("#", "/", "http:", "https:", "mailto:")):
            fix = "write it from the site's root, as in /docs/…"
            yield Found(_line(block, link), block.id, f"`{link}` is a relative link", fix)


@rule("gone", Weight.MISLEADS)
def a_site_that_is_gone(page: Page) -> Iterator[Found]:
    """Every link and address to a site of the list; in a command it breaks."""
    for block in page.blocks:
        for host in dict.fromkeys(_HOST.findall(" ".join((block.text, *block.links)))):
            if host in listed().hosts:
                what, _, fix = listed().hosts[host].partition("; ")
                weight = Weight.BREAKS if block.kind.code else None
                instead = listed().instead.get(host, "")
                edits = replaced(page, block, host, instead) if instead else ()
                yield Found(_line(block, host), block.id, f"{host} {what}", fix, weight=weight, edits=edits)


@rule("vocabulary", Weight.REMARK)
def a_word_that_is_no_longer_used(page: Page) -> Iterator[Found]:
    """Every word of the list, outside of code and links."""
    for block in page.blocks:
        for word, why in listed().words.items():
            if not block.kind.code and re.search(rf"(?<![\w.-]){word}(?![A-Za-z0-9_.-])", _CODE.sub("", block.text)):
                yield Found(block.line_of(word), block.id, f"`{word}` {why}")


def _links(page: Page) -> Iterator[tuple[Block, str]]:
    return ((block, unquote(link)) for block in page.blocks for link in block.links)


def _may_be_the_sites(anchor: str, page: Page) -> bool:
    """Whether an anchor may be that of a heading which the site words, in the page's language: what comes next."""
    words = page.language != "en" and bool(page.anchors & _WORDED_BY_THE_SITE)
    return words and not anchor.isascii() and anchor.lower() not in page.anchors


def _near(anchor: str, page: Page) -> str:
    alike = sorted(page.anchors, key=lambda each: -len(set(each.split("-")) & set(anchor.split("-"))))
    return f"perhaps #{alike[0]}" if alike and set(alike[0].split("-")) & set(anchor.split("-")) else "name a heading"


def _line(block: Block, link: str) -> int:
    """Where a link stands; in the source letters of other scripts may be written as `%` and digits."""
    lines = [unquote(line) for line in block.text.split("\n")]
    return next((block.line + number for number, line in enumerate(lines) if link in line), block.line_of(link))

"""The anchors of a page that links come from elsewhere to: all that it may have, and so rather one too many."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from documentation.pages.markdown import slug

_HEADING = re.compile(r"^[\s>]*(?:[-*+]\s+|\d+[.)]\s+)?#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_UNDERLINED = re.compile(r"^(\S.*)\n(?:=+|-+)[ \t]*$", re.MULTILINE)
_BOLD_TERM = re.compile(r"^(\S.*)\n+:[ \t]", re.MULTILINE)
_NAMED = re.compile(r"\{[^}\n]*#([^\s}]+)[^}\n]*\}|\b(?:id|name)\s*=\s*[\"']?([^\s\"'>]+)", re.IGNORECASE)
_EXPLICIT = re.compile(r"\s*\{[^{}]*#[^{}]*\}\s*$")
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_SHORTCODE = re.compile(r"\{\{[<%]\s*/?\s*([\w/-]+)\s*([^>%]*?)/?\s*[>%]\}\}")
_KEY = re.compile(r"\"(\w+)\"")
_ARGUMENT = re.compile(r"(?:(\w+)=)?\"([^\"]*)\"")
_INCLUDES = ("include",)
_TABS = ("tabs", "tab")
_FILES = ("code_sample", "codenew", "code")
# What makes headings or terms that its page does not show.
_MAKES_ANCHORS = re.compile(r"^(?:feature-gate|glossary|release|cve|upcoming|page-api|api-reference|cncf|eol|doc-vers)")
# Keys of the heading shortcode and their anchors in English.
_HEADINGS = {"prerequisites": "before-you-begin", "whatsnext": "what-s-next", "cleanup": "cleaning-up"}


def anchors_of(
    text: str, included: Callable[[str], str | None], headings: Mapping[str, str] | None = None
) -> frozenset[str] | None:
    """The anchors of a page's text; none where the site makes more of them when it is built.

    `included` has the text of a fragment that the page includes by its name, or none; `headings` are the words that
    the keys of the heading shortcode become in the page's language.
    """
    shortcodes = [(match[1], match[2]) for match in _SHORTCODE.finditer(text)]
    if any(_MAKES_ANCHORS.match(name) for name, _ in shortcodes if name not in ("glossary_tooltip",)):
        return None
    found = set(_of_text(text)) | set(_of_shortcodes(shortcodes, headings or {}))
    for name, given in shortcodes:
        if name in _INCLUDES:
            fragment = included(given.strip().strip('"'))
            if fragment is None:
                return None
            found |= set(_of_text(fragment))
    return frozenset(found)


def _of_text(text: str) -> Iterator[str]:
    counts: dict[str, int] = {}
    for pattern in (_HEADING, _UNDERLINED, _BOLD_TERM):
        for match in pattern.finditer(text):
            for anchor in {*_slugs(match[1]), ""} - {""}:
                counts[anchor] = counts.get(anchor, -1) + 1
                yield f"{anchor}-{counts[anchor]}" if counts[anchor] else anchor
    for match in _NAMED.finditer(text):
        yield (match[1] or match[2]).lstrip("#")


def named_otherwise(text: str) -> Mapping[str, str]:
    """The anchors that headings would have by their words → those that they name instead."""
    return {
        anchor: named[1]
        for match in _HEADING.finditer(text)
        if _EXPLICIT.search(match[1]) and (named := _NAMED.search(match[1])) and named[1]
        for anchor in _slugs(_EXPLICIT.sub("", match[1]))
    }


def _slugs(heading: str) -> Iterator[str]:
    """The anchors that a heading gets by the rules that the site had over the years; none where it names its own."""
    if _EXPLICIT.search(heading):
        return
    text = _LINK.sub(r"\1", heading)
    text = _SHORTCODE.sub(lambda match: _shown(match[1], match[2]), text)
    yield slug(text)
    yield _blackfriday(re.sub(r"[`*]", "", text))


def _shown(name: str, given: str) -> str:
    """What stands in a heading for a shortcode."""
    arguments = {key or str(number): value for number, (key, value) in enumerate(_ARGUMENT.findall(given))}
    if name == "heading":
        return str(_HEADINGS.get(arguments.get("0", ""), arguments.get("0", "")))
    return str(arguments.get("text") or arguments.get("term_id") or "")


def _blackfriday(heading: str) -> str:
    """Hugo's rule `blackfriday`: runs of anything but letters and numbers become one dash."""
    kept = "".join(each if unicodedata.category(each)[0] in "LN" else " " for each in heading.lower())
    return "-".join(kept.split())


def _of_shortcodes(shortcodes: list[tuple[str, str]], headings: Mapping[str, str]) -> Iterator[str]:
    for name, given in shortcodes:
        for key, value in _ARGUMENT.findall(given):
            if name == "heading":
                yield value
                yield _HEADINGS.get(value, value)
                yield from _slugs(headings.get(value, value))
            elif name in _TABS and key == "name":
                yield _blackfriday(value)
                yield from (f"{_blackfriday(value)}-{number}" for number in range(20))
            elif name in _FILES and key == "file":
                yield _blackfriday(value)

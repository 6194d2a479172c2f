"""Shortcodes whose own parameters the site cannot resolve: its build ends with an error, or shows nothing there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages.block import Page
from documentation.pages.shortcodes import TAG, arguments
from documentation.site.addresses import CONTENT, ORIGINAL, front_matter
from documentation.site.place import Place

_TERMS = ("glossary_tooltip", "glossary_definition")
_SAMPLES = ("code_sample", "codenew", "code")
_STATES = ("alpha", "beta", "deprecated", "stable")
_SHOWN_AS_WRITTEN = re.compile(r"\{\{[<%]\s*/\*")


@dataclass(frozen=True)
class Used:
    """A shortcode on a page: its name, its line from 1, its arguments."""

    name: str
    line: int
    given: dict[str, str]


@rule("shortcode", Weight.BREAKS, Needs.SITE)
def a_shortcode_without_what_it_names(page: Page, place: Place) -> Iterator[Found]:
    """A term that the glossary has not, a file that no example has, a state without a version."""
    sections = [(block.line, block.id) for block in page.blocks]
    for used in _used(place.text):
        near = next((id for line, id in reversed(sections) if line <= used.line), "top")
        for what, fix in _wrong(used, place):
            yield Found(used.line, near, what, fix)
        if used.name == "feature-state" and _is_undated(used, place):
            what = "feature-state has no version: the site shows its newest one, whichever that is"
            yield Found(used.line, near, what, 'write for_k8s_version="v1.…"', weight=Weight.MISLEADS)


def _wrong(used: Used, place: Place) -> Iterator[tuple[str, str]]:
    if used.name in _TERMS:
        yield from _term(used, place)
    elif used.name in _SAMPLES:
        yield from _sample(used, place)
    elif used.name == "feature-state":
        yield from _state(used, place)


def _term(used: Used, place: Place) -> Iterator[tuple[str, str]]:
    term = used.given.get("term_id", "")
    known = place.site.terms(place.language)
    if not term:
        yield f"{used.name} has no term_id", "name a term of the glossary"
    elif known and term.lower() not in known:
        near = get_close_matches(term.lower(), sorted(known), 1)
        yield (
            f"the glossary has no term `{term}`",
            f"perhaps `{near[0]}`" if near else "add the term, or write the words",
        )
    if used.name == "glossary_definition" and used.given.get("length") not in ("short", "long", "all"):
        yield "glossary_definition needs a length, which is short, long or all", 'write length="short"'


def _sample(used: Used, place: Place) -> Iterator[tuple[str, str]]:
    name = used.given.get("file", "")
    if not name:
        yield f"{used.name} has no file", "name a file below examples/"
        return
    folder = place.path.rpartition("/")[0]
    examples = [f"{CONTENT}/{language}/examples/{name.lstrip('/')}" for language in (place.language, ORIGINAL)]
    paths = place.site.tree.paths
    if not any(each in paths for each in (*examples, f"{folder}/{name}")):
        yield f"the site has no example `{name}`", f"add `{examples[-1]}`, or name another file"


def _state(used: Used, place: Place) -> Iterator[tuple[str, str]]:
    gate, state = used.given.get("feature_gate_name", ""), used.given.get("state", "")
    if gate:
        known = place.site.gates
        if known and gate.lower() not in known:
            near = get_close_matches(gate.lower(), sorted(known), 1)
            yield f"the site describes no feature gate `{gate}`", f"perhaps `{near[0]}`" if near else "describe it"
    elif state not in _STATES:
        given = f"the state `{state}`" if state else "no state"
        yield f"feature-state has {given}", f"it is one of {', '.join(_STATES)}"


def _is_undated(used: Used, place: Place) -> bool:
    """Whether a state has no version, neither its own nor the page's."""
    given = used.given
    dated = given.get("for_k8s_version") or given.get("feature_gate_name") or front_matter(place.text).get("version")
    return given.get("state") in _STATES and not dated


def _used(text: str) -> Iterator[Used]:
    """All shortcodes of a page: also those in comments and in code, which the site resolves, too."""
    for number, line in enumerate(text.splitlines(), 1):
        for match in () if _SHOWN_AS_WRITTEN.search(line) else TAG.finditer(line):
            if not match["close"]:
                yield Used(match["name"], number, arguments(match["arguments"]))

"""Which address of the site leads to which file, as Hugo and the site's redirects have it.

A page is `content/LANGUAGE/docs/x.md`, and its address `/docs/x/` in English, `/ja/docs/x/` in other languages. A link
from a page in another language to `/docs/x/` leads to that language's page, and to the English one where it has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

import yaml

from documentation.site.tree import Tree

CONTENT = "content"
ORIGINAL = "en"
PAGES = (".md", ".html")
_SECTIONS = ("_index", "index")
_REDIRECTS = ("static/_redirects", "static/_redirects.base", "layouts/index.redirects")
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_SPLAT = ":splat"
_OWN_HOSTS = re.compile(r"https?://(?:www\.)?kubernetes\.io(?=/|$|#)")
# By which Hugo gives a link to a page's file the page's address; without it, the link stays as it is and leads nowhere.
_LINK_TEMPLATE = re.compile(r"(?:layouts|themes/[^/]+/layouts)/(?:_default/)?_markup/render-link\b")
_MATTER = re.compile(r"---\s*\n(.*?)\n---\s*(?:\n|$)", re.DOTALL)
# What Hugo makes by rules of its own: posts have addresses of dates, and some references are built when it runs.
_NOT_FILES = re.compile(r"^/(?:[a-z]{2}(?:-[a-z]{2})?/)?(?:blog/|docs/reference/generated/|search/|feed|sitemap)")


class Outcome(Enum):
    """What an address leads to."""

    FOUND = auto()
    MOVED = auto()  # a redirect leads on to what exists
    GONE = auto()
    UNKNOWN = auto()  # another site, or what is made when the site is built


@dataclass(frozen=True)
class Target:
    """Where an address leads: to `path`, a file, if to one; `address` is where a redirect ends."""

    outcome: Outcome
    path: str = ""
    address: str = ""
    fragment: str = ""


class Addresses:
    """The addresses of one site."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages that the site has pages in."""
        return frozenset(each.split("/")[1] for each in self._tree.paths if each.startswith(f"{CONTENT}/"))

    def of(self, path: str) -> str:
        """The address of a page's file; empty for a file that is none of the site's pages."""
        parts = path.split("/")
        if len(parts) < 3 or parts[0] != CONTENT or not path.endswith(PAGES):
            return ""
        name = parts[-1].rpartition(".")[0]
        where = [*parts[2:-1], *([] if name in _SECTIONS else [name])]
        prefix = [] if parts[1] == ORIGINAL else [parts[1]]
        return _slashed("/" + "/".join([*prefix, *where])).lower()

    def target(self, link: str, language: str, base: str) -> Target:
        """Where a link leads that stands on the page with the address `base`, in a language."""
        if _OWN_HOSTS.match(link):  # the site leaves such a link as it is
            link, language = _OWN_HOSTS.sub("", link) or "/", ORIGINAL
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", link) or any(mark in link for mark in "{‹\\"):
            return Target(Outcome.UNKNOWN)
        address, _, fragment = link.partition("#")
        address = re.sub("/{2,}", "/", address.partition("?")[0])
        if not address:
            return Target(Outcome.UNKNOWN)
        if address.endswith(".md") and self._names_no_file:
            return Target(Outcome.GONE, fragment=fragment)
        if not address.startswith("/"):
            return self._led(_joined(base, address), fragment)
        return self._led(address, fragment, language)

    def similar(self, address: str, language: str) -> str:
        """An address of a page in the language that ends in the same words; empty where there is none, or several."""
        name = address.strip("/").rpartition("/")[2].lower().removesuffix(".md")
        start = f"{CONTENT}/{language}/docs/"
        ends = (f"/{name}.md", f"/{name}/_index.md", f"/{name}/index.md")
        found = [path for path in self._files.values() if path.startswith(start) and path.lower().endswith(ends)]
        prefix = "" if language == ORIGINAL else f"/{language}"
        return self.of(found[0]).removeprefix(prefix) if len(found) == 1 and name else ""

    def _led(self, address: str, fragment: str, language: str = ORIGINAL) -> Target:
        """Follow an address: to a file, over redirects and aliases. None of them may lead in a circle."""
        first, seen = address, set[str]()
        while address not in seen:
            seen.add(address)
            found = self._file(address, language)
            if found is None and (alias := self._aliases.get(_slashed(address).lower())):
                return Target(Outcome.FOUND, alias, "", fragment)  # its page answers to this name, too
            if found is not None:
                moved = Outcome.FOUND if address == first else Outcome.MOVED
                return Target(moved, found, "" if moved is Outcome.FOUND else address, fragment)
            if _NOT_FILES.match(_slashed(address)):
                return Target(Outcome.UNKNOWN)
            to = self._redirected(address)
            if to is None:
                return Target(Outcome.GONE, fragment=fragment)
            if re.match("https?:", to):
                return Target(Outcome.UNKNOWN)
            address, _, named = to.partition("#")
            fragment = named or fragment
            language = ORIGINAL  # the server follows a redirect, and knows nothing of the page that the link stands on
        return Target(Outcome.GONE, fragment=fragment)

    def _file(self, address: str, language: str) -> str | None:
        """The page or file at an address, in the language if there is one; empty for a section that has no page."""
        plain = address.strip("/").lower()
        for each in dict.fromkeys((language, ORIGINAL)):
            translated = each != ORIGINAL and not f"{plain}/".startswith(f"{each}/")
            found = self._exact(f"{each}/{plain}" if translated else plain)
            if found is not None:
                return found
        return None

    def _exact(self, plain: str) -> str | None:
        """The file at an address without slashes around it, in the language that it names."""
        language = plain.partition("/")[0]
        content = f"{CONTENT}/{plain}" if language in self.languages else f"{CONTENT}/{ORIGINAL}/{plain}"
        ends = ("/_index.md", "/index.md", ".md", "/_index.html", "/index.html", ".html", "")
        files = [f"{content}{end}" for end in ends] + [f"static/{plain}{end}" for end in ("", "/index.html", ".html")]
        for each in (*files, f"assets/{plain}"):
            if each in self._files:
                return self._files[each]
        return "" if content.rstrip("/") in self._folders else None

    @cached_property
    def _names_no_file(self) -> bool:
        """Whether no link may name a page's file: the site has templates, and none for links."""
        layouts = any(each.startswith("layouts/") for each in self._tree.paths)
        return layouts and not any(map(_LINK_TEMPLATE.match, self._tree.paths))

    @cached_property
    def _files(self) -> Mapping[str, str]:
        """Path in small letters, as addresses are → path."""
        return {each.lower(): each for each in self._tree.paths}

    @cached_property
    def _folders(self) -> frozenset[str]:
        """The folders of content, in small letters: sections without a page of their own."""
        found: set[str] = set()
        for path in self._files:
            while path.startswith(f"{CONTENT}/") and (path := path.rpartition("/")[0]) not in found:
                found.add(path)
        return frozenset(found)

    def _redirected(self, address: str) -> str | None:
        for each in (address, _slashed(address)):
            for pattern, to in self._redirects:
                if pattern.endswith("*") and each.startswith(pattern[:-1]):
                    return to.replace(_SPLAT, each[len(pattern) - 1 :])
                if each == pattern:
                    return to
        return None

    @cached_property
    def _redirects(self) -> tuple[tuple[str, str], ...]:
        """(from, to) of the site's redirects, without those that answer that there is nothing."""
        lines = [line for path in _REDIRECTS for line in (self._tree.text(path) or "").splitlines()]
        fields = [_TEMPLATE.sub("latest", line).split() for line in lines]
        return tuple(
            (each[0], each[1])
            for each in fields
            if len(each) > 1 and each[0].startswith("/") and (len(each) < 3 or not each[2].startswith("404"))
        )

    @cached_property
    def _aliases(self) -> Mapping[str, str]:
        """Address → page that names it as an alias in its front matter."""
        found: dict[str, str] = {}
        for path in self._tree.containing(("aliases:",), CONTENT):
            found |= {_slashed(each).lower(): path for each in self._also(path)}
        return found

    def _also(self, path: str) -> Iterator[str]:
        matter = front_matter(self._tree.text(path) or "") if path.endswith(PAGES) else {}
        prefix = "" if path.split("/")[1] == ORIGINAL else "/" + path.split("/")[1]
        names = matter.get("aliases") or []
        for each in names if isinstance(names, list) else [names]:
            if isinstance(each, str) and each:
                yield f"{prefix}{each}" if each.startswith("/") else _joined(self.of(path), f"../{each}")


def front_matter(text: str) -> Mapping[str, object]:
    """A page's front matter; nothing where it has none that can be read."""
    match = _MATTER.match(text)
    try:
        matter = yaml.load(match[1], yaml.BaseLoader) if match else {}  # all values as text: dates may be invalid
    except (yaml.YAMLError, ValueError):
        return {}
    return matter if isinstance(matter, dict) else {}


def _slashed(address: str) -> str:
    """An address of a page as the site writes it."""
    return address if address.endswith("/") else f"{address}/"


def _joined(base: str, relative: str) -> str:
    parts = [each for each in base.split("/") if each]
    for each in relative.split("/"):
        if each == "..":
            parts = parts[:-1]
        elif each not in (".", ""):
            parts.append(each)
    return "/" + "/".join(parts) + ("/" if parts and relative.endswith("/") else "")

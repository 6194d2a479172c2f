"""A page where it stands: its site, its path there, and its text with all marks that a reader does not see."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from documentation.pages.release import CONFIGURATIONS, documented
from documentation.pages.source import revision_of
from documentation.site.addresses import CONTENT, ORIGINAL, Addresses, Target
from documentation.site.anchors import anchors_of
from documentation.site.tree import Folder, Tree, committed
from provision.util.errors import BadInput

_GLOSSARY = "docs/reference/glossary"
_GATES = "docs/reference/command-line-tools-reference/feature-gates"
_HEADING = "_heading"


class Site:
    """A site's files, the addresses that they have, and the anchors of its pages."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.addresses = Addresses(tree)
        self._anchors: dict[str, frozenset[str] | None] = {}

    def anchors(self, path: str) -> frozenset[str] | None:
        """The anchors of a page; none where they cannot be known."""
        if path not in self._anchors:
            self._anchors[path] = self._read(path)
        return self._anchors[path]

    def _read(self, path: str) -> frozenset[str] | None:
        text = self.tree.text(path) if path.endswith((".md", ".html")) else None
        if text is None or path.startswith("static/") or path.rpartition("/")[0].endswith(_GLOSSARY):
            return None
        language = path.split("/")[1]
        folder = path.rpartition("/")[0]
        return anchors_of(text, lambda name: self._fragment(name, language, folder), self._headings(language))

    def _headings(self, language: str) -> Mapping[str, str]:
        """What the keys of the heading shortcode become in a language, as the site has its words for templates."""
        words = self.tree.text(f"i18n/{language}/{language}.toml") or self.tree.text(f"i18n/{language}.toml") or ""
        try:
            found = tomllib.loads(words)
        except tomllib.TOMLDecodeError:
            return {}
        texts = {key: each.get("other") if isinstance(each, dict) else each for key, each in found.items()}
        headings = {key.removesuffix(_HEADING): each for key, each in texts.items() if key.endswith(_HEADING)}
        return {key: each for key, each in headings.items() if isinstance(each, str)}

    def _fragment(self, name: str, language: str, folder: str) -> str | None:
        for where in (f"{CONTENT}/{language}/includes", folder, f"{CONTENT}/{ORIGINAL}/includes"):
            for ending in ("", ".md"):
                text = self.tree.text(f"{where}/{name}{ending}")
                if text is not None:
                    return text
        return None

    def terms(self, language: str) -> frozenset[str]:
        """The terms of the glossary in small letters; a language has those in English that it has not translated."""
        return frozenset(each.lower() for each in self._names(_GLOSSARY, language) | self._names(_GLOSSARY, ORIGINAL))

    @cached_property
    def release(self) -> str:
        """The release that the site documents, as in `v1.37`; empty where its configuration does not say it."""
        return next((documented(text) for name in CONFIGURATIONS if (text := self.tree.text(name))), "")

    @cached_property
    def gates(self) -> frozenset[str]:
        """The names of the feature gates that the site describes."""
        return frozenset(each.lower() for each in self._names(_GATES, ORIGINAL))

    def _names(self, folder: str, language: str) -> frozenset[str]:
        start = f"{CONTENT}/{language}/{folder}/"
        inside = (each for each in self.tree.paths if each.startswith(start) and each.endswith(".md"))
        return frozenset(each.removeprefix(start).removesuffix(".md") for each in inside) - {"index", "_index"}


@dataclass(frozen=True)
class Place:
    """Where a page stands on its site."""

    site: Site
    path: str
    text: str

    @property
    def language(self) -> str:
        """The language that the page's path names."""
        return self.path.split("/")[1]

    def target(self, link: str) -> Target:
        """Where a link of the page leads."""
        return self.site.addresses.target(link, self.language, self.site.addresses.of(self.path))


def place_of(spec: str, folder: str = "") -> Place | None:
    """Where the page stands that `spec` names: REPOSITORY@REVISION:PATH, or a file in a site's folder; else none.

    Raises BadInput for a file that is not in the folder that was given.
    """
    match = revision_of(spec)
    if match and not folder:
        return placed(site_at(match["repository"], match["revision"]), match["path"])
    if not folder:
        return None
    root = Path(folder).resolve()
    page = Path(spec).resolve()
    found = placed(_site_in(root), page.relative_to(root).as_posix()) if page.is_relative_to(root) else None
    if found is None:
        raise BadInput(f"{spec} is not a page of the site in {folder}", fix="give a file below its content/LANGUAGE/")
    return found


def placed(site: Site, path: str) -> Place | None:
    """Where a file stands on its site; none for what is none of its pages, or is not text."""
    text = site.tree.text(path) if site.addresses.of(path) else None
    return None if text is None else Place(site, path, text)


@cache
def site_at(repository: str, revision: str) -> Site:
    """The site as it is at a revision, read once."""
    return Site(committed(repository, revision))


@cache
def _site_in(root: Path) -> Site:
    return Site(Folder(root))

"""haproxy.cfg as sections: which lines a proxy has, with those of its defaults before them. Pure.

https://docs.haproxy.org/3.0/configuration.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from checks.collecting.balancer_words import expanded, unique, words

PROXIES = frozenset({"frontend", "backend", "listen"})
_SECTIONS = PROXIES | {
    "global", "defaults", "peers", "resolvers", "userlist", "mailers", "cache", "program", "ring", "log-forward",
    "http-errors", "fcgi-app", "crt-store", "traces", "log-profile", "acme",
}  # fmt: skip


@dataclass
class Section:
    """A section: its kind, its name, and its lines as words. `defaults` are the lines that it has from there."""

    kind: str
    name: str
    lines: list[list[str]] = field(default_factory=list)
    defaults: list[list[str]] = field(default_factory=list)

    @property
    def every_line(self) -> Iterator[list[str]]:
        """Its defaults', then its own."""
        yield from self.defaults
        yield from self.lines

    def last(self, *begin: str) -> list[str]:
        """What follows these words in the last line that begins with them; its own lines count before defaults."""
        found: list[str] = []
        for line in self.every_line:
            if tuple(line[: len(begin)]) == begin:
                found = line[len(begin) :] or [""]
        return found


def sections(files: Mapping[str, str], environment: Mapping[str, str]) -> tuple[list[Section], tuple[str, ...]]:
    """The sections of all files, as one configuration, and what was not understood."""
    found: list[Section] = []
    notes: list[str] = []
    known = dict(environment)
    for path, text in files.items():
        current = None
        for line in text.splitlines():
            split = [expanded(each, known) for each in words(line)]
            if not split:
                continue
            if split[0].startswith("."):
                notes.append(f"{path}: lines under `{split[0]}` were read as if it held")
            elif split[0] in _SECTIONS:
                current = _begun(split, found)
                found.append(current)
            elif current is None:
                notes.append(f"{path}: `{split[0]}` is in no section")
            else:
                current.lines.append(split)
                if current.kind == "global" and split[0] in ("setenv", "presetenv") and len(split) > 2:
                    known[split[1]] = split[2]
    notes += [
        f"the value of {word} is not known"
        for section in found
        for line in section.lines
        if line[0] in ("server", "bind", "server-template")
        for word in line
        if "$" in word
    ]
    return found, unique(notes)


def _begun(split: list[str], before: list[Section]) -> Section:
    """A section with its defaults: those that it names, or the last ones."""
    name = split[1] if len(split) > 1 and split[1] != "from" else ""
    wanted = split[split.index("from") + 1] if "from" in split[:-1] else ""
    section = Section(split[0], name)
    if section.kind not in PROXIES and not (section.kind == "defaults" and wanted):
        return section
    sources = [each for each in before if each.kind == "defaults" and (not wanted or each.name == wanted)]
    if sources:
        section.defaults = list(sources[-1].every_line)
    if section.kind != "defaults" and len(split) > 2 and ":" in split[2]:
        section.lines.append(["bind", split[2]])  # as old configurations have it
    return section

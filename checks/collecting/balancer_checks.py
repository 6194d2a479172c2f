"""How HAProxy checks the servers of a backend. Pure.

Of several kinds of checks the last one holds: each `option …-check` clears the one before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checks.collecting.balancer_sections import Section

_KINDS = (
    "httpchk", "tcp-check", "ssl-hello-chk", "mysql-check", "redis-check", "ldap-check", "pgsql-check", "smtpchk",
    "external-check", "spop-check",
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """The check of a backend, for servers that are checked at all. `kind` is as in facts; `secure` whether by TLS."""

    kind: str
    path: str = ""
    secure: bool = False
    notes: tuple[str, ...] = ()

    def of(self, words: Sequence[str]) -> str:
        """How a server with these options is checked."""
        if any(word == "track" for word in words):
            return ""
        if not _is_on(words, "check"):
            return "none"
        if self.kind == "http" and (self.secure or _is_on(words, "check-ssl") or _is_on(words, "ssl")):
            return "https"
        return self.kind


def _is_on(words: Sequence[str], name: str) -> bool:
    """The last word for or against it holds: a server's own come after those of default-server."""
    found = [word for word in words if word in (name, f"no-{name}")]
    return bool(found) and found[-1] == name


def check_of(section: Section) -> Check:
    """What the options of a backend say, with those of its defaults before them."""
    kinds = list(_options(section))
    kind = kinds[-1] if kinds else ""
    notes = []
    if "httpchk" in kinds and kind not in ("httpchk", ""):
        notes.append(f"option {kind} comes after option httpchk and takes its place: the check by HTTP is not used")
    if kind == "httpchk":
        secure = any("ssl" in line for line in section.every_line if line[:2] == ["http-check", "connect"])
        return Check("http", _path(section), secure, tuple(notes))
    if kind == "tcp-check":
        return _by_words(section, tuple(notes))
    if kind == "ssl-hello-chk":
        return Check("ssl", notes=tuple(notes))
    return Check("" if kind else "tcp", notes=(*notes, *([f"option {kind} was not understood"] if kind else [])))


def _options(section: Section) -> Iterator[str]:
    """Kinds in their order; an empty one where one was taken back."""
    for line in section.every_line:
        if line[:1] == ["option"] and len(line) > 1 and line[1] in _KINDS:
            yield line[1]
        elif line[:2] == ["no", "option"] and len(line) > 2 and line[2] in _KINDS:
            yield ""


def _path(section: Section) -> str:
    """What is requested: as `option httpchk` has it, or as `http-check send` does."""
    words = [word for word in section.last("option", "httpchk") if word]
    path = words[0] if len(words) == 1 else words[1] if len(words) > 1 else ""
    for line in section.every_line:
        if line[:2] == ["http-check", "send"] and "uri" in line[:-1]:
            path = line[line.index("uri") + 1]
    return path


def _by_words(section: Section, notes: tuple[str, ...]) -> Check:
    """A check that is written out: by HTTP, where it sends such a request."""
    lines = [line for line in section.every_line if line[0] == "tcp-check" and len(line) > 1]
    sent = " ".join(" ".join(line[2:]) for line in lines if line[1].startswith("send"))
    secure = any("ssl" in line for line in lines if line[1] == "connect")
    if "GET /" in sent:
        return Check("http", sent.partition("GET ")[2].partition(" ")[0], secure, notes)
    return Check("ssl" if secure else "tcp", notes=notes)

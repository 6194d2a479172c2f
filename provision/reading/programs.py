"""One program and its words, held against the rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from provision.reading.rules import HARMLESS, RULES
from provision.reading.shell import Words


class Refused(Exception):
    """The command is not known to only read."""


def check(name: str | None, words: Words) -> None:
    """Raise Refused where a program is unknown, or is told more than its rule allows."""
    if name in HARMLESS:
        return
    if name not in RULES:
        raise Refused(f"runs {name or 'something that is only known when it runs'}")
    rule, said = RULES[name], " ".join(word or "…" for word in words)
    if name == "curl":
        words = _request(words)
    plain, options = _sorted(words, rule.values)
    for option in options:
        if not re.fullmatch(rule.options, option):
            raise Refused(f"{name} {option}: {said}")
    if rule.needed and not any(re.fullmatch(rule.needed, option) for option in options):
        raise Refused(f"{name} {said}")
    if not re.fullmatch(rule.verbs, " ".join(plain)):
        raise Refused(f"{name} {said}")


def _sorted(words: Words, values: str) -> tuple[list[str], list[str]]:
    """Words and options apart, without the values that options take."""
    plain: list[str] = []
    options: list[str] = []
    left = iter(words)
    for word in left:
        if word is None:
            plain.append("…")
        elif values and re.fullmatch(values, word):
            next(left, None)
        elif word.startswith("-") and len(word) > 1:
            if not (values and re.fullmatch(values, word.split("=")[0])):
                options.append(word)
        else:
            plain.append(word)
    return plain, options


def _request(words: Words) -> Words:
    """Without the method and the file for the answer, where they are what reads: GET, or a dry run, and nowhere."""
    dry = any(word and word.endswith("?dryRun=All") for word in words)
    kept, left = [], iter(words)
    for word in left:
        if word in ("-X", "--request"):
            if (method := next(left, None)) not in ("GET", "HEAD") and not dry:
                raise Refused(f"curl -X {method}")
        elif word in ("-o", "--output"):
            if (target := next(left, None)) != "/dev/null":
                raise Refused(f"curl -o {target}")
        else:
            kept.append(word)
    return kept


def find(words: Words) -> Iterator[Words]:
    """The commands that `find` would run; raises Refused where it would change something itself."""
    for word in words:
        if word is None or re.fullmatch(r"-delete|-fprint.*|-fls", word):
            raise Refused(f"find {word or '…'}")
    positions = [at for at, word in enumerate(words) if word in ("-exec", "-execdir", "-ok", "-okdir")]
    for at in positions:
        ends = [end for end in range(at, len(words)) if words[end] in (";", "+")]
        if not ends:
            raise Refused("find -exec without an end")
        yield words[at + 1 : ends[0]]


def netcat(words: Words, fed_by: Words) -> None:
    """A look whether a port is open, or a question to HAProxy's socket."""
    asks = fed_by[:1] == ["echo"] and (fed_by[1] or "").startswith("show ") and len(fed_by) == 2
    if "-z" not in words and not ("-U" in words and asks):
        raise Refused("nc sends something")


def _behind(values: str) -> Callable[[Words], Words]:
    def rest(words: Words) -> Words:
        at = 0
        while at < len(words) and (words[at] or "").startswith("-"):
            at += 2 if re.fullmatch(values, words[at] or "") else 1
        return words[at:]

    return rest


WRAPPERS: dict[str | None, Callable[[Words], Words]] = {
    "sudo": _behind("-u|-g"),
    "env": _behind("-u"),
    "nsenter": _behind("--target|-t"),
    "timeout": lambda words: _behind("-k|-s")(words)[1:],
}
"""Programs that run another one: what is left of their words is its command."""

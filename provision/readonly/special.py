"""What single options do not decide: programs that run others, and requests whose parts belong together."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from provision.readonly.options import Parsed
from provision.readonly.shell import GLOB, MANY, ONE, Refused, Simple

_TESTS = frozenset((
    "!", "(", ")", ",", "-a", "-and", "-empty", "-executable", "-not", "-o", "-or", "-print", "-print0", "-prune",
    "-quit", "-readable", "-xdev",
))  # fmt: skip
_TESTS_OF = {
    "-cmin": r"[+-]?\d+", "-ctime": r"[+-]?\d+", "-mmin": r"[+-]?\d+", "-mtime": r"[+-]?\d+",
    "-size": r"[+-]?\d+[a-zA-Z]?", "-group": r"\w+", "-user": r"\w+", "-perm": r"[/-]?\d+", "-type": "[bcdflps,]+",
    "-maxdepth": r"\d+", "-mindepth": r"\d+", "-name": "[^-].*", "-iname": "[^-].*", "-path": "[^-].*",
    "-newer": "[^-].*", "-printf": "[^-].*",
}  # fmt: skip
"""What find may be given with a value, as patterns of the values."""


def check_request(parsed: Parsed) -> None:
    """curl: no request to what is behind the API server. Which methods it may use is a matter of its options."""
    for url in parsed.words:
        if re.search(r"/(proxy|exec|attach|portforward)\b", urlsplit(url).path):
            raise Refused(f"curl {url}: what is done there is not known")


def check_handshake(command: Simple) -> None:
    """openssl s_client sends what it is given, so that it may be given nothing."""
    if not command.reads_nothing:
        raise Refused("openssl s_client sends what it reads; it must be given </dev/null")


def check_connection(parsed: Parsed, fed_by: Sequence[str]) -> None:
    """nc: whether a port is open, or one question to HAProxy's socket."""
    asks = len(fed_by) == 2 and fed_by[0] == "echo" and re.fullmatch("show [a-z ]+", fed_by[1])
    if not parsed.given("-z") and not (parsed.given("-U") and asks):
        raise Refused("nc sends something; it may be given -z, or a single `echo 'show …' |` for HAProxy's socket")


def inner_commands(words: Sequence[str]) -> Iterator[list[str]]:
    """The commands that `find` would run; raises Refused where it would change something itself."""
    left = deque(words)
    while left and not left[0].startswith("-") and left[0] not in _TESTS:
        root = left.popleft()
        if MANY in root or not root.startswith(("/", "~")):
            raise Refused("find: each folder must begin with / or ~")
    while left:
        word = left.popleft()
        if word == "-exec":
            yield _inner(left)
        elif word in _TESTS_OF:
            if not left or not re.fullmatch(_TESTS_OF[word], value := left.popleft(), re.DOTALL) or _vague(value):
                raise Refused(f"find: {word} may not have this value")
        elif word not in _TESTS:
            raise Refused(f"find: {word} is not listed as a test that only reads")


def _inner(left: deque[str]) -> list[str]:
    """What stands up to the end of `-exec`: a semicolon, or a plus behind braces."""
    found: list[str] = []
    while left:
        word = left.popleft()
        if word == ";" or (word == "+" and found[-1:] == ["{}"]):
            return [each.replace("{}", ONE) for each in found]
        found.append(word)
    raise Refused("find: -exec has no end")


def _vague(value: str) -> bool:
    return any(each in value for each in (ONE, MANY, GLOB))

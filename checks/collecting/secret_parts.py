"""What a command line, a configuration or an annotation that others wrote may hold as a secret, left out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

MARK = "‹secret›"
# A word of a name, as in peer-pass, peer_pass and peerPass.
_BEGINS = r"(?:^|[-_.\s\"'{,]|(?-i:(?<=[a-z0-9])(?=[A-Z])))"
_SECRET = r"pass(?:word|wd|phrase)?(?![a-z])|secret|token|(?:api|access|private|secret)[-_]?key"
_PEERS = r"bgp[-_]?peers"  # kube-vip's: address, number, password of each
_NAMED = f"{_BEGINS}(?:{_SECRET}|{_PEERS})"
_VALUE = re.compile(  # not a path, which is where a secret is
    rf"""({_NAMED}["']?\s*[=:]\s*)(?:"[^"/][^"]*"|'[^'/][^']*'|(?![/\s"'])\S+)""", re.IGNORECASE
)
_LOGIN = re.compile(r"(?<=//)[^/@\s]+@")
_HEADER = re.compile(r"\b(Bearer|Basic)\s+[\w+/=.~-]{6,}", re.IGNORECASE)
_ALONE = re.compile(rf"-.*{_NAMED}", re.IGNORECASE)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)


def without_secrets(text: str) -> str:
    """A text without the values of what is called a password, a secret, a token or a key, and without logins."""
    text = _HEADER.sub(rf"\1 {MARK}", without_login(text))
    return _PRIVATE_KEY.sub(MARK, _VALUE.sub(rf"\1{MARK}", text))


def without_login(text: str) -> str:
    """A text without the users and passwords of its URLs."""
    return _LOGIN.sub("", text)


def is_called_a_secret(name: str) -> bool:
    """Whether what has this name may not be shown."""
    return bool(re.search(_NAMED, name.replace("_", "-"), re.IGNORECASE))


def words_without_secrets(words: Iterable[str]) -> Iterator[str]:
    """The same of a command's words, of which one may be the value of the one before."""
    before = ""
    for word in words:
        secret = _ALONE.fullmatch(before) and not word.startswith(("-", "/"))
        yield MARK if secret else without_secrets(word)
        before = word

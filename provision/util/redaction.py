"""Keeps secrets out of everything that is written down: logs, reports, evidence, error messages."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any, TextIO
from urllib.parse import quote, quote_plus, unquote

_MARK = "‹secret›"
_LEAST = 16  # characters of a secret that is learned: a shorter one stands in other words, too
_TELLING = 8  # characters of a secret that was cut off: fewer stand in other words, too, and give nothing away
_LONGEST = 80  # characters beside a cut: a certificate key has 64

_BASE64 = "[A-Za-z0-9+/%]"  # with what stands for + and / in a URL
_SPACE = r"(?:[ +]|%20)"
_KEY = rf"(?:[A-Z0-9]+{_SPACE})*PRIVATE{_SPACE}KEY-----"
# What stands between two lines in a JSON string, a list of strings, or the assertion that pytest shows.
_BREAK = r"(?:\\+[nr]|[\s\"',|>]|E(?=\s)){1,40}"
_BEFORE_VALUE = r"(?:\\+[nrt]|[\s\"'=:,\\]|%3[AD]|%20|(?-i:E)(?=\s)){1,40}"
_START = r"(?:\b|(?<=\\[nrt])|(?<=%[0-9A-F]{2}))"

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # A key to the end of it, or of the text where it is cut off. A headline without a key after it is only a word.
    (
        re.compile(
            rf"-----BEGIN{_SPACE}{_KEY}(?=.{{0,200}}?{_BASE64}{{24}}).*?(?:-----END{_SPACE}{_KEY}|\Z)",
            re.S,
        ),
        _MARK,
    ),
    # bootstrap tokens: https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
    (re.compile(rf"{_START}([a-z0-9]{{6}})(?:\.|%2[Ee])[a-z0-9]{{16}}\b"), rf"\1.{_MARK}"),
    (re.compile(rf"(--(?:[a-z]+-)*token{_BEFORE_VALUE}[a-z0-9]{{6}})(?:\.|%2[Ee])[a-z0-9]+"), rf"\1.{_MARK}"),
    (re.compile(rf"((?:--)?certificate[-_ ]?key{_BEFORE_VALUE})[0-9a-f]{{8,}}", re.I), rf"\1{_MARK}"),
    (
        re.compile(
            r"((?:client-key-data|client-certificate-data|token-secret|token)\\*[\"']?\s*:\s*\\*[\"']?)"
            r"[A-Za-z0-9+/=_.-]{12,}"
        ),
        rf"\1{_MARK}",
    ),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+"), _MARK),
    (re.compile(rf"(\bBearer{_SPACE}+)(?=[\w.~+/-]*\d)[\w.~+/-]{{16,}}=*", re.I), rf"\1{_MARK}"),
)
# The end of a key whose beginning is cut off: as many lines as an RSA key of 16384 bits has.
_END_OF_KEY = re.compile(
    rf"(?:\A{_BASE64}+{_BREAK}|(?<!{_BASE64}))(?:{_BASE64}{{48,128}}{_BREAK}){{0,200}}"
    rf"(?:{_BASE64}+={{0,2}}{_BREAK})?-----END{_SPACE}{_KEY}"
)
_TOKEN = re.compile(r"[a-z0-9]{6}\.([a-z0-9]{16})")
# What may be base64: a run of its characters, and the lines before it where it is wrapped.
_ENCODED = re.compile(rf"(?<!\\)(?:{_BASE64}{{60,}}{_BREAK})*{_BASE64}{{20,}}={{0,2}}")
_NOT_ENCODED = re.compile(r"\\+[nr]|[^A-Za-z0-9+/]")
_TEXT = re.compile(rb"[\t\n\r -~]{%d}" % _LEAST)
_CUT = re.compile(r"\A| ?(?:\.\.\.|…)|\Z")


class Redactor:
    """Replaces what looks like a secret, and every exact secret that it has learned, by a mark.

    One a process: what was learned of one cluster is secret in every record. Found are a secret as it is, in base64 at
    any offset, URL-quoted, and cut off. Safe to call from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: tuple[str, ...] = ()  # longest first: one may be a part of another
        self._lines: frozenset[str] = frozenset()

    @property
    def learned(self) -> tuple[str, ...]:
        """What `learn` was given, in clear, for another process of the same run. Never to be written."""
        return (*self._known, *(f"{line}\n" for line in self._lines))

    def learn(self, *secrets: str) -> None:
        """Remember exact secrets, for where no pattern would find them. Strings below 16 characters are ignored.

        Of a bootstrap token its second half is the secret; of a key in PEM, and of any text, each line is.
        """
        lines = {line.strip() for secret in secrets if "\n" in secret for line in secret.splitlines()}
        words = {found[1] if (found := _TOKEN.fullmatch(each)) else each for each in secrets if "\n" not in each}
        words |= {form for each in words for form in (quote(each), quote(each, safe=""), quote_plus(each))}
        with self._lock:
            self._lines |= {each for each in lines if len(each) >= _LEAST and not each.startswith("-----")}
            known = {*self._known, *(each for each in words if len(each) >= _LEAST)}
            self._known = tuple(sorted(known, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, _MARK)
        text = self._without_pieces(text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        if "-----END" in text and "PRIVATE" in text:  # searching for the beginnings of keys takes long
            text = _END_OF_KEY.sub(_MARK, text)
        return _ENCODED.sub(lambda run: _MARK if self._tells(run[0]) else run[0], text)

    def all_in(self, value: Any) -> Any:
        """The same as plain data, with every text in it redacted."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, Mapping):
            return {self(str(name)): self.all_in(each) for name, each in value.items()}
        if isinstance(value, (list, tuple)):
            plain = list if isinstance(value, list) else tuple  # not its own type: one with names is made otherwise
            return plain(self.all_in(each) for each in value)
        return value

    def _tells(self, run: str) -> bool:
        """Whether a secret line is in a run of base64, or what it says holds any secret."""
        words = [each for each in _NOT_ENCODED.split(unquote(run)) if len(each) > 3]
        return not self._lines.isdisjoint(words) or any(self(text) != text for text in _decoded("".join(words)))

    def _without_pieces(self, text: str) -> str:
        """Without the rest of a secret where a text was cut off: by pytest in the middle, by others at its ends."""
        if not self._known:
            return text
        parts, done = [], 0
        for cut in _CUT.finditer(text):
            before, after = (
                text[max(done, cut.start() - _LONGEST) : cut.start()],
                text[cut.end() : cut.end() + _LONGEST],
            )
            left, right = self._left(before), self._right(after)
            parts += [text[done : cut.start() - left], _MARK * bool(left), cut[0], _MARK * bool(right)]
            done = cut.end() + right
        return "".join([*parts, text[done:]])

    def _left(self, text: str) -> int:
        """How many characters at the end of a text are the beginning of a secret."""
        found = (n for each in self._known if each[:_TELLING] in text for n in range(len(each) - 1, _TELLING - 1, -1)
                 if text.endswith(each[:n]))  # fmt: skip
        return max(found, default=0)

    def _right(self, text: str) -> int:
        """How many characters at the beginning of a text are the end of a secret."""
        found = (n for each in self._known if each[-_TELLING:] in text for n in range(len(each) - 1, _TELLING - 1, -1)
                 if text.startswith(each[-n:]))  # fmt: skip
        return max(found, default=0)


def _decoded(run: str) -> Iterator[str]:
    """What a run of base64 says, where that is text; a run may begin anywhere within a group of four."""
    for offset in range(4):
        part = run[offset:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        decoded = base64.b64decode(part + "=" * (-len(part) % 4))
        if _TEXT.search(decoded):
            yield decoded.decode("latin-1")


def guard(stream: TextIO, redact: Redactor) -> None:
    """Redact what is written to a stream from now on, by every holder of it; each write is redacted by itself."""
    write = stream.write
    setattr(stream, "write", lambda text: write(redact(text)))  # noqa: B010  # a method, as mypy sees it

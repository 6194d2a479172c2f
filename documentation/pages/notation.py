"""Usage notation: what a page writes where its reader puts something in, or chooses, and where something is left out.

`<name of a node>`, `{a|b}`, `[options]`, `...`. To a shell some of it is a redirection or a pipe. It stands hidden
while a shell's grammar reads the text: as letters that mean nothing to a shell, one for each, so that lines stay as
they are.
"""

from __future__ import annotations

import re

# Beside `<`: not another one (a here-document), no blank inside at either end (two redirections), and no lone digit
# before `>` (which belongs to a redirection of the shell).
_ANGLED = r"(?<!<)<(?![\s(&<])[^\n<>|;\"'`$]*?(?<![\s&])(?<!\s\d)>"
_BRACED = r"(?<!\$)\{(?=[^\s{])[^{}\n\"'`;]*\|[^{}\n\"'`;]*\}"
_BRACKETED = r"(?<!\[)\[(?=[^\s\[])[^\[\]\n\"'`;]*\|[^\[\]\n\"'`;]*\]"
_SHORTCODE = r"\{\{[<%][^\n]*?[>%]\}\}"  # as of `v{{< skew currentVersion >}}`, which the site fills in
_NOTATION = re.compile(f"{_SHORTCODE}|{_ANGLED}|{_BRACED}|{_BRACKETED}")
_PRIVATE = 0xE000  # the first letter of Unicode's private use area, where no language has any
_SIGNS = range(0x20, 0x7F)


def hidden(text: str) -> str:
    """The text with its notation as letters that no shell knows."""
    return _NOTATION.sub(lambda match: match[0].translate(_HIDE), text)


def shown(text: str) -> str:
    """The inverse of `hidden`."""
    return text.translate(_SHOW)


_HIDE = {sign: chr(_PRIVATE + sign) for sign in _SIGNS if not chr(sign).isalnum()}
_SHOW = {ord(letter): chr(sign) for sign, letter in _HIDE.items()}

"""Configuration that is not YAML."""

from __future__ import annotations

from collections.abc import Iterator

from documentation.checks import yaml_documents
from documentation.findings.rules import Found, Weight, rule
from documentation.pages.block import Page

# By what the parser says, which is about its own tokens.
_FIXES = {
    "mapping values are not allowed": "indent the line like its neighbours, and write one key on a line",
    "expected <block end>": "indent the line like its neighbours, and write one key on a line",
    "expected '<document start>'": "indent the line like the first one",
    "cannot start any token": "put the value into quotes, and use blanks in place of tabs",
    "unexpected end of stream": "close the quote or the bracket",
    "expected ',' or": "close the bracket, or write a comma",
    "expected alphabetic or numeric": "put the value into quotes",
    "could not find expected ':'": "write a key with its colon, or indent the line as a part of the value above",
}


@rule("yaml", Weight.BREAKS)
def text_that_is_not_yaml(page: Page) -> Iterator[Found]:
    """Configuration that cannot be read: by its indentation, a tab, or two things on one line."""
    for block in page.blocks:
        for start, text in yaml_documents.texts(block):
            error = None if yaml_documents.is_excerpt(text) else yaml_documents.fault(text)
            if error:
                mark = getattr(error, "problem_mark", None)
                line = block.line + start + (min(mark.line, len(text.splitlines()) - 1) if mark else 0)
                problem = getattr(error, "problem", "") or " ".join(str(error).split())
                yield Found(line, block.id, f"is not valid YAML: {problem}", _fix(problem))


def _fix(problem: str) -> str:
    return next((fix for words, fix in _FIXES.items() if words in problem), "")

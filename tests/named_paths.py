"""`python -m tests.named_paths`: where a docstring, a comment or a page names a file that does not exist.

A path counts from any folder: `artifacts/images.py` and `images.py` both name provision/artifacts/images.py. Other
programs' files are not meant: an absolute path, a URL, or one that is not Python's and begins with no folder of ours.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Collection, Iterator
from functools import cache

from tests.words import ROOT, tracked

_PATH = re.compile(r"(?<![\w/.~<>*:-])((?:\w+/)*\w+)\.(py|md|toml|yaml|json|css|txt)\b(?![\w/*]|\.\w)")

EXAMPLES = frozenset({"scenarios/file.py", "scenarios/test_a.py"})
"""Paths that stand for any of their kind."""


def missing(name: str, text: str, known: Collection[str]) -> Iterator[tuple[int, str]]:
    """(line from 1, path) for each path in a file of this name that none of the `known` files has."""
    ends, folders = _ends_and_folders(tuple(known))
    for first, prose in _prose(text) if name.endswith(".py") else [(1, text)]:
        for match in _PATH.finditer(prose):
            path = match[0]
            ours = path.endswith(".py") or ("/" in path and _parts(path)[0] in folders)
            if ours and path not in ends and path not in EXAMPLES:
                yield first + prose.count("\n", 0, match.start()), path


@cache  # the same for all files of a project
def _ends_and_folders(known: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    ends = frozenset("/".join(parts[start:]) for parts in map(_parts, known) for start in range(len(parts)))
    return ends, frozenset(part for each in known for part in _parts(each)[:-1])


def _parts(path: str) -> list[str]:
    return path.split("/")


def _prose(source: str) -> Iterator[tuple[int, str]]:
    """Docstrings, those of constants too, and comments: each with its first line. Nothing where no path is anywhere."""
    if not _PATH.search(source):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def places() -> list[str]:
    """`file:line: path` for each path in the project that does not exist."""
    known = tracked()
    return [
        f"{name}:{line}: {path}"
        for name in known
        if name.endswith((".py", ".md")) and (ROOT / name).is_file()
        for line, path in missing(name, (ROOT / name).read_text(), known)
    ]


if __name__ == "__main__":
    found = places()
    print("\n".join(found))
    sys.exit(bool(found))

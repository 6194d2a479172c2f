"""Slips of the pen: by the page's own names, by names that every page has, and by a list of usual slips in English."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from documentation.checks.spelling import is_slip
from documentation.findings.edits import line_of, lines_of, replaced
from documentation.findings.rules import Edit, Found, Weight, rule
from documentation.pages.block import Block, Kind, Page

_NAMES = ("kubernetes", "kubeadm", "kubelet", "kubectl", "etcdctl", "containerd", "apiserver", "kubeconfig")
_PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", *_NAMES)
_OTHERS = ("kubenet",)  # which is a network plugin, and one letter away from a program
_SHORT = ("etcd", "sudo", "helm", "yaml", "json", "node", "pods")
_LETTERS = re.compile(r"[A-Za-z]+")
_LEAST = 7  # letters of a name: shorter ones are too often one letter away from another
_OFTEN = 3  # how often a page has a name that one is taken for a slip of
_PLAIN = re.compile(r"(?<![\w./@'’$#&%])(?<!--)[A-Za-z][a-z]{3,}(?![\w/@'’_(]|\.\w)")
_HIDDEN = re.compile(r"`[^`]*`|\]\([^)\n]*\)|\]\[[^\]]*\]|<[^>\n]*>|https?://\S+|\{\{.*?\}\}|‹[^›]*›|\{#[^}]*\}")
_PROGRAM = re.compile(r"(?<![A-Za-z0-9_./-])[a-z][a-z-]+(?![A-Za-z0-9_/-]|\.[A-Za-z0-9])")
_TITLE = re.compile(r"^title:", re.M)


@rule("spelling", Weight.REMARK)
def almost_a_name_of_the_page(page: Page) -> Iterator[Found]:
    """A name in code or in a path that stands once, one letter away from one that the page has often."""
    counts = Counter(word for block in page.blocks for word in _LETTERS.findall(block.text))
    names = {word for word, count in counts.items() if count >= _OFTEN and len(word) >= _LEAST} | {*_NAMES, *_OTHERS}
    for block in page.blocks:
        if block.inline or block.kind in (Kind.OUTPUT, Kind.FILES) or page.witness:
            continue
        for text in (block.text,) if block.kind.code else block.mentions:
            for word in dict.fromkeys(_LETTERS.findall(text)):
                meant = _meant(word, names) if counts[word] == 1 else ""
                if meant:
                    yield _alike(page, block, word, meant)


@rule("spelling", Weight.REMARK)
def almost_a_program_of_every_page(page: Page) -> Iterator[Found]:
    """A word of a sentence, one letter away from a program of Kubernetes."""
    for block in page.blocks if not page.witness else ():
        text = "" if block.kind.code else _HIDDEN.sub(" ", block.text)
        for word in dict.fromkeys(_PROGRAM.findall(text)):
            meant = _meant(word, {*_PROGRAMS, *_OTHERS})
            if meant and meant not in _OTHERS:
                yield _alike(page, block, word, meant)


@rule("spelling", Weight.REMARK)
def a_short_name_turned_round(page: Page) -> Iterator[Found]:
    """Four letters, two of them in the wrong order; other slips of so few letters may be words of their own."""
    turned = {_turned(name, at): name for name in _SHORT for at in range(1, len(name) - 1)}
    words = re.compile(rf"(?<![\w.-])({'|'.join(turned)})(?![\w.-]*\w)")
    for block in page.blocks if not page.witness else ():
        for word in dict.fromkeys(words.findall(block.text)):
            if not block.inline and turned[word] != word:
                yield _alike(page, block, word, turned[word])


@rule("spelling", Weight.REMARK)
def a_usual_slip(page: Page) -> Iterator[Found]:
    """A word of a sentence or of the title that the list of usual slips has."""
    if page.language not in ("", "en") or page.witness:
        return
    named = {word.lower() for block in page.blocks for text in _code(block) for word in _LETTERS.findall(text)}
    for line, block, text in _sentences(page):
        for word in dict.fromkeys(_PLAIN.findall(_HIDDEN.sub(" ", text))):
            meant = usual().get(word.lower(), ())
            if meant and word.lower() not in named:
                yield _slip(page, line, block, word, meant)


@cache
def usual() -> Mapping[str, tuple[str, ...]]:
    """Slips with the words that may be meant, as codespell lists them; none where it is not installed.

    Its list is read and its code is not run: all that is wanted of it is data.
    """
    spec = importlib.util.find_spec("codespell_lib")
    folder = next(iter(spec.submodule_search_locations or ()), "") if spec else ""
    path = Path(folder, "data", "dictionary.txt")
    if not folder or not path.is_file():
        return {}
    rows = (line.partition("->")[::2] for line in path.read_text("utf-8").splitlines())
    return {wrong: words for wrong, right in rows if (words := _words(right))}


def _words(right: str) -> tuple[str, ...]:
    """The words of a row; none where a reason behind the last comma says that the slip may be a word, too."""
    words, comma, reason = right.rpartition(",")
    if not comma:
        return (right.strip(),)
    return () if reason.strip() else tuple(word.strip() for word in words.split(","))


def _alike(page: Page, block: Block, word: str, meant: str) -> Found:
    edits = replaced(page, block, word, meant)
    what = f"`{word}` looks like `{meant}`"
    return Found(line_of(page, block, word), block.id, what, f"write {meant}", edits=edits)


def _meant(word: str, names: set[str]) -> str:
    if len(word) < _LEAST or word in names:
        return ""
    return next((name for name in sorted(names) if is_slip(word, name) and not _inflected(word, name)), "")


def _inflected(word: str, name: str) -> bool:
    """Whether only the ends differ, as with forms of one word, or only capitals, as with keys and programs."""
    least = min(len(word), len(name))
    return word.lower() == name.lower() or word[: least - 1] == name[: least - 1]


def _turned(name: str, at: int) -> str:
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _code(block: Block) -> tuple[str, ...]:
    return (block.text,) if block.kind.code else block.mentions


def _sentences(page: Page) -> Iterator[tuple[int, Block | None, str]]:
    """The title, and all text that is not code, with the line where it begins."""
    title = _TITLE.search(page.source)
    if title and page.title:
        yield page.source.count("\n", 0, title.start()) + 1, None, page.title
    yield from ((block.line, block, block.text) for block in page.blocks if not block.kind.code)


def _slip(page: Page, line: int, block: Block | None, word: str, meant: tuple[str, ...]) -> Found:
    what = f"`{word}` is a slip of {' or '.join(meant)}"
    right = meant[0].capitalize() if word[0].isupper() else meant[0]
    if block is None:
        edits = _in_line(page, line, word, right)
    else:
        line = next((number for number, text in lines_of(page, block) if word in text), line)
        edits = replaced(page, block, word, right)
    sure = edits if len(meant) == 1 else ()
    return Found(line, block.id if block else "top", what, f"write {' or '.join(meant)}", edits=sure)


def _in_line(page: Page, number: int, word: str, right: str) -> tuple[Edit, ...]:
    line = page.lines[number - 1]
    return (Edit(number, line, re.sub(rf"\b{word}\b", right, line)),) if word in line else ()

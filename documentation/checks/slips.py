"""Slips of the pen in names: those that the page has often, and those that every page has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from documentation.checks.spelling import is_slip
from documentation.findings.edits import line_of, replaced
from documentation.findings.rules import Found, Weight, rule
from documentation.pages.block import Block, Kind, Page

_NAMES = ("kubernetes", "kubeadm", "kubelet", "kubectl", "etcdctl", "containerd", "apiserver", "kubeconfig")
_PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", *_NAMES)
_OTHERS = ("kubenet",)  # which is a network plugin, and one letter away from a program
_SHORT = ("etcd", "sudo", "helm", "yaml", "json", "node", "pods")
_LETTERS = re.compile(r"[A-Za-z]+")
_LEAST = 7  # letters of a name: shorter ones are too often one letter away from another
_OFTEN = 3  # how often a page has a name that one is taken for a slip of
HIDDEN = re.compile(r"`[^`]*`|\]\([^)\n]*\)|\]\[[^\]]*\]|<[^>\n]*>|https?://\S+|\{\{.*?\}\}|‹[^›]*›|\{#[^}]*\}")
"""What of a text does not belong to its sentences: code, targets of links, addresses, tags, anchors."""
_PROGRAM = re.compile(r"(?<![A-Za-z0-9_./-])[a-z][a-z-]+(?![A-Za-z0-9_/-]|\.[A-Za-z0-9])")


@rule("spelling", Weight.REMARK)
def almost_a_name_of_the_page(page: Page) -> Iterator[Found]:
    """A name in code or in a path that stands once, one letter away from one that the page has often."""
    counts = Counter(word for block in page.blocks for word in _LETTERS.findall(block.text))
    # Of sentences only the code spans: words of another language are often one letter away from English names.
    code = Counter(word for block in page.blocks for text in _code(block) for word in _LETTERS.findall(text))
    names = {word for word, count in code.items() if count >= _OFTEN and len(word) >= _LEAST} | {*_NAMES, *_OTHERS}
    for block in page.blocks:
        if block.inline or block.kind in (Kind.OUTPUT, Kind.FILES) or page.witness:
            continue
        for text in _code(block):
            for word in dict.fromkeys(_LETTERS.findall(text)):
                meant = _meant(word, names) if counts[word] == 1 else ""
                if meant:
                    yield _alike(page, block, word, meant)


@rule("spelling", Weight.REMARK)
def almost_a_program_of_every_page(page: Page) -> Iterator[Found]:
    """A word of a sentence, one letter away from a program of Kubernetes."""
    for block in page.blocks if not page.witness else ():
        text = "" if block.kind.code else HIDDEN.sub(" ", block.text)
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


def _code(block: Block) -> tuple[str, ...]:
    return (block.bare,) if block.kind.code else block.mentions


def _alike(page: Page, block: Block, word: str, meant: str) -> Found:
    edits = replaced(page, block, word, meant)
    what = f"`{word}` looks like `{meant}`"
    return Found(line_of(page, block, word), block.id, what, f"write {meant}", edits=edits)


def _meant(word: str, names: set[str]) -> str:
    if len(word) < _LEAST or word in names:
        return ""
    return next((name for name in sorted(names) if is_slip(word, name) and not _inflected(word, name)), "")


def _inflected(word: str, name: str) -> bool:
    """Whether only the ends differ, as in forms of one word, or only capitals or hyphens, as in keys and programs."""
    least = min(len(word), len(name))
    return word.lower().replace("-", "") == name.lower().replace("-", "") or word[: least - 1] == name[: least - 1]


def _turned(name: str, at: int) -> str:
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]

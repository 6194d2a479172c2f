"""Commands that the programs which a page names do not have: in what is typed, in sentences, in samples of output."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from documentation.checks import usage
from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages import shell
from documentation.pages.block import Block, Kind, Page
from documentation.pages.code import looks_like_command
from documentation.pages.shell import simple_commands
from documentation.programs.kubeadm import Kubeadm
from documentation.programs.program import Program
from documentation.programs.programs import Programs

_RELEASE = re.compile(r"\bv?\d+\.\d{1,2}\b")
_ENABLES = re.compile(r"\bKUBECTL_[A-Z_]+\b")  # a variable that lets kubectl have more commands and flags
_PUBLISHED = ("convert",)  # plugins that each release has beside kubectl
ELLIPSIS = re.compile(r"…|\.\.\.")
_CHOICE = re.compile(r"[\[{(][^\]})]*\|")  # `[apply|node]`


@rule("kubeadm", Weight.BREAKS, Needs.KUBEADM)
def a_command_that_kubeadm_does_not_have(page: Page, kubeadm: Kubeadm) -> Iterator[Found]:
    """A subcommand or a flag that this kubeadm does not know."""
    yield from unknown_in(page, kubeadm)


@rule("kubectl", Weight.BREAKS, Needs.PROGRAMS)
def a_command_that_kubectl_does_not_have(page: Page, programs: Programs) -> Iterator[Found]:
    """What this kubectl does not know, but for plugins and for names that a configuration on the page gives."""
    kubectl = programs.kubectl
    enables = any(_ENABLES.search(block.text) for block in page.blocks)
    for found in unknown_in(page, kubectl) if kubectl else ():
        name = re.search(r"kubectl has no `([\w-]+)`", found.what)
        flag = re.search(r"has no flag --(\S+)", found.what)
        hidden = enables and kubectl and flag and kubectl.contains(flag[1])
        if not hidden and not (name and _is_brought(name[1], page)):
            yield found


@rule("etcdctl", Weight.BREAKS, Needs.PROGRAMS)
def a_command_that_etcdctl_does_not_have(page: Page, programs: Programs) -> Iterator[Found]:
    """A subcommand or a flag that this etcdctl does not know."""
    if programs.etcdctl:
        yield from unknown_in(page, programs.etcdctl)


@rule("config-and-flags", Weight.BREAKS, Needs.KUBEADM)
def flags_that_a_configuration_file_excludes(page: Page, kubeadm: Kubeadm) -> Iterator[Found]:
    """`--config` together with a flag for what belongs into the file: kubeadm refuses to run."""
    for each in simple_commands(page):
        for used in usage.usages(each.command.bare, kubeadm):
            if "--config" in used.flags and used.whole:
                excluded = kubeadm.excluded_by_config(*used.path)
                for flag in [flag for flag in used.flags if flag in excluded]:
                    what = f"{used.name} takes no {flag} together with --config"
                    line = each.block.line + _line(each.block, flag, each.command.line)
                    yield Found(line, each.block.id, what, "write it into the file, or leave --config out")


def _is_brought(name: str, page: Page) -> bool:
    if name in _PUBLISHED or any(f"kubectl-{name}" in block.text or "krew" in block.text for block in page.blocks):
        return True
    return any(re.search(rf"\bname: {name}$", block.text, re.M) for block in page.of_kind(Kind.CONFIG))


def unknown_in(page: Page, program: Program) -> Iterator[Found]:
    """What a program does not have of all that a page types, mentions and shows."""
    for each in simple_commands(page):
        yield from found_in(each.block, each.command.bare, program, each.command.line)
    for block in page.blocks:
        for mention in block.mentions:
            if _CHOICE.search(mention):
                continue
            if mention.startswith(f"{program.name} ") and not looks_like_command(mention):
                yield from _mentioned(block, mention, program)
        if block.kind is Kind.OUTPUT:
            yield from _shown(block, program)


def found_in(
    block: Block, words: Sequence[str], program: Program, start: int, weight: Weight | None = None
) -> Iterator[Found]:
    """What a program does not have of one command, whose first line is `start` of the block."""
    if any(map(ELLIPSIS.search, words[:2])):
        return
    for used in usage.usages(words, program):
        group = program.help(*used.path)
        if block.inline and group.commands and not group.operands and not used.operands:
            continue  # a sentence that names a group of commands may name flags that each of them has
        for each in usage.unknown(used):
            line = block.line + _line(block, each.word, start)
            yield Found(line, block.id, each.what, each.fix, weight=weight)


def _mentioned(block: Block, mention: str, program: Program) -> Iterator[Found]:
    """A mention beside a release may be about what there was in it; that of a link may be the title of a page."""
    about = _RELEASE.search(block.text) or f"[`{mention}`](" in block.text
    weight = Weight.REMARK if about else Weight.MISLEADS
    start = _line(block, " ".join(mention.split()[:2]), 0)
    for command in shell.parse(mention).commands:
        # Without a subcommand, a flag may be one that several subcommands have.
        if not command.bare[1:2] or not command.bare[1].startswith("-"):
            yield from found_in(block, command.bare, program, start, weight)


def _shown(block: Block, program: Program) -> Iterator[Found]:
    """Commands among lines of output, as the join commands that init prints; sentences begin with the name, too."""
    lines = block.text.splitlines()
    for number, line in enumerate(lines):
        words = line.split()
        if words[:1] != [program.name] or not set(words[1:2]) & program.help().commands or "[flags]" in words:
            continue
        end = next((at for at in range(number, len(lines)) if not lines[at].rstrip().endswith("\\")), number)
        for command in shell.parse("\n".join(lines[number : end + 1]).strip()).commands[:1]:
            yield from found_in(block, command.bare, program, number, Weight.MISLEADS)


def _line(block: Block, word: str, start: int) -> int:
    """The line of the block, from `start` on, that has a word; `start` where none has."""
    has = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
    lines = block.text.splitlines()
    return next((number for number in range(start, len(lines)) if has.search(lines[number])), start)

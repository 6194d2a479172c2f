"""What only a real kubeadm can decide: subcommands and flags it has, configuration it reads, lines it prints."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages import shell
from documentation.pages.block import Block, Kind, Page
from documentation.pages.shell import Command, simple_commands
from documentation.programs.kubeadm import Kubeadm

_API = re.compile(r"kubeadm\.k8s\.io/(v[\w]+)")
_LINKED = re.compile(r"kubeadm\S*?[./](v\d+(?:alpha|beta)\d+)\b")
_VARIABLE = re.compile(r"\$\{?\w+(?:\[\w+\])?\}?")
_PLACEHOLDER = re.compile(r"<?\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b>?")
_EXAMPLE = re.compile(r"sha256:|[0-9a-f]{32,}|\d{1,3}(?:\.\d{1,3}){3}|\[[^\]]*\]|\bkubeadm join\b")
_WORDS = 5  # a line of fewer words is not one that only one program prints


@rule("kubeadm", Weight.BREAKS, Needs.KUBEADM)
def a_command_that_kubeadm_does_not_have(page: Page, kubeadm: Kubeadm) -> Iterator[Found]:
    """A subcommand or a flag that a command uses, and this kubeadm does not know."""
    for each in simple_commands(page):
        for what, fix in _unknown(each.command, kubeadm):
            yield Found(each.line, each.block.id, what, fix)


@rule("kubeadm", Weight.MISLEADS, Needs.KUBEADM)
def a_mention_that_kubeadm_does_not_have(page: Page, kubeadm: Kubeadm) -> Iterator[Found]:
    """The same in the code spans of sentences."""
    for block in page.blocks:
        for mention in block.mentions:
            if not mention.startswith("kubeadm ") or "/" in mention or "…" in mention:
                continue
            for command in shell.parse(mention).commands:
                for what, fix in _unknown(command, kubeadm):
                    yield Found(block.line, block.id, what, fix)


@rule("api", Weight.MISLEADS, Needs.KUBEADM)
def an_api_that_kubeadm_does_not_read(page: Page, kubeadm: Kubeadm) -> Iterator[Found]:
    """Versions of the configuration API, in code, where they break, and behind links."""
    for block in page.blocks:
        named = [*_API.findall(block.text), *(found for link in block.links for found in _LINKED.findall(link))]
        for version in dict.fromkeys(named):
            refusal = kubeadm.refuses(_minimal(version, kubeadm))
            if refusal:
                lines = block.text.splitlines()
                at = next((number for number, line in enumerate(lines) if version in line), 0)
                what = f"{kubeadm.version} does not read the configuration API {version}: {_short(refusal)}"
                weight = Weight.BREAKS if block.kind.code else None
                fix = "write it in the version that kubeadm writes"
                yield Found(block.line + at, block.id, what, fix, weight=weight)


@rule("configuration", Weight.BREAKS, Needs.KUBEADM)
def a_configuration_that_kubeadm_refuses(page: Page, kubeadm: Kubeadm) -> Iterator[Found]:
    """A configuration as a whole, placeholders filled in. For one of an API that is gone there is another rule."""
    for block in page.blocks:
        if block.kind is Kind.CONFIG:
            yield from _refused(block, block.text, block.line, kubeadm)
        if block.kind is Kind.COMMAND:
            for start, document in shell.parse(block.text).documents:
                yield from _refused(block, document, block.line + start, kubeadm)


@rule("output", Weight.REMARK, Needs.KUBEADM)
def a_line_that_kubeadm_does_not_print(page: Page, kubeadm: Kubeadm) -> Iterator[Found]:
    """Lines shown as kubeadm's output that are not in the program."""
    last: Command | None = None
    for block in page.blocks:
        if block.kind is Kind.COMMAND and not block.inline:
            commands = shell.parse(block.text).commands
            last = commands[-1] if commands else None
        if block.kind is not Kind.OUTPUT or last is None or last.program != "kubeadm":
            continue
        for number, line in enumerate(block.text.splitlines()):
            if len(line.split()) >= _WORDS and not _EXAMPLE.search(line) and not kubeadm.prints(line):
                nearest = kubeadm.nearest(line)
                what = f"{kubeadm.version} does not print this line" + (f", but: {nearest}" if nearest else "")
                yield Found(block.line + number, block.id, what, "show what it prints")


def _unknown(command: Command, kubeadm: Kubeadm) -> Iterator[tuple[str, str]]:
    """(what this kubeadm does not know of a command, fix)."""
    if command.program != "kubeadm":
        return
    words = list(command.bare[1:])
    path: list[str] = []
    while words and words[0] in kubeadm.help(*path).commands:
        path.append(words.pop(0))
    known, name = kubeadm.help(*path), " ".join(("kubeadm", *path))
    if words and not words[0].startswith(("-", "[", "<", "$", "\\")) and not known.operands:
        others = ", ".join(sorted(known.commands)) or "none"
        yield f"{name} has no `{words[0]}` in {kubeadm.version}", _moved(words, kubeadm) or f"it has: {others}"
        return
    for flag in sorted(command.flags.keys() - known.flags):
        if flag.startswith("--"):
            yield f"{name} has no flag {flag} in {kubeadm.version}", f"see `{name} --help`"


def _moved(words: list[str], kubeadm: Kubeadm) -> str:
    """Where the same subcommand is today, if it only moved up: out of `alpha`, as a rule."""
    path = [word for word in words[1:] if re.fullmatch(r"[a-z][a-z-]+", word)]
    moved = bool(path) and path[0] in kubeadm.help().commands
    return f"it is `kubeadm {' '.join(path)}` now" if moved else ""


def _refused(block: Block, text: str, line: int, kubeadm: Kubeadm) -> Iterator[Found]:
    versions = _API.findall(text)
    if not versions or any(kubeadm.refuses(_minimal(version, kubeadm)) for version in versions):
        return
    try:
        documents = [each for each in yaml.safe_load_all(_filled(text)) if isinstance(each, dict)]
    except yaml.YAMLError as error:
        yield Found(line, block.id, f"is not valid YAML: {' '.join(str(error).split())}")
        return
    if not any(each.get("kind") == "ClusterConfiguration" for each in documents):
        return
    refusal = kubeadm.refuses("---\n".join(_complete(each, kubeadm) for each in documents))
    if refusal:
        what = f"{kubeadm.version} refuses this configuration: {_short(refusal)}"
        yield Found(line, block.id, what, "see the reference of the configuration API")


def _minimal(version: str, kubeadm: Kubeadm) -> str:
    return _complete({"apiVersion": f"kubeadm.k8s.io/{version}", "kind": "ClusterConfiguration"}, kubeadm)


def _complete(document: dict[str, object], kubeadm: Kubeadm) -> str:
    # Without an exact version kubeadm would request from a download site what is stable today.
    exact = {"kubernetesVersion": kubeadm.version} if document.get("kind") == "ClusterConfiguration" else {}
    return yaml.safe_dump(document | exact)


def _filled(text: str) -> str:
    """The text with something plausible for each placeholder: ports for ports, addresses for everything else."""
    filled = _PLACEHOLDER.sub(lambda match: "6443" if "PORT" in match[0] else "198.18.0.10", text)
    return _VARIABLE.sub("198.18.0.10", filled)


def _short(refusal: str) -> str:
    return refusal.removeprefix("error: ").split(". ")[0]

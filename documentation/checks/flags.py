"""Flags that a sentence names and no program has: kubeadm and those beside it decide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from documentation.checks.usage import FORMER, usages
from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages import shell
from documentation.pages.block import Block, Page
from documentation.pages.shell import simple_commands
from documentation.programs.kubeadm import Kubeadm
from documentation.programs.programs import Programs

_FLAG = re.compile(r"(--[a-z][a-z0-9]*(?:-[a-z0-9]+)+)(?:=.*)?")
# Programs whose flags sentences of these pages name, too.
_OTHERS = re.compile(
    r"\b(?:kube-\w+|kubelet|kubectl|etcd|etcdctl|containerd|crictl|cri-dockerd|dockerd?|cri-o|crio|runc|systemd"
    r"|API[- ]?server|apiserver|calico|cilium|flannel|helm|kops|minikube|kind)\b",
    re.I,
)
_RELEASE = re.compile(r"\bv?1\.\d{1,2}\b")
_ALIKE = 0.9  # of two flags that one is a slip of the other


@rule("flag", Weight.MISLEADS, Needs.PROGRAMS)
def a_flag_that_no_program_has(page: Page, programs: Programs) -> Iterator[Found]:
    """A flag in a sentence that none of the programs contains, and that is meant for kubeadm or the kubelet.

    It is, where it is almost one of kubeadm's that this page uses, and where the sentences around it name no other
    program than kubeadm. Where they name the kubelet, it may almost be one of its. Beside the name of a release it may
    be one that there was.
    """
    if not programs.kubeadm:
        return
    known = _used_here(page, programs.kubeadm)
    for block in page.blocks:
        for flag in dict.fromkeys(found[1] for each in block.mentions if (found := _FLAG.fullmatch(each))):
            if flag in known or any(each.contains(flag.removeprefix("--")) for each in programs.all()):
                continue
            meant = _meant(flag, known | _named(block, programs))
            if meant or ("kubeadm" in block.text and not _OTHERS.search(block.text)):
                what = f"`{flag}` is not a flag of kubeadm {programs.kubeadm.version}, nor of a program beside it"
                weight = Weight.REMARK if _RELEASE.search(block.text) else None
                yield Found(_line(block, flag), block.id, what, f"write `{meant}`" if meant else "", weight=weight)


def _used_here(page: Page, kubeadm: Kubeadm) -> frozenset[str]:
    """All flags of those commands of kubeadm that the page has in code or in sentences."""
    mentioned = [command for block in page.blocks for each in block.mentions for command in _parsed(each)]
    commands = [*(each.command for each in simple_commands(page)), *mentioned]
    paths = {used.path for command in commands for used in usages(command.bare, kubeadm)}
    return frozenset(flag for path in paths for flag in kubeadm.help(*path).flags)


def _named(block: Block, programs: Programs) -> frozenset[str]:
    """The kubelet's flags, where a sentence names it."""
    named = programs.kubelet and "kubelet" in block.text.lower()
    return frozenset(programs.kubelet.help().flags) if named and programs.kubelet else frozenset()


def _parsed(mention: str) -> tuple[shell.Command, ...]:
    return shell.parse(mention).commands if mention.startswith("kubeadm ") else ()


def _meant(flag: str, known: frozenset[str]) -> str:
    usual = flag.replace(FORMER, "--")
    return usual if usual in known else next(iter(get_close_matches(flag, sorted(known), n=1, cutoff=_ALIKE)), "")


def _line(block: Block, word: str) -> int:
    lines = block.text.splitlines()
    return block.line + next((number for number, line in enumerate(lines) if word in line), 0)

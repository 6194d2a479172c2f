"""Names that kubeadm gives to what is in a cluster: roles of nodes, and its ConfigMaps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from documentation.findings.edits import line_of, lines_of, replaced
from documentation.findings.rules import Edit, Found, Weight, rule
from documentation.pages.block import Block, Kind, Page

_PREFIX = "node-role.kubernetes.io"
# The label and taint of control planes, and what it was called until 1.24 (KEP-2067).
_ROLES = ("control-plane", "master")
# Letters of any language may stand beside it, but none of a longer name; a taint that is removed ends in a dash.
_ROLE = re.compile(
    r"(?<![A-Za-z0-9./_-])(?P<prefix>[a-z-]*roles?\.kubernetes\.io)/(?P<role>[a-z][a-z-]*[a-z])(?![A-Za-z0-9_/.])", re.A
)
_ALIKE = 0.7  # of two roles that one is a slip of the other: `control-master`, and not `control-worker`, `worker`
# Until 1.23 each minor version had a ConfigMap of its own; a feature gate of kubeadm ended that, and tells of it.
_VERSIONED = re.compile(
    r"(?<![\w./-])kubelet-config-(?:\{\{[%<].*?[%>]\}\}|v?\d+\.(?:\d+|[xX]+|[yY]+)|[xX]\.[xXyY]+)(?![\w/]|[.-]\w)", re.A
)
_GATE = "UnversionedKubeletConfigMap"
_RELEASE = re.compile(r"\bv?1\.\d{1,2}\b")


@rule("label", Weight.MISLEADS)
def almost_a_role_that_kubeadm_gives(page: Page) -> Iterator[Found]:
    """A label or taint of control planes with a slip in it. Roles of one's own (`worker`, `gpu`) are none."""
    if not any("kubeadm" in block.text for block in page.blocks):
        return
    for block in page.blocks:
        if block.inline:
            continue
        for text in (block.text,) if block.kind.code else block.mentions:
            for match in dict.fromkeys(_ROLE.findall(text)):
                written, meant = "/".join(match), _meant(match[1])
                if meant and meant != written:
                    edits = _without_trailing(page, block, written, meant)
                    what = f"`{written}` is not a label or taint that kubeadm gives to a node"
                    yield Found(line_of(page, block, written), block.id, what, f"write `{meant}`", edits=edits)


@rule("config-map", Weight.MISLEADS)
def the_kubelets_configmap_with_a_version(page: Page) -> Iterator[Found]:
    """The ConfigMap that has the kubelet's configuration, by its name before 1.24; not in samples of output."""
    for block in page.blocks:
        if block.inline or block.kind is Kind.OUTPUT or _GATE in block.text:
            continue
        for number, line in _written(page, block):
            for written in dict.fromkeys(_VERSIONED.findall(line)):
                former = _RELEASE.search(_VERSIONED.sub("", block.text))
                what = f"`{written}` is not a ConfigMap of kubeadm since 1.24: its name has no version any more"
                edits = (Edit(number, line, line.replace(written, "kubelet-config")),)
                weight = Weight.REMARK if former else None
                yield Found(number, block.id, what, "write `kubelet-config`", weight=weight, edits=edits)


def _written(page: Page, block: Block) -> Iterator[tuple[int, str]]:
    """The lines of the source, where shortcodes stand as they are, without what may be hidden below the block."""
    last = block.line + block.text.count("\n")
    return ((number, line) for number, line in lines_of(page, block) if number <= last)


def _meant(role: str) -> str:
    """The label that is meant; empty where it may be one of the reader's own."""
    found = role if role in _ROLES else next(iter(get_close_matches(role, _ROLES, n=1, cutoff=_ALIKE)), "")
    return f"{_PREFIX}/{found}" if found else ""


def _without_trailing(page: Page, block: Block, written: str, meant: str) -> tuple[Edit, ...]:
    """The lines with the right name, also where the dash that removes a taint stands behind it."""
    return replaced(page, block, written, meant) or replaced(page, block, f"{written}-", f"{meant}-")

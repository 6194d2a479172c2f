"""A block as its reader would type it: comments obeyed, placeholders filled in, nothing left open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from documentation.execution import plan
from documentation.execution.plan import Edit, PageView, Planned
from documentation.language.words import RUN, SKIP, Words
from documentation.pages import shell
from documentation.pages.block import Block, Kind
from provision.clusters_door import Cluster, with_workarounds

_OPEN = re.compile(r"(?<![\w${/])<?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)>?(?![\w}=])")
_ANGLED = re.compile(r"<([A-Za-z][\w-]*)>")
INIT = "kubeadm init --"


@dataclass(frozen=True)
class Rendered:
    """What is typed of a block. `departures` say why it is not what the page has; what is still `open` is not run."""

    text: str
    departures: tuple[str, ...]
    open: tuple[str, ...]


class Renderer:
    """Renders the blocks of a few pages, by the pages' names, for one cluster."""

    def __init__(self, cluster: Cluster, pages: Mapping[str, PageView]) -> None:
        self._cluster = cluster
        self._pages = pages
        self._context = plan.context(cluster)

    def block(self, planned: Planned) -> Block | None:
        """The page's block, where it has it."""
        return self._pages[planned.page].blocks.get(planned.id)

    def written(self, planned: Planned) -> Block:
        """The page's block, which it has; raises KeyError where it has not."""
        return self._pages[planned.page].blocks[planned.id]

    def values(self, planned: Planned) -> dict[str, str]:
        """What the plan puts in for each placeholder."""
        return {name: self._context[value] for name, value in planned.values.items()}

    def rendered(self, planned: Planned) -> Rendered:
        """The page's text, obeyed, filled in, and with the departures that have a reason."""
        plain = self._printed_or_filled(planned)
        inits = bool(planned.printed) or INIT in plain
        text = with_workarounds(self._cluster, plain) if inits else plain
        reasons = [*(each.reason for each in self._edits(planned)), *(each.reason for each in planned.adds)]
        reasons += [planned.unsaid] if planned.unsaid else []
        reasons += ["this host makes --ignore-preflight-errors necessary"] if text != plain else []
        still_open = [] if planned.printed else left_open(text, self.written(planned).kind)
        return Rendered(text, tuple(reasons), tuple(still_open))

    def flags_not_printed(self, planned: Planned) -> list[str]:
        """The flags of a command on the page that the one which kubeadm printed does not have."""
        if not planned.printed:
            return []
        texts = self.written(planned).text, self.rendered(planned).text
        shown, real = (shell.parse(text).commands for text in texts)
        return sorted(shown[0].flags.keys() - real[0].flags.keys()) if shown and real else []

    def sample(self, planned: Planned) -> Block | None:
        """The output that the page shows for a block; none where the page has the block typed otherwise on this way."""
        another_way = any(each.certificates for each in self._edits(planned))
        return None if another_way else self._pages[planned.page].blocks.get(planned.sample)

    def _printed_or_filled(self, planned: Planned) -> str:
        if planned.printed:
            return plan.printed(self._cluster, planned.printed)
        block, words = self.written(planned), self._pages[planned.page].words
        text = obeyed(block, words, external=not self._cluster.id.stacked) if planned.external else block.text
        text = filled(text, self.values(planned))
        for edit in self._edits(planned):
            text = text.replace(edit.old, self._named(edit.new))
        for add in planned.adds:
            text = f"{text.rstrip()}{chr(10) if planned.file else ' '}{self._named(add.text)}"
        return text

    def _edits(self, planned: Planned) -> list[Edit]:
        """The edits of this way through the page that change anything on it."""
        text = self.written(planned).text
        ways = ("", self._cluster.id.certificates)
        ours = [each for each in planned.edits if each.certificates in ways and each.old in text]
        return [each for each in ours if self._named(each.new) != each.old]

    def _named(self, text: str) -> str:
        for name, value in self._context.items():
            text = text.replace(f"{{{name}}}", value)
        return text


def obeyed(block: Block, words: Words, *, external: bool) -> str:
    """The block without the lines that its comments have a reader of this topology leave out.

    A comment that asks to skip a line is about clusters with external etcd, and so is one that asks to run it.
    """
    lines = block.text.splitlines()
    dropped = set()
    for comment in block.comments:
        asks = words.polarity(comment.text)
        if (asks == SKIP and external) or (asks == RUN and not external):
            dropped.add(_target(lines, comment.line - block.line))
    return "\n".join(line for number, line in enumerate(lines) if number not in dropped)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with a value for each name: of a variable that it sets, a placeholder, or an example as it is."""
    for name, value in values.items():
        assignment = re.compile(rf"^(\s*(?:export )?{re.escape(name)}=)(\"[^\"]*\"|\S*)", re.M)
        if assignment.search(text):
            text = assignment.sub(lambda match, value=value: _assigned(match, value), text)  # type: ignore[misc]
        else:
            text = re.sub(rf"<?(?<![\w.]){re.escape(name)}(?![\w.])>?", lambda _, value=value: value, text)  # type: ignore[misc]
    return text


def left_open(text: str, kind: Kind) -> list[str]:
    """The placeholders that are not filled in."""
    code = "\n".join(line.partition(" # ")[0] for line in text.splitlines())
    angled = _ANGLED.findall(code) if kind is Kind.COMMAND else []
    return list(dict.fromkeys([*_OPEN.findall(code), *angled]))


def _assigned(match: re.Match[str], value: str) -> str:
    quote = '"' if match[2].startswith('"') or " " in value else ""
    return f"{match[1]}{quote}{value}{quote}"


def _target(lines: list[str], number: int) -> int:
    """The line that a comment is about: its own, or the next one with code."""
    if not lines[number].lstrip().startswith("#"):
        return number
    below = range(number + 1, len(lines))
    return next((index for index in below if not lines[index].lstrip().startswith("#")), number)

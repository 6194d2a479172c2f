"""Why a later edition may well lack code that the earlier one has, and nothing took its place.

It stands elsewhere on the page, nothing uses any more what it makes, or it went with all the words that it was about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from documentation.drift import spellings, succession
from documentation.pages import shell
from documentation.pages.block import Block, Kind, Page
from documentation.pages.shell import Command, Script

Key = tuple[object, ...]
"""What a command does, however it is written: its words without sudo, what it sets, and what it reads."""

_MAKES = ("mkdir",)
_SEVERAL = 2  # places from which the same is gone by no slip
_MOST = 2 / 3  # of a section's words, with which the section is another one
_PAGES = "/docs/"  # what addresses of the site's pages begin with


@dataclass(frozen=True)
class Removed:
    """Two editions of a page; `gone` and `come` are the ids of the blocks that only the old or the new one has."""

    old: Page
    new: Page
    gone: frozenset[str] = frozenset()
    come: frozenset[str] = frozenset()

    def why(self, block: Block) -> str:
        """Why a block is gone, to be read behind `missing`; empty where nothing says so."""
        if self._section(block) <= self.gone:
            return ", with its section"
        if self._is_on_another_page(block):
            return ", with most of its section, which links to another page now"
        if block.step:
            return self._why_step(block)
        if not block.kind.code:
            return ""
        if self._introduction(block) in self.gone:
            return ", with the words before it"
        return self._is_needed_no_more(block)

    def _why_step(self, block: Block) -> str:
        if self._list(block) <= self.gone:
            return ", with its list and the words before that"
        if self._is_gone_everywhere(block):
            return ", as in all other places"
        return ", and a new paragraph has its flags" if self._is_worded_anew(block) else ""

    def _is_needed_no_more(self, block: Block) -> str:
        if self._stands_elsewhere(block):
            return " here, and stands elsewhere"
        script = shell.parse(block.text) if block.kind is Kind.COMMAND else None
        if script and script.commands and all(self.why_command(each, script, block) for each in script.commands):
            return ", and needed no more"
        return ""

    def why_command(self, command: Command, script: Script, block: Block) -> str:
        """Why a command is gone from its block, to be read behind `missing`; empty where nothing says so."""
        if self._is_elsewhere(command, script, block):
            return " here, and stands elsewhere"
        return ", and nothing uses any more what it makes" if self._is_unused(command) else ""

    def _section(self, block: Block) -> set[str]:
        """The heading and all words of a block's section; none of all ids where there is no heading."""
        words = (Kind.HEADING, Kind.PROSE)
        section = [each for each in self.old.blocks if each.section == block.section]
        headed = any(each.kind is Kind.HEADING for each in section)
        return {each.id for each in section if each.kind in words} if headed else {""}

    def _is_on_another_page(self, block: Block) -> bool:
        """Whether most words of a block's section are gone, and a link to another page of the site has come there."""
        words = [each.id for each in self.old.blocks if each.section == block.section and not each.kind.code]
        gone = sum(each in self.gone for each in words)
        known = {link for each in self.old.blocks for link in each.links}
        links = {link for each in self.new.blocks if each.section == block.section for link in each.links}
        return gone > _MOST * len(words) and any(each.startswith(_PAGES) for each in links - known)

    def _is_gone_everywhere(self, block: Block) -> bool:
        """Whether the old page has a step in several places, and the new one nowhere."""
        was, now = ([each.bare for each in page.blocks].count(block.bare) for page in (self.old, self.new))
        return was >= _SEVERAL and not now

    def _is_worded_anew(self, block: Block) -> bool:
        """Whether a step names flags, and one paragraph that is new on the new page names them all."""
        flags = _flags(block)
        return bool(flags) and any(
            flags <= _flags(each) for each in self.new.blocks if each.id in self.come and not each.kind.code
        )

    def comes_oftener(self, command: Command) -> bool:
        """Whether the new page has a command oftener than the old one, whatever its placeholders are called."""
        was, now = (
            [_shape(each) for script in self._scripts(page.commands) for each in script.commands].count(_shape(command))
            for page in (self.old, self.new)
        )
        return now > was

    def is_named_no_more(self, program: str) -> bool:
        """Whether sentences of the old page name a program, and the new page has it nowhere."""
        found = succession.word(program)
        named = any(found.search(each.text) for each in self.old.blocks if not each.kind.code)
        return named and not found.search(self.new.source)

    def _list(self, block: Block) -> set[str]:
        """All steps of a step's list, and the paragraph before the first one."""
        found: set[str] = set()
        for each in self.old.blocks:
            if each.section == block.section and each.kind is Kind.PROSE:
                first = each.step and each.steps[-1] == 1
                if first or not each.steps:
                    if block.id in found:
                        break
                    found = {self._introduction(each)} if first else set()
                found |= {each.id} if each.step else set()
        return found or {""}

    def _introduction(self, block: Block) -> str:
        """The paragraph that stands before a block in its section; code and its output may stand between."""
        before: str = ""
        for each in self.old.blocks:
            if each.id == block.id:
                break
            if not each.kind.code:
                before = each.id if each.section == block.section and each.kind is Kind.PROSE else ""
        return before

    def _stands_elsewhere(self, block: Block) -> bool:
        """Whether the new page has all its lines as often as the old one, between the same lines of code."""
        was, now = self._lines
        wanted = [each.strip() for each in block.bare.splitlines()]
        if any(now.count(each) < was.count(each) for each in wanted):
            return False
        section = [line.strip() for each in self._code(block.section) for line in each.bare.splitlines()]
        return all(_is_in_order(each, section, now) for each in wanted)

    def _is_elsewhere(self, command: Command, script: Script, block: Block) -> bool:
        """Whether the new page has a command as often as the old one, between the same commands, and run by sudo."""
        key = _key(command, script)
        was, now = ([each for each, sudo in page if sudo or not command.sudo] for page in self._commands)
        if now.count(key) < was.count(key):
            return False
        section = [_key(each, one) for one in self._scripts(self._code(block.section)) for each in one.commands]
        return _is_in_order(key, section, [each for each, _ in self._commands[1]])

    def everywhere(self, name: str) -> bool:
        """Whether the old page has a name in several places of its code, and the new one nowhere."""
        found = succession.word(name)
        was = sum(len(found.findall(each.bare)) for each in self.old.blocks if each.kind.code and not each.inline)
        return was >= _SEVERAL and not found.search(self.new.source)

    def _is_unused(self, command: Command) -> bool:
        """Whether a command makes folders or sets variables that the old page uses, and the new one has nowhere."""
        names = [name for name, _ in command.assigns] if not command.program or command.declares else []
        if command.program in _MAKES:
            names = [each.strip("\"'") for each in command.bare[1:] if not each.startswith("-")]
        was, now = ("\n".join(each.text for each in page.blocks) for page in (self.old, self.new))
        found = [succession.word(each) for each in names]
        return bool(found) and all(len(each.findall(was)) > 1 and not each.search(now) for each in found)

    def _code(self, section: str) -> list[Block]:
        return [each for each in self.old.blocks if each.section == section and each.kind.code and not each.inline]

    def _scripts(self, blocks: Iterable[Block]) -> Iterator[Script]:
        return (shell.parse(each.text) for each in blocks if each.kind is Kind.COMMAND)

    @cached_property
    def _lines(self) -> tuple[list[str], list[str]]:
        one, other = ([line.strip() for line in page.lines] for page in (self.old, self.new))
        return one, other

    @cached_property
    def _commands(self) -> tuple[list[tuple[Key, bool]], list[tuple[Key, bool]]]:
        one, other = (
            [(_key(each, script), each.sudo) for script in self._scripts(page.commands) for each in script.commands]
            for page in (self.old, self.new)
        )
        return one, other


def _key(command: Command, script: Script) -> Key:
    plain = spellings.out(command)
    read = "".join(text for line, text in script.documents if line == command.end + 1)
    return spellings.of(plain.bare), plain.assigns, read.strip()


def _flags(block: Block) -> set[str]:
    """The flags that a paragraph names in its code spans."""
    return {each.partition("=")[0] for each in block.mentions if each.startswith("--")}


def _shape(command: Command) -> str:
    """A command without the names of its placeholders."""
    return re.sub(r"<[^<>]*>", "<>", " ".join(command.bare))


def _is_in_order(item: object, mine: Sequence[object], theirs: Sequence[object]) -> bool:
    """Whether a sequence has an item between those that stand beside it in another one, as far as it has them."""
    at = mine.index(item) if item in mine else len(mine)
    before = next((each for each in reversed(mine[:at]) if each in theirs), None)
    after = next((each for each in mine[at + 1 :] if each in theirs), None)
    return any(
        each == item
        and (before is None or before in theirs[:place])
        and (after is None or after in theirs[place + 1 :])
        for place, each in enumerate(theirs)
    )

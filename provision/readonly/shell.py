"""Shell commands as a gate reads them: what is not listed here is refused.

The grammar takes some texts for something else than a shell does. So everything between the parts that it finds must be
white space, and no part may hold a character that a shell would act on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from provision.util import bash

ONE, MANY, GLOB = "\ue000", "\ue001", "\ue002"
"""Stand in a word for what is only known when it runs: a part of this word (`"$file"`), any number of words (`$file`),
and paths with the same beginning (`*`). No command holds these characters themselves: it must be ASCII."""

_TEXT = re.compile(r"[\t\n\x20-\x7e]*")
_WORDS = frozenset(
    ("word", "string", "raw_string", "concatenation", "number", "simple_expansion", "command_substitution")
)
_STATEMENTS = frozenset((
    "program", "list", "pipeline", "command", "negated_command", "redirected_statement", "file_redirect",
    "for_statement", "do_group", "subshell", "compound_statement", "command_name", "variable_assignment",
    "file_descriptor", "variable_name", "special_variable_name", "string_content",
))  # fmt: skip
_TOKENS = frozenset((
    "\n", ";", "&&", "||", "|", "!", "(", ")", "{", "}", "for", "in", "do", "done", "$(", "$", '"', "=", "==",
))  # fmt: skip
_REDIRECTIONS = frozenset((">", "<", ">&"))
_LOOP_VARIABLES = frozenset(("file", "each", "name", "unit"))  # zsh, for one, acts on `path` as on PATH
_BARE = re.compile(r"\\(?P<escaped>.)|(?P<glob>[*?\[])|(?P<plain>[\w./:=,%+@^~!\]#{}-])")
_UNQUOTED = re.compile(r'\\([$`"\\])')


class Refused(Exception):
    """The command is not known to only read; the text is a sentence that says what of it, and why."""


@dataclass(frozen=True)
class Simple:
    """A simple command: the variables set for it, its words, and the words of what alone is piped into it.

    `reads_nothing` where it is certain that its input is empty: `</dev/null` stands behind it.
    """

    variables: Mapping[str, str]
    words: Sequence[str]
    fed_by: Sequence[str] = ()
    reads_nothing: bool = False


@dataclass(frozen=True)
class Script:
    """All that a script would run, substitutions included; `redirections` are operators with their targets."""

    commands: list[Simple] = field(default_factory=list)
    redirections: list[tuple[str, str]] = field(default_factory=list)


def parse(text: str) -> Script:
    """Take a script apart; raises Refused where it cannot be, or holds something that may hide what is run."""
    if not _TEXT.fullmatch(text):
        raise Refused("the command holds characters that are not ASCII, or control characters")
    if "\\\n" in text:
        raise Refused("the command goes on after a backslash at the end of a line, which may hide what is run")
    root = bash.tree(text)
    if root.has_error:
        raise Refused("the text is not a valid shell command")
    script = Script()
    for node in bash.nodes(root):
        _check_shape(node)
        if node.type == "command":
            script.commands.append(_simple(node))
        elif node.type == "file_redirect":
            script.redirections.append(_redirection(node))
    return script


def _check_shape(node: Node) -> None:
    """Raise Refused for a construct that is not listed, or where the grammar has left something out."""
    redirects = node.parent is not None and node.parent.type == "file_redirect"
    if node.is_named:
        known = node.type in _STATEMENTS or node.type in _WORDS
    else:
        known = node.type in (_REDIRECTIONS if redirects else _TOKENS)
    if not known or (node.type == "command_substitution" and bash.text(node).startswith("`")):
        raise Refused(f"the shell's {node.type.replace('_', ' ')} may hide what is run: {bash.text(node)}")
    if node.type == "variable_assignment" and (not node.parent or node.parent.type != "command"):
        raise Refused(f"{bash.text(node)} sets a variable for everything that follows")
    if node.type == "for_statement" and bash.text(node.named_children[0]) not in _LOOP_VARIABLES:
        names = ", ".join(sorted(_LOOP_VARIABLES))
        raise Refused(f"for sets {bash.text(node.named_children[0])}; a loop's variable may be called {names}")
    if node.type != "string":
        _check_gaps(node)


def _check_gaps(node: Node) -> None:
    for before, after in zip(node.children, node.children[1:], strict=False):
        gap = _between(node, before.end_byte, after.start_byte)
        both_words = node.type == "command" and before.is_named and after.is_named
        if gap.strip(" \t\n") or (both_words and (not gap or "\n" in gap)):
            raise Refused(f"what stands between {bash.text(before)} and {bash.text(after)} is not clear")


def _between(node: Node, start: int, end: int) -> str:
    return bash.text(node)[start - node.start_byte : end - node.start_byte]


def _simple(node: Node) -> Simple:
    variables: dict[str, str] = {}
    words: list[str] = []
    for child in node.children:
        if child.type == "variable_assignment":
            name, *value = child.named_children
            variables[bash.text(name)] = _word(value[0]) if value else ""
        elif child.type == "command_name":
            words.append(_word(child.named_children[0]))
        elif child.type != "file_redirect":
            words.append(_word(child))
    return Simple(variables, words, _feeding(node), _reads_nothing(node))


def _feeding(node: Node) -> Sequence[str]:
    """The words of the command whose output is all that this one reads; none where that is not certain."""
    outer = node
    while outer.parent and outer.parent.type == "redirected_statement":
        outer = outer.parent
    pipeline = outer.parent
    if pipeline is None or pipeline.type != "pipeline" or _reads_a_file(node):
        return ()
    before = pipeline.named_children[: pipeline.named_children.index(outer)]
    return _simple(before[-1]).words if before and before[-1].type == "command" else ()


def _reads_a_file(node: Node | None) -> bool:
    while node is not None:
        if any(_is_input(child) for child in node.children):
            return True
        node = node.parent
    return False


def _reads_nothing(node: Node) -> bool:
    """Whether the command's own input, and no other, is /dev/null."""
    around = [node.parent] if node.parent and node.parent.type == "redirected_statement" else []
    inputs = [_redirection(child) for each in (node, *around) for child in each.children if _is_input(child)]
    return inputs == [("<", "/dev/null")]


def _is_input(node: Node) -> bool:
    """Whether a redirection is that of a command's own input: `3<file` is not."""
    if node.type != "file_redirect" or "<" not in bash.text(node):
        return False
    return all(bash.text(child) == "0" for child in node.named_children if child.type == "file_descriptor")


def _redirection(node: Node) -> tuple[str, str]:
    targets = [child for child in node.named_children if child.type != "file_descriptor"]
    if len(targets) != 1:  # a shell takes what follows the first for words of the command
        raise Refused(f"words of a command stand behind its redirection: {bash.text(node)}")
    return next(child.type for child in node.children if not child.is_named), _word(targets[0])


def _word(node: Node) -> str:
    """A word as the program gets it."""
    text = bash.text(node)
    if text in ("{}", "=="):  # of find, and of no meaning: to the grammar, these are no words
        return text
    if node.type not in _WORDS:
        raise Refused(f"{text} is not clear: put it in quotes")
    if node.type == "concatenation":
        return "".join(map(_word, node.children))
    if node.type in ("simple_expansion", "command_substitution"):
        return MANY
    if node.type == "raw_string":
        return text[1:-1]
    return _in_quotes(node) if node.type == "string" else _bare(text)


def _in_quotes(node: Node) -> str:
    parts, at = [], node.start_byte + 1
    for child in node.named_children:
        if child.type != "string_content":
            parts += [_between(node, at, child.start_byte), MANY if bash.text(child) == "$@" else ONE]
            at = child.end_byte
    parts.append(_between(node, at, node.end_byte - 1))
    return "".join(part if part in (ONE, MANY) else _UNQUOTED.sub(r"\1", part) for part in parts)


def _bare(text: str) -> str:
    """What stands outside of quotes. Braces would become several words."""
    found, at = "", 0
    while at < len(text):
        piece = _BARE.match(text, at)
        if piece is None or piece["plain"] in ("{", "}"):
            raise Refused(f"{text[at]} in {text} may become something else when it runs: put it in quotes")
        found += GLOB if piece["glob"] else piece["escaped"] or piece["plain"]
        at = piece.end()
    return found

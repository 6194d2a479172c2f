"""Files on their way through a page: carried and left behind, put in place by nobody, owned by the wrong user."""

from __future__ import annotations

import re
from collections.abc import Iterator

from doccheck.drift.checks.typed import Typed, base, typed
from doccheck.drift.finding import Finding, Weight
from doccheck.pages.block import Block, Kind, Page

_PATH = re.compile(r"/[\w./-]+\.(?:crt|key|pub|pem|conf|ya?ml)\b")
_HOME = re.compile(r"^(?:/home/|~|\$HOME|\$\{HOME\})")
_ROOTS = re.compile(r"^/(?:etc|usr|var|opt|lib)/")
_CARRIERS = ("mv", "cp", "scp", "install", "ln")
_WRITERS = ("mkdir", "mv", "cp", "tee", "rm", "chown", "chmod", "install", "ln")


def check(page: Page) -> Iterator[Finding]:
    """Follow every file that the page's commands name."""
    commands = typed(page)
    yield from _left_behind(commands)
    yield from _put_by_nobody(page, commands)
    yield from _owned_by_the_wrong_user(commands)
    yield from _needs_root(commands)
    yield from _no_kubeconfig(page, commands)


def _left_behind(commands: list[Typed]) -> Iterator[Finding]:
    """What scp carries to a home folder, and no command on the page takes from there."""
    taken = {base(word) for each in commands if each.command.program != "scp" for word in each.command.bare[1:]}
    left: dict[str, list[tuple[str, Typed]]] = {}
    for each in commands:
        words = [word for word in each.command.bare[1:] if not word.startswith("-")]
        if each.command.program != "scp" or len(words) < 2 or "*" in words[0]:
            continue
        name = base(words[-1].rpartition(":")[2]) or base(words[0])
        if name not in taken and not words[-1].rpartition(":")[2].startswith("/"):
            left.setdefault(each.block.id, []).append((name, each))
    for name, found in left.items():
        names = ", ".join(f"`{each}`" for each, _ in found)
        what = f"{names}: copied to the login user's home folder, and no command of this page takes it from there"
        mend = "add the commands that move it in place"
        yield Finding(Weight.BREAKS, "left-behind", found[0][1].line, name, what, mend)


def _put_by_nobody(page: Page, commands: list[Typed]) -> Iterator[Finding]:
    """What a configuration names and the page carries, and no command puts where it is named."""
    carried = {base(word) for each in commands for word in each.command.bare[1:]}
    placed = {path for each in commands if each.command.program in _CARRIERS for path in _targets(each)}
    for block in page.of_kind(Kind.CONFIG):
        named = dict.fromkeys(path for path in _PATH.findall(block.bare) if base(path) in carried)
        missing = [path for path in named if path not in placed]
        if missing:
            names = ", ".join(f"`{path}`" for path in missing)
            what = f"{names}: named in this configuration, and no command of this page puts it there"
            mend = "add the commands that put it there"
            yield Finding(Weight.BREAKS, "not-in-place", block.line, block.id, what, mend)


def _targets(each: Typed) -> set[str]:
    """The paths that a command may put something at: its last operand, or what it carries inside that folder."""
    words = [word.strip("\"'") for word in each.command.bare[1:] if not word.startswith("-")]
    if len(words) < 2:
        return set()
    target = words[-1].rstrip("/")
    return {target, *(f"{target}/{base(word)}" for word in words[:-1])}


def _owned_by_the_wrong_user(commands: list[Typed]) -> Iterator[Finding]:
    for block, own in _by_block(commands):
        moved = [each for each in own if each.command.program == "mv" and _home_to_roots(each)]
        owned = any(each.command.program in ("chown", "install") for each in own)
        if moved and not owned:
            what = f"what moves from a home folder into {_folder(moved)} stays the login user's"
            mend = f"add a `chown root:root` of what is moved into {_folder(moved)}"
            yield Finding(Weight.MISLEADS, "owner", moved[0].line, block.id, what, mend)


def _needs_root(commands: list[Typed]) -> Iterator[Finding]:
    """Where a page says `sudo` in some commands, one that writes to the system's folders without it misleads."""
    if not any(each.command.sudo for each in commands):
        return
    for block, own in _by_block(commands):
        writes = [each for each in own if each.command.program in _WRITERS and _ROOTS.match(_last(each))]
        if writes and not block.prompt.startswith("root") and not any(each.command.sudo for each in own):
            folder = "/".join(_last(writes[0]).split("/")[:3])
            what = f"writes to {folder} without sudo, which other commands of this page say"
            mend = "say that it is run as root, or add sudo"
            yield Finding(Weight.REMARK, "root", writes[0].line, block.id, what, mend)


def _no_kubeconfig(page: Page, commands: list[Typed]) -> Iterator[Finding]:
    used = [each for each in commands if each.command.program == "kubectl"]
    text = "\n".join(block.text for block in page.blocks)
    if used and not re.search(r"KUBECONFIG|admin\.conf|\.kube/config|--kubeconfig", text):
        what = "kubectl is used, and nothing on this page gives it a kubeconfig"
        mend = "say to set KUBECONFIG=/etc/kubernetes/admin.conf, or to copy that file to ~/.kube/config, before"
        yield Finding(Weight.MISLEADS, "kubeconfig", used[0].line, used[0].block.id, what, mend)
    for each in used:
        remote = next((word for word in each.command.words if re.match(r"[\"']?https?://", word)), "")
        if remote:
            what = f"applies {remote.strip(chr(34))}, which is elsewhere and was not looked at"
            yield Finding(Weight.REMARK, "remote", each.line, each.block.id, what, "see that it is still there")


def _by_block(commands: list[Typed]) -> list[tuple[Block, list[Typed]]]:
    blocks = {each.block.id: each.block for each in commands}
    return [(block, [each for each in commands if each.block.id == name]) for name, block in blocks.items()]


def _home_to_roots(each: Typed) -> bool:
    words = [word.strip("\"'") for word in each.command.bare[1:] if not word.startswith("-")]
    return len(words) == 2 and bool(_HOME.match(words[0])) and bool(_ROOTS.match(words[1]))


def _folder(moved: list[Typed]) -> str:
    return _last(moved[0]).rpartition("/")[0]


def _last(each: Typed) -> str:
    return each.command.words[-1].strip("\"'")

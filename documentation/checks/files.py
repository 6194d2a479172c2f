"""Files on their way through a page: left where they were copied, not in place, owned by the wrong user."""

from __future__ import annotations

import re
from collections.abc import Iterator

from documentation.findings.rules import Found, Weight, rule
from documentation.pages.block import Block, Kind, Page
from documentation.pages.shell import PageCommand, base, simple_commands

_PATH = re.compile(r"/[\w./-]+\.(?:crt|key|pub|pem|conf|ya?ml)\b")
_HOME = re.compile(r"^(?:/home/|~|\$HOME|\$\{HOME\})")
_ROOTS = re.compile(r"^/(?:etc|usr|var|opt|lib)/")
_CARRIERS = ("mv", "cp", "scp", "install", "ln", "rsync")
# What `kubeadm init` makes by its phases certs, kubeconfig, kubelet-start and control-plane, and by etcd where etcd is
# stacked.
_MADE = re.compile(
    r"/etc/kubernetes/(?:(?:admin|super-admin|kubelet|controller-manager|scheduler)\.conf"
    r"|pki/(?:(?:ca|apiserver|apiserver-kubelet-client|front-proxy-ca|front-proxy-client)\.(?:crt|key)|sa\.(?:pub|key))"
    r"|manifests/kube-(?:apiserver|controller-manager|scheduler)\.yaml)"
    r"|/var/lib/kubelet/(?:config\.yaml|pki/.*)"
)
_MADE_STACKED = re.compile(
    r"/etc/kubernetes/(?:pki/(?:apiserver-etcd-client|etcd/(?:ca|server|peer|healthcheck-client))\.(?:crt|key)"
    r"|manifests/etcd\.yaml)"
)
_WRITERS = ("mkdir", "mv", "cp", "tee", "rm", "chown", "chmod", "install", "ln")


@rule("left-behind", Weight.BREAKS)
def copied_and_left_behind(page: Page) -> Iterator[Found]:
    """What scp copies to a home folder, and no command on the page takes from there."""
    commands = simple_commands(page)
    taken = {base(word) for each in commands if _program(each) != "scp" for word in each.command.bare[1:]}
    left: dict[str, list[tuple[str, PageCommand]]] = {}
    for each in commands:
        words = [word for word in each.command.bare[1:] if not word.startswith("-")]
        if _program(each) != "scp" or len(words) < 2 or "*" in words[0] or ":" not in words[-1]:
            continue  # without a colon it is a file or a folder of the machine that the reader is on
        name = base(words[-1].rpartition(":")[2])
        name = base(words[0]) if name in ("", ".", "~") else name
        if name not in taken and not words[-1].rpartition(":")[2].startswith("/"):
            left.setdefault(each.block.id, []).append((name, each))
    for block, found in left.items():
        names = ", ".join(f"`{each}`" for each, _ in found)
        what = f"{names}: copied to the login user's home folder, and no command of this page takes it from there"
        yield Found(found[0][1].line, block, what, "add the commands that move it in place")


@rule("not-in-place", Weight.BREAKS)
def named_and_not_put_there(page: Page) -> Iterator[Found]:
    """What a configuration names and the page copies, and neither a command nor init puts where it is named."""
    carriers = [each for each in simple_commands(page) if _program(each) in _CARRIERS]
    carried = {base(word) for each in carriers for word in each.command.bare[1:]}
    placed = {path for each in carriers for path in _targets(each)}
    for block in page.of_kind(Kind.CONFIG):
        named = dict.fromkeys(path for path in _PATH.findall(block.bare) if base(path) in carried)
        missing = [path for path in named if path not in placed and not _is_made(path, block)]
        if missing:
            names = ", ".join(f"`{path}`" for path in missing)
            what = f"{names}: named in this configuration, and no command of this page puts it there"
            yield Found(block.line_of(missing[0]), block.id, what, "add the commands that put it there")


def _program(each: PageCommand) -> str:
    """The program that is meant: what a diff's sign before it does to it is reported by itself."""
    return each.command.program.lstrip("+-")


def _is_made(path: str, configuration: Block) -> bool:
    """Whether `kubeadm init` makes a file; with an external etcd, none of etcd's."""
    stacked = not re.search(r"^\s*external:", configuration.bare, re.M)
    return bool(_MADE.fullmatch(path) or (stacked and _MADE_STACKED.fullmatch(path)))


def _targets(each: PageCommand) -> set[str]:
    """The paths that a command may put something at: its last operand, or what it carries inside that folder."""
    words = [word.strip("\"'") for word in each.command.bare[1:] if not word.startswith("-")]
    if len(words) < 2:
        return set()
    target = words[-1].rstrip("/")
    return {target, *(f"{target}/{base(word)}" for word in words[:-1])}


@rule("owner", Weight.MISLEADS)
def moved_and_still_the_login_users(page: Page) -> Iterator[Found]:
    """What moves from a home folder to the system's folders, and is not given to root there."""
    for block, own in _by_block(simple_commands(page)):
        moved = [each for each in own if each.command.program == "mv" and _home_to_roots(each)]
        owned = any(each.command.program in ("chown", "install") for each in own)
        if moved and not owned:
            folder = _last(moved[0]).rpartition("/")[0]
            what = f"what moves from a home folder into {folder} stays the login user's"
            yield Found(moved[0].line, block.id, what, f"add a `chown root:root` of what is moved into {folder}")


@rule("root", Weight.REMARK)
def written_without_sudo(page: Page) -> Iterator[Found]:
    """Where a page has `sudo` in some commands, one that writes to the system's folders without it."""
    commands = simple_commands(page)
    if not any(each.command.sudo for each in commands):
        return
    for block, own in _by_block(commands):
        writes = [each for each in own if each.command.program in _WRITERS and _ROOTS.match(_last(each))]
        if writes and not block.prompt.startswith("root") and not any(each.command.sudo for each in own):
            folder = "/".join(_last(writes[0]).split("/")[:3])
            what = f"writes to {folder} without sudo, which other commands of this page have"
            yield Found(writes[0].line, block.id, what, "say that it is run as root, or add sudo")


@rule("kubeconfig", Weight.MISLEADS)
def kubectl_without_a_kubeconfig(page: Page) -> Iterator[Found]:
    """A page that makes a cluster, goes on with kubectl, and never gives it a kubeconfig.

    Pages about clusters that exist expect readers who use kubectl already.
    """
    commands = [each for each in simple_commands(page) if not each.block.inline]
    made = next((number for number, each in enumerate(commands) if _makes_a_cluster(each)), len(commands))
    used = [each for each in commands[made:] if each.command.program == "kubectl"]
    text = "\n".join(block.text for block in page.blocks)
    if used and not re.search(r"KUBECONFIG|admin\.conf|\.kube/config|--kubeconfig", text):
        what = "kubectl is used, and nothing on this page gives it a kubeconfig"
        fix = "say to set KUBECONFIG=/etc/kubernetes/admin.conf, or to copy that file to ~/.kube/config, before"
        yield Found(used[0].line, used[0].block.id, what, fix)


@rule("remote", Weight.REMARK)
def applied_from_another_site(page: Page) -> Iterator[Found]:
    """What kubectl applies from a URL, which nothing here reads."""
    for each in simple_commands(page):
        remote = next((word for word in each.command.words if re.match(r"[\"']?https?://", word)), "")
        if remote and each.command.program == "kubectl":
            what = f"applies {remote.strip(chr(34))}, which is on another site and was not checked"
            yield Found(each.line, each.block.id, what, "check that it still exists")


def _makes_a_cluster(each: PageCommand) -> bool:
    return each.command.bare[:2] == ("kubeadm", "init") and "phase" not in each.command.bare


def _by_block(commands: list[PageCommand]) -> list[tuple[Block, list[PageCommand]]]:
    blocks = {each.block.id: each.block for each in commands}
    return [(block, [each for each in commands if each.block.id == name]) for name, block in blocks.items()]


def _home_to_roots(each: PageCommand) -> bool:
    words = [word.strip("\"'") for word in each.command.bare[1:] if not word.startswith("-")]
    return len(words) == 2 and bool(_HOME.match(words[0])) and bool(_ROOTS.match(words[1]))


def _last(each: PageCommand) -> str:
    return each.command.words[-1].strip("\"'")

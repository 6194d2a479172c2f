"""What arguments for ssh say, as Ansible's variables and ssh's own configuration have them. Pure.

What is understood is used; what would change where a connection goes, and is not understood, is refused by name.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

_WITH_VALUE = "BbcDEeFIiJLlmOopQRSWw"  # ssh(1): these options take a value, behind a space or not
_HARMLESS_FLAGS = set("46AaCfGgKkMnNqTtvxXyY")
_HARMLESS_VALUES = set("BbcDEeLmOQRSw")
_HARMLESS = {
    "addkeystoagent", "addressfamily", "batchmode", "checkhostip", "ciphers", "compression", "connectionattempts",
    "connecttimeout", "controlmaster", "controlpath", "controlpersist", "escapechar", "forwardagent", "forwardx11",
    "gssapiauthentication", "gssapidelegatecredentials", "hashknownhosts", "hostkeyalgorithms",
    "identitiesonly", "ipqos", "kbdinteractiveauthentication", "kexalgorithms", "loglevel", "macs",
    "numberofpasswordprompts", "passwordauthentication", "preferredauthentications", "pubkeyacceptedalgorithms",
    "pubkeyacceptedkeytypes", "pubkeyauthentication", "requesttty", "sendenv", "serveralivecountmax",
    "serveraliveinterval", "tcpkeepalive", "updatehostkeys", "visualhostkey",
}  # fmt: skip
"""Options that change nothing of where a connection goes, and as whom."""

_HOST_KEYS = {"userknownhostsfile", "stricthostkeychecking", "globalknownhostsfile"}
"""Of these nothing but a file of the user's own is taken: host keys have to be known, whatever they say."""

NOWHERE = ("/dev/null", "none")
"""Files of known hosts that are none."""

_NETCAT = re.compile(r"(?:/\S*/)?(?:nc|ncat|netcat)(?: -q ?\d+| -w ?\d+| -v)* %h (?:%p|22)")
_HOP = re.compile(
    r"(?:ssh://)?(?:(?P<user>[^-@\s][^@\s]*)@)?(?P<bracket>\[)?(?P<host>\w[\w.-]*)(?(bracket)\])(?::(?P<port>\d{1,5}))?/?"
)
_QUIET = re.compile(r"\d?>>?(?:/dev/null|&\d)")


SAME_USER = "%r"
"""What stands for the machine's own user in a ProxyCommand."""


@dataclass(frozen=True)
class Hop:
    """A jump host as it is written: parts that are empty are not given. `host` is a name, an address or an alias.

    `config` is a file of ssh's configuration that is the jump host's alone.
    """

    host: str
    user: str = ""
    port: str = ""
    key: str = ""
    config: str = ""


@dataclass(frozen=True)
class Given:
    """What arguments say of a login; what is empty is not given. `jump` None is not given, and a Hop without host none.

    `host` is where ssh connects, if not to the name that it was given. `config` is a file of ssh's configuration.
    `wrong` are sentences about what is not understood, `dropped` what is left out on purpose.
    """

    host: str = ""
    user: str = ""
    port: str = ""
    key: str = ""
    known_hosts: str = ""
    config: str = ""
    jump: Hop | None = None
    dropped: Sequence[str] = ()
    wrong: Sequence[str] = ()


NO_HOP = Hop("")


def read(text: str) -> Given:
    """What a text of arguments says, as `ansible_ssh_common_args` has it: of two values, the first one counts."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        return Given(wrong=[f"arguments for ssh `{text}` are not words: {error}"])
    line = Arguments.of(words)
    return line.given if not line.rest else replace(
        line.given, wrong=[*line.given.wrong, f"argument for ssh `{line.rest[0]}` is not understood"]
    )  # fmt: skip


def together(one: Given, other: Given) -> Given:
    """What two texts of arguments say: of two values, the first one counts."""
    return Given(
        one.host or other.host, one.user or other.user, one.port or other.port, one.key or other.key,
        one.known_hosts or other.known_hosts, one.config or other.config,
        other.jump if one.jump is None else one.jump, [*one.dropped, *other.dropped], [*one.wrong, *other.wrong],
    )  # fmt: skip


def anchored(given: Given, folder: Path) -> Given:
    """The same, with files named from the root: a relative one is meant as seen from a folder."""
    return replace(
        given, key=from_folder(folder, given.key), known_hosts=from_folder(folder, given.known_hosts),
        config=from_folder(folder, given.config), jump=given.jump and replace(
            given.jump, key=from_folder(folder, given.jump.key), config=from_folder(folder, given.jump.config)
        ),
    )  # fmt: skip


def from_folder(folder: Path, file: str) -> str:
    """A file's name as seen from a folder; that of no file stays."""
    return file if not file or file.startswith("~") or file in NOWHERE else str(folder / file)


@dataclass
class Arguments:
    """A command line of ssh, taken apart: options, and the words behind them."""

    given: Given = field(default_factory=Given)
    forward: str = ""
    rest: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, words: Sequence[str]) -> Arguments:
        line = cls()
        left = list(words)
        while left:
            word = left.pop(0)
            if not word.startswith("-") or word == "-":
                line.rest.append(word)
                if len(line.rest) > 1:  # behind the host is the command
                    line.rest += left
                    break
                continue
            line._flags(word[1:], left)
        return line

    def _flags(self, flags: str, left: list[str]) -> None:
        while flags:
            flag, flags = flags[0], flags[1:]
            if flag in _WITH_VALUE:
                value = flags or (left.pop(0) if left else "")
                self._valued(flag, value)
                return
            if flag not in _HARMLESS_FLAGS:
                self._wrong(f"argument for ssh `-{flag}` is not understood")

    def _valued(self, flag: str, value: str) -> None:
        if flag == "o":
            name, text = _option(value)
            self.set(name, text, value)
        elif flag in "liFpJ":
            name = {"l": "user", "i": "identityfile", "F": "config", "p": "port", "J": "proxyjump"}[flag]
            self.set(name, value, f"-{flag} {value}")
        elif flag == "W":
            self.forward = value
        elif flag not in _HARMLESS_VALUES:
            self._wrong(f"argument for ssh `-{flag} {value}` is not understood")

    def set(self, name: str, value: str, written: str) -> None:
        """Take an option, by its name in small letters; `written` is how it was given. The first value counts."""
        given = self.given
        if name == "user":
            self.given = replace(given, user=given.user or value)
        elif name == "port":
            self.given = replace(given, port=given.port or value)
        elif name == "identityfile":
            self.given = replace(given, key=given.key or value)
        elif name == "config":
            self.given = replace(given, config=given.config or value)
        elif name in ("proxyjump", "proxycommand"):
            self._jump(name, value)
        elif name in _HOST_KEYS:
            self._host_keys(name, value, written)
        elif name not in _HARMLESS:
            self._wrong(f"option of ssh `{written}` is not understood")

    def _host_keys(self, name: str, value: str, written: str) -> None:
        file = (value.split() or [""])[0]
        if name == "userknownhostsfile" and file not in NOWHERE:
            self.given = replace(self.given, known_hosts=self.given.known_hosts or file)
        elif file.lower() not in ("yes", "true", "ask"):
            self.given = replace(self.given, dropped=[*self.given.dropped, written.replace(" ", "=", 1)])

    def _jump(self, name: str, value: str) -> None:
        if self.given.jump is not None:
            return
        try:
            hop = _hops(value) if name == "proxyjump" else command(value)
        except ValueError as error:
            self._wrong(str(error))
            return
        self.given = replace(self.given, jump=hop)

    def _wrong(self, sentence: str) -> None:
        self.given = replace(self.given, wrong=[*self.given.wrong, sentence])


def _option(text: str) -> tuple[str, str]:
    """`Name=value`, `Name value` and `Name="value"`, the name in small letters."""
    name, _, value = text.strip().replace("=", " ", 1).partition(" ") if "=" in text.split(" ")[0] else (
        text.strip().partition(" ")
    )  # fmt: skip
    value = value.strip().removeprefix("=").strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return name.lower(), value


def _hops(text: str) -> Hop:
    """The value of ProxyJump; raises ValueError where it is not one jump host."""
    if text.lower() in ("none", ""):
        return NO_HOP
    if "," in text:
        raise ValueError(f"jump hosts in a row, `{text}`, are not supported: name one")
    return hop(text)


def hop(text: str) -> Hop:
    """`[ssh://][user@]host[:port]`, the host perhaps in brackets; raises ValueError for anything else."""
    match = _HOP.fullmatch(text)
    if not match:
        raise ValueError(f"jump host `{text}` is not understood")
    return Hop(match["host"], match["user"] or "", match["port"] or "")


def command(text: str) -> Hop:
    """The jump host of a ProxyCommand that is ssh with -W, or with nc behind it; raises ValueError for another."""
    refused = ValueError(f"ProxyCommand `{text}` is not understood: it is not ssh to one jump host")
    try:
        program, *words = [word for word in shlex.split(text) if not _QUIET.fullmatch(word)] or [""]
    except ValueError:
        raise refused from None
    if program.lower() == "none":
        return NO_HOP
    if program == "exec" and words:
        program, *words = words
    line = Arguments.of(words)
    if program.rpartition("/")[2] != "ssh" or not line.rest or (line.given.jump or NO_HOP).host:
        raise refused
    target, *remote = line.rest
    forwards = line.forward in ("%h:%p", "[%h]:%p", "%h:22") and not remote
    if not forwards and not (not line.forward and _NETCAT.fullmatch(" ".join(remote).removeprefix("exec "))):
        raise refused
    if line.given.wrong:
        raise ValueError(f"ProxyCommand `{text}` is not understood: {'; '.join(line.given.wrong)}")
    found, given = hop(target), line.given
    return Hop(found.host, given.user or found.user, given.port or found.port, given.key, given.config)

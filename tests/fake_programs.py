"""Programs that answer from a table instead of being run, in the forms in which real ones print their help."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from documentation.programs.kubeadm import Kubeadm
from documentation.programs.program import Program

KUBECTL = {
    "": """Grows and prunes.

Basic Commands (Beginner):
  get             Display
  certificate     Modify
  exec            Execute

Usage:
  kubectl [flags] [options]

Use "kubectl options" for a list of global command-line options (applies to all commands).
""",
    "get": """Display.

Options:
    -A, --all-namespaces=false:
\tIf true, everywhere.

    -o, --output='':
\tHow. One of the commands that print.

Usage:
  kubectl get (TYPE | TYPE/NAME ...) [flags] [options]

Use "kubectl options" for a list of global command-line options (applies to all commands).
""",
    "certificate": """Modify.

Available Commands:
  approve       Approve one
  deny          Deny one

Usage:
  kubectl certificate SUBCOMMAND [options]
""",
    "certificate approve": "Approve.\n\nUsage:\n  kubectl certificate approve (-f FILENAME | NAME) [options]\n",
    "exec": "E\n\nUsage:\n  kubectl exec (POD | TYPE/NAME) -- COMMAND [args...] [options]\n",
    "options": """The following options can be passed to any command:

    -n, --namespace='':
\tWhere.

    --kubeconfig='':
\tWhich.
""",
}
ETCDCTL = {
    "": """A client.

Usage:
  etcdctl [command]

Key-value commands
  get         Gets
  del         Removes

Cluster maintenance commands
  member      Members. Use `etcdctl member --help` to see subcommands

Use "etcdctl options" for a list of global command-line flags (applies to all commands).
""",
    "member": "M\n\nUsage:\n  etcdctl member [command]\n\nAvailable Commands:\n  list     Lists\n",
    "member list": """Usage:
  etcdctl member list [flags]

Use "etcdctl options" for a list of global command-line options (applies to all commands).
""",
    "del": "D\n\nUsage:\n  etcdctl del [options] <key> [range_end] [flags]\n\nFlags:\n      --prefix   by prefix\n",
    "options": "      --cacert string   a\n      --endpoints strings   w (default [a])\n  -w, --write-out string   h\n",
}
OLD_ETCDCTL = {
    "": "NAME:\n  etcdctl - c\n\nUSAGE:\n  etcdctl [flags]\n\nCOMMANDS:\n  get\t\t\tGets\n  member list\t\tLists\n",
    "member": "NAME:\n  member - M\n\nUSAGE:\n  etcdctl member <subcommand> [flags]\n\nCOMMANDS:\n  list\tLists\n",
    "member list": 'USAGE:\n  etcdctl member list \n\nOPTIONS:\n      --consistency="l"\tH\n  -h, --help[=false]\th\n',
}
KUBELET = {"": "Usage:\n  kubelet [flags]\n\nFlags:\n      --node-ip string     which (DEPRECATED: no more)\n"}
KUBEADM = {
    "": "Usage:\n  kubeadm [command]\n\nAvailable Commands:\n  init    i\n  join    j\n  certs   c\n",
    "init": """Usage:
  kubeadm init [flags]
  kubeadm init [command]

Available Commands:
  phase       p

Flags:
      --certificate-key string   k
      --config string            c
      --dry-run                  d
      --ttl duration             t
      --upload-certs             u
""",
    "init phase": "Usage:\n  kubeadm init phase [command]\n\nAvailable Commands:\n  kubeconfig   k\n  upload-certs u\n",
    "init phase kubeconfig": "Usage:\n  kubeadm init phase kubeconfig [command]\n\nAvailable Commands:\n  all    a\n",
    "init phase kubeconfig all": "Usage:\n  kubeadm init phase kubeconfig all\n\nFlags:\n      --config string   c\n",
    "join": """Usage:
  kubeadm join [api-server-endpoint] [flags]
  kubeadm join [command]

Available Commands:
  phase   p

Flags:
      --config string   c
      --control-plane   c
      --token string    t
""",
    "join phase": "Usage:\n  kubeadm join phase [command]\n\nAvailable Commands:\n  kubelet-start   k\n",
    "certs": "Usage:\n  kubeadm certs [command]\n\nAvailable Commands:\n  certificate-key   k\n",
    "certs certificate-key": "Usage:\n  kubeadm certs certificate-key [flags]\n",
    "alpha": "Usage:\n  kubeadm alpha [flags]\n",
    "config validate": "These APIs are supported:\n- kubeadm.k8s.io/v1beta4\n\nUsage:\n  kubeadm config validate\n",
}


@dataclass
class Fake(Program):
    """Answers from `texts`, by the words before `--help`; `runs` is what it was run with."""

    texts: Mapping[str, str] = field(default_factory=dict)
    inside: str = ""
    runs: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return f"{self.name} {id(self.texts)}"

    @property
    def version(self) -> str:
        return "v1.37.2"

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self.runs.append(arguments)
        return answered(self.texts, arguments)

    def _contains(self, text: bytes) -> bool:
        return text.decode() in self.inside or any(text.decode() in each for each in self.texts.values())


@dataclass
class Silent(Fake):
    """Never answers."""

    def run(self, *arguments: str) -> tuple[int, str, str]:
        raise subprocess.TimeoutExpired(arguments, 0)


@dataclass
class FakeKubeadm(Kubeadm):
    """The same for kubeadm, which refuses configurations that have one of the words in `refused`."""

    texts: Mapping[str, str] = field(default_factory=lambda: KUBEADM)
    refused: Mapping[str, str] = field(default_factory=dict)
    runs: list[tuple[str, ...]] = field(default_factory=list)
    validated: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return f"kubeadm {id(self.texts)}"

    @property
    def version(self) -> str:
        return "v1.37.2"

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self.runs.append(arguments)
        if any(each.startswith("--config=") for each in arguments):
            return 1, "", "error: can not mix '--config' with arguments [certificate-key ttl]\n"
        return answered(self.texts, arguments)

    def _contains(self, text: bytes) -> bool:
        return any(text.decode() in each for each in self.texts.values())

    def _refuses(self, configuration: str) -> str:
        self.validated.append(configuration)
        return next((f"error: {why}" for word, why in self.refused.items() if word in configuration), "")


def answered(texts: Mapping[str, str], arguments: tuple[str, ...]) -> tuple[int, str, str]:
    """What a program with these helps answers; help of what it does not have is help of the command above."""
    if arguments == ("options",):
        return 0, texts.get("options", ""), ""
    at = arguments.index("--help")
    path = list(arguments[:at])
    while " ".join(path) not in texts:
        path.pop()
    text = texts[" ".join(path)]
    for flag in (each.removesuffix("=") for each in arguments[at + 1 :]):
        if not re.search(rf"{flag}\b", text + texts.get("options", "")):
            return 1, "", f"Error: unknown flag: {flag}\n"
    return 0, text, ""


def kubectl() -> Fake:
    """A kubectl."""
    return Fake(Path("kubectl"), texts=KUBECTL)


def etcdctl(texts: Mapping[str, str] = ETCDCTL) -> Fake:
    """An etcdctl."""
    return Fake(Path("etcdctl"), texts=texts)


def kubelet() -> Fake:
    """A kubelet."""
    return Fake(Path("kubelet"), texts=KUBELET)


def kubeadm(refused: Mapping[str, str] | None = None) -> FakeKubeadm:
    """A kubeadm."""
    return FakeKubeadm(Path("kubeadm"), refused=refused or {})

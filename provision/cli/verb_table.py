"""The verbs of `./run`, by name: what each does, and what is typed behind it. Data; imports nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Verb:
    """A line of help, and the arguments as they are typed, without settings."""

    help: str
    arguments: str = ""


VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "doctor": Verb("what this host lacks, and the one command that fixes it", "[CLUSTER] [--fix] [--quiet]"),
        "plan": Verb("what would be made, with how much memory, and every command that would run", "CLUSTER"),
        "up": Verb("bring a cluster up and keep it", "CLUSTER [--pause]"),
        "status": Verb("the clusters of this host"),
        "kubeconfig": Verb("print a kubeconfig that works from this host", "CLUSTER"),
        "ssh": Verb("log in to a machine, or run a command on it", "CLUSTER MACHINE [COMMAND ...]"),
        "logs": Verb("collect logs and files of every machine, and the cluster's record, into a folder", "CLUSTER"),
        "halt": Verb("switch a kept cluster's virtual machines off, until it is used again", "CLUSTER"),
        "freeze": Verb("copy all that a ready cluster has on disk, under a name", "CLUSTER NAME"),
        "thaw": Verb("make a frozen cluster again, as it was", "NAME"),
        "frozen": Verb("list the frozen clusters, or remove one", "[list | remove NAME]"),
        "pause": Verb("take a ready cluster's processors away until it is resumed; it keeps its memory", "CLUSTER"),
        "resume": Verb("let a paused cluster go on", "CLUSTER"),
        "clean": Verb(
            "remove every trace of clusters: of one, of the abandoned ones, or --all", "[CLUSTER | --all] [--forget]"
        ),
        "artifacts": Verb(
            "list the cached artifacts; build them, remove all, or prune old ones",
            "[list | build | remove | prune] [--days DAYS]",
        ),
        "benchmark": Verb("set-up's wall time over a bare script that does the same", "[--rounds ROUNDS]"),
    }
)
"""In the order in which help shows them."""

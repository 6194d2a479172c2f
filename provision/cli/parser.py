"""`python -m provision VERB …`, or `./run VERB …`: clusters by hand. Standard output carries only the answer."""

from __future__ import annotations

import argparse
import os
import sys

from provision.cli import benchmark, doctor, fixes, plan, verbs
from provision.config.choices import topologies
from provision.config.options import GROUPS, OPTIONS
from provision.config.settings import Settings
from provision.errors import BadInput, Problem
from provision.recording.redaction import Redactor, guard
from provision.util.concurrency import end_once


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; returns the exit status: 0 yes, 1 no, 2 asked wrongly, 130 interrupted, 141 cut short."""
    end_once()
    options = _parser().parse_args(arguments)
    guard(sys.stderr, options.redact)  # a kubeconfig on standard output is what was asked for
    given = {option.name: getattr(options, "ha_" + option.name.replace("-", "_")) for option in OPTIONS}
    try:
        return int(options.verb(Settings.of(given), options))
    except Problem as problem:
        print(fixes.complete(problem, given, _topology(options)), file=sys.stderr)
        return 2 if isinstance(problem, BadInput) else 1
    except KeyboardInterrupt as interrupt:
        print("\n".join(["interrupted", *getattr(interrupt, "__notes__", [])]), file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read the answer had enough of it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _topology(options: argparse.Namespace) -> str:
    """The topology that a call was about, where it named one."""
    return next((each for each in topologies() if getattr(options, "cluster", "") == each), "")


def _add_settings(parser: argparse.ArgumentParser) -> None:
    known = {option.name: option for option in OPTIONS}
    for title, names in GROUPS.items():
        group = parser.add_argument_group(f"{title} (each also as HA_<NAME> in the environment)")
        for option in (known[name] for name in names):
            legal = f" ({' | '.join(option.choices)})" if option.choices else ""
            group.add_argument(f"--ha-{option.name}", metavar="VALUE", help=option.help + legal)


def _parser() -> argparse.ArgumentParser:
    # No abbreviations: an option that is cut short must not become another one, least of all of a verb that removes.
    parser = argparse.ArgumentParser(prog="./run", description=__doc__, allow_abbrev=False)
    parser.set_defaults(redact=Redactor())
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    _add_settings(common)
    verbs_ = parser.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, action: object, text: str, arguments: str = "") -> argparse.ArgumentParser:
        usage = " ".join(filter(None, ("./run", name, arguments, "[--ha-NAME VALUE ...]")))
        sub = verbs_.add_parser(name, parents=[common], help=text, description=text, usage=usage, allow_abbrev=False)
        sub.set_defaults(verb=action)
        return sub

    sub = verb("doctor", doctor.doctor, "what this host lacks, and the one command that fixes it", "[CLUSTER] [--fix]")
    sub.add_argument("cluster", nargs="?", default="", help="a topology or a cluster id; default: the largest topology")
    sub.add_argument("--fix", action="store_true", help="install what is missing, where that is allowed")
    text = "what would be made, in which order, with how much memory, and which commands would run"
    sub = verb("plan", plan.plan, text, "CLUSTER")
    sub.add_argument("cluster", help="a topology (stacked) or a cluster id")
    sub = verb("up", verbs.up, "bring a cluster up and keep it", "CLUSTER")
    sub.add_argument("cluster", help="a topology (stacked) or a cluster id")
    verb("status", verbs.status, "the clusters of this host")
    sub = verb("kubeconfig", verbs.kubeconfig, "print a kubeconfig that works from this host", "CLUSTER")
    sub.add_argument("cluster", help="a cluster id, or the start of one")
    sub = verb("ssh", verbs.ssh, "log in to a machine, or run a command on it", "CLUSTER MACHINE [COMMAND ...]")
    sub.add_argument("cluster", help="a cluster id, or the start of one")
    sub.add_argument("machine", help="as in cp1, w2, lb")
    sub.add_argument("command", nargs=argparse.REMAINDER, help="what to run instead of a shell")
    sub = verb("logs", verbs.logs, "collect what is worth looking at from every machine into a folder", "CLUSTER")
    sub.add_argument("cluster", help="a cluster id, or the start of one")
    text = "switch a kept cluster's virtual machines off, until it is used again"
    sub = verb("halt", verbs.halt, text, "CLUSTER")
    sub.add_argument("cluster", help="a cluster id, or the start of one")
    text = "remove every trace of clusters: one, the abandoned ones, or --all"
    sub = verb("clean", verbs.clean, text, "[CLUSTER | --all] [--forget]")
    sub.add_argument("cluster", nargs="?", help="a cluster id, or the start of one")
    sub.add_argument("--all", action="store_true", help="every cluster whose machines were made here, kept ones too")
    sub.add_argument("--forget", action="store_true", help="of an inventory's cluster: leave its machines as they are")
    text = "list the cached artifacts; build them, remove all, or prune old ones"
    sub = verb("artifacts", verbs.artifacts, text, "[list | build | remove | prune] [--days DAYS]")
    sub.add_argument("action", nargs="?", default="list", choices=("list", "build", "remove", "prune"))
    sub.add_argument("--days", type=float, default=14, help="prune what nothing used for so many days (14)")
    text = "set-up's wall time over a bare script that does the same"
    sub = verb("benchmark", benchmark.benchmark, text, "[--rounds ROUNDS]")
    sub.add_argument("--rounds", type=int, default=3, help="how often each runs, alternating (3)")
    return parser

"""`python -m provision VERB …`, or `./run VERB …`: clusters by hand. Standard output carries only the answer."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from provision.cli import benchmark, cleaning, coming_back, doctor, fixes, plan, verbs
from provision.cli.verb_table import VERBS as VERB_TABLE
from provision.config.choices import topologies
from provision.config.options import GROUPS, OPTIONS
from provision.config.settings import Settings
from provision.util.arguments import WRONG, Parser
from provision.util.concurrency import end_once
from provision.util.errors import BadInput, Problem
from provision.util.redaction import Redactor, guard

_TO_BE_MADE = "a topology (stacked, external) or a cluster id"
_EXISTING = "a cluster id, or the start of one"


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; returns the exit status: 0 yes, 1 no, 2 for wrong arguments, 130 interrupted, 141 cut short."""
    end_once()
    options = _parser().parse_args(arguments)
    guard(sys.stderr, options.redact)  # not standard output: a kubeconfig goes there in clear
    given = fixes.given(options)
    try:
        return int(options.verb(Settings.of(given), options))
    except Problem as problem:
        print(fixes.complete(problem, given, _topology(options)), file=sys.stderr)
        return WRONG if isinstance(problem, BadInput) else 1
    except KeyboardInterrupt as interrupt:
        print("\n".join(["interrupted", *getattr(interrupt, "__notes__", [])]), file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of the answer had enough of it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _topology(options: argparse.Namespace) -> str:
    """The topology that a call was about, where it named one."""
    return next((each for each in topologies() if getattr(options, "cluster", "") == each), "")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Let a parser know every setting as `--ha-<name>`, in groups."""
    known = {option.name: option for option in OPTIONS}
    for title, names in GROUPS.items():
        group = parser.add_argument_group(f"{title} (each also as HA_<NAME> in the environment)")
        for option in (known[name] for name in names):
            legal = f" ({' | '.join(option.choices)})" if option.choices else ""
            group.add_argument(f"--ha-{option.name}", metavar="VALUE", help=option.help + legal)


def _parser() -> Parser:
    parser = Parser(prog="./run", description=__doc__)
    parser.set_defaults(redact=Redactor())
    common = Parser(add_help=False)
    add_settings(common)
    verbs_ = parser.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, action: Callable[[Settings, argparse.Namespace], int], cluster: str = "") -> Parser:
        text = VERB_TABLE[name].help
        usage = " ".join(filter(None, ("./run", name, VERB_TABLE[name].arguments, "[--ha-NAME VALUE ...]")))
        sub: Parser = verbs_.add_parser(name, parents=[common], help=text, description=text, usage=usage)
        sub.set_defaults(verb=action)
        if cluster:
            sub.add_argument("cluster", metavar="CLUSTER", help=cluster)
        return sub

    sub = verb("doctor", doctor.doctor)
    sub.add_argument("cluster", nargs="?", default="", help="a topology or a cluster id; default: the largest topology")
    sub.add_argument("--fix", action="store_true", help="install what is missing, where that is allowed")
    sub.add_argument("--quiet", action="store_true", help="one line where nothing is missing, and only what is missing")
    verb("plan", plan.plan, _TO_BE_MADE)
    sub = verb("up", verbs.up, _TO_BE_MADE)
    sub.add_argument("--pause", action="store_true", help="let it wait, without processors, until it is needed")
    verb("status", verbs.status)
    verb("kubeconfig", verbs.kubeconfig, _EXISTING)
    sub = verb("ssh", verbs.ssh, _EXISTING)
    sub.add_argument("machine", metavar="MACHINE", nargs="?", default="", help="as in cp1, w2, lb; default: list them")
    command = sub.add_argument("command", nargs=argparse.REMAINDER, help="what to run instead of a shell")
    command.required = False  # which Python 3.11 assumes of it
    verb("logs", verbs.logs, _EXISTING)
    verb("halt", verbs.halt, _EXISTING)
    sub = verb("freeze", coming_back.freeze, _EXISTING)
    sub.add_argument("name", metavar="NAME", help="the name to thaw it by")
    sub = verb("thaw", coming_back.thaw)
    sub.add_argument("name", metavar="NAME", help="the name that it was frozen under")
    sub = verb("frozen", coming_back.frozen)
    sub.add_argument("action", nargs="?", default="list", choices=("list", "remove"))
    sub.add_argument("name", nargs="?", default="", metavar="NAME", help="what to remove")
    verb("pause", coming_back.pause, _EXISTING)
    verb("resume", coming_back.resume, _EXISTING)
    sub = verb("clean", cleaning.clean)
    sub.add_argument("cluster", nargs="?", help=_EXISTING)
    sub.add_argument("--all", action="store_true", help="every cluster whose machines were made here, kept ones too")
    sub.add_argument("--forget", action="store_true", help="of an inventory's cluster: leave its machines as they are")
    sub = verb("artifacts", verbs.artifacts)
    sub.add_argument("action", nargs="?", default="list", choices=("list", "build", "remove", "prune"))
    sub.add_argument("--days", type=float, default=14, help="prune what nothing used for so many days (14)")
    sub = verb("benchmark", benchmark.benchmark)
    sub.add_argument("--rounds", type=int, default=3, help="how often each runs, alternating (3)")
    return parser

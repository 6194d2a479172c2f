"""What may be typed behind `./run check`."""

from __future__ import annotations

import argparse
import re
from datetime import timedelta
from pathlib import Path

from checks.findings import Severity
from provision.util.arguments import Parser

_PERIOD = re.compile(r"(\d{1,5})(d|h)?")

_EPILOG = """examples:
  ./run check --kubeconfig ~/.kube/config
  ./run check --kubeconfig ~/.kube/config --ssh ubuntu --jump admin@bastion.example.org
  ./run check hosts.toml --html check.html
  ./run check --explain KHA-ETCD-004

exit status: 0 nothing found at or above --fail-on, 1 something was, 2 wrong arguments, 3 too little could be checked"""


def parser() -> Parser:
    """The options of a check."""
    made = Parser(
        prog="./run check", description="What does this kubeadm cluster survive, and what is wrong with it? Read-only.",
        epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    made.add_argument("cluster", nargs="?", metavar="HOSTS|CLUSTER", help="an inventory, or a cluster of ./run up")
    ways = made.add_argument_group("ways in; each adds to the one before")
    ways.add_argument(
        "--kubeconfig", type=Path, metavar="FILE",
        help="the API, with this user; no login, no pod. Without it and without HOSTS, what kubectl would use",
    )  # fmt: skip
    ways.add_argument("--context", default="", metavar="NAME", help="another context of it than the current one")
    ways.add_argument("--ssh", default="", metavar="USER[:PORT]", help="log in to the machines that the API knows")
    ways.add_argument("--key", type=Path, metavar="FILE", help="private key for --ssh")
    ways.add_argument("--known-hosts", type=Path, metavar="FILE", help="host keys for --ssh (~/.ssh/known_hosts)")
    ways.add_argument("--jump", default="", metavar="USER@HOST[:PORT]", help="jump host for --ssh")
    what = made.add_argument_group("what counts")
    what.add_argument(
        "--fail-on", type=Severity, choices=list(Severity), default=Severity.WARNING, metavar="SEVERITY",
        help="critical, warning (the default) or notice: from which severity on the exit status is 1",
    )  # fmt: skip
    what.add_argument(
        "--expires-within", type=period, default=timedelta(days=30), metavar="DAYS",
        help="a certificate that ends within these days, and that nothing renews, is a warning (30)",
    )  # fmt: skip
    what.add_argument(
        "--whole-database", action="store_true", help="compare etcd's data also where it is larger than 1 GiB"
    )
    what.add_argument("--baseline", type=Path, metavar="FILE", help="accepted findings, each with a reason and a date")
    what.add_argument("--compare", type=Path, metavar="FILE", help="an earlier --json: what is new, and what is gone")
    what.add_argument("--explain", metavar="ID", help="all about one finding; nothing is checked")
    _add_outputs(made)
    return made


def _add_outputs(made: Parser) -> None:
    kept = made.add_argument_group("what is written; - is standard output")
    for name, text in (
        ("html", "a page"), ("json", "all verdicts; docs/checks.schema.json has the shape"),
        ("sarif", "findings as SARIF 2.1.0"), ("junit", "verdicts as JUnit's XML"),
        ("prometheus", "counts and findings as Prometheus' text"),
    ):  # fmt: skip
        kept.add_argument(f"--{name}", type=Path, metavar="FILE", help=text)
    kept.add_argument("--bundle", type=Path, metavar="FILE", help="the facts, without secrets, to be judged elsewhere")
    kept.add_argument(
        "--from", type=Path, metavar="BUNDLE", dest="source", help="judge a bundle; nothing is connected to"
    )
    kept.add_argument("--quiet", action="store_true", help="print a line for each finding, and no more")


def period(text: str) -> timedelta:
    """A number of days, as in 30 or 30d, or of hours, as in 12h; raises ArgumentTypeError."""
    match = _PERIOD.fullmatch(text)
    if not match:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of days, as in 30 or 30d")
    return timedelta(hours=int(match[1])) if match[2] == "h" else timedelta(days=int(match[1]))

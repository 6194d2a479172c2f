"""`python -m tests.documentation_reviews CHECKOUT [--kubeadm PATH|none]`: reviews of real changes, with their seconds.

CHECKOUT is one of kubernetes/website. The changes are those of tests/documentation_cases/reviews.tsv: of every kind,
chosen before they were reviewed. Prints a table in Markdown. Seconds are those of the processor, of a new process each.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LIST = Path(__file__).parent / "documentation_cases" / "reviews.tsv"


def main(arguments: list[str]) -> int:
    """Review each change in a process of its own, and print a line for it."""
    parser = argparse.ArgumentParser(prog="python -m tests.documentation_reviews")
    parser.add_argument("checkout")
    parser.add_argument("--kubeadm", default="")
    options = parser.parse_args(arguments)
    print("| change | kind | pages | breaks | misleads | remarks | exit | seconds a page |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with LIST.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            print(_line(row["change"], row["kind"], options), flush=True)
    return 0


def _line(change: str, kind: str, options: argparse.Namespace) -> str:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [sys.executable, "-m", "documentation", "review", f"{options.checkout}@{change}", "--json", file.name]
        before = _used()
        ended = subprocess.run([*command, "--kubeadm", options.kubeadm], check=False)
        seconds = _used() - before
        made: dict[str, Any] = json.loads(file.read()) if ended.returncode < 2 else {"pages": [], "counts": {}}
    pages = len(made["pages"])
    counts = [str(made["counts"].get(name, "")) for name in ("breaks", "misleads", "remark")]
    cells = [f"`{change}`", kind, str(pages), *counts, str(ended.returncode), f"{seconds / max(pages, 1):.1f}"]
    return f"| {' | '.join(cells)} |"


def _used() -> float:
    """The seconds of the processor that ended children have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

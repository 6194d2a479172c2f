"""`python -m tests.documentation_figures.defects CHECKOUT [REVISION]`: a patch for known defects.

Those that the revision does not have any more, or has elsewhere, are named on standard error.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from tests.documentation_figures.checkout import At, Checkout
from tests.documentation_figures.lists import CASES, LATEST, records

_CONTEXT = 3  # lines, as git has them


def patch(defects: Iterable[dict[str, str]], checkout: Checkout, commit: str) -> tuple[str, list[str]]:
    """A unified diff, and the defects that it does not correct: a sentence each."""
    diffs: list[str] = []
    gone: list[str] = []
    for page, group in groupby(sorted(defects, key=lambda each: each["page"]), key=lambda each: each["page"]):
        old = (checkout.text(At(commit, page)) or "").splitlines(keepends=True)
        new = list(old)
        gone += [f"{page}: {each['what']}: {each['wrong']}" for each in group if not _corrected(new, each)]
        diffs += difflib.unified_diff(old, new, f"a/{page}", f"b/{page}", n=_CONTEXT)
    return "".join(diffs), gone


def _corrected(lines: list[str], defect: dict[str, str]) -> bool:
    """Correct the line that has a defect, wherever it has gone; false where none or several have it."""
    stated = int(defect["line"]) - 1
    having = [number for number, line in enumerate(lines) if defect["wrong"] in line]
    number = stated if stated in having else having[0] if len(having) == 1 else None
    if number is not None:
        lines[number] = lines[number].replace(defect["wrong"], defect["right"], 1)
    return number is not None


def main() -> int:
    """Print the patch, for `git apply`."""
    folder, *revision = sys.argv[1:]
    checkout = Checkout(Path(folder).absolute())
    diff, gone = patch(records(CASES / "defects.tsv"), checkout, checkout.commit((*revision, LATEST)[0]))
    print(diff, end="")
    print("\n".join(gone), file=sys.stderr, end="\n" * bool(gone))
    return 0


if __name__ == "__main__":
    sys.exit(main())

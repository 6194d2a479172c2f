"""All that is known of a rule: `--explain ID`."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable

from checks.outputs.kinds import heading, kind_of
from checks.outputs.summary import ranges
from checks.outputs.text import WIDTH
from checks.rules.rule import Rule, rules
from provision.util.errors import BadInput


def explained(id: str, known: Iterable[Rule] | None = None, width: int = WIDTH) -> str:
    """A rule by its id, in capitals or not; raises BadInput."""
    by_id = {each.id: each for each in (rules() if known is None else known)}
    rule = by_id.get(id.strip().upper())
    if rule is None:
        near = difflib.get_close_matches(id.strip().upper(), by_id, n=3)
        raise BadInput(f"no check has the id {id}", fix=", or ".join(near) or "docs/checks.md lists all")
    return _rendered(rule, width)


def _rendered(rule: Rule, width: int) -> str:
    rows = {
        "severity": rule.severity.value,
        "kind": heading(kind_of(rule.id)),
        "about": "each machine of a role" if rule.subjects else "the cluster",
        "why": rule.why,
        "page": rule.page,
        "silent if": f"it follows from {ranges(sorted(rule.because_of))}" if rule.because_of else "",
    }
    lines = [f"{rule.id}  {rule.title}", ""]
    lines += [_row(name, text, width) for name, text in rows.items() if text]
    lines += [f"{'do' if not place else '':<10}{line}" for place, line in enumerate(rule.fix.splitlines())]
    return "\n".join(lines) + "\n"


def _row(name: str, text: str, width: int) -> str:
    return textwrap.fill(
        text, max(width, 40), initial_indent=f"{name:<10}", subsequent_indent=" " * 10, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip

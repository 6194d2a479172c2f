"""What makes two findings of two runs one and the same."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from checks.findings import Finding


def fingerprints(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Each finding with its fingerprint; those that are alike are numbered, so that no two have the same."""
    seen: Counter[str] = Counter()
    for finding in findings:
        alike = _alike(finding)
        seen[alike] += 1
        yield finding, hashlib.sha256(f"{alike}\0{seen[alike]}".encode(errors="replace")).hexdigest()[:32]


def _alike(finding: Finding) -> str:
    """Days, sizes and times change from run to run, so numbers of the sentence count as one; names of machines stay."""
    sentence = re.sub(r"\d+(?:\.\d+)?", "#", finding.what)
    return "\0".join((finding.id, finding.subject, *sorted(finding.machines), "", sentence))

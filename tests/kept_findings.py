"""A finding as answers keep it, of pages that tests of the figures are about."""

from __future__ import annotations

from tests.documentation_figures.answers import KeptFinding

FOLDER = "docs/setup/production-environment/tools/kubeadm"
ENGLISH, GERMAN = (f"content/{each}/{FOLDER}/high-availability.md" for each in ("en", "de"))


def finding(line: int = 7, what: str = "", **more: object) -> KeptFinding:
    known: dict[str, object] = {
        "part": "own", "weight": 2, "rule": "spelling", "line": line, "lines": (), "what": what, "fix": "",
        "about": "", "improves": False, "edits": (), "text": "0",
    }  # fmt: skip
    return KeptFinding(**known | more)  # type: ignore[arg-type]

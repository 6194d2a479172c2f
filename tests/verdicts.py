"""A page of our own with one command, a claim about it, and walks and evidence of it."""

from __future__ import annotations

from documentation.claims.binding import Bound, Status
from documentation.claims.claim import Claim
from documentation.claims.edition import record
from documentation.execution.fallback import Done
from documentation.execution.results import Form, Outcome, Result, Try
from documentation.findings.rules import Finding
from documentation.pages import markdown
from documentation.pages.block import Page
from documentation.verdicts import walk_file
from documentation.verdicts.decision import Decided, decide
from documentation.verdicts.way import Evidence, Way
from provision.config.cluster_id import ClusterId

PAGE = "## Water {#water}\n\nWater the trees.\n\n```sh\nsudo water --all\n```\n\n```\n...\nwet are the trees now\n```\n"
SCENARIO = "scenarios/test_joins.py::test_node_is_ready"
WAY = Way("stacked", "uploaded", "v1.37.2")


def the_page(text: str = PAGE) -> Page:
    return markdown.parse(text, "orchard.md", "en")


EDITION = record(the_page(), None)
COMMAND, OUTPUT = "water/command-1", "water/output-1"


def a_claim(**more: object) -> Claim:
    values: dict[str, object] = {"kind": "command", "says": "a", "modality": "must", "expects": "b", "page": "orchard"}
    values |= {"id": "W1", "deciders": (SCENARIO,), "blocks": (COMMAND,)} | more
    return Claim(**values)  # type: ignore[arg-type]


def a_walk(*outcomes: tuple[str, Outcome], steps: dict[str, Done] | None = None, cluster: str = "") -> walk_file.Walk:
    tries = (Try(Form.LITERAL, "cp1", "sudo water --all", 0, "wet"),)
    found = {name: Result(name, name, 5, outcome, tries, ("so it was",)) for name, outcome in outcomes}
    walked_on = ClusterId.parse(cluster or "stacked-uploaded-1.37-page")
    return walk_file.Walk("orchard", "en", walk_file.text_of(the_page()), walked_on, "v1.37.2", found, steps or {}, "")


def decided(
    claim: Claim, *outcomes: tuple[str, Outcome],
    tests: dict[str, str] | None = None, steps: dict[str, Done] | None = None,
    findings: tuple[Finding, ...] = (), status: Status = Status.BOUND, way: Way = WAY,
) -> Decided:  # fmt: skip
    blocks = {block.id: block for block in the_page().blocks}
    bound = Bound(claim, tuple(blocks[name] for name in claim.blocks if name in blocks), status, "it says so")
    names = {name: name for name in blocks}
    walked = a_walk(*outcomes, steps=steps)
    return decide(bound, Evidence(way, walked, tests or {}, findings, frozenset({"owner"}), names))

"""A page of our own, how its blocks are planned, and walks of fake clusters through it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from documentation.claims.edition import record
from documentation.execution.plan import PageView, Planned
from documentation.execution.results import Result
from documentation.execution.walk import Execution, walk_pages
from documentation.pages import markdown
from documentation.pages.block import Page
from documentation.verdicts.way import Way
from provision.cluster import Cluster
from provision.procedure.step import State, Step
from provision.util.result import Result as Answer
from tests.fake_machine import Replies
from tests.stand_ins import PRINTED, fake_cluster

PAGE = """## First {#first}

```sh
sudo kubeadm init --control-plane-endpoint "GATE_DNS:GATE_PORT"
```

```sh
scp seed GATE_DNS:
```

```sh
kubectl get trees
```

```sh
sing
```
"""


def a_page(text: str = PAGE, language: str = "en") -> Page:
    """A page that goes by the name of the real one."""
    return markdown.parse(text, "high-availability.md", language)


def a_step(name: str, correction: str = "") -> Step:
    """A step of that name, whose own command names it, too."""
    return Step(name, "first", State.READY, lambda cluster: _act(cluster, name), correction)


def _act(cluster: Cluster, name: str) -> None:
    cluster.control_planes[0].succeed(f"the step's own {name}")


WAY = Way("stacked", "uploaded", "v1.37.2")
GATE = {"GATE_DNS": "balancer name", "GATE_PORT": "balancer port"}
INIT = Planned(id="first/command-1", step="begin", on="first", values=GATE)
COPY = Planned(id="first/command-2", step="carry", on="others", values=GATE, redo=True)
GET = Planned(
    id="first/command-3", step="carry", on="first", beside=True, corrected="sudo kubectl get trees", fix="say sudo"
)
PLAN = (INIT, COPY, GET)
PROCEDURE = (a_step("begin"), a_step("water", correction="The page lets it dry."), a_step("carry"))


class Walked(NamedTuple):
    """Results by the original's block ids, and what stopped the walk."""

    results: dict[str, Result]
    stopped: str


def walk(
    cluster: Cluster,
    page: Page | None = None,
    *,
    plan: Sequence[Planned] = PLAN,
    procedure: Sequence[Step] = PROCEDURE,
    read: Page | None = None,
) -> Walked:
    """Walk a cluster through a page; its edition was recorded from `read`, or from the usual page."""
    done = executed(cluster, page or a_page(), plan=plan, procedure=procedure, read=read or a_page())
    return Walked({each.original: each for each in done.results}, done.stopped)


def executed(
    cluster: Cluster,
    page: Page,
    *,
    plan: Sequence[Planned] = PLAN,
    procedure: Sequence[Step] = PROCEDURE,
    read: Page | None = None,
) -> Execution:
    """The same, with all of the execution; without `read` the edition is the page's own."""
    view = PageView.of(page, record(read or page, None), plan)
    [done] = walk_pages(cluster, [view], tuple(procedure))
    return done


END: Replies = {re.compile(r"^sudo rm -rf /tmp/page-shell-[0-9a-f]{16}-\*$"): ""}
"""What machines answer when the reader's shells end."""

WALK: Replies = {
    re.compile("^the step's own (begin|water|carry|dig)$"): "",
    re.compile("\nsudo kubeadm init --control-plane-endpoint "): PRINTED,
    re.compile("\n(scp|scp -r) seed "): "",
    re.compile("\n(sudo )?kubectl get trees\n"): "",
    **END,
}
"""What machines answer to the steps of a walk through `PAGE`, and to its blocks."""


def a_cluster(*fails: str, until: str = "nothing", answers: Replies | None = None) -> Cluster:
    """A cluster on which commands with these words fail, until a command with those was run.

    Commands of `answers` have their answers from there, before everything else.
    """
    seen: list[str] = []

    def fail(_machine: str, command: str) -> Answer | None:
        seen.append(command)
        failing = any(words in command for words in fails) and not any(until in each for each in seen)
        return Answer(1, "", "no luck") if failing else None

    return fake_cluster({re.compile(""): fail, **(answers or {}), **WALK})

"""Samples and trees of files: what a page shows is looked for in what came of it, by its shape."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from doccheck.claims.edition import record
from doccheck.execution import page_view, runner
from doccheck.execution.output_match import missing
from doccheck.execution.plan import Planned
from doccheck.execution.results import Outcome
from doccheck.execution.trees import drawn
from doccheck.pages.block import Kind
from tests.fake_machine import Answers, Replies
from tests.stand_ins import PRINTED, fake_cluster
from tests.walks import PAGE, PLAN, Walk, a_cluster, a_page, walking


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> Walk:
    return walking(monkeypatch)


SAMPLE = """...
You can now join any number of control-plane nodes running the following command on each as root:
    kubeadm join 192.168.0.200:6443 --token 9vr73a.a8uxyaju799qwdjv --discovery-token-ca-cert-hash sha256:%s
Then dance.
"""


def test_samples_are_compared_by_shape() -> None:
    assert missing(SAMPLE % ("7c" * 32), PRINTED) == ["Then dance."]


def test_times_and_addresses_vary() -> None:
    assert missing("https://[TREE IP]:2379 took = 16.2ms", "https://10.9.8.7:2379 took = 9ms") == []


def test_lines_have_to_come_back_as_often_as_they_are_shown() -> None:
    sample = "https://[TREE0 IP]:2379 took = 16.2ms\nhttps://[TREE1 IP]:2379 took = 19.4ms"
    assert missing(sample, "https://10.9.8.7:2379 took = 9ms") == ["https://[TREE1 IP]:2379 took = 19.4ms"]


@pytest.mark.parametrize(("line", "outcome"), [("as root:", Outcome.VERIFIED), ("as a root:", Outcome.DEFECT)])
def test_a_sample_is_judged_beside_its_command(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, line: str, outcome: Outcome
) -> None:
    plan = [replace(PLAN[0], sample="first/output-1"), *PLAN[1:]]
    monkeypatch.setattr(page_view, "plan_of", lambda *_: plan)
    page = a_page(PAGE + f"```\n...\nrunning the following command on each {line}\n```\n")
    [done] = runner.execute(a_cluster(), [(page, record(page, None))])
    assert {each.original: each.outcome for each in done.results}["first/output-1"] is outcome


TREE = """## First {#first}

```
/tmp/${TREE0}
└── leaf
---
/trees
├── pear
└── old
    ├── apple
    └── plum
```
"""


def test_trees_are_read_as_they_are_drawn() -> None:
    [block] = a_page(TREE).of_kind(Kind.FILES)
    assert drawn(block.text, {"TREE0": "10.9.8.7"}) == {
        "/tmp/10.9.8.7": {"leaf"},
        "/trees": {"pear", "old/apple", "old/plum"},
    }


@pytest.mark.parametrize(
    ("found", "outcome", "why"),
    [
        ("pear\nold/apple\nold/plum\n", Outcome.VERIFIED, ()),
        ("pear\nold/apple\nfig\n", Outcome.DEFECT, ("old/plum is missing", "fig is there, too")),
    ],
)
def test_exactly_the_files_that_are_drawn_have_to_be_there(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, found: str, outcome: Outcome, why: tuple[str, ...]
) -> None:
    tree = Planned(
        id="first/files-1", step="carry", beside=True, tree=True, on="first", values={"TREE0": "balancer name"}
    )
    monkeypatch.setattr(page_view, "plan_of", lambda *_: [tree])
    told: Replies = {
        re.compile("find /tmp"): "leaf\n",
        re.compile("find /trees"): found,
        re.compile("^the step's own "): "",
    }
    page = a_page(TREE)
    with Answers(told) as answers:
        [done] = runner.execute(fake_cluster(answers), [(page, record(page, None))])
    assert [(each.outcome, each.reasons) for each in done.results] == [(outcome, why)]

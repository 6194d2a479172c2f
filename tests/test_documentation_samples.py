"""Samples and trees of files: what a page shows is compared with what machines have, by its shape."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from documentation.execution.plan import Planned
from documentation.execution.results import Outcome
from documentation.execution.samples import missing_lines, trees
from documentation.pages.block import Kind
from tests.fake_machine import Answers
from tests.stand_ins import PRINTED, fake_cluster
from tests.walks import COPY, GET, INIT, PAGE, a_cluster, a_page, executed

SAMPLE = """...
You can now join any number of control-plane nodes running the following command on each as root:
    kubeadm join 192.168.0.200:6443 --token 9vr73a.a8uxyaju799qwdjv --discovery-token-ca-cert-hash sha256:%s
Then dance.
"""


def test_samples_are_compared_by_shape() -> None:
    assert missing_lines(SAMPLE % ("7c" * 32), PRINTED) == ["Then dance."]


def test_times_and_addresses_may_be_others_than_in_the_sample() -> None:
    assert missing_lines("https://[TREE IP]:2379 took = 16.2ms", "https://10.9.8.7:2379 took = 9ms") == []


def test_lines_have_to_come_back_as_often_as_they_are_shown() -> None:
    sample = "https://[TREE0 IP]:2379 took = 16.2ms\nhttps://[TREE1 IP]:2379 took = 19.4ms"
    assert missing_lines(sample, "https://10.9.8.7:2379 took = 9ms") == ["https://[TREE1 IP]:2379 took = 19.4ms"]


@pytest.mark.parametrize(("line", "outcome"), [("as root:", Outcome.VERIFIED), ("as a root:", Outcome.DEFECT)])
def test_a_sample_has_an_outcome_of_its_own_beside_its_command(line: str, outcome: Outcome) -> None:
    page = a_page(PAGE + f"```\n...\nrunning the following command on each {line}\n```\n")
    done = executed(a_cluster(), page, plan=[replace(INIT, sample="first/output-1"), COPY, GET])
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
    assert trees(block.text, {"TREE0": "10.9.8.7"}) == {
        "/tmp/10.9.8.7": {"leaf"},
        "/trees": {"pear", "old/apple", "old/plum"},
    }


@pytest.mark.parametrize(
    ("found", "outcome", "why"),
    [
        ("pear\nold/apple\nold/plum\n", Outcome.VERIFIED, ()),
        ("pear\nold/apple\nfig\n", Outcome.DEFECT, ("old/plum is missing", "fig lies there, too")),
    ],
)
def test_exactly_the_files_that_are_drawn_have_to_be_there(found: str, outcome: Outcome, why: tuple[str, ...]) -> None:
    tree = Planned(
        id="first/files-1", step="carry", beside=True, tree=True, on="first", values={"TREE0": "balancer name"}
    )
    answers = Answers(
        {
            re.compile("find /tmp"): "leaf\n",
            re.compile("find /trees"): found,
            re.compile("^the step's own "): "",
        }
    )
    with answers:
        done = executed(fake_cluster(answers), a_page(TREE), plan=[tree])
    assert [(each.outcome, each.reasons) for each in done.results] == [(outcome, why)]

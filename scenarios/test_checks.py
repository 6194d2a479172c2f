"""What `./run check` says of a cluster that was made as documented: nothing, but what the procedure itself leaves.

Some rules stand for scenarios that were removed (`STANDS_FOR`): they have to be decided, too.

https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/
"""

from __future__ import annotations

import pytest

from checks.findings import Report
from checks.rules.rule import Rule, rules
from fixtures.subjects.checked import DECIDED

AS_DOCUMENTED = {
    "KHA-CONC-001": "the pods of CoreDNS start where kubeadm init ran, while there is no other node",
    "KHA-LB-001": "the page asks for a TCP check at least",
    "KHA-LB-014": "the page shows one load balancer, and leaves a second one to the reader",
    "KHA-CP-005": "the smallest clusters have fewer control planes than the page asks for",
    "KHA-ETCD-015": "how fast a disk is, is not the work of the procedure",
    "KHA-ETCD-016": "the same",
    "KHA-ID-007": "what keeps clocks right is not a part of the page",
}
"""Findings that the documented procedure leaves behind, or that are about the host, with the reason."""


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_check_finds_nothing_on_a_cluster_as_documented(checked: Report, rule: Rule) -> None:
    verdicts = [each for each in checked.verdicts if each.id == rule.id]
    found = [each.what for verdict in verdicts for each in verdict.findings]
    assert rule.id in AS_DOCUMENTED or not found, f"{rule.title} {' '.join(found)}"
    undecided = [f"{each.subject}: {each.undecided}" for each in verdicts if each.undecided]
    assert rule.id not in DECIDED or (verdicts and not undecided), f"{rule.id} is undecided: {'; '.join(undecided)}"
    if undecided or not verdicts:
        pytest.skip("; ".join(dict.fromkeys(undecided)) or f"the cluster has nothing that {rule.id} is about")

"""Healthy clusters give no finding; what one rule is about is in tests/test_checks_<kind>.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.facts import bundle
from checks.findings import Severity
from checks.judging import judged
from tests.healthy import healthy


@pytest.mark.parametrize("topology", ["stacked", "external"])
@pytest.mark.parametrize("container", ["", "podman"])
def test_a_cluster_as_kubeadm_makes_it_has_no_finding_but_one_notice(topology: str, container: str) -> None:
    report = judged(healthy(topology, container=container))
    assert {finding.id for finding in report.findings} <= {"KHA-LB-014"}, report.findings  # one load balancer: a notice
    assert list(report.at_least(Severity.WARNING)) == []
    assert [(each.id, each.subject, each.undecided) for each in report.undecided] == []


def test_a_bundle_is_read_as_it_was_written(tmp_path: Path) -> None:
    facts = healthy()
    bundle.save(facts, tmp_path / "bundle.json")
    assert bundle.load(tmp_path / "bundle.json") == facts

"""A report as Prometheus' text, read as its exposition format says."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from hypothesis import given

from checks.findings import Report
from checks.outputs import prometheus
from tests.bad_report import bad_report
from tests.hostile import patiently, reports

_SAMPLE = re.compile(r'(?P<name>[a-z_]+)(?:\{(?P<labels>(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (?P<value>[\d.]+)')
_LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')


def _samples(report: Report) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample by name and labels; each family has its help and type first, and no sample is there twice."""
    written = prometheus.document(report)
    assert written.endswith("\n")
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    family = ""
    for line in written.split("\n")[:-1]:
        if line.startswith("# HELP "):
            family = line.split()[2]
        elif line.startswith("# "):
            assert line == f"# TYPE {family} gauge"
        else:
            sample = _SAMPLE.fullmatch(line)
            assert sample, line
            assert sample["name"] == family
            key = (family, tuple(_LABEL.findall(sample["labels"] or "")))
            assert key not in found
            found[key] = float(sample["value"])
    return found


def test_the_counts_and_each_finding() -> None:
    found = _samples(bad_report())
    assert found["kubeadm_ha_check_findings", (("severity", "critical"),)] == 4
    assert found["kubeadm_ha_check_findings", (("severity", "warning"),)] == 5
    labels = (("id", "KHA-ETCD-004"), ("machine", "cp3"), ("severity", "critical"))
    assert found["kubeadm_ha_check_finding", labels] == 1
    assert found["kubeadm_ha_check_undecided", ()] == 26
    assert found["kubeadm_ha_check_accepted", ()] == 1
    assert found["kubeadm_ha_check_timestamp_seconds", ()] == bad_report().taken.timestamp()
    assert found["kubeadm_ha_check_seconds", ()] == 8.31


def test_a_cluster_without_findings_has_zeros() -> None:
    found = _samples(replace(bad_report(), verdicts=()))
    assert found["kubeadm_ha_check_findings", (("severity", "notice"),)] == 0
    assert not any(name == "kubeadm_ha_check_finding" for name, _ in found)


def test_an_accepted_finding_is_not_among_the_findings() -> None:
    assert Counter(dict(labels).get("id") for _, labels in _samples(bad_report()))["KHA-KEY-002"] == 0


@patiently
@given(reports())
def test_whatever_a_cluster_says_each_sample_is_one_line_and_there_once(report: Report) -> None:
    _samples(report)

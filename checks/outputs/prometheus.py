"""A report as Prometheus' text, for the textfile collector of the node exporter.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checks.findings import Report, Severity
from checks.judging import CLUSTER
from checks.outputs.summary import counts
from provision.util.characters import visible

_PREFIX = "kubeadm_ha_check"

Sample = tuple[Mapping[str, str], float]


def document(report: Report) -> str:
    """The report as metrics. What a baseline accepts is counted apart, so that alerts need not know of baselines."""
    found = counts(report)
    by_severity = [({"severity": each.value}, getattr(found, each.value)) for each in Severity]
    families = (
        _family("findings", "Findings that no baseline accepts.", by_severity),
        _family("finding", "1 for each finding that no baseline accepts, on each of its machines.", _findings(report)),
        _family("accepted", "Findings that a baseline accepts.", [({}, found.accepted)]),
        _family("undecided", "Checks that could not be decided.", [({}, found.undecided)]),
        _family("verdicts", "Checks, decided or not.", [({}, len(report.verdicts))]),
        _family("timestamp_seconds", "When the cluster was checked.", [({}, report.taken.timestamp())]),
        _family("seconds", "How long the check took.", [({}, report.seconds)]),
    )
    return "".join(families)


def _findings(report: Report) -> list[Sample]:
    """Two findings of one rule on one machine are one sample: Prometheus refuses a second one."""
    labels = {
        (each.id, machine, each.severity.value): None
        for each in report.at_least(Severity.NOTICE)
        for machine in each.machines or (CLUSTER,)
    }
    return [({"id": id, "machine": machine, "severity": severity}, 1) for id, machine, severity in labels]


def _family(name: str, help: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP {_PREFIX}_{name} {help}", f"# TYPE {_PREFIX}_{name} gauge"]
    lines += [f"{_PREFIX}_{name}{_labels(labels)} {_number(value)}" for labels, value in samples]
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Mapping[str, str]) -> str:
    shown = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{shown}}}" if shown else ""


def _escaped(value: str) -> str:
    """Backslashes and quotes are escaped; a line break is visible and so needs no escape."""
    return visible(value).replace("\\", "\\\\").replace('"', '\\"')


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}"

"""Plans: a step knows by its cluster that commands are only noted, and never by the answers. How plans are shown."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace

import pytest

from provision.cluster import Cluster
from provision.kubeadm import external_ca
from provision.procedure import dry_run, procedure_of
from provision.procedure.step import Alongside
from tests.stand_ins import fake_cluster

CLUSTERS = [
    f"{topology}-{certificates}-1.37{tail}"
    for topology in ("stacked", "external")
    for certificates in ("uploaded", "manual")
    for tail in ("", "-from-1.36", "-kubeadm-1.38")
] + ["stacked-manual-1.37-ca-elsewhere"]


def _dry(name: str) -> Cluster:
    cluster = fake_cluster(name=name)
    beside = {each: {"version": "v1.37.2", "folder": "programs"} for each in cluster.id.beside}
    return dry_run.planned(cluster.state.but(beside=beside), cluster.journal)


@pytest.mark.parametrize("joins", ["serial", "parallel"])
@pytest.mark.parametrize("name", CLUSTERS)
def test_every_procedure_can_be_planned_at_once(name: str, joins: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for an answer that never comes."""
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("a plan waits"))
    cluster = _dry(name)
    procedure = procedure_of(cluster.id, joins)
    lines = list(dry_run.steps(cluster, procedure))
    assert sum(len(entry.steps) for entry in procedure) <= len(lines)


def test_a_plan_of_an_upgrade_shows_what_it_waits_for_once_a_node() -> None:
    cluster = _dry("stacked-uploaded-1.37-from-1.36")
    lines = list(dry_run.steps(cluster, procedure_of(cluster.id, "serial")))
    words = [" ".join(line.split()) for line in lines]
    for machine in cluster.nodes:
        assert len([line for line in words if f"drain {machine.name} " in line]) == 1


@pytest.mark.parametrize("name", CLUSTERS)
def test_steps_are_numbered_as_they_run_and_no_number_comes_twice(name: str) -> None:
    cluster = _dry(name)
    procedure = procedure_of(cluster.id, "serial")
    shown = [each for line in dry_run.steps(cluster, procedure) if (each := re.match(r"  (\d+)([a-z]?)\. ", line))]
    numbers = [(int(each[1]), each[2]) for each in shown]
    assert numbers == sorted(set(numbers))
    assert [letter != "" for _, letter in numbers] == [
        isinstance(entry, Alongside) for entry in procedure for _ in entry.steps
    ]


def test_no_line_of_a_plan_is_long_and_no_word_of_a_command_is_lost() -> None:
    cluster = _dry("stacked-uploaded-1.37-from-1.36")
    procedure = procedure_of(cluster.id, "serial")
    lines = "\n".join(dry_run.steps(cluster, procedure)).split("\n")
    assert [line for line in lines if len(line) > 120 and " " in line.strip()] == []
    command = "printf '%s' " + " ".join(f"word{number}" for number in range(300)) + "\n  an indented line"
    assert dry_run.line("cp1", command).split() == ["cp1", *command.split()]
    assert dry_run.line("cp1", "short\n  indented") == "       cp1   short\n               indented"


def _elsewhere(listed: str) -> Cluster:
    listing = re.compile(r"kubectl get certificatesigningrequests -o json$")
    cluster = fake_cluster({listing: listed}, name="stacked-manual-1.37-ca-elsewhere")
    external_ca.make(cluster)
    return cluster


def test_an_empty_answer_is_an_error_where_kubelets_request_certificates() -> None:
    with pytest.raises(json.JSONDecodeError):
        external_ca.sign_kubelets(_elsewhere(""))


def test_an_empty_answer_is_all_there_is_in_a_plan() -> None:
    external_ca.sign_kubelets(replace(_elsewhere(""), dry_run=True))

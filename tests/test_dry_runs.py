"""Plans: a step knows that commands are only noted by being told, and never by what came back."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace

import pytest

from provision.cluster import Cluster
from provision.kubeadm import external_ca
from provision.procedure import dry_run, procedure_of
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
    for machine in cluster.nodes:
        assert len([line for line in lines if f"drain {machine.name} " in line]) == 1


def _elsewhere(listed: str) -> Cluster:
    asked = re.compile(r"kubectl get certificatesigningrequests -o json$")
    cluster = fake_cluster({asked: listed}, name="stacked-manual-1.37-ca-elsewhere")
    external_ca.make(cluster)
    return cluster


def test_an_empty_answer_is_no_plan_where_kubelets_ask_for_certificates() -> None:
    with pytest.raises(json.JSONDecodeError):
        external_ca.sign_kubelets(_elsewhere(""))


def test_an_empty_answer_is_all_there_is_in_a_plan() -> None:
    external_ca.sign_kubelets(replace(_elsewhere(""), dry_run=True))

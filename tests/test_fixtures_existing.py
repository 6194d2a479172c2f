"""Scenarios on a cluster that was chosen by its id: on that one as it is, or on none."""

from __future__ import annotations

import pytest

from provision.clusters.lifecycle import Clusters
from provision.config.cluster_id import ClusterId
from provision.config.settings import Settings
from provision.util.errors import BadInput
from tests.fakes import make_project
from tests.notes import history

pytest_plugins = "pytester"

CLUSTER = "stacked-uploaded-1.36-2cp-mine"
MADE = f"""
from tests import fakes
fakes.install()
from provision.clusters.lifecycle import Clusters
from provision.config.settings import Settings
from provision.config.cluster_id import ClusterId
Clusters(Settings.of({{}})).start(ClusterId.parse("{CLUSTER}")).arrive()
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    make_project(pytester, monkeypatch, only="def test_one(cluster, control_plane): pass\ndef test_two(mutable): pass")
    monkeypatch.delenv("PYTEST_ADDOPTS")
    return pytester


def test_a_chosen_cluster_is_neither_made_nor_removed(project: pytest.Pytester) -> None:
    """Not even one that was not to be kept: it existed before the run."""
    project.runpython(project.makepyfile(maker=MADE))
    project.runpytest_subprocess("--ha-cluster", CLUSTER).assert_outcomes(passed=2)
    assert history(project.path) == [("made", CLUSTER)]


def test_a_chosen_cluster_that_does_not_exist_is_not_made(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--ha-cluster", CLUSTER, "--ha-reuse", "yes")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: there is no ready cluster {CLUSTER}", f"Try: ./run up {CLUSTER}"])
    assert list((project.path / "runs").iterdir()) == []
    assert history(project.path) == []


def test_no_verb_makes_a_chosen_cluster() -> None:
    clusters = Clusters(Settings.of({"cluster": CLUSTER}))
    with pytest.raises(BadInput, match="chooses a cluster that exists"):
        clusters.start(ClusterId.parse(CLUSTER))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"network": "flannel", "online": "yes"}, "do not make stacked-uploaded-1.36-2cp-mine: --ha-network flannel"),
        ({"kubernetes": "1.37"}, "--ha-kubernetes 1.37"),
        ({"variant": "other", "control-planes": "2"}, "--ha-variant other"),
        ({"control-planes": "2"}, "--ha-control-planes 2"),
        ({"certificates": "manual"}, "--ha-certificates manual"),
        ({"families": "yes"}, "families are several clusters"),
        ({"reuse": "machines"}, "not made again on its machines"),
        ({"mutable": "yes"}, "made by the same choices, and they are not given"),
        ({"cluster": "stacked-uploaded-1.36-mutable"}, "scenarios may change stacked-uploaded-1.36-mutable"),
        ({"cluster": "stacked-uploaded-1.36-inventory-lab"}, "on machines of an inventory"),
        ({"cluster": "mine"}, "'mine' is not a cluster id"),
    ],
)  # fmt: skip
def test_what_would_choose_another_cluster_is_refused(given: dict[str, str], text: str) -> None:
    with pytest.raises(BadInput, match=text):
        Settings.of({"cluster": CLUSTER} | given)


@pytest.mark.parametrize(
    ("given", "mutable"),
    [
        ({}, []),
        ({"reuse": "yes", "keep": "always", "run-dir": "here"}, []),
        ({"kubernetes": "1.36", "control-planes": "2", "variant": "mine"}, []),
        ({"control-planes": "2", "variant": "mine", "mutable": "yes"}, ["stacked-uploaded-1.36-2cp-mine-mutable"]),
    ],
)
def test_choices_that_say_the_same_are_taken(given: dict[str, str], mutable: list[str]) -> None:
    chosen = Settings.of({"cluster": CLUSTER} | given)
    assert [str(each) for each in chosen.cluster_ids("stacked", "1.36")] == [CLUSTER]
    assert chosen.cluster_ids("external", "1.36") == []
    found = chosen.mutable_ids("stacked", "1.36") if chosen.mutable == "yes" else []
    assert [str(each) for each in found] == mutable

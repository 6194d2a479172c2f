"""Each cluster is made once and removed once, by one process, and its tests run together and in order."""

from __future__ import annotations

import json
import re

import pytest

from fixtures.plugin.parameters import cluster_of
from tests.fakes import ONE, TWO, make_project
from tests.notes import history, noted

pytest_plugins = "pytester"

ODD = [
    "a]b",
    "[x]",
    "a:b",
    "x-y:z",
    "",
    "::t[stacked-uploaded-1.99:cp1]",
    "tab\t",
    "ü",
    " ",
    "[stacked-uploaded-1.9:w1]",
]
FIRST = f"""
import pytest

def test_unit():
    pass

@pytest.mark.parametrize("text", ["a:b", "stacked:cp1"])
def test_unit_with_parameters(text):
    pass

def test_machines(machines):
    assert len(machines.machines) == 7

@pytest.mark.parametrize("odd", {ODD!r})
def test_odd(cluster, joined_control_plane, odd):
    assert joined_control_plane.name in ("cp2", "cp3")

def test_cluster(cluster):
    assert cluster.version.minor in (36, 37)
"""
SECOND = """
class TestClass:
    def test_machine(self, machines, machine):
        pass

def test_worker(load_balanced, worker):
    assert worker.name.startswith("w")

def test_last(cluster):
    pass
"""
COUNT = 3 + 2 * (1 + 2 * len(ODD) + 1 + 7 + 3 + 1)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    make_project(pytester, monkeypatch, first=FIRST, second=SECOND)
    return pytester


def collected(project: pytest.Pytester, *arguments: str) -> list[str]:
    result = project.runpytest_subprocess("--collect-only", "-q", *arguments)
    return [line for line in result.outlines if "::" in line]


def ran(project: pytest.Pytester) -> list[str]:
    """The node ids in the order in which their tests were called."""
    records = [json.loads(line) for line in (project.path / "runs/last/tests.jsonl").read_text().splitlines()]
    return [each["nodeid"] for each in records if each.get("when") == "call"]


def test_with_workers(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--ha-kubernetes", "1.36,1.37", "-n2")
    result.assert_outcomes(passed=COUNT)
    assert sorted(history(project.path)) == [("made", ONE), ("made", TWO), ("removed", ONE), ("removed", TWO)]
    assert len({(cluster, process) for _, cluster, process in noted(project.path)}) == 2
    ids = collected(project, "--ha-kubernetes", "1.36,1.37")
    for cluster in (ONE, TWO):  # each worker reports in the order in which it runs
        written = [each for each in ids if cluster_of(each) == cluster]
        assert [each for each in ran(project) if cluster_of(each) == cluster] == written


def test_alone_in_this_order_with_these_ids(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--ha-kubernetes", "1.37,1.36", "-pno:xdist")
    result.assert_outcomes(passed=COUNT)
    assert history(project.path) == [("made", ONE), ("removed", ONE), ("made", TWO), ("removed", TWO)]
    assert not list((project.path / "home" / "clusters").iterdir())
    ids = ran(project)
    assert [cluster_of(each) for each in ids] == [None] * 3 + [ONE] * ((COUNT - 3) // 2) + [TWO] * ((COUNT - 3) // 2)
    of_one = [each.removeprefix("scenarios/") for each in ids if cluster_of(each) == ONE]
    assert list(dict.fromkeys(re.sub(r"\[.*", "", each) for each in of_one)) == [
        "test_first.py::test_machines", "test_first.py::test_odd", "test_first.py::test_cluster",
        "test_second.py::TestClass::test_machine", "test_second.py::test_worker", "test_second.py::test_last",
    ]  # fmt: skip
    assert f"test_first.py::test_machines[{ONE}:cluster]" in of_one
    assert f"test_first.py::test_odd[{ONE}:cp2-a]b]" in of_one
    assert [each for each in of_one if "test_machine[" in each] == [
        f"test_second.py::TestClass::test_machine[{ONE}:{name}]"
        for name in ("lb", "cp1", "cp2", "cp3", "w1", "w2", "w3")
    ]
    assert of_one[-1] == f"test_second.py::test_last[{ONE}:cluster]"


def test_variants_are_clusters_of_their_own(project: pytest.Pytester) -> None:
    ids = collected(project, "--ha-control-plane-joins", "parallel", "-k", "stacked and test_last")
    assert ids == ["scenarios/test_second.py::test_last[stacked-uploaded-1.37-joins-parallel:cluster]"]
    assert cluster_of(ids[0]) == "stacked-uploaded-1.37-joins-parallel"


HOSTS = """
import pytest

@pytest.fixture(scope="module", params=["one", "two"])
def hosts(request):
    return request.param

def test_start(hosts):
    pass

def test_stop(hosts):
    pass
"""


def test_what_is_about_no_cluster_keeps_pytests_own_order(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By which a fixture of one's own is set up once for each of its parameters."""
    make_project(pytester, monkeypatch, hosts=HOSTS, one="def test_one(machines): pass")
    ids = [each.partition("::")[2] for each in collected(pytester) if cluster_of(each) is None]
    assert ids == ["test_start[one]", "test_stop[one]", "test_start[two]", "test_stop[two]"]


UNDECIDED = {
    "def test_both(cluster, worker, node): pass": "*test_both is about one machine at a time, and names node, worker",
    "def test_stateless(worker): pass": "*test_stateless names no state of the cluster that it needs",
    "def test_bare(building): pass": "*test_bare names no state of the cluster that it needs",
}


@pytest.mark.parametrize("text", UNDECIDED)
def test_a_scenario_whose_state_or_machine_is_open_is_an_error_of_collection(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    make_project(pytester, monkeypatch, bad=text, good="def test_one(machines): pass")
    result = pytester.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines([UNDECIDED[text]])
    output = result.stdout.str()
    if "stateless" in text:
        assert (
            "Try: one of machines, load_balanced, etcd_running, initialised, cluster, mutable, faulty among" in output
        )
        assert "def test_stateless(cluster: Cluster, …)" in output
    assert "Traceback" not in output
    assert history(pytester.path) == []

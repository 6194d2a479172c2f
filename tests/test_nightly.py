"""Many nights: what is newly red, flaky, gone or new, what explains it, and the pages that say so."""

from __future__ import annotations

import gzip
import shutil
import time
import tracemalloc
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nightly import page, summary
from nightly.__main__ import main
from nightly.explain import Explanation, explain
from nightly.history import FINE, FLAKY, GONE, NEW, NEWLY_RED, RETIRED, STILL_RED, Cell
from nightly.normal import normal
from nightly.store import Store
from nightly.summary import GREEN
from nightly.views import clusters, matrix, neighbours
from provision.errors import BadInput, Problem
from tests.generated import ID, Page
from tests.histories import MODES, SCENARIOS, Night

GOOD, BAD = Night(), Night(red=[MODES], listed="644 super-admin.conf")


def kept(folder: Path, nights: Sequence[Night]) -> Store:
    store = Store(folder / "store")
    for day, night in enumerate(nights):
        summary.add(night.write(folder, day), store)
    return store


def cell(store: Store, name: str = MODES, cluster: str = ID) -> Cell:
    view = next(each for each in clusters(store.runs(100).runs) if each.id == cluster)
    return next(each for each in view.cells if each.scenario.endswith(name))


def explained(store: Store, cluster: str = ID) -> Explanation:
    views = clusters(store.runs(100).runs)
    view = next(each for each in views if each.id == cluster)
    return explain(cell(store, cluster=cluster), neighbours(view, views), store.text)


@pytest.mark.parametrize(
    ("nights", "state"),
    [
        ([GOOD, GOOD], FINE),
        ([GOOD, GOOD, BAD], NEWLY_RED),
        ([GOOD, BAD, BAD], STILL_RED),
        ([BAD], NEWLY_RED),
        ([GOOD, BAD, GOOD], FLAKY),
        ([GOOD, BAD, Night(harness="bbb2222")], FINE),
        ([GOOD, BAD, Night(version="v1.37.3")], FINE),
        ([GOOD, Night(scenarios=SCENARIOS[1:])], GONE),
        ([GOOD, Night(scenarios=SCENARIOS[1:], keyword="other")], FINE),
        ([GOOD, Night(scenarios=SCENARIOS[1:], complete=False)], FINE),
        ([Night(scenarios=SCENARIOS[1:]), GOOD], NEW),
        ([GOOD, BAD, Night(broken="join the others")], "blocked"),
    ],
)
def test_what_a_history_means(tmp_path: Path, nights: list[Night], state: str) -> None:
    assert cell(kept(tmp_path, nights)).state == state


def test_others_are_not_drawn_into_it(tmp_path: Path) -> None:
    assert cell(kept(tmp_path, [GOOD, BAD]), "test_ready").state == FINE


def test_red_and_flaky_at_once(tmp_path: Path) -> None:
    found = cell(kept(tmp_path, [GOOD, BAD, GOOD, BAD]))
    assert (found.state, found.flaky) == (NEWLY_RED, True)


def test_a_regression_is_located_and_explained(tmp_path: Path) -> None:
    after = Night("v1.37.3", red=[MODES], listed="644 super-admin.conf", components={"etcd": "3.7.1"})
    why = explained(kept(tmp_path, [GOOD, GOOD, after, after]))
    assert why.green is not None
    assert (why.green.version, why.red.version) == ("v1.37.2", "v1.37.3")
    assert why.changed == [("Kubernetes", "v1.37.2", "v1.37.3"), ("etcd", "3.7.0", "3.7.1")]
    assert why.failures[0][:2] == ("cp1", "super-admin.conf is 644")
    assert [each.command for each in why.differences] == ["cat /etc/kubernetes/list"]
    assert [line for line in why.differences[0].lines if line[0] in "+-"] == [
        "-600 super-admin.conf", "+644 super-admin.conf",
    ]  # fmt: skip


def test_commands_that_name_the_version_are_compared_with_those_of_another(tmp_path: Path) -> None:
    after = Night("v1.37.3", red=[MODES], label="labels: [control-plane]")
    found = explained(kept(tmp_path, [GOOD, after])).differences
    assert [(each.step, each.command) for each in found] == [("initialise", "kubeadm init v1.37.3")]


def test_what_speaks_of_the_failure_comes_first(tmp_path: Path) -> None:
    before = Night(other="1 of 3\n2 of 3")
    after = Night(red=[MODES], listed="644 super-admin.conf\n600 admin.conf", other="1 of 3")
    commands = [each.command for each in explained(kept(tmp_path, [before, after])).differences]
    assert commands == ["cat /etc/kubernetes/list", "cat /etc/other"]


def test_a_version_that_was_never_green_is_compared_with_the_one_before(tmp_path: Path) -> None:
    new = "stacked-uploaded-1.38.0-rc.0"
    nights = [GOOD, Night("v1.38.0-rc.0", cluster=new, red=[MODES], listed="644 super-admin.conf")]
    why = explained(kept(tmp_path, nights), new)
    assert (why.borrowed, why.green and why.green.cluster, len(why.differences)) == (True, ID, 1)


def test_what_was_never_green_anywhere_says_so(tmp_path: Path) -> None:
    assert explained(kept(tmp_path, [BAD])).green is None


def test_a_step_that_fails_is_red_and_the_rest_blocked(tmp_path: Path) -> None:
    store = kept(tmp_path, [GOOD, Night(broken="join the others")])
    assert (cell(store, "join the others").state, cell(store).state) == (NEWLY_RED, "blocked")


def test_adding_twice_changes_nothing_and_texts_are_kept_once(tmp_path: Path) -> None:
    store = kept(tmp_path, [GOOD])
    files = sorted((tmp_path / "store").rglob("*.gz"))
    assert summary.add(tmp_path / "night-0000", store) in files
    kept(tmp_path / "again", [GOOD, GOOD, GOOD])
    summary.add(Night().write(tmp_path, 7), store)
    assert len(sorted((tmp_path / "store").rglob("*.gz"))) == len(files) + 1


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no directory of a run"):
        summary.add(tmp_path, Store(tmp_path / "store"))


def test_a_run_that_has_not_ended_is_refused(tmp_path: Path) -> None:
    run = GOOD.write(tmp_path, 0)
    (run / "run.json").unlink()
    with pytest.raises(BadInput, match="has not come to its end"):
        summary.add(run, Store(tmp_path / "store"))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("at 2026-11-24T22:51:16.123Z", "at 2026-11-25T01:00:00Z"),
        ("I1124 22:51:16.000001   12345 join.go:1] x", "I1125 01:02:03.100001     77 join.go:1] x"),
        ('{"b": 1, "uid": "x", "a": "2026-11-24T22:51:16Z"}', '{"a": "2025-01-01T00:00:00Z", "b": 1, "uid": "y"}'),
        ("coredns-5dd5756b68-x7k2p is up after 3.21s", "coredns-5dd5756b68-bbbbb is up after 12.5s"),
        ("sha256:" + "a" * 64, "sha256:" + "b" * 64),
        ("echo-vzk6n", "echo-qxcb8"),
        ("Waiting for pods: 1 of 3\nWaiting for pods: 2 of 3\nrolled out", "rolled out"),
        ("cp1_dc481e1d-0b90-46d4-bef3-f650da803971", "cp1_d44d86e0-b0c6-4e2e-8c08-3175cddb6c85"),
        ("Wants=b.service a.service", "Wants=a.service b.service"),
        ('{"clusterIP": "10.103.219.202", "nodePort": 30805}', '{"clusterIP": "10.102.63.9", "nodePort": 31000}'),
        ("eyJhbGciOiJIUzI1NiIs..n8sGWuuxjFgdK5rr", "eyJhbGciOiJIUzI1NiIt..O5KBCpTL26mu8xo"),
    ],
)
def test_what_is_different_in_every_run_is_the_same(one: str, two: str) -> None:
    assert normal(one, {}) == normal(two, {})


@pytest.mark.parametrize(
    ("one", "two"),
    [("600 root:root", "644 root:root"), ('{"a": 1}', '{"a": 2}'), ("listen 127.0.0.1", "listen 0.0.0.0"),
     ("kube-scheduler", "kube-controller"), ("v1.37.2", "v1.37.3"), ("expires in 364d", "expires in 3649d"),
     ("10.96.0.1", "10.96.0.10"), ("10.96.0.1", "10.97.3.4"), ("Wants=a.service", "Wants=b.service"),
     ('{"a": "x\\ny"}', '{"a": "x\\nz"}')],
)  # fmt: skip
def test_what_matters_is_not(one: str, two: str) -> None:
    assert normal(one, {}) != normal(two, {})


def test_machines_are_named_whatever_their_addresses() -> None:
    assert normal("198.18.3.11:6443 198.18.3.111", {"198.18.3.11": "cp1"}) == "‹cp1›:6443 198.18.3.111"


def test_secrets_are_in_no_file(tmp_path: Path) -> None:
    token, key = "abcdef.0123456789abcdef", "c1" * 32
    store = kept(tmp_path, [Night(listed=f"--token {token} --certificate-key {key}"), Night(listed=f"token {token}")])
    out = page.draw(store, tmp_path / "page", 100)
    said = "".join(
        store.text(each["answer"]) for _, run in store.runs(9).runs for each in run["clusters"][ID]["commands"]
    )
    everything = said + "".join(path.read_text() for path in out.parent.rglob("*.html"))
    assert (token in everything, key in everything) == (False, False)


def test_the_page_says_it_all(tmp_path: Path) -> None:
    other = Night("v1.36.3", "stacked-uploaded-1.36", keyword="other")
    store = kept(tmp_path, [GOOD, BAD, GOOD, Night(red=["test_voters"]), other])
    index = page.draw(store, tmp_path / "page", 100)
    pages = {path.relative_to(index.parent).as_posix(): Page(path) for path in index.parent.rglob("*.html")}
    first = pages["index.html"]
    assert "✗ 1 newly red" in first.text
    assert "newly red voters" in first.text
    assert "flaky modes" in first.text
    assert ("1.37 1.36" in first.text, "super-admin.conf is 644" in first.text) == (True, True)
    for path, each in pages.items():
        for link in each.links:
            target = (index.parent / path).parent / link.split("#")[0]
            assert target.exists(), f"{path} leads to {link}"


def test_versions_newest_first_even_those_nobody_can_ask_for(tmp_path: Path) -> None:
    ids = ["1.9", "1.37", "1.38.0-rc.0", "1.37.2", "1.38", "1.30"]
    store = kept(tmp_path, [Night(cluster=f"stacked-uploaded-{each}") for each in ids])
    versions, rows = matrix(clusters(store.runs(100).runs))
    assert versions == ["1.38", "1.38.0-rc.0", "1.37", "1.37.2", "1.30", "1.9"]
    assert list(rows) == ["stacked-uploaded"]


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    store = kept(tmp_path, [GOOD])
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "mine").write_text("x")
    with pytest.raises(BadInput, match="something else"):
        page.draw(store, tmp_path / "page", 10)
    page.draw(store, tmp_path / "other", 10)
    assert page.draw(store, tmp_path / "other", 10).exists()


def test_verbs_answer_with_paths_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, store, out = GOOD.write(tmp_path, 0), str(tmp_path / "store"), str(tmp_path / "page")
    assert main(["page", "--store", store, "--out", out]) == 2
    assert "there are no runs" in capsys.readouterr().err
    assert main(["add", str(run), "--store", store]) == 0
    added = capsys.readouterr().out.strip()
    assert (Path(added).exists(), added.endswith(".json.gz")) == (True, True)
    assert main(["page", "--store", store, "--out", out]) == 0
    assert capsys.readouterr().out == f"{out}/index.html\n"


def test_a_year_of_nights(tmp_path: Path) -> None:
    many = tuple(f"test_{n}" for n in range(60))
    store = kept(tmp_path, [Night(scenarios=many, red=["test_3"] if day > 360 else []) for day in range(365)])
    began = time.monotonic()
    index = page.draw(store, tmp_path / "page", 400)
    assert time.monotonic() - began < 20
    assert sum(path.stat().st_size for path in index.parent.rglob("*")) < 20_000_000


def test_what_nobody_asks_for_takes_no_memory(tmp_path: Path) -> None:
    store = Store(tmp_path)
    commands = [{"machine": "cp1", "command": f"cat {n}", "rc": 0, "answer": f"{n:016}"} for n in range(2000)]
    tests = {f"scenarios/test_a.py::test_{n}": {"cp1": GREEN, "cp2": GREEN} for n in range(500)}
    for day in range(8):
        store.add(f"2026-11-{day:02}", {"day": day, "clusters": {ID: {"commands": commands, "tests": tests}}})
    tracemalloc.start()
    runs = store.runs(8).runs
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held / len(runs) < 100_000
    assert [list(run["clusters"][ID]["commands"]) == commands for _, run in runs] == [True] * 8
    assert [run["clusters"][ID]["tests"] == tests for _, run in runs] == [True] * 8


def test_a_run_that_goes_while_the_page_is_drawn_says_so(tmp_path: Path) -> None:
    ((_, run),) = kept(tmp_path, [GOOD]).runs(1).runs
    shutil.rmtree(tmp_path / "store" / "runs")
    with pytest.raises(Problem, match="could be read and now cannot"):
        list(run["clusters"][ID]["commands"])


def test_a_damaged_file_is_told_and_the_rest_is_drawn(tmp_path: Path) -> None:
    store = kept(tmp_path, [GOOD, GOOD, BAD])
    first, second, _ = sorted((tmp_path / "store" / "runs").iterdir())
    first.write_bytes(first.read_bytes()[:100])
    second.rename(second.with_name("2027-01-01T00-00-00Z-00000000.json.gz"))
    found = store.runs(100)
    assert (len(found.runs), len(found.unreadable)) == (1, 2)
    text = Page(page.draw(store, tmp_path / "page", 100)).text
    assert ("2 runs of the store cannot be read" in text, "1 newly red" in text) == (True, True)


def test_a_store_that_cannot_be_read_at_all_is_refused(tmp_path: Path) -> None:
    store = kept(tmp_path, [GOOD])
    for each in (tmp_path / "store" / "runs").iterdir():
        each.write_text("x")
    with pytest.raises(BadInput, match="can be read"):
        store.runs(9)


ANOTHER = gzip.compress(b"another" * 9, mtime=0)  # without a time, which would be in the name of the test


@pytest.mark.parametrize("content", [b"", b"x", ANOTHER, ANOTHER[:15]])
def test_a_damaged_text_says_so(tmp_path: Path, content: bytes) -> None:
    store = Store(tmp_path)
    digest = store.keep("what a command printed")
    (tmp_path / "texts" / digest[:2] / f"{digest}.gz").write_bytes(content)
    assert store.text(digest) == f"(the text {digest} is damaged in the store)\n"


def test_nights_may_be_kept_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        digests = list(pool.map(Store(tmp_path).keep, [f"{n % 5}" * 10_000 for n in range(200)]))
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert (len(set(digests)), sorted(each.suffix for each in files)) == (5, [".gz"] * 5)


def test_what_could_not_be_written_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, store = GOOD.write(tmp_path, 0), tmp_path / "store"
    store.mkdir()
    (store / "runs").write_text("no folder")
    assert main(["add", str(run), "--store", str(store)]) == 1
    assert "cannot be read or written" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_a_page_of_no_runs_is_refused(tmp_path: Path, number: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["page", "--store", str(tmp_path), "--out", str(tmp_path / "page"), "--runs", number])


OTHER = "external-uploaded-1.37"


@pytest.mark.parametrize(
    ("asked", "absence"), [(["1.37"], GONE), (["1.37", "1.36"], GONE), (["1.38", "1.36"], RETIRED), ([], RETIRED)]
)
def test_a_cluster_that_newer_runs_do_not_have(tmp_path: Path, asked: list[str], absence: str) -> None:
    nights = [Night(cluster=OTHER, red=[MODES]), Night(asked=asked)]
    store = kept(tmp_path, nights)
    assert [each.absence for each in clusters(store.runs(9).runs)] == [absence, ""]
    text = Page(page.draw(store, tmp_path / "page", 9)).text
    said = ("Nothing is red" in text, "1 cluster gone" in text, "last tried" in text)
    assert said == (True, absence == GONE, True)


def test_a_cluster_is_not_missed_in_another_selection(tmp_path: Path) -> None:
    store = kept(tmp_path, [Night(cluster=OTHER), Night(keyword="other"), Night(complete=False)])
    assert [each.absence for each in clusters(store.runs(9).runs)] == ["", ""]


def test_a_night_that_was_ended_says_so_and_changes_no_verdict(tmp_path: Path) -> None:
    store = kept(tmp_path, [GOOD, BAD, Night(running=MODES, complete=False)])
    assert cell(store).state == NEWLY_RED
    text = Page(page.draw(store, tmp_path / "page", 9)).text
    assert ("1 newly red" in text, "did not come to its end: interrupted" in text) == (True, True)


def test_every_page_can_be_reached_from_the_first(tmp_path: Path) -> None:
    nights = [Night(cluster=OTHER, red=[MODES]), Night("v1.36.3", "stacked-uploaded-1.36", red=[MODES]), GOOD,
              Night(red=["test_voters"], asked=["1.37"])]  # fmt: skip
    index = page.draw(kept(tmp_path, nights), tmp_path / "page", 100).resolve()
    reached: set[Path] = set()
    found = {index}
    while new := found - reached:
        reached |= new
        found |= {(path.parent / link.split("#")[0]).resolve() for path in new for link in Page(path).links}
    assert set(index.parent.rglob("*.html")) == reached
    assert len(list((index.parent / "cells").glob("*/*.html"))) == 3


@pytest.mark.parametrize(("asked", "says"), [(["1.37"], "whole cluster is gone"), (["1.38"], "no longer asked for")])
def test_pages_of_a_cluster_that_is_no_longer_tried_say_so(tmp_path: Path, asked: list[str], says: str) -> None:
    store = kept(tmp_path, [Night(cluster=OTHER, red=[MODES]), Night(asked=asked)])
    pages = page.draw(store, tmp_path / "page", 9).parent
    texts = [Page(path).text for path in (*pages.glob("clusters/*.html"), *pages.glob("cells/*/*.html"))]
    assert [says in text for text in texts].count(True) == 2
    assert len(texts) == 3

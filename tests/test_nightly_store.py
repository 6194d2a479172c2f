"""Results of runs are kept once, whole and without secrets; damage is reported."""

from __future__ import annotations

import gc
import gzip
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

from nightly import page, summary
from nightly.__main__ import main
from nightly.store import Store
from nightly.summary import GREEN
from provision.util.errors import BadInput, Problem
from tests.generated import ID, Page
from tests.histories import BAD, GOOD, Night, kept

ANOTHER = gzip.compress(b"another" * 9, mtime=0)  # without a time, which would be in the name of the test


def test_adding_twice_changes_nothing_and_texts_are_kept_once(tmp_path: Path) -> None:
    store = kept(tmp_path, [GOOD])
    files = sorted((tmp_path / "store").rglob("*.gz"))
    assert summary.add(tmp_path / "night-0000", store) in files
    kept(tmp_path / "again", [GOOD, GOOD, GOOD])
    summary.add(Night().write(tmp_path, 7), store)
    assert len(sorted((tmp_path / "store").rglob("*.gz"))) == len(files) + 1


def test_a_folder_that_is_not_a_run_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not a run directory"):
        summary.add(tmp_path, Store(tmp_path / "store"))


def test_a_run_that_has_not_ended_is_refused(tmp_path: Path) -> None:
    run = GOOD.write(tmp_path, 0)
    (run / "run.json").unlink()
    with pytest.raises(BadInput, match=r"has no run\.json"):
        summary.add(run, Store(tmp_path / "store"))


def test_secrets_are_in_no_file(tmp_path: Path) -> None:
    token, key = "abcdef.0123456789abcdef", "c1" * 32
    store = kept(tmp_path, [Night(listed=f"--token {token} --certificate-key {key}"), Night(listed=f"token {token}")])
    out = page.draw(store, tmp_path / "page", 100)
    answers = "".join(
        store.text(each["answer"]) for _, run in store.runs(9).runs for each in run["clusters"][ID]["commands"]
    )
    everything = answers + "".join(path.read_text() for path in out.parent.rglob("*.html"))
    assert (token in everything, key in everything) == (False, False)


def _held(found: object) -> int:
    """Bytes of all that can be reached from it, programs apart; what else the process does counts for nothing."""
    seen: dict[int, object] = {}
    left = [found]
    while left:
        each = left.pop()
        if id(each) not in seen and not isinstance(each, (FunctionType, ModuleType, type)):
            seen[id(each)] = each
            left += gc.get_referents(each)
    return sum(sys.getsizeof(each) for each in seen.values())


def test_commands_that_are_not_read_take_no_memory(tmp_path: Path) -> None:
    store = Store(tmp_path)
    commands = [{"machine": "cp1", "command": f"cat {n}", "rc": 0, "answer": f"{n:016}"} for n in range(2000)]
    tests = {f"scenarios/test_a.py::test_{n}": {"cp1": GREEN, "cp2": GREEN} for n in range(500)}
    for day in range(8):
        cluster = {"commands": commands, "tests": tests, "failures": []}
        store.add(f"2026-11-{day:02}", {"day": day, "clusters": {ID: cluster}})
    runs = store.runs(8).runs
    held = _held(runs)
    assert held / len(runs) < 100_000
    assert [list(run["clusters"][ID]["commands"]) == commands for _, run in runs] == [True] * 8
    assert [run["clusters"][ID]["tests"] == tests for _, run in runs] == [True] * 8


def test_a_run_that_is_removed_while_the_page_is_drawn_is_an_error(tmp_path: Path) -> None:
    ((_, run),) = kept(tmp_path, [GOOD]).runs(1).runs
    shutil.rmtree(tmp_path / "store" / "runs")
    with pytest.raises(Problem, match="could be read and now cannot"):
        list(run["clusters"][ID]["commands"])


def test_a_damaged_file_is_counted_on_the_page_and_the_rest_is_drawn(tmp_path: Path) -> None:
    store = kept(tmp_path, [GOOD, GOOD, BAD])
    first, second, _ = sorted((tmp_path / "store" / "runs").iterdir())
    first.write_bytes(first.read_bytes()[:100])
    second.rename(second.with_name("2027-01-01T00-00-00Z-00000000.json.gz"))
    found = store.runs(100)
    assert (len(found.runs), len(found.unreadable)) == (1, 2)
    text = Page(page.draw(store, tmp_path / "page", 100)).text
    assert ("2 runs of the store cannot be read" in text, "1 newly red" in text) == (True, True)


@pytest.mark.parametrize("damage", [lambda content: content[:100], lambda _: b"", lambda _: ANOTHER])
def test_a_damaged_run_or_text_is_written_again_when_the_run_is_added_again(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    store = kept(tmp_path, [GOOD])
    whole = {path: path.read_bytes() for path in (tmp_path / "store").rglob("*.gz")}
    for path, content in whole.items():
        path.write_bytes(damage(content))
    summary.add(tmp_path / "night-0000", store)
    assert {path: path.read_bytes() for path in (tmp_path / "store").rglob("*.gz")} == whole


def test_an_undamaged_file_is_not_written_again(tmp_path: Path) -> None:
    store = kept(tmp_path, [GOOD])
    before = {path: path.stat().st_ino for path in (tmp_path / "store").rglob("*.gz")}
    summary.add(tmp_path / "night-0000", store)
    assert {path: path.stat().st_ino for path in (tmp_path / "store").rglob("*.gz")} == before


def test_a_store_that_cannot_be_read_at_all_is_refused(tmp_path: Path) -> None:
    store = kept(tmp_path, [GOOD])
    for each in (tmp_path / "store" / "runs").iterdir():
        each.write_text("x")
    with pytest.raises(BadInput, match="can be read"):
        store.runs(9)


@pytest.mark.parametrize("content", [b"", b"x", ANOTHER, ANOTHER[:15]])
def test_a_damaged_text_says_so(tmp_path: Path, content: bytes) -> None:
    store = Store(tmp_path)
    digest = store.keep("what a command printed")
    (tmp_path / "texts" / digest[:2] / f"{digest}.gz").write_bytes(content)
    assert store.text(digest) == f"(the text {digest} is damaged in the store)\n"


def test_texts_may_be_kept_by_several_threads_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        digests = list(pool.map(Store(tmp_path).keep, [f"{n % 5}" * 10_000 for n in range(200)]))
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert (len(set(digests)), sorted(each.suffix for each in files)) == (5, [".gz"] * 5)


def test_a_store_that_cannot_be_written_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, store = GOOD.write(tmp_path, 0), tmp_path / "store"
    store.mkdir()
    (store / "runs").write_text("no folder")
    assert main(["add", str(run), "--store", str(store)]) == 1
    assert "cannot be read or written" in capsys.readouterr().err

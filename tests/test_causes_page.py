"""Causes on the page, and the text of an issue."""

from __future__ import annotations

import re
import shlex
import time
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from nightly import page
from nightly.__main__ import main
from nightly.causes import cause as causes
from nightly.causes import keeping, words
from nightly.causes.issue import issue
from nightly.causes.keeping import causes as kept_causes
from nightly.gists.gist import Gist
from nightly.gists.sorting import Failure, Known, merged, sort
from nightly.store import Store
from nightly.views import clusters
from tests.generated import Page
from tests.histories import BAD, GOOD, MODES, Night, kept

MESSAGE = "cp1 has no leader of etcd, token abcdef.0123456789abcdef"
PROGRAM = {
    "name": "kubeadm", "file": "/x/kubeadm", "version": "v1.38.0-alpha.0.123+abcdef0-dirty", "digest": "ab12" * 16,
    "commit": "c0ffee" * 6 + "c0ff",
}  # fmt: skip
OWN = Night(PROGRAM["version"], "stacked-uploaded-1.38-own", red=[MODES], says={MODES: MESSAGE}, own=[PROGRAM])


def night(*red: str, **more: str) -> Night:
    return Night(red=red, says=dict.fromkeys(red, MESSAGE), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ("cp1 has no leader", "cp1 has no leader"),
        ("cp1: the key is lost", "cp1: the key is lost"),
        ("no leader", "cp1: no leader"),
    ],
)
def test_the_machine_is_named_once_in_what_the_newest_failure_says(says: str, shown: str, tmp_path: Path) -> None:
    _, store = drawn(tmp_path, Night(red=[MODES], says={MODES: says}))
    [found] = causes.found(clusters(store.runs(9).runs), store)
    assert words.newest(found) == shown


def drawn(folder: Path, *nights: Night) -> tuple[Path, Store]:
    store = Store(folder / "store")
    for day, each in enumerate(nights):
        keeping.add(each.write(folder, day), store)
    return page.draw(store, folder / "page", 400).parent, store


def test_causes_are_the_first_table_with_their_tests_folded_below(tmp_path: Path) -> None:
    out, _ = drawn(tmp_path, GOOD, night(MODES, "test_voters"))
    first = Page(out / "index.html")
    table = first.html[first.html.index("<table") : first.html.index("</table>")]
    for shown in ("newly red", "‹machine› has no leader of etcd", "stacked-uploaded-1.37", "v1.37.2", "2026-09-22",
                  "1 of 1", "the earlier runs are too few", "1 of 1 runs failed now, 0 of 1 before"):  # fmt: skip
        assert shown in table
    folded = table[table.index("<details") : table.index("</details>")]
    assert [name in folded for name in (">modes</a>", ">voters</a>")] == [True, True]
    assert len([link for link in first.links if link.startswith("cells/")]) == 2


def test_no_word_on_a_red_scenario_says_that_it_may_be_chance(tmp_path: Path) -> None:
    out, _ = drawn(tmp_path, *[GOOD, night(MODES)] * 3)
    texts = [Page(path).text for path in (out / "index.html", *out.glob("cells/*/*.html"), *out.glob("causes/*.html"))]
    assert ["flaky" in text for text in texts] == [False] * 3
    assert "✗ 1 red, 1 cause" in texts[0]
    assert "seen before at rate 0.50" in texts[0]


def test_a_cause_that_is_green_now_is_below_those_that_are_red(tmp_path: Path) -> None:
    out, _ = drawn(tmp_path, BAD, night("test_voters"))
    text = Page(out / "index.html").text
    assert text.index("no leader of etcd") < text.index("1 cause of earlier nights, not red now")


def test_the_page_of_a_cause_has_the_text_of_its_issue_and_links_to_all_that_is_red(tmp_path: Path) -> None:
    out, store = drawn(tmp_path, GOOD, night(MODES, "test_voters"))
    (path,) = out.glob("causes/*.html")
    found = Page(path)
    assert len([link for link in found.links if "/cells/" in link]) == 2
    (only,) = causes.found(clusters(store.runs().runs), store)
    assert re.sub(r"\s+", " ", issue(only, store).replace("'", "&#39;")).strip() in found.text
    (cell, *_) = out.glob("cells/*/*.html")
    assert f"../../causes/{only.id}.html" in Page(cell).links


def test_digests_and_versions_of_an_own_build_are_on_its_pages(tmp_path: Path) -> None:
    out, store = drawn(tmp_path, OWN)
    for path in (out / "index.html", *out.glob("runs/*.html"), *out.glob("causes/*.html")):
        text = Page(path).text
        assert [PROGRAM[each] in text for each in ("version", "digest", "commit")] == [True] * 3, path
    (only,) = causes.found(clusters(store.runs().runs), store)
    assert f"own build: kubeadm {PROGRAM['version']}, SHA-256 `{PROGRAM['digest']}`" in issue(only, store)


def test_another_own_build_is_a_change_that_a_red_scenario_shows(tmp_path: Path) -> None:
    before = Night(OWN.version, OWN.cluster, own=[PROGRAM | {"digest": "cd34" * 16}])
    out, _ = drawn(tmp_path, before, OWN)
    (cell,) = out.glob("cells/*/*.html")
    text = Page(cell).text
    assert ["own build of kubeadm" in text, "cd34cd34cd34" in text, "ab12ab12ab12" in text] == [True] * 3


# The text of an issue


def test_an_issue_says_all_that_a_maintainer_asks_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    out, _ = drawn(tmp_path, GOOD, night(MODES, "test_voters"))
    (path,) = out.glob("causes/*.html")
    assert main(["issue", path.stem, "--store", str(tmp_path / "store")]) == 0
    text = capsys.readouterr().out
    for part in ("# ‹machine› has no leader of etcd", "- `scenarios/test_a.py::test_modes`", "- etcd 3.7.0",
                 "last green night before that: 2026-09-21", "- Kubernetes v1.37.2", "`stacked-uploaded-1.37`",
                 "first red night: 2026-09-22",
                 "1 of 1 runs failed now, 0 of 1 before", "E   AssertionError: cp1 has no leader of etcd"):  # fmt: skip
        assert part in text
    assert "0123456789abcdef" not in text
    again = next(token.content for token in MarkdownIt().parse(text) if token.type == "fence").strip()
    assert shlex.split(again)[-1] == "stacked and uploaded and test_modes"


def test_a_log_with_fences_stays_in_one_block(tmp_path: Path) -> None:
    says = {MODES: "the page has ```` and more"}
    store = kept(tmp_path, [Night(red=[MODES], says=says)])
    (only,) = causes.found(clusters(store.runs().runs), store)
    fences = [token.content for token in MarkdownIt().parse(issue(only, store)) if token.type == "fence"]
    assert (len(fences), "and more" in fences[1]) == (2, True)


def test_an_unknown_cause_is_refused_with_those_that_are_red(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, store = drawn(tmp_path, night(MODES))
    assert main(["issue", "00000000", "--store", str(tmp_path / "store")]) == 2
    assert f"red now: {store.causes()[0][0]}" in capsys.readouterr().err


def test_a_cause_that_was_merged_is_found_by_its_own_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, store = drawn(tmp_path, night(MODES))
    ((_, data),) = store.causes()
    store.keep_cause("ffffffff", data | {"since": data["since"] + 1})
    assert len(merged(kept_causes(store))[0]) == 1
    assert main(["issue", "ffffffff", "--store", str(tmp_path / "store")]) == 0
    assert "no leader of etcd" in capsys.readouterr().out


# How long it takes


def test_four_hundred_nights_of_hundreds_of_failures_are_sorted_in_seconds() -> None:
    """Every tenth night has other noise in each of its failures; a hundred lines of a log are the same in all."""
    log = "a line of a log\n" * 100
    failures = [
        Failure(f"a.py::test_{n}", float(day), Gist(f"part{n} of the cluster is not there: {day // 10 * 10}\n{log}"))
        for day in range(400)
        for n in range(300)
    ]
    known = [Known(f"{n}", 0.0, Gist(f"cause{n}\n{log}")) for n in range(1000)]
    began = time.process_time()
    ids, new = sort(known, failures)
    assert (len(set(ids.values())), len(new)) == (300, 300)
    assert time.process_time() - began < 10

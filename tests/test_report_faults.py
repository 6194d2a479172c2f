"""Faults in the report: timeline, reasons, each way to the API; and records that are old, cut off or hostile."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from provision.util.redaction import Redactor
from report.fault_times import timeline
from report.page import write_report
from tests.generated import Page, lines

CLUSTER = "stacked-uploaded-1.37-faults"


def way(**more: Any) -> dict[str, Any]:
    strip = {"begin": -1.0, "every": 0.25, "answered": [1, 0, 2, 1], "lost": [0] * 6 + [1, 1], "gaps": [[-0.1, 7.5]]}
    return {
        "requests": 12, "lost": {"refused": 9, "401 or 403": 1}, "longest": 7.6, "served_at_the_end": True,
        "limit": 12.5, "control": 0.4, "first_success": 7.5, "served_again": 7.5, "spared": False, "strip": strip,
    } | more  # fmt: skip


def fault(**more: Any) -> dict[str, Any]:
    return {
        "fault": "api-server-killed", "cluster": CLUSTER, "what": "SIGKILL of kube-apiserver", "place": "one of them",
        "holds": "the others answer", "bound": {"seconds": 12.0, "reason": "two checks", "source": "x"},
        "heals": {"seconds": 120, "reason": "the kubelet starts it", "source": "x"}, "machines": ["cp1"],
        "links": ["https://example.org/a", "javascript:alert(1)"], "seed": 7, "proof": "process 9, and was 3",
        "times": {"wall": 1.0, "injected": 5.0, "in_effect": 0.1, "undoing": 8.0, "undone": 8.1, "healthy": 12.0,
                  "ended": 16.0},
        "ways": {"api/cp1": way(spared=True, limit=128.1), "balancer-new": way()},
        "writes": {"ok": 40, "failed": 3, "unknown": 2, "appeared": 1, "unseen": 1}, "operations": 99,
        "violations": [], "undecided": [], "delay": 0.1, "red": [], "void": [], "left": [], "why": "", "sound": True,
        "history": f"faults/{CLUSTER}/api-server-killed/history.jsonl", "ended": "green", "healing": 3.9,
        "load": 2.5, "processors": 2,
    } | more  # fmt: skip


def page(folder: Path, *faults: dict[str, Any]) -> Page:
    lines(folder / "faults.jsonl", list(faults))
    return Page(write_report(folder, Redactor()))


def test_a_fault_is_shown_with_its_times_its_ways_and_what_it_was_proved_by(tmp_path: Path) -> None:
    found = page(tmp_path, fault())
    for words in (
        "injected 0.0 s", "in effect 0.1 s", "undone 8.1 s", "healthy again 12.0 s", "9 × refused, 1 × 401 or 403",
        "7.6 s of 12.5 s balancer-new", "128.1 s, spared",
        "40 acknowledged, 3 refused, 2 unknown (1 of these appeared)",
        "99 operations, no promise was broken", "process 9, and was 3", "12 s: two checks", "20 of 24", "load 2.5 on 2",
    ):  # fmt: skip
        assert words in found.text, words
    assert f"faults/{CLUSTER}/api-server-killed/history.jsonl" in found.links
    assert "https://example.org/a" in found.links
    assert not [link for link in found.links if link.startswith("javascript")]
    assert 'd="M0 10h1m1 0h2"' in found.html
    assert 'd="M0 3m6 0h2"' in found.html
    assert "no answer for 7.6 s" in found.html


def test_a_red_fault_says_why_and_what_was_broken(tmp_path: Path) -> None:
    broken = ["lost-write: the value <x> is gone", "stale-read: too old"]
    red = [f"the history contradicts itself: {broken[0]}", "service: no answer for 64.7 s, and 38.4 s is the bound"]
    found = page(tmp_path, fault(ended="red", red=red, violations=broken, left=["./run ssh a cp1 true"]))
    assert found.text.count("the value &lt;x&gt; is gone") == 1
    for words in ("stale-read: too old", "64.7 s, and 38.4 s", "left behind: ./run ssh a", "2 promises were broken"):
        assert words in found.text, words


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ({"ended": "void", "void": ["this host was too busy"]}, "void: this host was too busy"),
        ({"ended": "skipped", "why": "no netem", "ways": {}, "times": {}}, "skipped: no netem"),
    ],
)
def test_a_run_that_says_nothing_shows_the_reason(tmp_path: Path, more: dict[str, Any], shown: str) -> None:
    assert shown in page(tmp_path, fault(**more)).text


def test_what_happened_inside_is_below_the_ways_and_what_noticed_is_among_the_moments(tmp_path: Path) -> None:
    inside = [
        {"what": "leader of etcd", "where": "", "state": "cp1", "good": True, "since": -1.0, "until": 2.0},
        {"what": "leader of etcd", "where": "", "state": "cp3", "good": True, "since": 2.0, "until": None},
    ]
    noticed = [{"by": "the balancer", "what": "cp1 is DOWN", "at": 2.3}]
    found = page(tmp_path, fault(
        inside=inside, noticed=noticed, inside_gaps=["the balancer: no stats socket"],
        logs={"cp1": f"faults/{CLUSTER}/a/logs/cp1.log"},
    ))  # fmt: skip
    assert "leader of etcd cp1 cp3" in found.text
    assert "noticed by the balancer: cp1 is DOWN 2.3 s" in found.text
    assert "Not recorded the balancer: no stats socket" in found.text
    assert f"faults/{CLUSTER}/a/logs/cp1.log" in found.links


def test_a_record_from_before_there_were_strips_has_no_timeline_and_its_table(tmp_path: Path) -> None:
    old = fault(ways={"service": {key: value for key, value in way().items() if key not in ("strip", "spared")}})
    assert timeline(old) is None
    assert "7.6 s of 12.5 s service" in page(tmp_path, old).text


def test_a_fault_that_was_never_undone_lasts_until_the_end() -> None:
    drawn = timeline(fault(times={"injected": 5.0, "in_effect": 0.1}))
    assert drawn
    assert [each.kind for each in drawn.bar] == ["lasts"]
    assert drawn.bar[0].left + drawn.bar[0].width == pytest.approx(100)


def test_whatever_is_missing_or_of_another_type_the_page_is_drawn(tmp_path: Path) -> None:
    others: list[Any] = [None, "a text", -3, [], {}, [3], [[]], {"a": 1}, {"a": {"strip": {"every": 0.5}}}]
    strips = [{"begin": "x", "every": 1, "gaps": [[1], 2], "answered": ["x"]}, {"every": True}]
    found = [fault(**{key: value}) for key in fault() if key != "fault" for value in others]
    found += [fault(ways={"service": way(**{key: value})}) for key in way() for value in [*others, *strips]]
    page(tmp_path, *found, {"fault": "only a name"})


def test_what_is_cut_off_is_counted(tmp_path: Path) -> None:
    (tmp_path / "faults.jsonl").write_text('{"fault": "cut')
    assert "1 line of faults.jsonl" in Page(write_report(tmp_path, Redactor())).text


def test_nothing_of_a_record_becomes_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    found = page(tmp_path, fault(
        fault=evil, cluster=evil, what=evil, proof=evil, red=[evil], ways={evil: way()}, links=[evil], machines=[evil],
        noticed=[{"by": evil, "what": evil, "at": 1}],
        inside=[{"what": evil, "where": evil, "state": evil, "good": True, "since": 0, "until": 1}],
    ))  # fmt: skip
    assert "<script>alert" not in found.html


def test_a_hundred_long_faults_are_a_page_of_two_megabytes(tmp_path: Path) -> None:
    """A comb of requests is the longest that there is to draw; thirty states are many, and each fault has its text."""
    comb = way()
    comb["strip"] |= {"answered": [0, 1, 1] * 107, "lost": [1, 0, 0] * 107}
    names = ("api/cp1", "api/cp2", "api/cp3", "balancer-kept", "balancer-new", "service")
    states = [
        {
            "what": "balancer's server",
            "where": f"cp{number % 3}",
            "state": "UP",
            "good": True,
            "since": -1.0,
            "until": 9.5,
        }
        for number in range(30)
    ]
    page(tmp_path, *(fault(ways=deepcopy(dict.fromkeys(names, comb)), inside=states) for _ in range(100)))
    assert (tmp_path / "report.html").stat().st_size < 2_000_000

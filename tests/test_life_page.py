"""The page of a cluster's life, drawn from generated run directories: links, what it lists, its size, escaping."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from provision.clusters.life import NOT_READ, SECTION
from provision.util.redaction import Redactor
from report.life import page as pages
from report.life.page import clock
from report.page import write_report
from tests.generated import ID, MACHINES, NOW, Page, command, described, lines, phase, run, step

LIMIT = 2_000_000
TEST = f"scenarios/test_a.py::test_is_true[{ID}:cp2]"
HOSTILE = "</svg><script>alert('1')</script>"


def journal(at: float, program: str, message: str) -> str:
    return f"{NOW + at:.6f} cp1 {program}[1]: {message}"


def server(at: float, name: str, state: str) -> str:
    return journal(
        at, "haproxy", f"Server control-planes/{name} is {state}, reason: Layer4 timeout, check duration: 1ms."
    )


def hold(folder: Path, machine: str, **sections: list[str]) -> None:
    target = folder / "life" / ID / f"{machine}.log"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        "".join(f"{SECTION}{name.replace('_', ' ')}\n" + "\n".join(found) + "\n" for name, found in sections.items())
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of two minutes in which a test failed at 1:40, when a server had gone down, and a step at 2:00."""
    run(tmp_path, described())
    lines(tmp_path / "commands.jsonl", [
        step("initialise", 0, 10), command("cp1", "initialise", "kubeadm init", 1, 9),
        step("join cp2", 10, 120, "no answer\nfrom etcd"),
    ])  # fmt: skip
    lines(tmp_path / "tests.jsonl", [
        phase(TEST, "setup", start=NOW, stop=NOW + 95),
        phase(TEST, outcome="failed", reason="it is not", text="E it is not", start=NOW + 95, stop=NOW + 100),
        phase(f"scenarios/test_a.py::test_is_true[{ID}:cp1]", start=NOW + 94, stop=NOW + 95),
    ])  # fmt: skip
    hold(tmp_path, "lb", haproxy=[server(20, "cp1", "UP"), server(85, "cp1", "DOWN"), server(99, "cp1", "UP")],
         haproxy_status=["control-planes,cp1,UP"])  # fmt: skip
    hold(tmp_path, "cp1", kubelet=[journal(15, "kubelet", "it just became ready")], api=["condition w1 Ready True x"])
    return tmp_path


def drawn(folder: Path) -> tuple[Page, Page]:
    """The report, and the life."""
    report = Page(write_report(folder, Redactor()))
    return report, Page(folder / f"life-{ID}.html")


def listed(life: Page) -> list[str]:
    rows = re.findall(r"<tr id=.*?</tr>", life.html, re.S)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]


def test_the_list_has_what_changed_in_the_order_of_time(folder: Path) -> None:
    _, life = drawn(folder)
    found = [re.sub(r" \d\d:\d\d:\d\d\.\d{3} ", " ", row) for row in listed(life)]
    assert found == [
        "0:00.0 – step “initialise”: begins", "0:10.0 – step “initialise”: is done, after 10 s",
        "0:10.0 – step “join cp2”: begins", "0:15.0 cp1 node: Ready", "0:20.0 cp1 balancer, by lb: UP (Layer4 timeout)",
        "1:25.0 cp1 balancer, by lb: DOWN (Layer4 timeout)", "1:35.0 – test “is true” (cp2): begins",
        "1:39.0 cp1 balancer, by lb: UP (Layer4 timeout)", "1:40.0 – test “is true” (cp2): fails: it is not",
        "2:00.0 – step “join cp2”: fails: no answer, after 1 min 50 s",
    ]  # fmt: skip


def test_a_test_is_drawn_without_its_fixtures(folder: Path) -> None:
    """A cluster is brought up while its first test is set up."""
    _, life = drawn(folder)
    assert re.search(r'<a href="#test-\w+"[^>]*><rect class="failed" x="95.00" y="1" width="5.00"', life.html)


def test_the_report_leads_to_the_life_and_to_what_is_around_each_failure(folder: Path) -> None:
    report, life = drawn(folder)
    links = [link for link in report.links if link.startswith("life-")]
    anchors = [link.partition("#")[2] for link in links if "#" in link]
    assert f"life-{ID}.html" in links
    assert len(anchors) == 2
    assert set(anchors) <= set(life.ids)
    assert life.links[0] == "report.html"


def test_failures_can_be_reached_in_the_list_and_in_the_chart_without_a_script(folder: Path) -> None:
    _, life = drawn(folder)
    for anchor in (each for each in life.ids if each.startswith(("test-", "step-"))):
        assert life.links.count(f"#{anchor}") == 3  # above the chart, in it, and in its row of the list


def test_what_was_not_read_is_named(folder: Path) -> None:
    hold(folder, "cp3", **{NOT_READ: ["cp3 cannot be reached over SSH"]})
    hold(folder, "cp2", clock=["100.0 107.0 100.1"], etcd=[], containers=[])
    (folder / "life" / ID / "cp1.log").unlink()
    gaps = drawn(folder)[1].text.partition("Not on this page")[2].partition("What changed")[0].replace("&#39;", "'")
    assert "What cp1, w1, w2, w3 hold was not read." in gaps
    assert "cp3 was not read: cp3 cannot be reached over SSH" in gaps
    assert "cp2: no log of etcd is there" in gaps
    assert "The clock of cp2 was 7.0 s ahead of this host's" in gaps


def test_a_life_of_which_all_was_read_names_nothing(folder: Path) -> None:
    for machine in MACHINES[2:]:
        hold(folder, machine, clock=["100.0 100.05 100.1"], kubelet=[])
    assert "Not on this page" not in drawn(folder)[1].text


def test_a_run_whose_machines_were_not_read_has_the_life_of_its_records(folder: Path) -> None:
    for file in (folder / "life" / ID).iterdir():
        file.unlink()
    _, life = drawn(folder)
    assert "What machines hold was not read" in life.text
    assert len(listed(life)) == 6


def test_checks_of_a_cluster_have_no_life(tmp_path: Path) -> None:
    run(tmp_path, described())
    lines(tmp_path / "tests.jsonl", [phase(TEST)])
    assert "life-" not in Page(write_report(tmp_path, Redactor())).html


def test_a_life_that_cannot_be_drawn_is_named_in_the_report(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise KeyError("a defect")

    monkeypatch.setattr(pages, "life", fails)
    report = Page(write_report(folder, Redactor()))
    assert f"The life of {ID} could not be drawn: KeyError: 'a defect'" in report.text.replace("&#39;", "'")
    assert [link for link in report.links if link.startswith("life-")] == []


def test_a_cluster_whose_id_is_not_a_file_name_has_no_life(tmp_path: Path) -> None:
    run(tmp_path, described("../../outside"))
    lines(tmp_path / "commands.jsonl", [step("initialise", 0, 10, cluster="../../outside")])
    write_report(tmp_path, Redactor())
    assert [*tmp_path.parent.glob("life-*"), *tmp_path.parent.parent.glob("life-*"), *tmp_path.rglob("life-*")] == []


def test_what_machines_wrote_is_escaped(folder: Path) -> None:
    hold(folder, "lb", haproxy=[server(20, HOSTILE, "UP"), f"{server(21, 'cp1', 'DOWN')}".replace("Layer4", HOSTILE)],
         haproxy_status=[f"control-planes,{HOSTILE},DOWN"])  # fmt: skip
    hold(folder, "cp1", **{NOT_READ: [HOSTILE]})
    lines(folder / "tests.jsonl", [phase(f"{TEST}{HOSTILE}", outcome="failed", reason=HOSTILE)])
    ways = {HOSTILE: {"strip": {"every": 1, "lost": [1], "gaps": [[0, 1]]}}}
    fault = {"fault": HOSTILE, "cluster": ID, "times": {"wall": NOW}, "machines": [HOSTILE], "ways": ways}
    lines(folder / "faults.jsonl", [fault])
    _, life = drawn(folder)
    assert life.html.count("<script") == 1
    assert life.html.count("&lt;script&gt;") > 5


def test_the_page_needs_no_network_and_may_not_use_it(folder: Path) -> None:
    _, life = drawn(folder)
    assert "default-src &#39;none&#39;" in life.html or "default-src 'none'" in life.html
    assert not re.search(r"https?://|fetch\(|XMLHttpRequest", life.html)


def test_secrets_that_the_redactor_knows_are_not_on_the_page(folder: Path) -> None:
    hold(folder, "cp1", **{NOT_READ: ["the token abcdef.0123456789abcdef was refused"]})
    assert "0123456789abcdef" not in drawn(folder)[1].html


def test_a_great_life_stays_below_two_megabytes(tmp_path: Path) -> None:
    """2,000 tests, of which a hundred fail, ten machines, 3,000 changes."""
    machines = [f"machine-{number}" for number in range(10)]
    run(tmp_path, described() | {"machines": [{"name": name, "role": "control-plane"} for name in machines]})
    lines(tmp_path / "commands.jsonl", [step(f"step {number}", number * 30, number * 30 + 29) for number in range(40)])
    long = "test_something_is_so_in_a_sentence_of_the_usual_length_of_them"
    lines(tmp_path / "tests.jsonl", [
        phase(f"scenarios/test_a.py::{long}_{number}[{ID}:cp1]", start=NOW + number, stop=NOW + number + 0.9,
              outcome="failed" if number % 20 == 0 else "passed", reason="it is not what was expected there, " * 4)
        for number in range(2000)
    ])  # fmt: skip
    for place, name in enumerate(machines):
        hold(tmp_path, name, kubelet=[], haproxy=[
            server(number * 6 + place / 10, name, "DOWN" if number % 2 else "UP") for number in range(300)
        ])  # fmt: skip
    _, life = drawn(tmp_path)
    counted, size = len(listed(life)), len(life.html.encode())  # or pytest would compare two megabytes
    assert counted >= 200 + 3000
    assert size < LIMIT


def test_a_life_beyond_all_measure_leaves_out_what_is_far_from_failures(tmp_path: Path) -> None:
    run(tmp_path, described())
    lines(tmp_path / "commands.jsonl", [step("join", 0, 6_000, "no answer")])
    hold(tmp_path, "lb", haproxy=[server(number, "cp1", "DOWN" if number % 2 else "UP") for number in range(6_000)])
    _, life = drawn(tmp_path)
    size, last = len(life.html.encode()), listed(life)[-2]
    left_out = re.findall(r"(\d+) more changes, far from any failure", life.text)
    assert size < LIMIT
    assert left_out == ["2001"]
    assert "1:39:59.0" in last  # the second before the failure


@pytest.mark.parametrize(
    ("seconds", "digits", "shown"),
    [(0, 0, "0:00"), (59.96, 1, "1:00.0"), (63.14, 1, "1:03.1"), (3723.0, 0, "1:02:03"), (-1.0, 1, "0:00.0")],
)
def test_times_are_minutes_and_seconds(seconds: float, digits: int, shown: str) -> None:
    assert clock(seconds, digits) == shown

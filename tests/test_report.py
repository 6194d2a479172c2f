"""The report, drawn from generated run directories: whole, empty, interrupted, broken, large."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from provision.util.redaction import Redactor
from report.page import write_report
from report.results import results
from tests.generated import ID, MACHINES, NOW, Page, command, described, lines, phase, run, step


def report(folder: Path) -> Page:
    return Page(write_report(folder, Redactor()))


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A run with everything in it that a run can have."""
    run(tmp_path, described())
    lines(tmp_path / "commands.jsonl", [
        step("initialise", 0, None), command("cp1", "initialise", "kubeadm init", 1, 9), step("initialise", 0, 10),
        step("join the others", 10, 30), step("join the workers", 10, 20),
        *(command(name, "join the workers", "kubeadm join", 11, 19) for name in ("w1", "w2")),
        *(command("cp1", "join the others", "kubectl get nodes", at, at + 0.01, 1) for at in range(12, 18)),
    ])  # fmt: skip
    lines(tmp_path / "tests.jsonl", [
        phase(f"scenarios/test_a.py::test_is_true[{ID}:{name}]") for name in ("cp1", "cp2")
    ] + [
        phase(f"scenarios/test_a.py::test_is_true[{ID}:cp3]", outcome="failed", text="E  assert 1 <2", reason="1 <2"),
        phase(f"scenarios/test_b.py::test_port[443-{ID}:cluster]", "setup", "skipped", reason="no port"),
        phase(f"scenarios/test_b.py::test_known[{ID}:w1]", outcome="skipped", xfail="upstream"),
    ])  # fmt: skip
    (tmp_path / "evidence" / ID / "cp3").mkdir(parents=True)
    (tmp_path / "evidence" / ID / "cp3" / "kubelet #1.log").write_text("x")
    return tmp_path


@pytest.mark.parametrize(
    ("recorded", "shown"),
    [(["/home/me/kubeadm-ha/fixtures/__main__.py", "all", "-x"], "./run all -x"), (["/bin/pytest", "-x"], "pytest -x")],
)
def test_the_command_of_a_run_can_be_typed(tmp_path: Path, recorded: list[str], shown: str) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"started": 1.0, "finished": 2.0, "command": recorded}))
    assert f"Command {shown} " in report(tmp_path).text


def test_a_whole_run(whole: Path) -> None:
    page = report(whole)
    assert "✗ Failed" in page.text
    assert "✗ 1 failed , ✓ 2 passed , x 1 xfailed , – 1 skipped of 5 tests" in page.text
    assert "pytest -k &#39;a b&#39;" in page.html
    assert "E  assert 1 &lt;2" in page.html
    assert "port · 443" in page.text
    assert "etcd 3.6.4 stands in" in page.text
    assert f"evidence/{ID}/cp3/kubelet%20%231.log" in page.links
    assert any(link.endswith("high-availability/#install-workers") for link in page.links)
    assert page.html.index("Failures</h2>") < page.html.index("Scenarios</h2>") < page.html.index("Slowest</h2>")


def test_a_command_run_again_and_again_is_listed_once(whole: Path) -> None:
    assert report(whole).text.count("kubectl get nodes 6 times") == 1


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null\n{}\n", '{"kind": "step"}\n{"kind": "command"}\n{"nodeid": "a"}']
)
def test_whatever_is_in_the_files(tmp_path: Path, content: str) -> None:
    report(tmp_path)
    for name in ("run.json", "commands.jsonl", "tests.jsonl"):
        (tmp_path / name).write_text(content)
    report(tmp_path)


def test_what_cannot_be_read_is_counted(whole: Path) -> None:
    run(whole, described())
    for name, text in (("commands.jsonl", '{"kind": "comm\n'), ("tests.jsonl", '"a text"\n{"cut\n\n')):
        with (whole / name).open("a") as file:
            file.write(text)
    assert "cannot be read: 1 line of commands.jsonl, 2 lines of tests.jsonl" in report(whole).text
    (whole / "run.json").write_text('{"cut')
    assert "cannot be read: run.json, 1 line of" in report(whole).text


def test_files_that_are_whole_are_not_mentioned(whole: Path) -> None:
    assert "cannot be read" not in report(whole).text


def test_an_empty_folder_says_that_nothing_ran(tmp_path: Path) -> None:
    assert "Nothing ran" in report(tmp_path).text


def test_an_interrupted_run_shows_what_it_was_doing(tmp_path: Path) -> None:
    lines(tmp_path / "commands.jsonl", [step("initialise", 0, 5), step("join the workers", 5, None)])
    page = report(tmp_path)
    assert "… Interrupted" in page.text
    assert "during “join the workers” of" in page.text
    assert "Never ended." in page.text


INTERRUPTED = {"kind": "session", "exitstatus": 2, "collected": 5, "interrupted": True}


@pytest.mark.parametrize(
    ("facts", "after"),
    [
        ({"machines": "removed", "remaining": []}, "; its machines were removed."),
        ({"machines": "reset", "remaining": ["stacked-uploaded-1.36"]}, "; its machines were reset."),
        ({"machines": "removed", "remaining": [ID]}, f"; {ID} still exists: ./run clean {ID}."),
        ({}, "."),
    ],
)
def test_an_interrupted_join_has_not_failed_and_says_what_became_of_the_machines(
    tmp_path: Path, facts: dict[str, object], after: str
) -> None:
    ended = {"interrupted": True}
    lines(tmp_path / "commands.jsonl", [
        step("make the image", 0, 1, cluster="artifacts"),
        step("join cp2", 6, 7, "called off") | ended, step("join the others", 5, 8, "KeyboardInterrupt") | ended,
    ])  # fmt: skip
    lines(tmp_path / "tests.jsonl", [phase(f"a.py::test_a[{ID}:cp1]"), INTERRUPTED])
    run(tmp_path, **facts)
    page = report(tmp_path)
    assert "… Interrupted" in page.text
    assert f"Interrupted in &#39;join cp2&#39; of {ID}{after}" in page.html
    assert ("failed" in page.text, "called off" in page.text) == (False, False)


def test_a_failure_before_an_interruption_stays_one(tmp_path: Path) -> None:
    lines(tmp_path / "commands.jsonl", [step("join cp2", 0, 5, "on cp2: it refused")])
    lines(tmp_path / "tests.jsonl", [INTERRUPTED])
    page = report(tmp_path)
    assert "✗ Failed" in page.text
    assert "step “join cp2” failed" in page.text


def test_an_interruption_of_an_older_record_is_read_by_its_words(tmp_path: Path) -> None:
    lines(tmp_path / "commands.jsonl", [step("join cp2", 0, 5, "KeyboardInterrupt")])
    lines(tmp_path / "tests.jsonl", [{"kind": "session", "exitstatus": 2, "collected": 5}])
    assert "… Interrupted" in report(tmp_path).text


def test_words_decide_nothing_where_the_fields_are(tmp_path: Path) -> None:
    failed = step("join cp2", 0, 5, "KeyboardInterrupt") | {"interrupted": False}
    lines(tmp_path / "commands.jsonl", [failed])
    lines(tmp_path / "tests.jsonl", [
        phase(f"a.py::test_a[{ID}:cp1]", "setup", "skipped", reason="it could not be made", blocked=False),
        phase(f"a.py::test_b[{ID}:cp1]", "setup", "skipped", reason="other words", blocked=True),
        phase(f"a.py::test_c[{ID}:cp1]", "setup", "skipped", reason="x is broken at step 'y'"),
        {"kind": "session", "exitstatus": 2, "interrupted": False},
    ])  # fmt: skip
    assert "✗ Failed" in report(tmp_path).text
    phases = map(json.loads, (tmp_path / "tests.jsonl").read_text().splitlines()[:3])
    assert [each.blocked for each in results(phases)] == [False, True, True]


def test_what_was_not_tried_again_is_shown_with_the_failure_that_it_met(tmp_path: Path) -> None:
    first = f"a.py::test_a[{ID}:cp1]"
    again = "failed before, and was not tried again"
    lines(tmp_path / "tests.jsonl", [
        phase(first, outcome="failed", text="E  it refused"),
        *(phase(f"b.py::test_{n}[{ID}:cp2]", outcome="failed", text=again, repeats=first) for n in range(3)),
        phase(f"b.py::test_old[{ID}:cp2]", outcome="failed", text=f"{again}: see {first}"),
    ])  # fmt: skip
    assert report(tmp_path).html.count('class="card failure"') == 2


@pytest.mark.parametrize(("members", "text"), [(1, "one etcd member survives"), (2, "two etcd members survive")])
def test_too_few_members_of_etcd_are_remarked_upon(tmp_path: Path, members: int, text: str) -> None:
    run(tmp_path, described() | {"etcd_members": members})
    assert report(tmp_path).text.count(f"{text} no loss; use three") == 2
    run(tmp_path, described() | {"etcd_members": 3})
    assert "use three" not in report(tmp_path).text


def test_a_broken_cluster_is_one_by_its_field(tmp_path: Path) -> None:
    run(tmp_path, described(state="ready") | {"broken_at": "join w1"})
    assert '<span class="broken">broken at join w1</span>' in report(tmp_path).html
    run(tmp_path, described(state="broken at join w1"))
    assert '<span class="broken">broken at join w1</span>' in report(tmp_path).html


def test_what_never_ran_is_counted(tmp_path: Path) -> None:
    session = {"kind": "session", "exitstatus": 2, "collected": 5}
    lines(tmp_path / "tests.jsonl", [phase(f"a.py::test_a[{ID}:cp1]"), session])
    assert "✓ 1 passed , ○ 4 not run of 5 tests" in report(tmp_path).text


def test_a_file_that_cannot_be_collected_is_a_failure(tmp_path: Path) -> None:
    lines(tmp_path / "tests.jsonl", [{"nodeid": "a.py", "when": "collect", "outcome": "failed", "text": "SyntaxError"}])
    assert "✗ Failed" in report(tmp_path).text


@pytest.mark.parametrize(("bookkeeping", "word"), [(True, "✓ Passed"), (False, "✗ Failed")])
def test_what_could_not_be_written_down_is_shown_and_changes_no_verdict(
    tmp_path: Path, bookkeeping: bool, word: str
) -> None:
    failed = step("write down how far the cluster came", 5, 5.1, "No space left on device")
    lines(tmp_path / "commands.jsonl", [step("initialise", 0, 5), failed | {"bookkeeping": bookkeeping}])
    lines(tmp_path / "tests.jsonl", [phase(f"a.py::test_a[{ID}:cp1]"), {"kind": "session", "exitstatus": 0}])
    (tmp_path / "run.json").write_text(json.dumps({"started": NOW, "finished": NOW + 9}))
    page = report(tmp_path)
    assert (word in page.text, "No space left on device" in page.text) == (True, True)


def test_a_broken_cluster_names_its_step_once(tmp_path: Path) -> None:
    run(tmp_path, described(state="broken at join the workers"))
    lines(tmp_path / "commands.jsonl", [
        step("join the workers", 0, 5, "on w1: no"), command("w1", "join the workers", "kubeadm join", 1, 4, 1)
    ])  # fmt: skip
    reason = f"{ID} is broken at step 'join the workers'"
    lines(tmp_path / "tests.jsonl", [
        phase(f"a.py::test_{n}[{ID}:w1]", "setup", "skipped", reason=reason) for n in range(200)
    ])  # fmt: skip
    page = report(tmp_path)
    assert "✗ Failed" in page.text
    assert "it &lt;b&gt;refused&lt;/b&gt;" in page.html
    assert page.text.count(f"200 skipped: {ID} is broken") == 1


@pytest.mark.parametrize(
    "text",
    [
        "E  run = <{name} 198.18.0.2{number}>.run",
        "on {name}: refused",
        "machine = <{name} at 0x{name}>\n>  assert x\nE  {name} failed",
    ],
)
def test_failures_that_differ_only_in_the_machine_are_shown_once(tmp_path: Path, text: str) -> None:
    lines(tmp_path / "tests.jsonl", [
        phase(f"a.py::test_a[{ID}:{name}]", outcome="failed", text=text.format(name=name, number=number))
        for number, name in enumerate(MACHINES)
    ] + [phase(f"a.py::test_b[{ID}:w1]", outcome="failed", text=text.format(name="w1", number=1))])  # fmt: skip
    assert report(tmp_path).html.count('class="card failure"') == 2


def test_what_is_wrong_is_shown_first(tmp_path: Path) -> None:
    lines(tmp_path / "tests.jsonl", [
        phase(f"a.py::test_mode_of_the_key[{ID}:{name}]", outcome="failed", text="E  0o644", reason="0o644 != 0o600")
        for name in ("cp1", "cp3")
    ] + [phase(f"a.py::test_{n}[{ID}:w1]", outcome="failed", text=f"E  {n}") for n in range(9)])  # fmt: skip
    text = report(tmp_path).text
    assert text.index("cp1, cp3 : mode of the key 0o644 != 0o600") < text.index("Failures")
    assert "and 2 more failures" in text


@pytest.mark.parametrize(
    ("explained", "shown"),
    [
        ("E  Left contains one more item: '/etc/a.crt'", "unexpected: '/etc/a.crt'"),
        ("E  Left contains 1 more item:\nE  {'/etc/a.key': '644'}\nE  Use -v", "unexpected: {'/etc/a.key': '644'}"),
        ("E  Right contains one more item: 'cp3'", "missing: 'cp3'"),
        ("E  Extra items in the right set:\nE  'cp3'\nE  Use -v", "missing: 'cp3'"),
        ("E  assert 1 == 2", "assert 1 == 2"),
    ],
)
def test_the_reason_is_what_pytest_explains(explained: str, shown: str) -> None:
    failed = phase("a.py::test_a", outcome="failed", text=explained, reason="assert 1 == 2")
    assert results([failed])[0].summary == shown


def test_an_assertions_own_message_comes_before_what_pytest_explains() -> None:
    text = "E  AssertionError: kubelet is inactive\nE  Left contains one more item: 'x'"
    failed = phase("a.py::test_a", outcome="failed", text=text, reason="AssertionError: kubelet is inactive")
    assert results([failed])[0].summary == "kubelet is inactive"


def test_two_thousand_tests_on_many_clusters(tmp_path: Path) -> None:
    clusters = [f"stacked-uploaded-1.{minor}" for minor in range(33, 38)]
    run(tmp_path, *map(described, clusters))
    lines(tmp_path / "tests.jsonl", [
        phase(f"scenarios/test_{n % 10}.py::test_{n}[{cluster}:{MACHINES[n % 7]}]", when)
        for cluster in clusters for n in range(400) for when in ("setup", "call", "teardown")
    ])  # fmt: skip
    began = time.process_time()
    page = report(tmp_path)
    assert "✓ 2000 passed" in page.text
    assert time.process_time() - began < 10
    assert len(page.html) < 3_000_000


def test_secrets_do_not_appear(tmp_path: Path) -> None:
    token, key = "abcdef.0123456789abcdef", "a1" * 32
    run(tmp_path, described() | {"substitutions": [token]})
    lines(tmp_path / "commands.jsonl", [
        step("join", 0, 5, f"token {token}"),
        command("w1", "join", f"kubeadm join --token {token} --certificate-key {key}", 0, 1, 1),
    ])  # fmt: skip
    lines(
        tmp_path / "tests.jsonl", [phase(f"a.py::test_a[{ID}:w1]", outcome="failed", text=f"--certificate-key {key}")]
    )
    html = report(tmp_path).html
    assert token not in html
    assert key not in html
    assert "abcdef.‹secret›" in html

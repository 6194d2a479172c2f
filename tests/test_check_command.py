"""`./run check`, from what is typed to the exit status, on bundles: nothing is connected to."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from checks.cli.options import period
from checks.facts import bundle
from checks.facts.cluster import Facts
from fixtures.check.__main__ import divided, main
from tests.healthy import healthy, with_machine
from tests.healthy.values import ENDPOINT

ACCEPTED = """\
[[accepted]]
id = "KHA-ONE-003"
machine = "cp2"
reason = "a file for the day on which the balancer is gone"
date = 2026-05-01
"""


def one_machine() -> Facts:
    """A cluster with one finding, a warning: admin.conf of cp2 leads to cp1."""
    facts = healthy()
    files = facts.machine("cp2").kubeconfigs.get()
    changed = tuple(
        type(each)(**{**vars(each), "server": "https://10.0.0.11:6443"}) if each.place.endswith("/admin.conf") else each
        for each in files
    )
    return with_machine(facts, "cp2", kubeconfigs=changed)


@pytest.fixture(autouse=True)
def _records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_RUN_DIR", str(tmp_path / "run"))


@pytest.fixture
def bad(tmp_path: Path) -> str:
    bundle.save(one_machine(), tmp_path / "bad.json")
    return str(tmp_path / "bad.json")


@pytest.fixture
def good(tmp_path: Path) -> str:
    bundle.save(healthy(), tmp_path / "good.json")
    return str(tmp_path / "good.json")


def test_a_healthy_cluster_is_0_and_one_with_a_warning_is_1(
    good: str, bad: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (main(["--from", good]), main(["--from", bad])) == (0, 1)
    shown = capsys.readouterr().out
    assert "survives the loss of" in shown
    assert "KHA-ONE-003" in shown


def test_what_fails_is_the_users_choice(bad: str) -> None:
    assert main(["--from", bad, "--fail-on", "critical"]) == 0
    assert main(["--from", bad, "--fail-on", "notice"]) == 1


def test_a_finding_that_a_baseline_accepts_does_not_count(bad: str, tmp_path: Path) -> None:
    (tmp_path / "accepted.toml").write_text(ACCEPTED)
    assert main(["--from", bad, "--baseline", str(tmp_path / "accepted.toml")]) == 0


def test_certificates_that_end_within_the_period_are_warnings(good: str) -> None:
    assert main(["--from", good, "--expires-within", "340d"]) == 1
    assert main(["--from", good, "--expires-within", "12h"]) == 0


def test_every_file_is_written_and_can_be_read(bad: str, tmp_path: Path) -> None:
    names = {"html": "c.html", "json": "c.json", "sarif": "c.sarif", "junit": "c.xml", "prometheus": "c.prom"}
    options = [word for name, file in names.items() for word in (f"--{name}", str(tmp_path / file))]
    assert main(["--from", bad, *options, "--bundle", str(tmp_path / "again.json")]) == 1
    assert json.loads((tmp_path / "c.json").read_text())["endpoint"] == ENDPOINT
    assert json.loads((tmp_path / "c.sarif").read_text())["version"] == "2.1.0"
    assert ElementTree.parse(tmp_path / "c.xml").findall(".//failure")
    assert "KHA-ONE-003" in (tmp_path / "c.prom").read_text()
    assert "KHA-ONE-003" in (tmp_path / "c.html").read_text()
    assert bundle.load(tmp_path / "again.json").endpoint == ENDPOINT


def test_one_document_on_standard_output_is_alone_there(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--from", bad, "--json", "-"])
    assert json.loads(capsys.readouterr().out)["endpoint"] == ENDPOINT


def test_an_earlier_run_says_what_is_new(
    good: str, bad: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = tmp_path / "earlier.json"
    main(["--from", good, "--json", str(earlier), "--quiet"])
    capsys.readouterr()
    main(["--from", bad, "--compare", str(earlier)])
    assert "new" in capsys.readouterr().out.lower()


def test_one_finding_is_explained_without_a_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--explain", "KHA-ETCD-004"]) == 0
    assert "A member of etcd does not answer." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "there is nothing to check"),
        (["--from", "/nosuch"], "cannot be read"),
        (["nosuch.toml"], "there is no file nosuch.toml, and no cluster of that name"),
        (["--explain", "KHA-X-1"], "KHA-X-1"),
        (["--from", "{good}", "hosts.toml"], "--from judges a bundle alone"),
        (["--from", "{good}", "--baseline", "/nosuch"], "the baseline /nosuch cannot be read"),
        (["--ssh", "ubuntu"], "--ssh needs --kubeconfig"),
        (["--from", "{good}", "--bundle", "-"], "--bundle needs a file"),
        (["--from", "{good}", "--json", "-", "--html", "-"], "two documents are to be written to -"),
        (["--from", "{good}", "--json", "/nosuch/x"], "/nosuch/x cannot be written"),
        (["--from", "{good}", "--bundle", "/tmp"], "/tmp cannot be written"),
        (["--from", "{good}", "--json", "-", "-k", "etcd"], "pytest writes to standard output itself"),
        (["--kubeconfig", "~nosuchuser/x"], "there is no file ~nosuchuser/x"),
    ],
)
def test_bad_input_is_2_and_says_what_is_wrong(
    good: str, given: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setenv("HA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main([each.format(good=good) for each in given]) == 2
    assert message in capsys.readouterr().err


def test_words_of_pytest_show_each_verdict_as_a_test(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--from", bad, "-k", "KHA-ONE-003", "-v"]) == 1
    shown = capsys.readouterr().out
    assert "1 failed, 2 passed" in shown
    assert "admin.conf" in shown


def test_the_exit_status_is_that_of_the_verdicts_that_pytest_chose(bad: str, tmp_path: Path) -> None:
    file = tmp_path / "chosen.json"
    assert main(["--from", bad, "-k", "etcd", "-q", "--json", str(file)]) == 0
    chosen = json.loads(file.read_text())["verdicts"]
    assert chosen
    assert all("ETCD" in each["id"] or "etcd" in each["title"] for each in chosen)


def test_pytests_own_junit_has_each_verdict(bad: str, tmp_path: Path) -> None:
    main(["--from", bad, "-q", "--", f"--junitxml={tmp_path / 'p.xml'}"])
    suite = ElementTree.parse(tmp_path / "p.xml").getroot()[0]
    assert int(suite.get("failures", "0")) == 1


def test_an_expression_that_pytest_cannot_read_is_2(good: str) -> None:
    assert main(["--from", good, "-k", "and and"]) == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"value": [],\n   "missing": "",\n   "needs": ""\n  },\n  "tokens"',
         '"value": null,\n   "missing": "",\n   "needs": ""\n  },\n  "tokens"'),
        ('"name": "w1",\n', '"nameless": "w1",\n'),
    ],
)  # fmt: skip
def test_a_bundle_that_is_not_whole_is_refused(
    good: str, before: str, after: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path(good).read_text()
    assert before in text
    Path(good).write_text(text.replace(before, after, 1))
    assert main(["--from", good]) == 2
    assert "is not a" in capsys.readouterr().err


def test_words_are_divided() -> None:
    own, of_pytest = divided(["hosts.toml", "-k", "etcd", "--quiet", "-v", "--", "-x", "--tb=short"])
    assert own == ["hosts.toml", "--quiet"]
    assert of_pytest == ["-k", "etcd", "-v", "-x", "--tb=short"]


def test_periods_are_days_or_hours() -> None:
    assert (period("30"), period("30d"), period("12h")) == (
        timedelta(days=30), timedelta(days=30), timedelta(hours=12)
    )  # fmt: skip

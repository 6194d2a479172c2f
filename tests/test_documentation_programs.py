"""The programs that pages are judged by: which are taken, how their help is read, and what is kept of their answers."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest

from documentation.programs.answers import Answers
from documentation.programs.programs import Programs
from provision.util.home import Home
from tests import fake_programs

SCRIPT = """#!/bin/sh
echo run >> {count}
echo '{answer}'
"""


def _program(path: Path, answer: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SCRIPT.format(count=path.with_suffix(".count"), answer=answer))
    path.chmod(0o755)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    for name, answer in (
        ("kubeadm", "v1.37.2"),
        ("kubectl", "Client Version: v1.37.2"),
        ("kubelet", "Kubernetes v1.36.1"),
    ):
        _program(tmp_path / "artifacts" / "kubernetes-a" / name, answer)
    for folder, version in (("etcdctl-a", "3.6.8"), ("etcdctl-b", "3.10.1")):
        _program(tmp_path / "artifacts" / folder / "etcdctl", f"etcdctl version: {version}\nAPI version: 3.6")
    return Home(tmp_path)


def test_by_default_the_newest_are_taken_and_those_of_other_versions_are_left_out(home: Home) -> None:
    found = Programs.find(home=home)
    assert [(each.name, each.version) for each in found.all()] == [
        ("kubeadm", "v1.37.2"), ("kubectl", "v1.37.2"), ("etcdctl", "v3.10.1"),
    ]  # fmt: skip
    assert list(found.summary()) == [
        "Checked with kubeadm v1.37.2, kubectl v1.37.2, etcdctl v3.10.1.",
        "Not validated: flags of the kubelet; objects of the Kubernetes API (without kubelet).",
    ]


def test_a_program_that_does_not_run_is_missing(home: Home) -> None:
    for each in ("kubernetes-a/kubectl", "etcdctl-b/etcdctl"):
        (home.artifacts / each).write_text("#!/bin/sh\nexit 1\n")
    assert [(each.name, each.version) for each in Programs.find(home=home).all()] == [
        ("kubeadm", "v1.37.2"), ("etcdctl", "v3.6.8"),
    ]  # fmt: skip


def test_without_any_program_the_summary_names_all_that_was_not_validated() -> None:
    [sentence] = Programs().summary()
    assert sentence.startswith("Not validated: kubeadm's subcommands")
    assert "(without kubeadm, kubectl, etcdctl, kubelet)" in sentence
    assert not Programs()


def test_a_second_run_asks_no_program_again_until_the_program_changes(home: Home) -> None:
    binary = home.artifacts / "kubernetes-a" / "kubeadm"
    for _ in range(3):
        assert Programs.find(home=home).kubeadm.version == "v1.37.2"  # type: ignore[union-attr]
    assert binary.with_suffix(".count").read_text() == "run\n"
    _program(binary, "v1.38.0")
    assert Programs.find(home=home).kubeadm.version == "v1.38.0"  # type: ignore[union-attr]


def test_answers_are_kept_by_program_and_question(tmp_path: Path) -> None:
    answers = Answers(tmp_path / "answers.sqlite")
    assert answers.of("a", "b", answer=lambda: ["c", 1]) == ["c", 1]
    again = Answers(tmp_path / "answers.sqlite")
    assert again.of("a", "b", answer=lambda: "other") == ["c", 1]
    assert again.of("a", "b", "c", answer=lambda: "other") == "other"
    assert again.of("d", "b", answer=lambda: "other") == "other"


def test_the_oldest_answers_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("documentation.programs.answers._KEPT", 3)
    answers = Answers(tmp_path / "answers.sqlite")
    for number in range(5):
        answers.of("a", str(number), answer=partial(int, number))
    again = Answers(tmp_path / "answers.sqlite")
    assert [again._read(key) for key in answers._known] == [None, None, "2", "3", "4"]


def test_runs_at_once_disturb_each_other_in_nothing(tmp_path: Path) -> None:
    def run() -> None:
        answers = Answers(tmp_path / "answers.sqlite")
        failures.extend(n for n in range(40) if answers.of("a", str(n), answer=partial(int, n)) != n)

    failures: list[int] = []
    threads = [threading.Thread(target=run) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []


@pytest.mark.parametrize("content", [None, b"no database at all" * 100])
def test_a_file_that_cannot_be_used_costs_only_time(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "answers.sqlite"
    path.mkdir() if content is None else path.write_bytes(content)
    answers = Answers(path)
    assert [answers.of("a", "b", answer=lambda: 1), answers.of("a", "b", answer=lambda: 2)] == [1, 1]


def test_help_is_read_in_all_forms_in_which_programs_print_it() -> None:
    kubectl, etcdctl = fake_programs.kubectl(), fake_programs.etcdctl()
    old, kubelet = fake_programs.etcdctl(fake_programs.OLD_ETCDCTL), fake_programs.kubelet()
    assert kubectl.help().commands == {"get", "certificate", "exec"}
    assert kubectl.help("certificate").commands == {"approve", "deny"}
    assert (kubectl.help("certificate").operands, kubectl.help("certificate", "approve").operands) == (False, True)
    assert [kubectl.help("get").takes_value(flag) for flag in ("-A", "--output", "-n")] == [False, True, True]
    assert etcdctl.help().commands == {"get", "del", "member"}
    assert [etcdctl.help("member", "list").takes_value(flag) for flag in ("-w", "-h")] == [True, False]
    assert old.help().commands == {"get", "member"}
    assert old.help("member").commands == {"list"}
    assert not old.help("member").operands
    assert [old.help("member", "list").takes_value(flag) for flag in ("--consistency", "-h")] == [True, False]
    assert kubelet.help().commands == set()
    assert (kubelet.takes("--node-ip"), kubelet.takes("--node-op")) == (True, False)


def test_which_flags_exclude_a_configuration_file_is_found_without_a_file() -> None:
    kubeadm = fake_programs.kubeadm()
    assert kubeadm.excluded_by_config("init") == {"--certificate-key", "--ttl"}
    [run] = [run for run in kubeadm.runs if "--help" not in run]
    assert run[:2] == ("init", "--config=/nonexistent/configuration")
    assert {"--certificate-key=", "--dry-run=true", "--ttl=1s"} <= set(run)
    assert kubeadm.excluded_by_config("certs", "certificate-key") == frozenset()

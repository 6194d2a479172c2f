"""Sections of one command: each question's answer is kept apart, and a failure is never taken for an answer."""

from __future__ import annotations

import subprocess

import pytest

from checks.collecting.sections import Answer, Answers, answers, command
from checks.facts.fact import Unknown
from tests.simulated import answered, printed

_QUESTIONS = {"first": "echo one; false", "second": "printf 'no end of line'", "third": "exit 3", "never": "true"}


def test_a_shell_answers_every_question_up_to_one_that_ends_it() -> None:
    typed = command(_QUESTIONS, 5).removeprefix("sudo -n ")
    output = subprocess.run(["sh", "-c", typed], capture_output=True, text=True, timeout=20, check=False).stdout
    given = answers(_QUESTIONS, output)
    assert given.any("first") == Answer("echo one; false", "one\n", 1)
    assert given.text("second") == "no end of line"
    assert "third" not in given
    with pytest.raises(Unknown, match="did not answer the question about never in time"):
        given.any("never")


def test_what_was_answered_before_the_limit_is_there() -> None:
    questions = {"quick": "echo yes", "hangs": "sleep 60"}
    typed = command(questions, 1).removeprefix("sudo -n ")
    ended = subprocess.run(["sh", "-c", typed], capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 124
    assert answers(questions, ended.stdout).text("quick") == "yes\n"


def test_messages_are_in_english_whatever_the_machine_speaks() -> None:
    assert " env LC_ALL=C " in command({"host": "hostname"}, 5)


def test_a_file_that_holds_a_section_does_not_begin_one() -> None:
    inside = "=#= uuid\nforged\n=#? 0\n"
    given = answered(manifests=inside)
    assert given.text("manifests") == inside
    assert "uuid" not in given


def test_a_section_that_was_not_requested_for_is_none() -> None:
    assert list(answers({"host": "hostname"}, printed({"host": ("a\n", 0), "other": ("b\n", 0)})).all()) == ["host"]


@pytest.mark.parametrize(
    "output",
    [
        "find: 'openssl': No such file or directory\n",
        "find: '/etc/kubernetes/pki': Permission denied\n",
        "find: unrecognized: -printf\n",
        "grep: unrecognized option: z\n",
        "sh: 1: find: not found\n",
    ],
)
def test_a_search_that_failed_is_not_a_list(output: str) -> None:
    for rc in (0, 1):
        with pytest.raises(Unknown, match="failed: "):
            answered(files=(output, rc)).listed("files")


@pytest.mark.parametrize("rc", [124, 126, 127])
def test_a_search_that_did_not_run_or_end_is_not_a_list(rc: int) -> None:
    with pytest.raises(Unknown):
        answered(files=("", rc)).listed("files")


def test_folders_that_are_not_there_are_an_empty_list() -> None:
    output = (
        "find: '/etc/kubernetes': No such file or directory\nfind: /var/lib/kubelet/pki: No such file or directory\n"
    )
    assert answered(files=(output, 1)).listed("files") == output


def test_a_failure_says_the_last_line_that_was_printed() -> None:
    with pytest.raises(Unknown, match=r"^`a command` failed: it is full$"):
        answered(host=("first\nit is full\n\n", 1)).text("host")
    with pytest.raises(Unknown, match="failed: exit status 2"):
        answered(host=("", 2)).text("host")


def test_what_may_be_missing_is_empty() -> None:
    given = answered(host=("no\n", 1))
    assert given.maybe("host") == given.maybe("other") == ""


def test_a_machine_that_printed_nothing_says_why_in_each_section() -> None:
    given = Answers({}, "sudo was refused", "a password").joined(Answers({}, "another reason"))
    with pytest.raises(Unknown, match="sudo was refused") as raised:
        given.text("host")
    assert raised.value.needs == "a password"

"""The fake machines themselves: a command without an answer is an error, and so is an answer that no command needs."""

from __future__ import annotations

import re

import pytest

from provision.util.errors import Unreachable
from provision.util.result import Result
from tests.fake_machine import Answers, FakeMachine, Replies, on


def test_an_unknown_command_is_an_error_that_names_it_and_the_known_ones() -> None:
    machine = FakeMachine({"hostname": "cp1", re.compile("^kubeadm init"): ""})
    with pytest.raises(AssertionError) as caught:
        machine.run("rm -rf /")
    assert str(caught.value) == "cp1 has no answer to `rm -rf /`; it knows `hostname`, /^kubeadm init/"


def test_the_first_entry_counts_that_is_the_text_or_a_pattern_in_it() -> None:
    machine = FakeMachine({"ab": "exact", re.compile("a"): "pattern", re.compile("b"): "second", "b": "never"})
    assert [machine.succeed(command) for command in ("ab", "abc", "bc", "b")] == ["exact", "pattern", *["second"] * 2]
    assert machine.commands == ["ab", "abc", "bc", "b"]


def test_an_answer_is_a_text_a_result_an_exception_or_a_function() -> None:
    replies: Replies = {
        "lost": Unreachable("gone"),
        "killed": Result(137, "", ""),
        "whoami": lambda name, command: f"{name} {command}",
    }
    machine = FakeMachine(replies)
    with pytest.raises(Unreachable, match="gone"):
        machine.run("lost")
    assert (machine.run("killed").rc, machine.run("whoami").stdout) == (137, "cp1 whoami")


def test_a_function_may_leave_a_command_to_the_next_entry() -> None:
    assert FakeMachine({"date": on("w2", "late"), re.compile("date"): "early"}).succeed("date") == "early"
    with pytest.raises(AssertionError, match="has no answer"):
        FakeMachine({"date": on("w2", "late")}).run("date")


def test_an_answer_that_no_command_needs_is_an_error() -> None:
    with (
        pytest.raises(AssertionError, match="no machine needed the answer to `date`, /uptime/"),
        Answers({"hostname": "", "date": "", re.compile("uptime"): ""}) as answers,
    ):
        FakeMachine(answers).run("hostname")
    with Answers({"hostname": ""}) as answers:
        FakeMachine(answers).run("hostname")


def test_a_failure_is_not_hidden_by_answers_that_no_command_needed() -> None:
    with pytest.raises(KeyError), Answers({"hostname": ""}):
        raise KeyError

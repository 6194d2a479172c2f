"""Scenarios in a random order: all of them, each file's together, and the same order by the same number."""

from __future__ import annotations

import sys

import pytest

from tests.fakes import ROOT

pytest_plugins = "pytester"

FILES = {f"test_{name}": "\n".join(f"def test_{name}{each}(): pass" for each in range(8)) for name in "abcd"}


def order_of(pytester: pytest.Pytester, *options: str) -> list[str]:
    shown = pytester.runpytest("-p", "tests.shuffled", "--collect-only", "-q", *options)
    return [line for line in shown.outlines if "::" in line]


def test_files_and_their_scenarios_are_in_the_order_of_a_number(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**FILES)
    first = order_of(pytester, "--order", "1")
    assert order_of(pytester, "--order", "1") == first
    assert order_of(pytester, "--order", "2") != first
    assert len(first) == len(set(first)) == 32
    files = [line.partition("::")[0] for line in first]
    assert len([at for at in range(1, 32) if files[at] != files[at - 1]]) == 3
    assert first != sorted(first)


def test_the_number_is_printed_where_none_was_given(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**FILES)
    pytester.runpytest("-p", "tests.shuffled").stdout.fnmatch_lines(["scenarios in a random order: --order *"])


def test_the_order_of_a_cluster_is_that_of_the_number(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The harness has clusters one after the other; on each, scenarios come as they are shuffled."""
    monkeypatch.chdir(ROOT)
    orders = [_collected(pytester, *options) for options in ((), ("-p", "tests.shuffled", "--order", "1"))]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])


def _collected(pytester: pytest.Pytester, *options: str) -> list[str]:
    words = ["-q", "--collect-only", "-k", "stacked and test_system_pods and not mutable and not faults", *options]
    shown = pytester.run(sys.executable, "-m", "pytest", "scenarios/test_system_pods.py", *words)
    assert shown.ret == 0
    return [line for line in shown.outlines if "::" in line]

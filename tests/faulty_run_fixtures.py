"""Fixtures of tests that put a fault into a whole run of pytest: loaded by `pytest_plugins`, and never imported."""

from __future__ import annotations

import pytest

from tests.fakes import make_project
from tests.faulty_runs import EARLY_AND_LATE, READING_FACTS, Inject


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    make_project(pytester, monkeypatch, first=EARLY_AND_LATE, second=READING_FACTS)
    return pytester


@pytest.fixture
def inject(monkeypatch: pytest.MonkeyPatch) -> Inject:
    """Lets a command fail: a step's, another one on a machine, or one of the engine."""

    def inject(command: str, how: str = "") -> None:
        monkeypatch.setenv("FAKE_FAILS", command)
        monkeypatch.setenv("FAKE_HOW", how)

    return inject

"""For all tests: properties are tried without limits of time, and what `pytester` starts in Python is forked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.forks import Forks

with suppress(ImportError):  # the harness's own environment, in which tests are started by hand, is without hypothesis
    from hypothesis import HealthCheck, settings

    # A busy host may take any time for an example.
    settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("patient")


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """One parent for all that is forked in this process's tests."""
    with Forks() as forks:
        yield forks


@pytest.fixture
def pytester(pytester: pytest.Pytester, forks: Forks, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """pytest's own, which has programs in Python forked from a process that has imported what they import."""
    monkeypatch.setattr(pytester, "popen", forks.popen(pytester.popen))
    return pytester

"""The time of faults that are made up."""

from __future__ import annotations

import time

import pytest

from tests.made_up_faults import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """It passes by sleeping, also for what reads the monotonic clock."""
    found = Clock()
    monkeypatch.setattr(time, "monotonic", found.monotonic)
    return found

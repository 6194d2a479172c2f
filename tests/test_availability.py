"""How the API's availability is measured: no request is lost, and no silence passes for good news."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest

from provision.cluster import Cluster
from provision.errors import CommandFailed
from provision.loadbalancer import availability
from provision.loadbalancer.availability import _Asking, outages, samples, watched
from provision.recording.ticker import Ticker
from tests.stand_ins import fake_cluster


def _cluster(authority: str = "-----BEGIN CERTIFICATE-----") -> Cluster:
    return fake_cluster({"sudo cat /etc/kubernetes/pki/ca.crt": authority})


@contextmanager
def _answered_by(ask: object, longest: float = 5.0) -> Iterator[None]:
    with (
        patch.object(_Asking, "__init__", _begin),
        patch.object(_Asking, "_ask", ask),
        patch.object(availability, "_LONGEST", longest),
    ):
        yield


def _begin(self: _Asking, *_: object) -> None:
    self._samples, self._sent = [], None


def test_the_request_that_runs_at_the_end_is_waited_for() -> None:
    """It is the one that takes long, so by nature the one that fails."""
    began = threading.Event()
    took: list[float] = []

    def slow(_self: _Asking) -> bool:
        began.set()
        start = time.monotonic()
        time.sleep(1.2)  # longer than a ticker is waited for elsewhere
        took.append(time.monotonic() - start)
        return False

    cluster = _cluster()
    with _answered_by(slow), watched(cluster):
        began.wait(30)
    assert [sample.ok for sample in samples(cluster)] == [False]
    assert outages(samples(cluster))[0].seconds == pytest.approx(took[0], abs=0.3)


def test_a_request_that_never_ends_has_failed() -> None:
    began, over = threading.Event(), threading.Event()

    def hangs(_self: _Asking) -> bool:
        began.set()
        over.wait(60)
        return True

    cluster = _cluster()
    with _answered_by(hangs, longest=0.2), watched(cluster):
        began.wait(30)
    over.set()
    assert [sample.ok for sample in samples(cluster)] == [False]


def test_requests_that_succeed_are_no_outage() -> None:
    cluster = _cluster()
    with _answered_by(lambda _self: True), watched(cluster):
        time.sleep(0.25)
    assert len(samples(cluster)) >= 2
    assert outages(samples(cluster)) == []


@pytest.mark.parametrize("authority", ["", "cat: permission denied"])
def test_without_an_authority_nothing_is_measured_and_that_is_an_error(authority: str) -> None:
    measured = watched(_cluster(authority))
    with pytest.raises(CommandFailed, match=r"on cp1: /etc/kubernetes/pki/ca\.crt holds no certificate"):
        measured.__enter__()


def test_what_ends_the_requests_is_raised_and_not_silence() -> None:
    def wrong(_self: _Asking) -> bool:
        raise KeyError("endpoint")

    cluster = _cluster()
    with pytest.raises(KeyError, match="endpoint"), _answered_by(wrong), watched(cluster):
        time.sleep(0.1)
    assert [sample.ok for sample in samples(cluster)] == [False]


def test_what_ended_the_requests_does_not_hide_why_the_step_failed() -> None:
    def wrong(_self: _Asking) -> bool:
        raise KeyError("endpoint")

    def upgrade() -> None:
        with _answered_by(wrong), watched(_cluster()):
            time.sleep(0.1)
            raise CommandFailed("the upgrade")

    with pytest.raises(CommandFailed, match="the upgrade"):
        upgrade()


def test_a_ticker_that_is_stopped_without_failure_has_none() -> None:
    ticker = Ticker(lambda: 0.01)
    ticker.stop()
    assert ticker.failure is None

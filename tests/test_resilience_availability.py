"""Availability from records: what is counted as lost, the longest gap, and when requests were served again."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from resilience.availability import Availability, Gap, measured, operations, way_of
from resilience.histories.records import Answered, Change, Invoked, Kind, Loss, Member, Outcome, Record, Watched
from resilience.traffic.delays import Delay
from resilience.traffic.validity import void

Request = tuple[float, float | None, Loss]
"""When it began, when it was answered, and how it was lost."""

OK = Loss.NONE


def recorded(requests: Sequence[Request], client: str = "service", first: int = 1) -> list[Record]:
    found: list[Record] = []
    for number, (begin, end, loss) in enumerate(requests, first):
        found.append(Invoked(number, client, Kind.GET, begin, "a"))
        if end is not None:
            outcome = Outcome.UNKNOWN if loss else Outcome.OK
            found.append(Answered(number, outcome, end, status=0 if loss else 200, loss=loss))
    return found


def one(requests: Sequence[Request], injected: float | None = None, until: float | None = None) -> Availability:
    return measured(recorded(requests), injected, until)["service"]


def test_a_calm_way_has_lost_nothing_and_its_gap_is_the_time_between_two_turns() -> None:
    found = one([(0.0, 0.1, OK), (0.4, 0.5, OK), (0.8, 1.0, OK)], injected=0.2)
    assert (found.requests, dict(found.lost), found.last_loss) == (2, {}, None)
    assert found.longest == Gap(0.5, 1.0)
    assert found.first_success == pytest.approx(0.3)
    assert found.served_again is None


def test_a_fault_loses_requests_by_kind_until_one_is_served() -> None:
    requests = [
        (0.0, 0.1, OK), (1.0, 1.5, Loss.RESET), (2.0, 2.1, Loss.REFUSED), (3.0, 3.1, Loss.REFUSED), (4.0, 4.5, OK),
    ]  # fmt: skip
    found = one(requests, injected=0.9)
    assert dict(found.lost) == {Loss.RESET: 1, Loss.REFUSED: 2}
    assert found.longest == Gap(0.1, 4.5)
    assert found.first_success == pytest.approx(3.6)
    assert found.served_again == pytest.approx(3.6)
    assert found.last_loss == pytest.approx(2.2)


def test_a_fault_that_takes_its_time_has_a_first_success_before_it_and_serves_again_behind_it() -> None:
    found = one(
        [(0.0, 0.1, OK), (1.0, 1.1, OK), (1.5, 6.5, Loss.TIMEOUT), (6.6, 6.7, OK), (7.0, 7.1, OK)], injected=0.9
    )
    assert found.first_success == pytest.approx(0.2)
    assert found.served_again == pytest.approx(5.8)


def test_a_client_that_was_gone_itself_is_known_by_its_silence() -> None:
    gone = one([(0.0, 0.1, OK), (1.0, 1.1, OK)], injected=0.5, until=26.1)
    assert (dict(gone.lost), gone.longest) == ({}, Gap(1.1, 26.1, ended=False))
    assert gone.idle == pytest.approx(25.0)
    assert one([(0.0, 0.1, OK), (1.0, 20.0, Loss.TIMEOUT)], injected=0.5).idle == pytest.approx(0.5)
    assert one([(0.0, 0.1, OK), (1.0, None, OK)], injected=0.5, until=9.0).idle == pytest.approx(0.5)


def test_a_request_that_was_on_its_way_counts_and_is_not_the_first_success() -> None:
    found = one([(0.0, 3.0, OK), (3.5, 4.0, OK)], injected=1.0)
    assert (found.requests, found.first_success) == (2, 3.0)
    lost = one([(0.0, 3.0, Loss.TIMEOUT), (3.5, 4.0, OK)], injected=1.0)
    assert dict(lost.lost) == {Loss.TIMEOUT: 1}


def test_requests_of_other_times_do_not_count() -> None:
    requests = [(0.0, 0.5, Loss.SERVER), (2.0, 2.5, OK), (5.0, 5.5, Loss.SERVER)]
    found = one(requests, injected=1.0, until=4.0)
    assert (found.requests, dict(found.lost)) == (1, {})


def test_a_way_that_is_gone_for_good_has_a_gap_without_an_end_and_no_success() -> None:
    found = one([(0.0, 0.1, OK), (1.0, 6.0, Loss.TIMEOUT), (6.1, 8.0, Loss.TIMEOUT)], injected=0.5)
    assert found.longest == Gap(0.1, 8.0, ended=False)
    assert (found.first_success, found.served_again, found.last_loss) == (None, None, 7.5)


def test_a_gap_that_ends_behind_the_time_is_cut_there_and_has_ended() -> None:
    found = one([(0.0, 0.1, OK), (1.0, 2.0, Loss.RESET), (5.0, 5.1, OK)], injected=0.5, until=4.0)
    assert found.longest == Gap(0.1, 4.0, ended=True)


def test_a_request_without_an_answer_is_lost() -> None:
    found = one([(0.0, 0.1, OK), (1.0, None, OK)], injected=0.5, until=9.0)
    assert dict(found.lost) == {Loss.TIMEOUT: 1}
    assert found.longest == Gap(0.1, 9.0, ended=False)


def test_two_clients_of_one_way_are_one_and_each_server_is_a_way_of_its_own() -> None:
    records = [
        *recorded([(0.0, 0.1, OK), (2.0, 2.1, OK)], "balancer-new/1"),
        *recorded([(1.0, 1.1, OK)], "balancer-new/2", 10),
        *recorded([(0.0, 0.1, OK)], "api/cp1", 20),
        *recorded([(0.0, 0.1, Loss.REFUSED)], "api/cp2", 30),
        *recorded([(0.0, 0.1, Loss.SERVER)], "final", 40),
        Watched("watch/servers", 1, Change.STARTED, 0.5, 7),
        Member("cp1", 9, 1),
    ]
    found = measured(records)
    assert list(found) == ["api/cp1", "api/cp2", "balancer-new"]
    assert found["balancer-new"].longest == Gap(0.1, 1.1)
    assert dict(found["api/cp2"].lost) == {Loss.REFUSED: 1}


@pytest.mark.parametrize(
    ("client", "way"),
    [
        ("balancer-new/2", "balancer-new"), ("balancer-kept", "balancer-kept"), ("service", "service"),
        ("api/cp1", "api/cp1"), ("api", None), ("final", None), ("watch/balancer", None), ("", None),
    ],
)  # fmt: skip
def test_a_client_is_named_after_its_way(client: str, way: str | None) -> None:
    assert way_of(client) == way


def test_a_conflict_is_served() -> None:
    records: list[Record] = [Invoked(1, "service", Kind.UPDATE, 0.0, "a"), Answered(1, Outcome.FAILED, 0.1, status=409)]
    assert [each.served for each in operations(records)] == [True]


def test_an_unknown_answer_of_an_older_history_is_lost() -> None:
    records: list[Record] = [Invoked(1, "service", Kind.UPDATE, 0.0, "a"), Answered(1, Outcome.UNKNOWN, 0.1)]
    assert [each.loss for each in operations(records)] == [Loss.OTHER]


TIMES = some.floats(0, 100, allow_nan=False)
REQUESTS = some.lists(
    some.tuples(TIMES, some.floats(0, 5), some.sampled_from([OK, OK, Loss.RESET, Loss.REFUSED]), some.booleans()).map(
        lambda drawn: (drawn[0], None if drawn[3] and drawn[2] else drawn[0] + drawn[1], drawn[2])
    ),
    max_size=30,
)


@given(REQUESTS, TIMES, TIMES)
def test_of_any_requests_all_that_are_lost_are_counted_and_a_gap_holds_no_success(
    requests: list[Request], one_time: float, other: float
) -> None:
    injected, until = sorted((one_time, other))
    found = measured(recorded(requests), injected, until).get("service")
    within = [(b, e, loss) for b, e, loss in requests if b <= until and (e is None or e >= injected)]
    if found is None:
        assert requests == []
        return
    assert found.requests == len(within)
    assert sum(found.lost.values()) == sum(1 for _, e, loss in within if loss or e is None)
    successes = [e for _, e, loss in requests if e is not None and not loss]
    if gap := found.longest:
        assert not any(gap.begin < each < gap.end for each in successes)
        assert gap.end <= until
        assert gap.seconds >= 0
    assert -1e-9 <= found.idle <= until - injected + 1e-9
    if found.first_success is not None:
        assert found.first_success >= 0
        assert any(b >= injected and e == pytest.approx(injected + found.first_success) for b, e, _ in within if e)


@given(REQUESTS, TIMES)
def test_the_longest_gap_is_at_least_the_time_until_the_first_success(requests: list[Request], injected: float) -> None:
    found = measured(recorded(requests), injected, 200.0).get("service")
    between = [e for b, e, loss in requests if b < injected and e is not None and e > injected and not loss]
    if found and found.first_success is not None and found.longest and not between:
        assert found.longest.seconds >= found.first_success - 1e-6


NAMES = ("api/cp1", "service")


def busy(rate: float, seconds: float = 10.0) -> list[Record]:
    half = rate / len(NAMES)
    found: list[Record] = []
    for place, name in enumerate(NAMES):
        requests = [(each / half, each / half + 0.01, OK) for each in range(int(half * seconds))]
        found += recorded(requests, name, 10_000 * place + 1)
    return found


def test_a_run_with_enough_traffic_on_a_calm_host_says_something() -> None:
    assert list(void(busy(24), NAMES, Delay(0.9), injected=9.0)) == []


def test_a_run_with_too_little_traffic_before_the_fault_is_void() -> None:
    (why,) = void(busy(16), NAMES, Delay(), injected=9.0)
    assert "16." in why
    assert "20 are the least" in why


def test_traffic_after_the_fault_does_not_count() -> None:
    late = [
        *busy(16, 5),
        *recorded([(5 + each / 100, 5.005 + each / 100, OK) for each in range(400)], "service", 90_000),
    ]
    assert len(list(void(late, NAMES, Delay(), injected=5.0))) == 1
    assert list(void(late, NAMES, Delay())) == []


def test_a_run_on_a_host_that_was_too_busy_is_void() -> None:
    (why,) = void(busy(24), NAMES, Delay(1.2, 3.0))
    assert "1.2 s too late" in why


def test_a_run_with_a_client_that_never_worked_is_void() -> None:
    (why,) = void(busy(24), [*NAMES, "balancer-kept"], Delay())
    assert why == "without an answer before the fault: balancer-kept"


def test_a_run_without_anything_is_void() -> None:
    assert len(list(void([], NAMES, Delay()))) == 2

"""From samples to intervals: no hole, nothing twice, silence is a state; and who noticed a fault when."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as some

from resilience.inside.intervals import ANSWERS, NO_ANSWER, NONE, SILENCE, Interval, Sample, Thing, changing, intervals
from resilience.inside.machines import BALANCER, ETCD
from resilience.inside.noticed import Noticed, is_good, noticed

ETCD_1, NODE_1 = Thing("etcd", "cp1"), Thing("node", "cp1")


def sample(at: float, **states: str) -> Sample:
    names = {"etcd": ETCD_1, "node": NODE_1}
    return Sample(at, {names[name]: state for name, state in states.items()})


def test_a_state_lasts_until_another_one_is_seen() -> None:
    found = intervals([sample(1, etcd="process 3"), sample(2, etcd="process 3"), sample(3, etcd="process 9")], 4)
    assert found == [Interval("etcd", "cp1", "process 3", 1, 3), Interval("etcd", "cp1", "process 9", 3, 4)]


def test_silence_is_a_state_from_the_last_sample_to_the_next_and_to_the_end() -> None:
    found = intervals([sample(1, etcd="a"), sample(2, etcd="a"), sample(12, etcd="a"), sample(13, etcd="a")], 20)
    assert [(each.state, each.since, each.until) for each in found] == [
        ("a", 1, 2), (NO_ANSWER, 2, 12), ("a", 12, 13), (NO_ANSWER, 13, 20),
    ]  # fmt: skip


def test_two_seconds_without_a_sample_are_no_silence() -> None:
    assert [each.state for each in intervals([sample(1, etcd="a"), sample(3, etcd="a")], 5)] == ["a"]


def test_what_is_named_no_more_is_gone_and_what_comes_late_begins_late() -> None:
    found = intervals([sample(1, etcd="a"), sample(2, node="Ready"), sample(3, etcd="a", node="Ready")], 3)
    assert [(each.what, each.state, each.since, each.until) for each in found] == [
        ("etcd", "a", 1, 2), ("etcd", NONE, 2, 3), ("etcd", "a", 3, 3), ("node", "Ready", 2, 3),
    ]  # fmt: skip


def test_samples_after_the_end_do_not_count() -> None:
    assert intervals([sample(1, etcd="a"), sample(9, etcd="b")], 2) == [Interval("etcd", "cp1", "a", 1, 2)]


def test_what_never_changed_is_of_no_interest() -> None:
    found = intervals([sample(1, etcd="a", node="Ready"), sample(2, etcd="b", node="Ready")], 3)
    assert {each.what for each in changing(found)} == {"etcd"}


def test_what_only_was_silent_is_shown_by_its_source_alone() -> None:
    source = Thing("machine", "cp1")
    samples = [Sample(at, {ETCD_1: "process 3", source: ANSWERS}) for at in (1.0, 2.0, 12.0)]
    found = intervals(samples, 13)
    assert {each.state for each in found} == {"process 3", ANSWERS, NO_ANSWER}
    assert {each.what for each in changing(found)} == {"machine"}
    changed = intervals([*samples, Sample(13.0, {ETCD_1: "process 9", source: ANSWERS})], 14)
    assert {each.what for each in changing(changed)} == {"machine", "etcd"}


steps = some.lists(some.tuples(some.floats(0.1, 9), some.sampled_from("ab-"), some.sampled_from("ab-")), max_size=30)


@settings(deadline=None)  # a busy host
@given(steps, some.floats(0, 9))
def test_intervals_leave_no_hole_say_nothing_twice_and_agree_with_each_sample(
    made: list[tuple[float, str, str]], rest: float
) -> None:
    at, samples = 100.0, []
    for pause, etcd, node in made:
        at += pause
        states = {"etcd": etcd, "node": node}
        samples.append(sample(at, **{name: state for name, state in states.items() if state != "-"}))
    end = at + rest
    found = intervals(samples, end)
    for thing in {Thing(each.what, each.where) for each in found}:
        own = [each for each in found if (each.what, each.where) == thing]
        named = [each for each in samples if thing in each.states]
        assert (own[0].since, own[-1].until) == (named[0].at, end)
        assert all(one.until == other.since and one.state != other.state for one, other in pairwise(own))
        for each in named:
            (begun,) = {one.state for one in own if one.since <= each.at < one.until} or {own[-1].state}
            quiet = any(one.state == NO_ANSWER and one.since == each.at for one in own)
            assert begun == (NO_ANSWER if quiet else each.states[thing])
    assert all(each.until - each.since > SILENCE for each in found if each.state == NO_ANSWER)


def test_the_balancer_and_the_api_notice_a_machine_that_is_gone_and_that_is_back() -> None:
    found = [
        Interval(BALANCER, "cp1", "UP", 0, 12), Interval(BALANCER, "cp1", "UP 1/2", 12, 13),
        Interval(BALANCER, "cp1", "DOWN", 13, 40), Interval(BALANCER, "cp1", "UP", 40, 50),
        Interval(BALANCER, "cp1", "UP 1/2", 50, 51), Interval(BALANCER, "cp1", "UP", 51, 60),
        Interval("node", "cp1", "Ready", 0, 50), Interval("node", "cp1", "Unknown", 50, 55),
        Interval("node", "cp1", "Ready", 55, 60),
        Interval(ETCD, "cp1", "leader", 0, 11), Interval(ETCD, "cp1", NO_ANSWER, 11, 60),
        Interval(ETCD, "cp3", "follower", 0, 12), Interval(ETCD, "cp3", "no leader", 12, 14),
        Interval(ETCD, "cp3", "leader", 14, 60),
    ]  # fmt: skip
    assert noticed(found, 10) == [
        Noticed("the balancer", "cp1 is DOWN", 13), Noticed("etcd", "cp3 leads", 14),
        Noticed("the balancer", "cp1 is UP again", 40), Noticed("the API", "cp1 is Unknown", 50),
        Noticed("the API", "cp1 is Ready again", 55),
    ]  # fmt: skip


def test_what_was_so_before_the_injection_is_not_noticed() -> None:
    assert noticed([Interval(BALANCER, "cp1", "DOWN", 1, 60), Interval("node", "w1", "NotReady", 2, 60)], 10) == []


def test_silence_is_not_noticed_and_what_is_heard_behind_it_is() -> None:
    ready = [Interval("node", "cp1", "Ready", 0, 12), Interval("node", "cp1", NO_ANSWER, 12, 20)]
    assert noticed([*ready, Interval("node", "cp1", "Ready", 20, 30)], 10) == []
    assert noticed([*ready, Interval("node", "cp1", "Unknown", 20, 30)], 10) == [
        Noticed("the API", "cp1 is Unknown", 20)
    ]


def test_states_of_a_healthy_cluster_are_good_and_silence_is_not() -> None:
    good = {"etcd": "process 3", ETCD: "follower", BALANCER: "no check", "node": "Ready"}
    assert all(is_good(Interval(what, "cp1", state, 0, 1)) for what, state in good.items())
    bad = {"etcd": "stopped", "kube-apiserver": "none", ETCD: "no leader", BALANCER: "MAINT", "node": "Unknown"}
    assert not any(is_good(Interval(what, "cp1", state, 0, 1)) for what, state in bad.items())
    assert not any(is_good(Interval(what, "cp1", NO_ANSWER, 0, 1)) for what in good)

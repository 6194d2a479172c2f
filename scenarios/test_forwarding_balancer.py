"""What the page says of its connection test holds for a balancer that forwards packets: one is made for this.

The page: "a connection refused error is expected because the API server is not yet running. A timeout, however, means
the load balancer cannot communicate with the control plane node." The harness's own balancer proxies; see
`test_load_balancer.py` for what comes of that.
"""

from __future__ import annotations

from fixtures.subjects.forwarding import Forwarding


def test_connection_is_refused_before_there_is_an_api_server(forwarding: Forwarding) -> None:
    answer = forwarding.test()
    assert (answer.rc, "refused" in answer.stderr) == (1, True), answer.stderr


def test_connection_times_out_where_the_balancer_does_not_reach_the_machine(forwarding: Forwarding) -> None:
    with forwarding.cut_off():
        answer = forwarding.test()
    assert (answer.rc, "timed out" in answer.stderr) == (1, True), answer.stderr

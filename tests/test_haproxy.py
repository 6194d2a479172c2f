"""The load balancer's configuration: what counts as healthy, and that a bad file is never put to use."""

from __future__ import annotations

import pytest

from provision.errors import CommandFailed
from provision.loadbalancer import haproxy
from provision.node.host_workarounds import EMULATED, EMULATION
from provision.util.result import Result
from tests.fake_machine import Answers, FakeMachine, Replies
from tests.stand_ins import commands, fake_cluster

PUT = "sudo install -D -m 644 /dev/stdin /etc/haproxy/haproxy.cfg"
CHECK = "sudo haproxy -c -q -f /etc/haproxy/haproxy.cfg"
START = "sudo systemctl enable --quiet haproxy && sudo systemctl reload-or-restart haproxy"


def test_a_server_is_healthy_by_healthz_over_tls_and_gone_after_two_failures() -> None:
    backend = haproxy.render(6443, fake_cluster().control_planes[:2]).split("backend control-planes\n")[-1]
    assert [line.strip() for line in backend.splitlines()] == [
        "balance roundrobin",
        "option httpchk",
        "http-check connect ssl",
        "http-check send meth GET uri /healthz",
        "http-check expect status 200",
        "default-server inter 1s fall 2 rise 1 check verify none",
        "server cp1 198.18.0.11:6443",
        "server cp2 198.18.0.12:6443",
    ]


@pytest.mark.parametrize(("workarounds", "seconds"), [([], 1), ([EMULATION], EMULATED)])
def test_slow_servers_have_longer_for_each_check(workarounds: list[str], seconds: int) -> None:
    with Answers({PUT: "", CHECK: "", START: ""}) as answers:
        cluster = fake_cluster(answers, workarounds=workarounds)
        haproxy.apply(cluster, cluster.control_planes)
    balancer = cluster.load_balancer
    assert isinstance(balancer, FakeMachine)
    assert f"inter {seconds}s " in balancer.fed[PUT]
    assert balancer.commands == [PUT, CHECK, START]


def test_a_configuration_that_haproxy_refuses_is_not_put_to_use() -> None:
    replies: Replies = {PUT: "", CHECK: Result(1, "", "unknown keyword"), START: ""}
    cluster = fake_cluster(replies)
    with pytest.raises(CommandFailed, match="on lb: `sudo haproxy -c -q"):
        haproxy.apply(cluster, cluster.control_planes)
    assert commands(cluster, "lb") == [PUT, CHECK]

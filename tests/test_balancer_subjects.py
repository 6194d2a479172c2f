"""What scenarios read of a load balancer: broken ones are red, and healthy ones that are unusual are quiet."""

from __future__ import annotations

import json
import re
import socket
import tomllib
from contextlib import nullcontext

import pytest

from fixtures.plugin.parameters import on, subjects
from fixtures.subjects.balancer import backends_of, haproxy_servers, holders, nginx_servers, presented_certificate
from fixtures.subjects.outages import Outages
from provision.config.balancers import BY_NAME, KINDS, Check
from provision.observations import ConnectionTest
from provision.util.errors import CommandFailed
from provision.util.result import Result
from scenarios.test_load_balancer import (
    test_balancer_backend_is_up as backend_is_up,
)
from scenarios.test_load_balancer import (
    test_balancer_backend_points_at_its_control_plane as backend_points,
)
from scenarios.test_load_balancer import (
    test_balancer_backends_are_exactly_the_control_planes as backends_are_exact,
)
from scenarios.test_load_balancer import (
    test_balancer_checks_its_backend_as_its_kind_does as checks_as_its_kind,
)
from scenarios.test_load_balancer import (
    test_nc_before_init_connects_to_the_balancer as nc_connects,
)
from scenarios.test_load_balancer import (
    test_service_of_the_balancer_runs_and_is_enabled as service_runs,
)
from scenarios.test_load_balancer import (
    test_virtual_address_is_on_exactly_one_machine as on_one_machine,
)
from tests.fake_machine import Replies
from tests.stand_ins import fake_cluster

STATISTICS = "echo 'show stat' | sudo nc -U -N /run/haproxy/admin.sock"
ADDRESSES = "sudo -n env LC_ALL=C sh -c 'ip -j address'"
UNITS = re.compile(r"^sudo -n env LC_ALL=C sh -c .*systemctl show ")
HEADER = "# pxname,svname,status,check_status,check_desc,addr"


def statistics(*rows: str) -> str:
    return "\n".join((HEADER, "kube-apiserver,FRONTEND,OPEN,,,", *rows, "control-planes,BACKEND,UP,,,"))


def server(number: int, *, status: str = "UP", how: str = "L7OK", port: int = 6443, name: str = "") -> str:
    found = "Layer7 check passed" if status == "UP" else "Layer4 connection problem"
    return f"control-planes,{name or f'cp{number}'},{status},{how},{found},198.18.0.1{number}:{port}"


HEALTHY = statistics(*map(server, (1, 2, 3)))
VIRTUAL = "stacked-uploaded-1.37-balancer-keepalived"


def haproxies(text: str, name: str = VIRTUAL) -> dict[str, dict[str, object]]:
    cluster = fake_cluster({STATISTICS: text}, name=name)
    return {each.name: dict(backends_of(cluster, each)) for each in cluster.carriers}


def test_a_balancer_of_two_machines_is_quiet() -> None:
    cluster, found = fake_cluster(name=VIRTUAL), haproxies(HEALTHY)
    backends_are_exact(found, cluster)  # type: ignore[arg-type]
    for machine in cluster.control_planes:
        backend = {name: servers[machine.name] for name, servers in found.items()}
        backend_is_up(backend)  # type: ignore[arg-type]
        backend_points(backend, machine)  # type: ignore[arg-type]
        checks_as_its_kind(cluster, backend)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([server(1), server(2)], id="one is left out"),
        pytest.param([server(1), server(2), server(3), server(4)], id="one too many"),
        pytest.param([server(1), server(2), server(3, port=7443)], id="another port"),
        pytest.param([server(1), server(2), server(3, name="w1")], id="another machine"),
    ],
)
def test_a_balancer_with_other_servers_is_red(rows: list[str]) -> None:
    with pytest.raises(AssertionError):
        backends_are_exact(haproxies(statistics(*rows)), fake_cluster(name=VIRTUAL))  # type: ignore[arg-type]


def test_a_server_that_is_down_on_one_machine_alone_is_red_and_named() -> None:
    good, bad = (
        haproxy_servers(HEALTHY)["cp1"],
        haproxy_servers(statistics(server(1, status="DOWN", how="L4CON")))["cp1"],
    )
    with pytest.raises(AssertionError, match="lb2 has it as DOWN: Layer4 connection problem"):
        backend_is_up({"lb1": good, "lb2": bad})


def test_a_server_at_another_machines_address_is_red() -> None:
    cluster = fake_cluster(name=VIRTUAL)
    with pytest.raises(AssertionError):
        backend_points({"lb1": haproxy_servers(HEALTHY)["cp2"]}, cluster.control_planes[0])


@pytest.mark.parametrize(("kind", "how"), [("keepalived", "L4OK"), ("haproxy-tcp", "L7OK")])
def test_a_check_that_is_another_kinds_is_red(kind: str, how: str) -> None:
    cluster = fake_cluster(name=f"stacked-uploaded-1.37-balancer-{kind}")
    found = haproxy_servers(statistics(server(1, how=how)))["cp1"]
    with pytest.raises(AssertionError):
        checks_as_its_kind(cluster, {"lb": found})


def test_a_check_that_is_going_on_is_of_its_kind() -> None:
    cluster = fake_cluster(name="stacked-uploaded-1.37-balancer-keepalived")
    checks_as_its_kind(cluster, {"lb": haproxy_servers(statistics(server(1, how="* L7OK")))["cp1"]})


def test_a_server_of_nginx_is_up_where_it_takes_connections_and_has_the_name_of_its_machine() -> None:
    text = (
        "/etc/nginx/nginx.conf\nstream { upstream a {\n  server 198.18.0.11:6443 max_fails=1;\n"
        "  server 198.18.0.99:6443;\n }\n upstream b { server 198.18.0.12:6443; }\n"
        " server { listen 6443; proxy_pass a; } server { listen 7443; proxy_pass b; } }\n"
    )
    replies: Replies = {
        "nc -zv -w 2 198.18.0.11 6443": Result(0, "", "Connection to 198.18.0.11 6443 port [tcp/*] succeeded!"),
        "nc -zv -w 2 198.18.0.99 6443": Result(1, "", "nc: connect to 198.18.0.99: Connection refused"),
    }
    cluster = fake_cluster(replies, name="stacked-uploaded-1.37-balancer-nginx")
    found = nginx_servers(text, cluster.carriers[0], list(cluster.machines.values()), 6443)
    assert {name: each.status for name, each in found.items()} == {"cp1": "UP", "198.18.0.99:6443": "DOWN"}


def _address(machine: str, *addresses: str) -> str:
    found = [{"family": "inet", "local": each, "prefixlen": 24} for each in addresses]
    return json.dumps(
        [{"ifname": "eth0", "mtu": 1500, "flags": ["UP"], "address": f"02::{machine}", "addr_info": found}]
    )


def holding(*names: str) -> Replies:
    own = {"lb1": "198.18.0.2", "lb2": "198.18.0.3"}
    return {
        ADDRESSES: lambda name, _: _address(name, own[name], *(["198.18.0.10"] if name in names else [])),
    }


@pytest.mark.parametrize("name", ["lb1", "lb2"])
def test_a_virtual_address_on_any_one_machine_is_quiet(name: str) -> None:
    cluster = fake_cluster(holding(name), name=VIRTUAL)
    assert holders(cluster) == [name]
    on_one_machine(cluster, cluster.carriers)


@pytest.mark.parametrize("names", [(), ("lb1", "lb2")])
def test_a_virtual_address_on_no_machine_or_on_two_is_red(names: tuple[str, ...]) -> None:
    cluster = fake_cluster(holding(*names), name=VIRTUAL)
    with pytest.raises(AssertionError, match=r"198\.18\.0\.10 is on (no machine|lb1, lb2), must be on one"):
        on_one_machine(cluster, cluster.carriers)


def test_a_machine_that_does_not_name_its_own_address_has_not_answered() -> None:
    with pytest.raises(CommandFailed, match=r"does not show 198\.18\.0\.2"):
        holders(fake_cluster({ADDRESSES: _address("lb1", "127.0.0.1")}, name=VIRTUAL))


@pytest.mark.parametrize(("active", "enabled", "quiet"), [
    ("active", "enabled", True), ("failed", "enabled", False), ("active", "disabled", False),
])  # fmt: skip
def test_a_service_of_the_balancer_that_does_not_run_or_does_not_come_back_is_red(
    active: str, enabled: str, quiet: bool
) -> None:
    shown = f"Id=haproxy.service\nLoadState=loaded\nActiveState={active}\nUnitFileState={enabled}\nWantedBy=\n"
    cluster = fake_cluster({UNITS: shown}, name=VIRTUAL)
    with nullcontext() if quiet else pytest.raises(AssertionError):
        service_runs(cluster, cluster.carriers[0], "haproxy")
    with pytest.raises(KeyError):
        service_runs(cluster, cluster.carriers[0], "keepalived")


SUCCEEDED = Result(0, "", "Connection to 198.18.0.10 6443 port [tcp/*] succeeded!")
REFUSED = Result(1, "", "nc: connect to 198.18.0.10 port 6443 (tcp) failed: Connection refused")
NO_ROUTE = Result(1, "", "nc: connect to 198.18.0.10 port 8443 (tcp) failed: No route to host")
IN_TIME = Result(1, "", "nc: connect to 198.18.0.10 port 8443 (tcp) timed out: Operation now in progress")


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
@pytest.mark.parametrize("answer", [SUCCEEDED, REFUSED, NO_ROUTE, IN_TIME])
def test_nc_before_init_answers_as_the_kind_does(kind: str, answer: Result) -> None:
    word = "" if kind == KINDS[0].name else f"-balancer-{kind}"
    cluster = fake_cluster(name=f"stacked-uploaded-1.37{word}")
    cluster.observations.nc_before_init = ConnectionTest("nc", answer.rc, answer.stderr)
    good = (NO_ROUTE, IN_TIME) if BY_NAME[kind].static_pods else (SUCCEEDED,)
    if answer in good:
        nc_connects(cluster)
    else:
        with pytest.raises(AssertionError):
            nc_connects(cluster)


@pytest.mark.parametrize(("kind", "virtual"), [("haproxy", False), ("keepalived", True)])
def test_a_machine_that_is_cut_off_does_not_answer_for_the_virtual_address(kind: str, virtual: bool) -> None:
    word = "" if kind == KINDS[0].name else f"-balancer-{kind}"
    cluster = fake_cluster(name=f"stacked-uploaded-1.37{word}")
    cut, back = Outages(cluster)._cut("-I"), Outages(cluster)._cut("-D")
    assert ("arp daddr ip 198.18.0.10 drop" in cut, "INPUT -d 198.18.0.10" in cut) == (virtual, virtual)
    assert ("nft 'delete table arp cut'" in back, "198.18.0.1" in back) == (virtual, True)


def test_a_mark_names_the_kinds_of_which_all_is_true() -> None:
    assert on(lambda kind: kind.virtual, lambda kind: kind.services).args == ("keepalived", "control-planes")
    assert on(lambda kind: kind.check is Check.PASSIVE).args == ("nginx",)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("haproxy", ["lb"]), ("nginx", ["lb"]), ("keepalived", ["lb1", "lb2"]),
        ("control-planes", ["cp1", "cp2", "cp3"]), ("static-pods", ["cp1", "cp2", "cp3"]),
    ],
)  # fmt: skip
def test_a_scenario_about_carriers_runs_on_each_of_them(kind: str, names: list[str]) -> None:
    word = "" if kind == KINDS[0].name else f"-balancer-{kind}"
    cluster = fake_cluster(name=f"stacked-uploaded-1.37{word}-mutable").id
    assert subjects(cluster.machines, "carrier", cluster.balancer) == names


YOURS = """\
endpoint = "127.0.0.1:{port}"
[login]
user = "me"
{jump}
[hosts.cp1]
role = "control-plane"
address = "127.0.0.1"
"""


@pytest.mark.parametrize(("jump", "raised"), [("", OSError), ('jump = "me@bastion"', pytest.skip.Exception)])
def test_where_this_host_needs_a_jump_host_what_it_cannot_reach_says_nothing(
    jump: str, raised: type[BaseException]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]  # of which nothing listens any more
    cluster = fake_cluster()
    cluster.state = cluster.state.but(inventory=tomllib.loads(YOURS.format(jump=jump, port=port)), subnet="")
    with pytest.raises(raised):
        presented_certificate(cluster, "127.0.0.1", port)

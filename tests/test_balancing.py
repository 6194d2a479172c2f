"""The load balancer of each kind: what its machines are given, and that a bad file is never put to use."""

from __future__ import annotations

import re

import pytest
import yaml

from provision.cluster import Cluster
from provision.config import limits
from provision.config.balancers import BY_NAME, KINDS, Check
from provision.config.cluster_id import ClusterId
from provision.loadbalancer import balancing, haproxy, keepalived, nginx, static_pods
from provision.node.host_workarounds import EMULATED, EMULATION
from provision.util.errors import CommandFailed, TimedOut
from provision.util.result import Result
from tests.fake_machine import Answers, FakeMachine, Replies
from tests.stand_ins import commands, fake_cluster

PUT = "sudo install -D -m 644 /dev/stdin /etc/haproxy/haproxy.cfg"
START = "sudo systemctl enable --quiet haproxy && sudo systemctl reload-or-restart haproxy"
ALL: Replies = {
    re.compile(r"^sudo install -D -m \d+ /dev/stdin /etc/\S+$"): "",
    re.compile(r"^sudo systemctl enable --quiet (\w+) && sudo systemctl reload-or-restart \1$"): "",
    re.compile(r"^ip -o -4 address show to "): "2: ens3    inet 198.18.0.10/32 scope global ens3",
    re.compile(r"^ss -Hltn 'sport = :\d+'$"): "LISTEN 0 2000 *:1 *:*\n",
    **dict.fromkeys((haproxy.CHECKED, keepalived.CHECKED, nginx.CHECKED), ""),
}
LISTENS = "ss -Hltn 'sport = :6443'"
NAMES = [kind.name for kind in KINDS]


def cluster_of(kind: str, replies: Replies = ALL) -> Cluster:
    word = f"-balancer-{kind}" if kind != KINDS[0].name else ""
    return fake_cluster(replies, name=f"stacked-uploaded-1.37{word}")


def fed(cluster: Cluster, machine: str) -> dict[str, str]:
    """What was written on a machine, by path."""
    fake = cluster.machines[machine]
    assert isinstance(fake, FakeMachine)
    return {command.rpartition(" ")[2]: text for command, text in fake.fed.items() if " /dev/stdin " in command}


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


def test_a_check_of_connections_asks_for_nothing() -> None:
    text = haproxy.render(6443, fake_cluster().control_planes[:1], check=Check.TCP)
    backend = text.split("backend control-planes\n")[-1]
    assert [line.strip() for line in backend.splitlines()] == [
        "balance roundrobin",
        "default-server inter 1s fall 2 rise 1 check",
        "server cp1 198.18.0.11:6443",
    ]


@pytest.mark.parametrize(("workarounds", "seconds"), [([], 1), ([EMULATION], EMULATED)])
def test_slow_servers_have_longer_for_each_check(workarounds: list[str], seconds: int) -> None:
    with Answers({PUT: "", haproxy.CHECKED: "", START: "", LISTENS: "LISTEN\n"}) as answers:
        cluster = fake_cluster(answers, workarounds=workarounds)
        balancing.apply(cluster, cluster.control_planes)
    assert f"inter {seconds}s " in fed(cluster, "lb")[haproxy.CONFIGURATION]
    assert commands(cluster, "lb") == [PUT, haproxy.CHECKED, START, LISTENS]


@pytest.mark.parametrize(
    ("kind", "machine", "check"),
    [
        ("haproxy", "lb", haproxy.CHECKED),
        ("keepalived", "lb1", keepalived.CHECKED),
        ("control-planes", "cp1", keepalived.CHECKED),
        ("nginx", "lb", nginx.CHECKED),
    ],
)
def test_a_configuration_that_is_refused_is_not_put_to_use(kind: str, machine: str, check: str) -> None:
    cluster = cluster_of(kind, {**ALL, check: Result(1, "", "unknown keyword")})
    with pytest.raises(CommandFailed, match="exited with 1"):
        balancing.apply(cluster, cluster.control_planes)
    assert commands(cluster, machine)[-1] == check


@pytest.mark.parametrize("kind", NAMES)
def test_every_carrier_forwards_to_exactly_the_given_control_planes(kind: str) -> None:
    cluster = cluster_of(kind)
    balancing.apply(cluster, cluster.control_planes[:2])
    path = nginx.CONFIGURATION if kind == "nginx" else haproxy.CONFIGURATION
    for carrier in cluster.carriers:
        found = re.findall(r"server .*?(198\.18\.0\.\d+:6443)", fed(cluster, carrier.name)[path])
        assert found == ["198.18.0.11:6443", "198.18.0.12:6443"]
    idle = set(cluster.machines) - {each.name for each in cluster.carriers}
    assert {name: commands(cluster, name) for name in idle} == {name: [] for name in idle}


@pytest.mark.parametrize("kind", NAMES)
def test_every_carrier_listens_on_the_endpoints_port(kind: str) -> None:
    cluster = cluster_of(kind)
    balancing.apply(cluster, cluster.control_planes)
    port = cluster.endpoint.port
    line = f"listen {port};" if kind == "nginx" else f"bind *:{port}"
    path = nginx.CONFIGURATION if kind == "nginx" else haproxy.CONFIGURATION
    assert [line in fed(cluster, each.name)[path] for each in cluster.carriers] == [True] * len(cluster.carriers)


def test_only_the_first_carrier_has_the_higher_priority() -> None:
    cluster = cluster_of("control-planes")
    balancing.apply(cluster, cluster.control_planes)
    texts = [fed(cluster, each.name)[keepalived.CONFIGURATION] for each in cluster.carriers]
    assert [re.findall(r"(?:state|priority|interface|virtual_router_id) (\w+)", text) for text in texts] == [
        ["MASTER", "ens3", "10", "101"],
        ["BACKUP", "ens3", "10", "100"],
        ["BACKUP", "ens3", "10", "100"],
    ]
    assert all("\n        198.18.0.10\n" in text for text in texts)


def test_a_control_plane_that_joins_late_carries_the_balancer_too_and_none_that_leaves() -> None:
    stop = "sudo systemctl disable --quiet --now haproxy keepalived"
    cluster = fake_cluster({**ALL, stop: ""}, name="stacked-uploaded-1.37-balancer-control-planes-mutable")
    late = cluster.machines["cp4"]
    balancing.apply(cluster, [*cluster.control_planes, late])
    assert "198.18.0.14:6443" in fed(cluster, "cp4")[haproxy.CONFIGURATION]
    assert "state BACKUP" in fed(cluster, "cp4")[keepalived.CONFIGURATION]
    balancing.leave(cluster, late)
    assert commands(cluster, "cp4")[-1] == stop


def test_the_balancer_is_there_once_a_machine_holds_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VIRTUAL_ADDRESS", 0.1)
    cluster = cluster_of("keepalived", {"ip -o -4 address show to 198.18.0.10": "", **ALL})
    with pytest.raises(TimedOut, match=r"a machine holds 198\.18\.0\.10"):
        balancing.apply(cluster, cluster.control_planes)


@pytest.mark.parametrize("kind", ["haproxy", "keepalived", "nginx"])
def test_a_control_plane_that_leaves_a_balancer_elsewhere_is_left_alone(kind: str) -> None:
    cluster = cluster_of(kind, {})
    balancing.leave(cluster, cluster.control_planes[-1])
    assert commands(cluster, "cp3") == []


def test_static_pods_are_put_in_place_and_no_service_is_started() -> None:
    cluster = cluster_of("static-pods")
    balancing.apply(cluster, cluster.control_planes)
    written = fed(cluster, "cp1")
    assert {path for path in written if path.startswith(static_pods.MANIFESTS)} == {
        f"{static_pods.MANIFESTS}/haproxy.yaml", f"{static_pods.MANIFESTS}/keepalived.yaml"
    }  # fmt: skip
    assert [each for each in commands(cluster, "cp1") if "systemctl" in each] == []
    pods = [yaml.safe_load(written[f"{static_pods.MANIFESTS}/{name}.yaml"]) for name in ("haproxy", "keepalived")]
    assert [pod["spec"]["hostNetwork"] for pod in pods] == [True, True]
    assert pods[0]["spec"]["containers"][0]["livenessProbe"]["httpGet"]["port"] == 8443
    assert "NET_ADMIN" in pods[1]["spec"]["containers"][0]["securityContext"]["capabilities"]["add"]


def test_a_static_pods_manifest_changes_with_the_files_that_the_pod_reads_and_only_then() -> None:
    one, same, other = (
        static_pods.manifest("haproxy", 8443, {haproxy.CONFIGURATION: text}) for text in ("a", "a", "b")
    )
    assert (one == same, one == other) == (True, False)


@pytest.mark.parametrize("kind", NAMES)
def test_a_kinds_machines_and_its_endpoint_agree(kind: str) -> None:
    cluster, row = cluster_of(kind), BY_NAME[kind]
    roles = [str(spec.role) for spec in cluster.id.machines]
    assert (roles.count("load-balancer"), roles.count("name-server")) == (row.machines, int(row.virtual))
    own = {machine.address for machine in cluster.machines.values()}
    assert (cluster.endpoint.address in own) is not row.virtual
    assert cluster.endpoint.port == (6443 if row.machines else 8443)
    assert cluster.state.name_server_address == cluster.outside[0].address


def test_the_usual_kind_is_in_no_id_and_each_other_one_is() -> None:
    assert [str(ClusterId.parse(str(cluster_of(name).id))) for name in NAMES] == [
        "stacked-uploaded-1.37",
        *(f"stacked-uploaded-1.37-balancer-{name}" for name in NAMES[1:]),
    ]
    assert str(cluster_of("haproxy").state.addresses) == str(
        {"lb": "198.18.0.2", **{f"cp{n}": f"198.18.0.1{n}" for n in (1, 2, 3)},
         **{f"w{n}": f"198.18.0.2{n}" for n in (1, 2, 3)}}
    )  # fmt: skip


def test_a_balancer_is_waited_for_until_it_listens() -> None:
    """systemctl ends before a reload has, and one that was installed a moment ago listened on nothing."""
    heard = iter(["", "", "LISTEN 0 2000 *:6443 *:*\n"])
    cluster = cluster_of("haproxy", {LISTENS: lambda *_: next(heard), **ALL})
    balancing.apply(cluster, cluster.control_planes)
    assert commands(cluster, "lb").count(LISTENS) == 3


def test_static_pods_are_not_waited_for_before_there_is_a_kubelet() -> None:
    cluster = cluster_of("static-pods")
    balancing.apply(cluster, cluster.control_planes)
    assert not [line for name in cluster.machines for line in commands(cluster, name) if line.startswith("ss ")]

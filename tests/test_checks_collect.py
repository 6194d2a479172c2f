"""One pass over a cluster of machines and of an API that are not real: whatever does not answer, it ends with facts."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from checks.collecting import collect, limits, servers
from checks.collecting.access import Ways
from checks.collecting.api import PATHS, SECRETS, Reply
from checks.collecting.collect import collected
from checks.collecting.kubectl import OnControlPlane
from checks.collecting.machine import Visit
from checks.facts.cluster import ApiServer, Facts
from checks.facts.fact import Fact
from checks.facts.machine import ANSWERS, BALANCER, CONTROL_PLANE
from checks.judging import judged
from provision.errors import BadInput, TimedOut
from provision.util.concurrency import interrupted
from provision.util.result import Result
from tests.healthy.values import ENDPOINT, address
from tests.simulated import Host, Simulated, cluster, plain, printed, questions_of, unreachable

_NAMES: Mapping[str, tuple[str, ...]] = {"k8s.example.org": (address("lb1"),)}


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, ...]]:
    """No name server and no network are used: what names are, and what servers say, is here."""
    known = dict(_NAMES)
    monkeypatch.setattr(collect, "_resolved", lambda host: known.get(host, ()))
    monkeypatch.setattr(servers, "inspected", _server)
    return known


def _server(where: str, machine: str, port: int) -> ApiServer:
    well: Fact[Any] = Fact("a test", ())
    return ApiServer(f"{where}:{port}", machine, well, Fact("a test", "v1.37.2"), Fact("a test", None, "not in a test"))


def _silent(where: str, machine: str, port: int) -> ApiServer:
    none: Fact[Any] = Fact("a test", None, "does not answer: timed out")
    return ApiServer(f"{where}:{port}", machine, none, none, none)


def of_inventory(simulated: Simulated) -> Facts:
    return collected(Ways(machines=simulated.entries, access=("inventory",)))


def test_every_fact_of_a_healthy_cluster_is_read() -> None:
    facts = of_inventory(cluster())
    unread = {(each.name, name): getattr(each, name).missing for each in facts.machines for name in ANSWERS}
    missing = {key: why for key, why in unread.items() if why}
    only_of_nodes = {("lb1", each) for each in ("runtime", "kubelet")}
    of_members = {(name, each) for name in ("lb1", "w1", "w2", "w3")
                  for each in ("etcd", "etcd_status", "etcd_hash", "etcd_metrics")}  # fmt: skip
    assert missing.keys() <= only_of_nodes | of_members
    assert facts.api.nodes.known
    assert facts.endpoint == ENDPOINT
    assert [each.machine for each in facts.servers] == ["cp1", "cp2", "cp3"]


def test_an_api_server_is_requested_for_its_objects_once_and_others_only_whether_they_answer() -> None:
    simulated = cluster()
    of_inventory(simulated)
    visit = {name: sum("configmaps/kubeadm-config" in each for each in host.commands)
             for name, host in simulated.hosts.items()}  # fmt: skip
    assert {name for name, times in visit.items() if times} == {"cp1"}


def test_nothing_is_run_that_the_gate_refuses() -> None:
    """Machines of the test are behind the gate: what it refuses would leave facts unread."""
    facts = of_inventory(cluster())
    assert "was not run" not in plain(facts)


def test_a_machine_that_does_not_answer_is_named_and_the_others_are_read() -> None:
    simulated = cluster()
    simulated.hosts["w2"].broken = unreachable
    facts = of_inventory(simulated)
    assert facts.machine("w2").unreachable == "it cannot be reached over SSH: timed out"
    assert facts.machine("w2").files.missing == facts.machine("w2").unreachable
    assert facts.machine("w1").files.known


def test_a_machine_that_stops_answering_keeps_what_it_printed_before() -> None:
    simulated = cluster()
    simulated.hosts["w2"].broken = lambda command: unreachable(command) if "reached " in command else None
    machine = of_inventory(simulated).machine("w2")
    assert machine.files.known
    assert "cannot be reached" in machine.reached.missing


def test_sudo_that_wants_a_password_says_what_is_needed() -> None:
    simulated = cluster()
    simulated.hosts["w1"].broken = lambda command: Result(1, "", "sudo: a password is required\n")
    machine = of_inventory(simulated).machine("w1")
    assert machine.unreachable == ""
    assert machine.files.missing == "sudo was refused: sudo: a password is required"
    assert "sudo without a password" in machine.files.needs


def test_a_shell_that_prints_nothing_is_not_an_answer() -> None:
    simulated = cluster()
    simulated.hosts["w1"].broken = lambda command: Result(0, "", "")
    machine = of_inventory(simulated).machine("w1")
    assert machine.processes.missing == "the machine printed nothing"


def test_a_command_that_is_ended_leaves_what_was_answered_before() -> None:
    simulated = cluster()
    host = simulated.hosts["w1"]
    host.broken = lambda command: Result(124, _first_half(host, command), "") if " hostname; }" in command else None
    machine = of_inventory(simulated).machine("w1")
    assert machine.processes.known
    assert machine.units.missing == "the machine did not answer the question about units in time"


def _first_half(host: Host, command: str) -> str:
    names = [name for name, _ in questions_of(command)]
    return printed({name: host.answers[name] for name in names[: len(names) // 2]})


def test_no_control_plane_answers() -> None:
    simulated = cluster()
    for name in ("cp1", "cp2", "cp3"):
        simulated.hosts[name].broken = unreachable
    facts = of_inventory(simulated)
    assert facts.api.nodes.missing == "no control plane can be logged in to"
    assert {each.name for each in facts.machines} == set(simulated.hosts)
    assert facts.machine("w1").files.known


def test_the_first_control_plane_whose_api_server_answers_is_read() -> None:
    simulated = cluster()
    error = "Unable to connect to the server: net/http: TLS handshake timeout\n"
    simulated.hosts["cp1"].answers["nodes"] = (error, 1)
    output: list[str] = []
    facts = collected(Ways(machines=simulated.entries), output.append)
    assert output == ["the API was read on cp2"]
    assert facts.api.pods.known


def test_no_api_server_answers_and_the_reason_is_the_first_ones() -> None:
    simulated = cluster()
    for name in ("cp1", "cp2", "cp3"):
        simulated.hosts[name].answers["nodes"] = ("error: You must be logged in to the server (Unauthorized)\n", 1)
    facts = of_inventory(simulated)
    assert facts.api.nodes.missing.startswith("no control plane reads the API; cp1: error: You must be logged in")
    assert facts.machine("cp1").manifests.known


def test_machines_have_the_names_of_their_nodes_whatever_an_inventory_calls_them() -> None:
    simulated = cluster()
    renamed = {"lb1": "balance", "cp1": "cp2", "cp2": "cp1", "cp3": "third"}
    for old, new in renamed.items():
        simulated.hosts[old].spec = replace(simulated.hosts[old].spec, name=new)
    facts = of_inventory(simulated)
    assert {each.name for each in facts.machines} == {"balance", "cp1", "cp2", "cp3", "w1", "w2", "w3"}
    assert all(each.address == address(each.name) for each in facts.machines if each.is_node)


def test_a_machine_that_does_not_answer_is_its_node_by_its_address() -> None:
    simulated = cluster()
    simulated.hosts["cp2"].spec = replace(simulated.hosts["cp2"].spec, name="master-two")
    simulated.hosts["cp2"].broken = unreachable
    facts = of_inventory(simulated)
    assert sorted(each.name for each in facts.machines) == sorted(simulated.hosts)
    assert facts.machine("cp2").unreachable


def test_a_machine_that_is_reached_by_another_address_is_its_node_by_its_own() -> None:
    simulated = cluster()
    simulated.hosts["w1"].address = "203.0.113.7"
    facts = of_inventory(simulated)
    assert facts.machine("w1").address == address("w1")
    assert facts.machine("w1").files.known


def test_a_machine_whose_ip_knows_no_json_is_its_node() -> None:
    simulated = cluster()
    host = simulated.hosts["w1"]
    host.spec, host.address = replace(host.spec, name="seven"), "203.0.113.7"
    host.answers["interfaces"] = ('Option "-j" is unknown, try "ip -help".\n', 255)
    facts = of_inventory(simulated)
    assert facts.machine("w1").interfaces.missing.endswith('Option "-j" is unknown, try "ip -help".')
    assert facts.machine("w1").files.known


def test_a_strangers_name_does_not_hide_a_node() -> None:
    simulated = cluster()
    simulated.hosts["lb1"].spec = replace(simulated.hosts["lb1"].spec, name="cp1")
    facts = of_inventory(simulated)
    assert sorted(each.name for each in facts.machines) == sorted(
        ["cp1 (10.0.0.1)", "cp1", "cp2", "cp3", "w1", "w2", "w3"]
    )


def test_a_virtual_address_on_a_control_plane_takes_no_name_from_another() -> None:
    """cp1 holds the endpoint's address, and a node was wrongly registered with it."""
    simulated = cluster()
    for name in ("cp1", "cp2"):
        links = json.loads(simulated.hosts[name].answers["interfaces"][0])
        links[1]["addr_info"].append({"local": address("cp3") if name == "cp1" else "10.0.0.99"})
        simulated.hosts[name].answers["interfaces"] = (json.dumps(links), 0)
    facts = of_inventory(simulated)
    assert [facts.machine(each).identity.get().host_name for each in ("cp1", "cp2", "cp3")] == ["cp1", "cp2", "cp3"]


def test_nodes_that_the_inventory_lacks_are_there_without_a_login() -> None:
    simulated = cluster()
    entries = [each for each in simulated.entries if each[0].name != "w3"]
    facts = collected(Ways(machines=entries))
    assert facts.machine("w3").files.missing == "no login was given"
    assert facts.machine("w3").files.needs == "--ssh USER, or an inventory"
    assert facts.machine("w3").unreachable == ""


def by_kubeconfig(simulated: Simulated, **more: Any) -> Facts:
    return collected(Ways(requests=simulated.objects, access=("kubeconfig",), **more))


def test_by_kubeconfig_alone_machines_are_known_and_their_facts_say_what_reads_them() -> None:
    simulated = cluster()
    facts = by_kubeconfig(simulated)
    assert [each.name for each in facts.nodes] == ["cp1", "cp2", "cp3", "w1", "w2", "w3"]
    assert {each.files.needs for each in facts.machines} == {"--ssh USER, or an inventory"}
    assert sorted(simulated.objects.requested) == sorted([*PATHS.values(), SECRETS])
    assert [each.id for each in facts.api.tokens.get()] == ["abcdef"]


def test_with_ssh_each_machine_is_found_and_the_balancer_by_the_endpoint() -> None:
    simulated = cluster()
    facts = by_kubeconfig(simulated, login=simulated.login)
    assert {each.name: each.roles for each in facts.machines} == simulated.roles
    assert facts.machine("lb1").roles == (BALANCER,)
    assert sorted(each.name for each in simulated.made) == sorted(simulated.hosts)


def test_an_endpoint_whose_name_is_not_known_here_is_resolved_by_a_machine(names: dict[str, tuple[str, ...]]) -> None:
    names.clear()
    simulated = cluster()
    facts = by_kubeconfig(simulated, login=simulated.login)
    assert facts.machine("lb1").is_a(BALANCER)
    assert facts.through_endpoint
    assert facts.through_endpoint.address == ENDPOINT


def test_a_load_balancer_that_refuses_the_login_is_a_note() -> None:
    simulated = cluster()
    simulated.hosts["lb1"].broken = unreachable
    facts = by_kubeconfig(simulated, login=simulated.login)
    assert not facts.balancers
    assert facts.notes == (
        "the endpoint's machine 10.0.0.1 was not inspected: it cannot be reached over SSH: timed out",
    )


def test_a_virtual_address_that_a_control_plane_holds_is_not_another_machine(names: dict[str, tuple[str, ...]]) -> None:
    simulated = cluster(balancer=False)
    names["k8s.example.org"] = ("10.0.0.100",)
    links = json.loads(simulated.hosts["cp2"].answers["interfaces"][0])
    links[1]["addr_info"].append({"local": "10.0.0.100"})
    simulated.hosts["cp2"].answers["interfaces"] = (json.dumps(links), 0)
    facts = by_kubeconfig(simulated, login=simulated.login)
    assert sorted(each.name for each in facts.machines) == sorted(simulated.hosts)


def test_a_login_that_cannot_be_made_is_a_machine_that_is_not_reached() -> None:
    def login(known: Any) -> Any:
        raise BadInput("the address is not valid")

    facts = by_kubeconfig(cluster(), login=login)
    assert {each.unreachable for each in facts.nodes} == {"the address is not valid"}


def test_an_api_that_refuses_some_says_which_permission_is_missing() -> None:
    simulated = cluster()
    refusal = json.dumps({"kind": "Status", "message": 'leases is forbidden: User "x" cannot list resource "leases"'})
    simulated.objects.bodies[PATHS["leases"]] = (403, refusal)
    simulated.objects.bodies[SECRETS] = (403, refusal)
    facts = by_kubeconfig(simulated)
    assert facts.api.leases.missing.startswith("the API refuses it: leases is forbidden")
    assert facts.api.leases.needs == "the permissions of checks/cluster-role.yaml"
    assert facts.api.tokens.missing
    assert facts.api.nodes.known


def test_an_api_that_does_not_answer_is_requested_once() -> None:
    simulated = cluster()
    simulated.objects.bodies = dict.fromkeys(simulated.objects.bodies, (0, "connect timeout"))
    facts = by_kubeconfig(simulated)
    assert simulated.objects.requested == [PATHS["nodes"]]
    assert {facts.api.nodes.missing, facts.api.tokens.missing} == {"connect timeout"}
    assert facts.endpoint == ENDPOINT


def test_where_the_kubeconfig_fails_control_planes_of_an_inventory_read_the_api() -> None:
    simulated = cluster()
    simulated.objects.bodies = dict.fromkeys(simulated.objects.bodies, (401, "Unauthorized"))
    facts = by_kubeconfig(simulated, machines=simulated.entries)
    assert facts.api.nodes.known


@pytest.mark.parametrize("way", ["kubeconfig", "inventory"])
def test_a_cluster_that_kubeadm_did_not_make_is_refused_in_one_sentence(way: str) -> None:
    simulated = cluster()
    simulated.objects.bodies[PATHS["kubeadm-config"]] = (404, "{}")
    for name in ("cp1", "cp2", "cp3"):
        simulated.hosts[name].answers["kubeadm-config"] = ("Error from server (NotFound): configmaps not found\n", 1)
    with pytest.raises(BadInput, match="kubeadm did not make this cluster"):
        by_kubeconfig(simulated) if way == "kubeconfig" else of_inventory(simulated)


def test_api_servers_that_this_host_does_not_reach_are_seen_from_their_machines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(servers, "inspected", _silent)
    facts = of_inventory(cluster())
    assert [(each.machine, each.seen_from, each.ready.value) for each in facts.servers] == [
        (name, name, ()) for name in ("cp1", "cp2", "cp3")
    ]
    assert facts.servers[0].certificate.known
    assert facts.through_endpoint
    assert facts.through_endpoint.ready.known


def test_a_cluster_without_an_endpoint_goes_by_where_new_nodes_are_sent() -> None:
    simulated = cluster()
    body = json.loads(simulated.objects.bodies[PATHS["kubeadm-config"]][1])
    body["data"]["ClusterConfiguration"] = "kubernetesVersion: v1.37.2\n"
    simulated.objects.bodies[PATHS["kubeadm-config"]] = (200, json.dumps(body))
    simulated.objects.server = "https://127.0.0.1:16443"
    assert by_kubeconfig(simulated).endpoint == ENDPOINT


@pytest.mark.parametrize(
    ("stored", "endpoint"),
    [
        ("lb.example.org", "lb.example.org:6443"), ("lb.example.org:443", "lb.example.org:443"),
        ("fd00::1", "[fd00::1]:6443"), ("[fd00::1]:8443", "[fd00::1]:8443"), ("[::1", ENDPOINT), ("a:b:c", ENDPOINT),
    ],
)  # fmt: skip
def test_an_endpoint_has_a_port_and_brackets(stored: str, endpoint: str) -> None:
    simulated = cluster()
    body = json.loads(simulated.objects.bodies[PATHS["kubeadm-config"]][1])
    body["data"]["ClusterConfiguration"] = f"controlPlaneEndpoint: '{stored}'\n"
    simulated.objects.bodies[PATHS["kubeadm-config"]] = (200, json.dumps(body))
    assert by_kubeconfig(simulated).endpoint == endpoint


def test_what_the_api_gives_as_names_reaches_no_shell() -> None:
    simulated = cluster()
    body = json.loads(simulated.objects.bodies[PATHS["kubeadm-config"]][1])
    body["data"]["ClusterConfiguration"] = "{controlPlaneEndpoint: 'x;reboot', certificatesDir: '/a$(reboot)'}"
    simulated.hosts["cp1"].answers["kubeadm-config"] = (json.dumps(body), 0)
    facts = of_inventory(simulated)
    assert not [each for host in simulated.hosts.values() for each in host.commands if "reboot" in each]
    assert facts.machine("w1").files.known


def test_the_hash_of_a_large_database_is_read_only_where_that_is_wanted() -> None:
    for whole in (False, True):
        simulated = cluster()
        for name in ("cp1", "cp2", "cp3"):
            status = json.loads(simulated.hosts[name].answers["status"][0])
            status[0]["Status"]["dbSize"] = 2 << 30
            simulated.hosts[name].answers["status"] = (json.dumps(status), 0)
        facts = collected(Ways(machines=simulated.entries, whole_database=whole))
        assert facts.machine("cp1").etcd_hash.known is whole
        assert whole or facts.machine("cp1").etcd_hash.needs == "--whole-database"
        assert any("hashkv" in each for each in simulated.hosts["cp1"].commands) is whole


def test_sshd_that_refuses_many_sessions_at_once_is_requested_one_after_the_other() -> None:
    simulated = cluster()
    host, busy = simulated.hosts["cp1"], threading.Lock()

    def one_session(command: str) -> Result | None:
        if not busy.acquire(blocking=False):
            return unreachable(command)
        try:
            time.sleep(0.02)
            return None
        finally:
            busy.release()

    host.broken = one_session
    machine = of_inventory(simulated).machine("cp1")
    assert machine.reached.known
    assert machine.etcd.known


def test_ports_are_those_of_the_clusters_own_configuration() -> None:
    simulated = cluster(workers=1)
    for name in ("cp1", "cp2", "cp3"):
        host = simulated.hosts[name]
        host.answers = {
            key.replace("6443", "8443").replace("2379", "4001").replace("2380", "4002"): (
                text.replace(":6443/", ":8443/").replace("--secure-port=6443", "--secure-port=8443")
                .replace("2379", "4001").replace("2380", "4002"), rc,
            )
            for key, (text, rc) in host.answers.items()
        }  # fmt: skip
    host = simulated.hosts["w1"]
    host.answers["reached "] = (host.answers["reached "][0].replace(":6443/", ":8443/"), 0)
    host.answers["processes"] = (host.answers["processes"][0].replace("--config", "--port=10350 --config"), 0)
    for each in simulated.hosts.values():
        text = each.answers["reached kubelet"][0].replace(f"{address('w1')}:10250", f"{address('w1')}:10350")
        each.answers |= {"reached kubelet": (text, 0), f"presented {address('w1')}:10350": ("", 1)}
        each.answers["reached "] = (
            each.answers["reached "][0].replace(f"{ENDPOINT.partition(':')[0]}:8443", ENDPOINT),
            0,
        )
    facts = of_inventory(simulated)
    assert {each.address for each in facts.servers} == {f"{address(f'cp{n}')}:8443" for n in (1, 2, 3)}
    assert facts.machine("cp1").reached.missing == ""
    assert {each.address for each in facts.machine("cp1").presented.get()} == {
        f"{address('cp1')}:{port}" for port in (8443, 4001, 4002, 10250)
    }


def test_a_machine_that_hangs_delays_nothing_beyond_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FIRST", 1)
    monkeypatch.setattr(limits, "LOGIN", 0)
    monkeypatch.setattr(limits, "EXCHANGE", 0)
    monkeypatch.setattr(limits, "EACH_MACHINE", 0)
    simulated = cluster()
    over = threading.Event()

    def hanging(command: str) -> Result | None:
        over.wait(30)
        return None

    simulated.hosts["w1"].broken = hanging
    began = time.monotonic()
    facts = of_inventory(simulated)
    over.set()
    assert time.monotonic() - began < 8
    assert facts.machine("w1").unreachable == "w1 (10.0.0.21) did not answer in time"
    assert facts.machine("w2").files.known


def test_limits_of_all_steps_together_end_within_half_a_minute() -> None:
    """With machines that hang in each step; the rest of the half minute is for what is not collecting."""
    budget = limits.Budget()
    login = limits.LOGIN + limits.FIRST + limits.EXCHANGE
    assert limits.ALL + 1 < 30
    assert login + limits.CONTROL_PLANE + 1 < limits.ALL
    budget._began -= limits.ALL + 5
    assert budget.step(login, 0) == 1


def test_a_defect_of_a_thread_is_raised_and_not_swallowed() -> None:
    simulated = cluster()
    del simulated.hosts["w1"].answers["swap"]
    with pytest.raises(AssertionError, match="w1 does not know the question about swap"):
        of_inventory(simulated)


def test_kubectl_takes_the_other_administrators_file_where_the_first_was_put_away() -> None:
    simulated = cluster()
    simulated.hosts["cp1"].answers["kubeconfigs"] = ("/etc/kubernetes/super-admin.conf:    server: https://x\n", 0)
    of_inventory(simulated)
    assert any("super-admin.conf" in each for each in simulated.hosts["cp1"].commands)
    assert not any("super-admin.conf --server" in each for each in simulated.hosts["cp2"].commands)


@pytest.mark.parametrize(
    ("output", "reply"),
    [
        (('W1127 a warning\n{"items": []}\n', 0), (200, '{"items": []}', "")),
        (("Error from server (NotFound): nothing\n", 1), (404, "nothing", "nothing")),
        (("Error from server (Forbidden): no\n", 1), (403, "no", "no")),
        (("Error from server (InternalError): an error\n", 1), (500, "an error", "an error")),
        (("sh: 1: kubectl: not found\n", 127), (0, "", "sh: 1: kubectl: not found")),
        (("", 1), (0, "", "kubectl failed and printed nothing")),
    ],
)
def test_kubectl_says_how_the_api_answered(output: tuple[str, int], reply: tuple[int, str, str]) -> None:
    host = Host("cp1", "10.0.0.11", {"nodes": output})
    found = OnControlPlane(Visit("cp1", (CONTROL_PLANE,), "10.0.0.11", host)).get({"nodes": "/api/v1/nodes"})["nodes"]
    assert (found.status, found.text, found.error) == reply
    assert isinstance(found, Reply)


def test_kubectl_that_does_not_end_is_a_reply_without_a_status() -> None:
    host = Host("cp1", "10.0.0.11", {})

    def late(command: str) -> Result | None:
        raise TimedOut("on cp1: `sudo …` did not end in time")

    host.broken = late
    found = OnControlPlane(Visit("cp1", (CONTROL_PLANE,), "10.0.0.11", host)).get({"nodes": "/api/v1/nodes"})["nodes"]
    assert (found.status, found.error) == (0, "on cp1")


def test_facts_that_were_collected_can_be_judged() -> None:
    """Whatever the verdicts are: no rule stumbles over what is collected."""
    report = judged(of_inventory(cluster()))
    assert report.machines
    without = cluster()
    for name in ("cp1", "w1", "lb1"):
        without.hosts[name].broken = unreachable
    assert judged(of_inventory(without)).verdicts


def test_an_interrupt_ends_it_at_once_and_calls_off_what_runs() -> None:
    simulated, over = cluster(), threading.Event()
    called_off: list[bool] = []

    def hanging(command: str) -> Result | None:
        over.wait(20)
        called_off.append(interrupted())
        return None

    simulated.hosts["w1"].broken = hanging
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        of_inventory(simulated)
    signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 5
    over.set()
    while not called_off and time.monotonic() < began + 10:
        time.sleep(0.01)
    assert called_off
    assert all(called_off)


@pytest.mark.slow
def test_fifty_nodes_are_read_within_a_minute() -> None:
    """Each command takes half a second, as on machines that are busy."""
    simulated = cluster(control_planes=3, workers=47, delay=0.5)
    facts = of_inventory(simulated)
    assert len(facts.nodes) == 50
    assert all(each.files.known and each.reached.known for each in facts.nodes)
    assert facts.seconds < 60

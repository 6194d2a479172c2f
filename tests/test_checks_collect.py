"""One pass over machines and an API that are not real: whatever does not answer, it ends with facts."""

from __future__ import annotations

import json

import pytest

from checks.collecting.access import Ways
from checks.collecting.api import PATHS
from checks.collecting.collect import collected
from checks.facts.machine import ANSWERS
from checks.judging import judged
from provision.util.result import Result
from tests.collecting import of_inventory
from tests.healthy.values import ENDPOINT, address
from tests.simulated import Host, cluster, plain, printed, questions_of, unreachable

pytest_plugins = "tests.collecting_fixtures"
pytestmark = pytest.mark.usefixtures("names")


def _first_half(host: Host, command: str) -> str:
    names = [name for name, _ in questions_of(command)]
    return printed({name: host.answers[name] for name in names[: len(names) // 2]})


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


def test_facts_that_were_collected_can_be_judged() -> None:
    """Whatever the verdicts are: no rule stumbles over what is collected."""
    report = judged(of_inventory(cluster()))
    assert report.machines
    without = cluster()
    for name in ("cp1", "w1", "lb1"):
        without.hosts[name].broken = unreachable
    assert judged(of_inventory(without)).verdicts

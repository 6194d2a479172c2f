"""What a kubeconfig, logins and kubectl on a control plane read, and what is known where they are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from checks.collecting import servers
from checks.collecting.api import PATHS, SECRETS, Reply
from checks.collecting.kubectl import OnControlPlane
from checks.collecting.machine import Visit
from checks.facts.machine import BALANCER, CONTROL_PLANE
from provision.util.errors import BadInput, TimedOut
from provision.util.result import Result
from tests.collecting import by_kubeconfig, of_inventory, silent
from tests.healthy.values import ENDPOINT
from tests.simulated import Host, Simulated, cluster, unreachable

pytest_plugins = "tests.collecting_fixtures"
pytestmark = pytest.mark.usefixtures("names")


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
    assert facts.notes == ("the API was not read by the kubeconfig: the API refuses it: Unauthorized",)


def _not_reached(simulated: Simulated, server: str) -> None:
    error = "not reached from here: there is no route to it"
    simulated.objects.bodies = dict.fromkeys(simulated.objects.bodies, (0, error))
    simulated.objects.server = server


def test_with_ssh_the_control_plane_that_the_kubeconfig_leads_to_reads_the_api_that_is_not_reached_from_here() -> None:
    simulated = cluster()
    _not_reached(simulated, "https://10.0.0.11:6443")
    facts = by_kubeconfig(simulated, login=simulated.login)
    assert facts.api.pods.known
    assert {each.name: each.roles for each in facts.machines} == simulated.roles
    assert facts.notes == ("the API was not read by the kubeconfig: not reached from here: there is no route to it",)


@pytest.mark.parametrize(
    ("server", "noted"),
    [
        ("https://10.0.0.1:6443", "where the kubeconfig leads to: it is not a control plane"),
        ("https://127.0.0.1:6443", ""),
        ("https://localhost:6443", ""),
    ],
)
def test_a_kubeconfig_that_leads_to_no_control_plane_leaves_the_api_unread(server: str, noted: str) -> None:
    simulated = cluster()
    _not_reached(simulated, server)
    facts = by_kubeconfig(simulated, login=simulated.login)
    assert facts.api.nodes.missing == "not reached from here: there is no route to it"
    assert noted in "".join(facts.notes)
    if not noted:
        assert not simulated.made


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
    monkeypatch.setattr(servers, "inspected", silent)
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

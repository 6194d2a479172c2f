"""Which machine is which node: by addresses, by what machines call themselves, and by what an inventory calls them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from checks.collecting.access import Ways
from checks.collecting.collect import collected
from tests.collecting import of_inventory
from tests.healthy.values import address
from tests.simulated import cluster, unreachable

pytest_plugins = "tests.collecting_fixtures"
pytestmark = pytest.mark.usefixtures("names")


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

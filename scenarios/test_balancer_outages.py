"""The load balancer when something behind it, or of itself, is gone: requests go on by what is left.

Tried on a cluster that may be changed. A control plane that is lost altogether is in `test_outages.py`.
"""

from __future__ import annotations

from fixtures.plugin.parameters import on
from fixtures.subjects.balancer import holders
from fixtures.subjects.balancer_outages import NOTHING, BalancerOutages
from fixtures.subjects.outages import Outages
from provision.cluster import Cluster
from provision.config.balancers import Check
from provision.machines.machine import Machine


def _others(cluster: Cluster, hit: Machine) -> set[str]:
    """The names of the control planes that are left alone."""
    return {each.name for each in cluster.control_planes if each is not hit}


def test_requests_go_on_without_an_api_server(
    mutable: Cluster, balancer_outages: BalancerOutages, control_plane: Machine
) -> None:  # fmt: skip
    """One whose port is closed: also a check of connections alone, and a client's connection, find that out."""
    others = _others(mutable, control_plane)
    with balancer_outages.stopped(control_plane):
        balancer_outages.until_answered_by(others)
    balancer_outages.until_answered_by({*others, control_plane.name})


@on(lambda kind: kind.check is Check.HEALTH)
def test_frozen_api_server_is_taken_out(
    mutable: Cluster, balancer_outages: BalancerOutages, control_plane: Machine
) -> None:  # fmt: skip
    """One that accepts connections, and answers nothing: only a request to it finds that out."""
    with balancer_outages.frozen(control_plane):
        balancer_outages.until_answered_by(_others(mutable, control_plane))


@on(lambda kind: kind.check is not Check.HEALTH)
def test_frozen_api_server_is_not_noticed(
    mutable: Cluster, balancer_outages: BalancerOutages, control_plane: Machine
) -> None:  # fmt: skip
    """What a check of connections alone costs: every third request or so is sent where nothing answers."""
    with balancer_outages.frozen(control_plane):
        balancer_outages.until_answered_by({*_others(mutable, control_plane), NOTHING})


def test_balancer_serves_again_after_a_restart(
    mutable: Cluster, balancer_outages: BalancerOutages, carrier: Machine
) -> None:  # fmt: skip
    """Of each of its programs: its unit is started anew, and the kubelet starts a static pod that has ended."""
    for program in mutable.balancer.programs:
        balancer_outages.restart(carrier, program)
    balancer_outages.until_answered_by({each.name for each in mutable.control_planes})


@on(lambda kind: kind.virtual)
def test_virtual_address_moves_when_its_holder_is_lost(
    mutable: Cluster, outages: Outages, balancer_outages: BalancerOutages
) -> None:  # fmt: skip
    """The machine answers nothing any more, requests go on by another one, and later one of them has the address."""
    lost = balancer_outages.holder()
    with outages.without([lost]):
        balancer_outages.until_moved(lost)
        assert balancer_outages.answered_by() != NOTHING, "no API server answers at the address that has moved"
    balancer_outages.until_held_by_one()
    assert len(holders(mutable)) == 1


@on(lambda kind: kind.virtual and kind.services)
def test_virtual_address_moves_when_haproxy_ends_on_its_holder(
    mutable: Cluster, balancer_outages: BalancerOutages
) -> None:  # fmt: skip
    """The machine itself is well: keepalived's script is what notices."""
    holder = balancer_outages.holder()
    with balancer_outages.without_haproxy(holder):
        balancer_outages.until_moved(holder)
        assert balancer_outages.answered_by() != NOTHING, "no API server answers at the address that has moved"
    balancer_outages.until_held_by_one()

"""Single machines, switched from outside: containers are killed, started, paused and resumed by their engine."""

from __future__ import annotations

import pytest

from provision.artifacts import engines
from provision.config.cluster_state import ClusterState
from provision.config.settings import Settings
from provision.providers.container import containers
from provision.providers.container.containers import Containers
from provision.providers.host import Host
from provision.providers.provider import Power
from provision.providers.vagrant.provider import VirtualMachines
from provision.util.errors import BadInput

STATE = ClusterState("stacked-uploaded-1.37-faults", "v1.37.2", 1, 0.0, subnet="198.18.0.0/24", engine="podman")
NAME = "kubeadm-ha-stacked-uploaded-1.37-faults"


class Engine:
    """Says which containers have a status, and notes what else it is called for."""

    def __init__(self, *there: str) -> None:
        self._there = [f"{NAME}-{each}" for each in there]
        self.called: list[tuple[str, ...]] = []

    def run(self, engine: object, *arguments: str) -> str:
        if arguments[0] == "ps":
            return "\n".join(self._there)
        if arguments[:2] == ("network", "ls"):
            return f"{NAME}_0a1b2c"
        self.called.append(arguments)
        return ""


@pytest.mark.parametrize(
    ("power", "there", "expected"),
    [
        (Power.OFF, ("cp1", "cp2"), ("kill", f"{NAME}-cp1")),
        (Power.OFF, ("cp2",), None),
        (Power.ON, ("cp2",), ("start", f"{NAME}-cp1")),
        (Power.ON, ("cp1", "cp2"), None),
        (Power.PAUSED, ("cp1",), ("pause", f"{NAME}-cp1")),
        (Power.RESUMED, ("cp1",), ("unpause", f"{NAME}-cp1")),
        (Power.RESUMED, (), None),
    ],
)
def test_a_machine_is_switched_unless_it_is_so_already(
    monkeypatch: pytest.MonkeyPatch, power: Power, there: tuple[str, ...], expected: tuple[str, ...] | None
) -> None:
    engine = Engine(*there)
    joined: list[str] = []
    monkeypatch.setattr(containers, "run", engine.run)
    monkeypatch.setattr(containers, "_join_network", lambda *given: joined.append(given[2]))
    monkeypatch.setattr(engines, "choose", lambda *_: engines.Engine("podman", 2))
    provider = Containers(Host(Settings.of({})))
    provider.switch(STATE, ["cp1"], power)
    assert engine.called == ([expected] if expected else [])
    assert joined == ([f"{NAME}_0a1b2c"] if power is Power.ON and expected else [])


def test_what_switches_a_machine_can_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "choose", lambda *_: engines.Engine("podman", 2))
    provider = Containers(Host(Settings.of({})))
    assert provider.switched_by(STATE, ["cp1", "lb"], Power.ON) == f"sudo podman start {NAME}-cp1 {NAME}-lb"


def test_virtual_machines_are_not_switched_one_by_one() -> None:
    provider = VirtualMachines(Host(Settings.of({"provider": "vagrant"})))
    with pytest.raises(BadInput, match="cannot be switched off machine by machine"):
        provider.switch(STATE, ["cp1"], Power.OFF)

"""The kubelet and the container runtime as units of their machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.facts.cluster import Facts
from checks.facts.machine import ETCD, MachineFacts, Unit
from checks.findings import Found, Severity
from checks.rules.component_flags import KUBELET, STATIC_PODS
from checks.rules.rule import about_each

_PAGE = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/kubelet-integration/"
_RUNTIMES = {"containerd": "containerd", "cri-o": "crio", "docker": "docker"}
"""The unit of each runtime."""


def with_kubelet(facts: Facts) -> Iterable[MachineFacts]:
    """Nodes, and machines of etcd alone on which a kubelet runs it as a static pod."""
    for machine in facts.machines:
        manifests = machine.manifests.value or ()
        if machine.is_node or (machine.is_a(ETCD) and any(each.name == "etcd" for each in manifests)):
            yield machine


def _unit(machine: MachineFacts, name: str) -> Unit | None:
    """A unit; None where there is none of this name: another one may stand for it. Raises Unknown."""
    units = machine.units.get()
    return units.get(name) or units.get(f"{name}.service")


@about_each(
    with_kubelet, "KHA-NODE-004", Severity.CRITICAL,
    title="The kubelet does not run.",
    why="Nothing on this machine is started, restarted or reported: static pods of the control plane neither.",
    fix="sudo systemctl restart kubelet  # on {machine}; sudo journalctl -u kubelet -n 50 says why it ended",
    page=_PAGE, because_of=("KHA-CERT-001", "KHA-NODE-008", "KHA-NODE-012"),
)  # fmt: skip
def kubelets_run(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """One that is `activating` ends again and again, and waits for its next try."""
    del facts
    unit = _unit(machine, "kubelet")
    if unit and unit.active not in ("active", "reloading"):
        yield Found(
            f"The kubelet of {machine.name} is {unit.active}.",
            (machine.name,),
            (f"systemctl is-active kubelet: {unit.active}",),
            about=(KUBELET, STATIC_PODS),
        )


@about_each(
    with_kubelet, "KHA-NODE-005", Severity.CRITICAL,
    title="The kubelet or the container runtime does not start with its machine.",
    why="After the next start of the machine nothing of Kubernetes runs there.",
    fix="sudo systemctl enable {unit}  # on {machine}",
    page="https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/",
)  # fmt: skip
def units_start_with_their_machine(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    del facts
    runtime = machine.runtime.value
    names = ["kubelet", *([_RUNTIMES[runtime.name]] if runtime and runtime.name in _RUNTIMES else [])]
    for unit in filter(None, (_unit(machine, each) for each in names)):
        if _is_left_out(unit):
            name = unit.name.removesuffix(".service")
            yield Found(
                f"{name} on {machine.name} is {unit.enabled}: it does not start with the machine.", (machine.name,),
                (f"systemctl is-enabled {name}: {unit.enabled}",), {"unit": name},
            )  # fmt: skip


def _is_left_out(unit: Unit) -> bool:
    """Whether the next start of the machine does not start it; a masked unit is started for no other one either."""
    return unit.enabled.startswith("masked") or (unit.enabled == "disabled" and not unit.starts_with_its_machine)

"""Flags that differ: between control planes, and between a manifest and the process that runs."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity
from checks.rules.component_flags import (
    API_SERVER,
    COMPONENTS,
    CONTROLLER_MANAGER,
    SCHEDULER,
    Flags,
    command_of,
    container_of,
    flags_in,
    image_of,
    process_of,
    program,
    without_own_names,
)
from checks.rules.odd_ones import odd_ones
from checks.rules.own_places import manifest_of
from checks.rules.rule import about_each, control_planes
from checks.rules.sentences import listed

_PAGE = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/control-plane-flags/"

JUDGED_ELSEWHERE = frozenset({"advertise-address", "etcd-servers", "encryption-provider-config"})
"""Flags that have a rule of their own: KHA-ONE-005, KHA-ONE-006 and KHA-DRIFT-002."""

UNORDERED = frozenset({
    "enable-admission-plugins", "disable-admission-plugins", "feature-gates", "runtime-config", "controllers",
    "tls-cipher-suites", "requestheader-allowed-names", "api-audiences",
})  # fmt: skip
"""Flags whose list means the same in any order."""

_WHAT = {
    API_SERVER: "The API server of {} has other flags than those of the other control planes: {}.",
    CONTROLLER_MANAGER: "The controller manager of {} has other flags than those of the other control planes: {}.",
    SCHEDULER: "The scheduler of {} has other flags than those of the other control planes: {}.",
}


@about_each(
    control_planes, "KHA-DRIFT-001", Severity.WARNING,
    title="A component runs with other flags than on the other control planes.",
    why="What a request or a leader does depends on the machine that it meets, and changes when one is lost.",
    fix="sudo vi {manifest}  # on {machine}: a copy outside of the folder, then cp it in place",
    page=_PAGE, because_of=("KHA-DRIFT-003",),
)  # fmt: skip
def components_have_the_same_flags(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    for component in COMPONENTS:
        yield from _other_flags(facts, machine, component)


def _other_flags(facts: Facts, machine: MachineFacts, component: str) -> Iterator[Found]:
    """Where no value is that of most, it is one finding about all of them, at the first."""
    given = _flags_by_machine(facts, component)
    if machine.name not in given:
        return
    names = {name for flags in given.values() for name in flags} - JUDGED_ELSEWHERE
    by_machines: dict[tuple[str, ...], list[str]] = {}
    for name in sorted(names):
        odd = _odd(facts, given, name)
        alone = machine.name in odd if len(odd) < len(given) else machine.name == odd[0]
        if alone:
            by_machines.setdefault((machine.name,) if len(odd) < len(given) else odd, []).append(name)
    if by_machines:
        _same_images(facts, component, given)
    for machines, flags in by_machines.items():
        evidence = tuple(f"{each}: {_shown(given[each], flag)}" for flag in flags for each in given)
        what = _WHAT[component].format(listed(machines), listed(f"--{flag}" for flag in flags))
        values = {"manifest": manifest_of(facts.machine(machines[0]), component)}
        yield Found(what, machines, evidence, values, about=(component,))


def _flags_by_machine(facts: Facts, component: str) -> dict[str, Flags]:
    """The flags of each control plane that has the component; raises Unknown where those of one are not known.

    A machine that does not answer is left out: the others can still be compared.
    """
    found = {}
    for each in facts.control_planes:
        try:
            command = command_of(facts, each, component)
        except Unknown:
            if not each.unreachable:
                raise
            continue
        if program(command) == component:
            found[each.name] = flags_in(command)
    return found


def _odd(facts: Facts, given: dict[str, Flags], name: str) -> tuple[str, ...]:
    """Alike is what is the same as it is written, or with each machine's own name and addresses taken out."""
    values = {each: _comparable(name, flags.get(name, ())) for each, flags in given.items()}
    own = {
        each: tuple(without_own_names(value, facts.machine(each)) for value in written)
        for each, written in values.items()
    }
    return odd_ones(values) and odd_ones(own)


def _comparable(name: str, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(",".join(sorted(each.split(","))) for each in values) if name in UNORDERED else values


def _same_images(facts: Facts, component: str, given: dict[str, Flags]) -> None:
    images = {name: image_of(facts, facts.machine(name), component) for name in given}
    if len(set(images.values())) > 1:
        shown = listed(f"{image} on {name}" for name, image in images.items())
        raise Unknown(f"{component} has different images, and flags may differ until an upgrade is finished: {shown}")


def _shown(flags: Flags, name: str) -> str:
    return " ".join(f"--{name}={value}" for value in flags[name]) if name in flags else f"no --{name}"


@about_each(
    control_planes, "KHA-DRIFT-009", Severity.WARNING,
    title="A component runs with other flags than its manifest has.",
    why="The manifest was changed and the component was not started anew: its next start brings the change.",
    fix="sudo systemctl restart kubelet  # on {machine}; after that the manifest is read again",
    page="https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/", because_of=("KHA-DRIFT-003",),
)  # fmt: skip
def processes_have_the_flags_of_their_manifests(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    del facts
    for component in (*COMPONENTS, "etcd"):
        container, process = container_of(machine, component), process_of(machine, component)
        if not container or not process or program(process.arguments) != component:
            continue
        written, running = flags_in(container.command), flags_in(process.arguments)
        if "config-file" in written:  # of etcd, whose process has the file's settings here as flags
            continue
        other = [name for name in sorted({*written, *running}) if _differs(written, running, name)]
        if other:
            evidence = [f"manifest: {_shown(written, name)}" for name in other]
            evidence += [f"process {process.pid}: {_shown(running, name)}" for name in other]
            yield Found(
                f"{component} on {machine.name} runs with other flags than its manifest has: "
                f"{listed(f'--{each}' for each in other)}.",
                (machine.name,), tuple(evidence), about=(component,),
            )  # fmt: skip


def _differs(written: Flags, running: Flags, name: str) -> bool:
    """A value with $(NAME) is filled in by the kubelet."""
    filled_in = any("$(" in each for each in written.get(name, ()))
    return not filled_in and written.get(name) != running.get(name)

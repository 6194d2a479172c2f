"""The load balancer of a cluster, whatever kind it is of: what each machine that carries it is given, and started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provision.cluster import Cluster
from provision.config import limits
from provision.loadbalancer import haproxy, keepalived, nginx, static_pods
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet, together

_CHECKED = {"haproxy": haproxy.CHECKED, "keepalived": keepalived.CHECKED, "nginx": nginx.CHECKED}


def apply(cluster: Cluster, control_planes: Sequence[Machine]) -> None:
    """Make the load balancer forward to exactly these control planes, starting it where it does not run.

    One that is on the control planes is also put on those of them that have no part in the procedure.
    """
    others = [each for each in control_planes if not cluster.balancer.machines and each not in cluster.carriers]
    together(lambda machine: _apply(cluster, machine, control_planes), [*cluster.carriers, *others])
    if not cluster.balancer.services:  # static pods wait for their kubelet themselves
        return
    together(lambda machine: _wait_until_it_listens(cluster, machine), cluster.carriers)
    if cluster.balancer.virtual:
        what = f"a machine holds {cluster.endpoint.address}"
        cluster.wait_until(lambda: _is_on_no_machine(cluster), limits.VIRTUAL_ADDRESS, what)


def leave(cluster: Cluster, machine: Machine) -> None:
    """Take the load balancer off a control plane that leaves; fine where it carries none."""
    if cluster.balancer.machines:
        return
    if services := " ".join(cluster.balancer.services):
        machine.succeed(f"sudo systemctl disable --quiet --now {services}")
    if pods := " ".join(f"{static_pods.MANIFESTS}/{name}.yaml" for name in cluster.balancer.static_pods):
        machine.succeed(f"sudo rm -f {pods}")


def files(cluster: Cluster, machine: Machine, control_planes: Sequence[Machine]) -> Mapping[str, Mapping[str, str]]:
    """The files of each program on a machine that carries the balancer: program → path → content."""
    kind, patience, endpoint = cluster.balancer, cluster.patience, cluster.endpoint
    found: dict[str, Mapping[str, str]] = {}
    if "nginx" in kind.programs:
        found["nginx"] = {nginx.CONFIGURATION: nginx.render(endpoint.port, control_planes, patience, cluster.family)}
    if "haproxy" in kind.programs:
        log = "stdout format raw local0" if kind.static_pods else "/dev/log local0"
        text = haproxy.render(endpoint.port, control_planes, patience, check=kind.check, log=log, family=cluster.family)
        found["haproxy"] = {haproxy.CONFIGURATION: text}
    if "keepalived" in kind.programs:
        first = machine is cluster.carriers[0]
        text = keepalived.render(
            machine.name, _interface(cluster, machine), endpoint, first=first, patience=patience
        )  # fmt: skip
        script = keepalived.script(endpoint.port, patience)
        found["keepalived"] = {keepalived.CONFIGURATION: text, keepalived.SCRIPT: script}
    return found


def _apply(cluster: Cluster, machine: Machine, control_planes: Sequence[Machine]) -> None:
    kind = cluster.balancer
    for program, texts in files(cluster, machine, control_planes).items():
        for path, text in texts.items():
            machine.put(path, text, mode=0o755 if path.endswith(".sh") else 0o644)
        if program in kind.static_pods:
            manifest = static_pods.manifest(program, cluster.endpoint.port, texts)
            machine.put(f"{static_pods.MANIFESTS}/{program}.yaml", manifest)
        else:
            machine.succeed(_CHECKED[program])
            started = f"sudo systemctl reload-or-restart {program}"
            machine.succeed(f"sudo systemctl enable --quiet {program} && {started}")


def _wait_until_it_listens(cluster: Cluster, machine: Machine) -> None:
    """The endpoint's port is waited for: a reload has only begun when systemctl ends."""
    port = cluster.endpoint.port

    def deaf() -> NotYet | None:
        found = machine.run(f"ss -Hltn 'sport = :{port}'")
        return None if found.stdout.strip() else found.refusal or NotYet("nothing does")

    what = f"the load balancer listens on port {port} of {machine.name}"
    cluster.wait_until(deaf, limits.BALANCER_LISTENS, what)


def _is_on_no_machine(cluster: Cluster) -> NotYet | None:
    address = cluster.endpoint.address
    found = [each.run(f"ip -o -4 address show to {address}") for each in cluster.carriers]
    return None if any(address in each.stdout for each in found) else found[0].refusal or NotYet("none of them does")


def _interface(cluster: Cluster, machine: Machine) -> str:
    """The network interface that has the machine's address; a dry run has none to ask."""
    found = machine.succeed(f"ip -o -4 address show to {machine.address}")
    return "<interface>" if cluster.dry_run else found.split()[1]

"""What people do to a cluster that serves: machines join and leave, one is replaced, certificates are renewed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from provision.cluster import Cluster
from provision.config.options import CONTAINER
from provision.machines.machine import Machine
from provision.providers.provider import Power
from provision.util.concurrency import NotYet
from resilience.faults.bounds import BACKED_OFF, BOOTED, ELECTION, KEEPALIVE, NOTICED, Bound
from resilience.faults.fault import Fault, Proof, Spared
from resilience.faults.means import late, places
from resilience.faults.means.static_pods import COMPONENTS, restarted
from resilience.faults.scene import Call, Scene, Shell, Step, Steps, Switch

_JOINING = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#manual-certs"
_JOIN = "https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/"
_MEMBERS = "https://etcd.io/docs/v3.6/op-guide/runtime-configuration/#add-a-new-member"
_LEARNERS = "https://etcd.io/docs/v3.6/learning/design-learner/"
_RESET = "https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/"
_REPLACED = "https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/#replacing-a-failed-etcd-member"
_RENEWED = "https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#manual-certificate-renewal"

_JOINS = 30.0  # seconds that a join takes, measured on two processors
_REPLACED_IN = 60.0  # seconds for a member and a node to go, and a join
_RESTARTS = 180.0  # seconds for twelve static pods, one by one

_DELETED = 60.0
"""Seconds until a node is deleted: right after the power has gone, a request by the balancer may hang, and a person
types it again."""

_RENEW = 120.0  # seconds, for ten certificates with keys of their own

_MEMBER = ELECTION + NOTICED
"""A new member is a learner until it has everything; its own start may cost the leader a heartbeat or two."""

_LEFT = Bound(
    60, "a machine that left is neither a member nor a node nor a target", "provision/kubeadm/rejoining.py"
)  # fmt: skip


def no_late(scene: Scene) -> str:
    """Why there is no machine that could join."""
    return "" if late.control_planes(scene) else "the cluster has no machine that did not join yet"


def _no_late_switch(scene: Scene) -> str:
    """Why a machine cannot be lost for good, and another one take its place."""
    provider = scene.cluster.state.provider
    if provider != CONTAINER:
        return f"machines of the provider {provider} are not switched off from here"
    return no_late(scene)


def ready_nodes() -> Proof:
    """Every machine that is hit is a node that is ready, which none of them was before."""

    def before(scene: Scene) -> str:
        return " ".join(sorted(set(_ready(scene)) & set(scene.names)))

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        ready = _ready(scene)
        late_ones = [each for each in scene.names if each not in ready]
        if earlier or late_ones:
            return NotYet(f"ready before: {earlier or 'none'}; not ready now: {', '.join(late_ones) or 'none'}")
        return f"nodes {', '.join(scene.names)} are ready, which they were not before; {len(ready)} nodes are"

    return Proof("what joined is a node that is ready", seen, before, within=10)


def _ready(scene: Scene) -> list[str]:
    """The names of the nodes that say that they are ready."""
    names = "{range .items[*]}{.metadata.name}={.status.conditions[?(@.type=='Ready')].status} {end}"
    printed = scene.cluster.kubectl("get", "nodes", "-o", f"jsonpath={names}")
    return [name for name, _, status in (each.partition("=") for each in printed.split()) if status == "True"]


def joining(
    name: str, what: str, place: str, where: Callable[[Scene], Sequence[Machine]], bound: Bound, holds: str,
    links: tuple[str, ...], count: int = 1,
) -> Fault:  # fmt: skip
    """Machines join under traffic, and leave again."""
    return Fault(
        name, what, place, where, late.joined, ready_nodes(), bound, holds, late.left, _LEFT, links, hold=10,
        spared=frozenset(), lengthy=True, lacking=no_late, must_succeed=True, lasts=count * _JOINS,
    )  # fmt: skip


def _replace(scene: Scene) -> Steps:
    """The machine is gone; its member is removed, its node deleted, and another machine joins in its place."""
    lost, newcomer = scene.machine, late.control_plane(scene)[0]
    host = scene.cluster.control_planes[0]

    def take_out(scene: Scene) -> str:
        cluster = scene.cluster
        removed = late.remove_member(cluster, lost, gone=[lost]) if cluster.id.stacked else "etcd is elsewhere"
        cluster.wait_until(lambda: _node_stays(cluster, lost), _DELETED, f"the node {lost.name} is deleted", every=1)
        return removed

    def take_place(scene: Scene) -> str:
        cluster = scene.cluster
        late.join(replaced(scene), newcomer)
        scene.note(f"{newcomer.name} has joined in place of {lost.name}, which was not reset")
        return str(late.members(cluster, gone=[lost])) if cluster.id.stacked else ""

    def replaced(scene: Scene) -> Scene:
        return Scene(scene.without([lost.name]), scene.board, [newcomer])

    return [
        Switch((lost.name,), Power.OFF),
        Call(host, "sudo etcdctl member remove ID  # in the etcd pod; then `kubectl delete node`", take_out),
        Call(newcomer, "sudo kubeadm join …", take_place),
    ]


def _node_stays(cluster: Cluster, lost: Machine) -> NotYet | None:
    return cluster.try_kubectl("delete", "node", lost.name, "--ignore-not-found").refusal


def _gone_and_replaced(scene: Scene, earlier: str) -> str | NotYet:
    del earlier
    lost, newcomer = scene.machine, late.control_plane(scene)[0]
    ready = _ready(scene)
    try:
        lost.run("true", timeout=3)
        return NotYet(f"{lost.name} answers")
    except Exception as error:
        silent = str(error).splitlines()[0]
    if newcomer.name not in ready or lost.name in ready:
        return NotYet(f"ready nodes: {', '.join(ready)}")
    if scene.cluster.id.stacked and (shown := _member_fault(scene, lost, newcomer)):
        return NotYet(shown)
    return f"{lost.name} is gone ({silent}), and {newcomer.name} is a node and a member in its place"


def _member_fault(scene: Scene, lost: Machine, newcomer: Machine) -> str:
    """What is wrong about etcd's list of members after a replacement; "" where nothing is."""
    found = " ".join(late.members(scene.cluster, gone=[lost]))
    if f"//{lost.address}:" in found or f"//{newcomer.address}:" not in found:
        return f"etcd's members are {found}"
    return ""


def _renew(scene: Scene) -> Steps:
    """All certificates of each control plane, and then its static pods, one by one."""
    steps: list[Step] = []
    for machine in scene.hit:
        steps.append(Shell(machine, "sudo kubeadm certs renew all", _RENEW))
        steps += [restarted(machine, each) for each in COMPONENTS if each != "etcd" or scene.cluster.id.stacked]
    return steps


def _serials(scene: Scene) -> str:
    """The serial number that each API server shows."""
    show = "openssl s_client -connect {}:6443 </dev/null 2>/dev/null | openssl x509 -noout -serial"
    return " ".join(each.succeed(show.format(each.address)).strip().partition("=")[2] for each in scene.hit)


def _renewed(scene: Scene, earlier: str) -> str | NotYet:
    now = _serials(scene)
    same = set(now.split()) & set(earlier.split())
    shown = f"{len(scene.hit)} API servers show other certificates than before"
    return NotYet(f"these certificates are shown as before: {', '.join(same)}") if same else shown


FAULTS = (
    joining(
        "control-plane-joins", "a fourth control plane joins, and leaves again: 3 → 4 → 3",
        "a machine that has not joined", late.control_plane, _MEMBER, "no way is gone for longer than an election",
        (_JOINING, _MEMBERS, _LEARNERS, _RESET),
    ),
    joining(
        "two-control-planes-join", "two more control planes join one by one, and leave again: 3 → 5 → 3",
        "machines that have not joined", late.control_planes, _MEMBER, "no way is gone for longer than an election",
        (_JOINING, _MEMBERS, _LEARNERS, _RESET), 2,
    ),
    joining(
        "worker-joins", "a fourth worker joins, and leaves again", "a machine that has not joined", late.worker,
        NOTICED, "no request is lost", (_JOIN, _RESET),
    ),
    Fault(
        "dead-control-plane-replaced",
        "a control plane loses its power for good; its member is removed, its node deleted, and another one joins",
        "the last control plane", places.last_control_plane, _replace,
        Proof("it is gone, and another one has its place", _gone_and_replaced, within=30),
        _MEMBER, "two control planes go on, and then three", heals=BOOTED, links=(_REPLACED, _JOINING, _MEMBERS),
        hold=10, destructive=True, lengthy=True, lacking=_no_late_switch, for_good=True, must_succeed=True,
        clings=KEEPALIVE, lasts=_REPLACED_IN,
    ),
    Fault(
        "certificates-renewed",
        "`kubeadm certs renew all` on each control plane, and each of its static pods is restarted, one by one",
        "all control planes", places.all_control_planes, _renew,
        Proof("API servers show certificates that they did not show before", _renewed, lambda scene: _serials(scene)),
        _MEMBER, "requests by the balancer go to the others", heals=BACKED_OFF, links=(_RENEWED,), hold=5,
        spared=frozenset({Spared.HIT}), lengthy=True, must_succeed=True, lasts=_RESTARTS,
    ),
)  # fmt: skip
"""Each of them."""

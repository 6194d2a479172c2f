"""Processes that are killed, or get no processor for a while."""

from __future__ import annotations

from collections.abc import Callable

from provision.util.concurrency import NotYet
from resilience.faults.bounds import ELECTION, KEEPALIVE, LEASES, NOTICED, RESTARTED, Bound, lasting
from resilience.faults.fault import Fault, Proof, Spared, none
from resilience.faults.means import places
from resilience.faults.means.places import Where
from resilience.faults.means.proofs import another_process, both, called, stopped
from resilience.faults.scene import Scene, Shell, Steps

_JEPSEN = "https://jepsen.io/analyses/etcd-3.4.3"
_ROBUSTNESS = "https://github.com/etcd-io/etcd/tree/main/tests/robustness"
_RUNBOOK = "https://github.com/kubernetes/kubernetes/issues/54511"
_LEASED = "https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/client-go/tools/leaderelection/leaderelection.go"


def _send(signal: str, program: str) -> Callable[[Scene], Steps]:
    def steps(scene: Scene) -> Steps:
        return [Shell(each, f"sudo pkill -{signal} -x {called(program)}") for each in scene.hit]

    return steps


def _let_go(program: str) -> Callable[[Scene], Steps]:
    """Let it go on; where another process has its name by now, that goes on as before, and pkill may find none."""

    def steps(scene: Scene) -> Steps:
        return [Shell(each, f"sudo pkill -CONT -x {called(program)} || true") for each in scene.hit]

    return steps


def killed(
    name: str, program: str, place: str, where: Where, bound: Bound, holds: str, links: tuple[str, ...],
    spared: frozenset[Spared] = frozenset({Spared.HIT}), proof: Proof | None = None,
) -> Fault:  # fmt: skip
    """A process ends without a word (SIGKILL), and is started again by whatever watches over it."""
    return Fault(
        name, f"SIGKILL of {program}", place, where, _send("KILL", program), proof or another_process(program),
        bound, holds, none, RESTARTED, links, spared=spared,
    )  # fmt: skip


def paused(
    name: str, program: str, place: str, where: Where, bound: Bound, holds: str, links: tuple[str, ...],
    seconds: float = 5, spared: frozenset[Spared] = frozenset({Spared.HIT}), lengthy: bool = False, mute: bool = False,
) -> Fault:  # fmt: skip
    """A process gets no processor for a while (SIGSTOP), and goes on as if nothing had been (SIGCONT)."""
    return Fault(
        name, f"SIGSTOP of {program} for {seconds:.0f} s", place, where, _send("STOP", program), stopped(program),
        bound, holds, _let_go(program), RESTARTED, links, hold=seconds, spared=spared, lengthy=lengthy, mute=mute,
        clings=KEEPALIVE if program == "etcd" else None,
    )  # fmt: skip


def _moved(lease: str) -> Proof:
    """Another control plane holds the lease; or the same one again, with another process."""

    def before(scene: Scene) -> str:
        return str(scene.cluster.get("lease", lease, "-n", "kube-system")["spec"]["holderIdentity"])

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        now = before(scene)
        return f"{lease}: {now} holds the lease, and {earlier} before" if now != earlier else NotYet(f"{now} holds it")

    return Proof(f"another process holds the lease {lease}", seen, before, LEASES.seconds + 13)


_ETCD = ("the machine of etcd's leader", places.etcd_leader), ("the machine of a follower", places.etcd_follower)

FAULTS = (
    killed("etcd-leader-killed", "etcd", *_ETCD[0], ELECTION + NOTICED, "another member leads", (_ROBUSTNESS, _JEPSEN)),
    killed("etcd-follower-killed", "etcd", *_ETCD[1], NOTICED, "writes go on", (_ROBUSTNESS,)),
    paused("etcd-leader-stopped", "etcd", *_ETCD[0], ELECTION + NOTICED, "another member leads", (_JEPSEN,)),
    paused("etcd-follower-stopped", "etcd", *_ETCD[1], NOTICED, "writes go on", (_JEPSEN,)),
    paused(
        "etcd-leader-stopped-for-30-s", "etcd", *_ETCD[0], ELECTION + NOTICED, "another member leads", (_JEPSEN,), 30,
        lengthy=True,
    ),
    killed(
        "api-server-killed", "kube-apiserver", "the first control plane", places.first_control_plane, NOTICED,
        "requests by the balancer go to the others", ("https://github.com/kubernetes/kubeadm/issues/2991",),
    ),
    paused(
        "api-server-stopped", "kube-apiserver", "the first control plane", places.first_control_plane, NOTICED,
        "the balancer takes it out, and brings it back", (_RUNBOOK,),
    ),
    killed(
        "controller-manager-leader-killed", "kube-controller-manager", "the holder of its lease",
        places.holder_of("kube-controller-manager"), NOTICED, "another one leads within a lease", (_LEASED,),
        proof=both(another_process("kube-controller-manager"), _moved("kube-controller-manager")),
    ),
    killed(
        "scheduler-leader-killed", "kube-scheduler", "the holder of its lease", places.holder_of("kube-scheduler"),
        NOTICED, "another one leads within a lease", (_LEASED,),
        proof=both(another_process("kube-scheduler"), _moved("kube-scheduler")),
    ),
    paused(
        "controller-manager-leader-stopped", "kube-controller-manager", "the holder of its lease",
        places.holder_of("kube-controller-manager"), NOTICED, "no request is lost", (_LEASED,),
    ),
    paused(
        "scheduler-leader-stopped", "kube-scheduler", "the holder of its lease", places.holder_of("kube-scheduler"),
        NOTICED, "no request is lost", (_LEASED,),
    ),
    killed(
        "kubelet-killed", "kubelet", "the first control plane", places.first_control_plane, NOTICED,
        "its containers run on", ("https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/",),
        frozenset(),
    ),
    killed(
        "containerd-killed", "containerd", "the first control plane", places.first_control_plane, NOTICED,
        "its containers run on", ("https://github.com/containerd/containerd/blob/main/docs/ops.md",), frozenset(),
    ),
    paused(
        "etcd-minority-stopped", "etcd", "as many followers as etcd can do without", places.etcd_minority, NOTICED,
        "no acknowledged write is missing", (_ROBUSTNESS,), 15,
    ),
    paused(
        "etcd-majority-stopped", "etcd", "the leader, and a majority with it", places.etcd_majority,
        lasting(12) + ELECTION + NOTICED, "no write is accepted without a quorum", (_JEPSEN, _RUNBOOK), 12,
        spared=frozenset({Spared.ALL}), mute=True,
    ),
)  # fmt: skip
"""Each of them."""

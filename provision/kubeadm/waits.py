"""What has to be true before the next step can be taken."""

from __future__ import annotations

from provision.cluster import ADMIN, Cluster
from provision.config import limits
from provision.config.addresses import url
from provision.kubeadm import configuration
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet
from provision.util.errors import CommandFailed, TimedOut
from provision.util.result import last_lines


def wait_for_signature(cluster: Cluster) -> None:
    """Wait until cluster-info is signed for the printed token: a join that starts earlier loses a 5 s retry."""
    key = "jws-kubeconfig-" + cluster.observations.printed_joins.token.split(".")[0]
    signed = f"--for=jsonpath={{.data.{key}}}"
    cluster.kubectl_wait("-n", "kube-public", "configmap/cluster-info", signed, limit=limits.SIGNATURE)


def wait_until_ready(cluster: Cluster) -> None:
    """Wait until all nodes and all pods of kube-system are ready, which can be; raises TimedOut saying what is not."""
    nodes = " ".join(machine.name for machine in cluster.nodes)
    etcd = ("etcd",) if cluster.id.stacked else ()
    balancer = cluster.balancer.static_pods
    components = (*etcd, *balancer, "kube-apiserver", "kube-controller-manager", "kube-scheduler")
    static = " ".join(f"pod/{name}-{machine.name}" for machine in cluster.control_planes for name in components)
    kubectl = f"sudo {ADMIN} kubectl -n kube-system"
    limit = cluster.limit(limits.READY)
    # DNS asks the API by its Service: without kube-proxy, it waits for the network plugin of the user who left it out.
    others = "" if configuration.expected(cluster).services else " -l 'k8s-app!=kube-dns'"
    script = (
        f"{kubectl} wait --for=condition=Ready node {nodes} {limit}"
        # Not in the loop's own line: a shell does not check whether $(…) succeeded there.
        f' && names=$({kubectl} get daemonset,deployment{others} -o name) && [ -n "$names" ] && for each in $names;'
        f" do {kubectl} rollout status $each {limit} || exit 1; done"
        # Where more than one is missing, kubectl gives up on all of them at once; of one alone it waits.
        f" && {{ {kubectl} get {static} >/dev/null 2>&1"
        f" || for each in {static}; do {kubectl} wait --for=create $each {limit} || exit 1; done; }}"
        f" && {kubectl} wait --for=condition=Ready pod {others or '--all'} {limit}"
    )
    result = cluster.control_planes[0].run(script, timeout=2 * limits.READY)
    if result.ok:
        return
    try:
        seen = cluster.kubectl("get", "nodes,pods", "-A", "-o", "wide")
    except CommandFailed as failure:
        seen = failure.answer
    raise TimedOut("the cluster did not become ready", answer=f"{last_lines(result.stderr, 5)}\n{seen}")


def api_refusal(machine: Machine) -> NotYet | None:
    """Why the API server of a control plane is not ready, by a request from its own machine; None where it is."""
    ready = f"{url(machine.address, 6443)}/readyz"
    answer = machine.run(f"curl -sS -m {5 * machine.patience} --cacert /etc/kubernetes/pki/ca.crt {ready}")
    if answer.ok and answer.stdout != "ok":
        return NotYet(answer.stdout or "/readyz answered with an empty text")
    return answer.refusal

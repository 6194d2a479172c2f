"""kube-system: everything that runs there is there, ready, and has not crashed on the way.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#steps-for-the-first-control-plane-node
"""

from __future__ import annotations

import pytest

from fixtures.subjects.configured import skip_without, skip_without_services
from fixtures.subjects.facts import Object, conditions, pods_on
from provision.cluster import Cluster
from provision.config.configuration.expected import Expected
from provision.machines.machine import Machine


def _restarts(pod: Object) -> int:
    return sum(status["restartCount"] for status in pod["status"].get("containerStatuses", []))


def _needs_services(pod: Object) -> bool:
    """Whether a pod is ready only where requests to Services arrive: DNS asks the API by its Service."""
    return bool(pod["metadata"].get("labels", {}).get("k8s-app") == "kube-dns")


def test_every_system_pod_of_the_node_is_ready(
    system_pods: list[Object], expected: Expected, node: Machine
) -> None:  # fmt: skip
    """Without kube-proxy, DNS waits for the network plugin of who left it out."""
    states = {
        pod["metadata"]["name"]: (pod["status"]["phase"], conditions(pod).get("Ready"))
        for pod in pods_on(system_pods, node.name)
        if expected.services or not _needs_services(pod)
    }
    assert states, "no pod of kube-system runs here"
    wrong = [
        f"pod {name} is {phase}, and its condition Ready is {ready}"
        for name, (phase, ready) in states.items()
        if (phase, ready) != ("Running", "True")
    ]
    assert wrong == [], "; ".join(wrong)


def _met_a_learner(cluster: Cluster, name: str) -> bool:
    """Whether an API server ended because the etcd member beside it was a learner still, which no join waits for."""
    if not name.startswith("kube-apiserver-"):
        return False
    last_log = cluster.try_kubectl("logs", "--previous", "--tail=3", "-n", "kube-system", name)
    return "etcdserver: rpc not supported for learner" in last_log.stdout


@pytest.mark.upgraded(False)
def test_no_system_pod_of_the_node_was_restarted(cluster: Cluster, system_pods: list[Object], node: Machine) -> None:
    """Not one container: a clean set-up needs no second try. One race of kubeadm's own is known, and left out.

    Where the cluster was thawed, that started all of them again.
    """
    restarts = {pod["metadata"]["name"]: _restarts(pod) for pod in pods_on(system_pods, node.name)}
    since = {name: count - cluster.state.restarts.get(name, 0) for name, count in restarts.items()}
    again = {name: count for name, count in since.items() if count}
    wrong = [
        f"pod {name} was restarted {count} times"
        for name, count in again.items()
        if (count, _met_a_learner(cluster, name)) != (1, True)
    ]
    assert wrong == [], "; ".join(wrong)


def test_every_system_pod_is_scheduled(system_pods: list[Object]) -> None:
    assert [pod["metadata"]["name"] for pod in system_pods if not pod["spec"].get("nodeName")] == []


def test_node_has_one_kube_proxy_pod(system_pods: list[Object], expected: Expected, node: Machine) -> None:
    """None where the configuration leaves it out."""
    labels = [pod["metadata"]["labels"].get("k8s-app") for pod in pods_on(system_pods, node.name)]
    assert labels, "no pod of kube-system runs here"
    assert labels.count("kube-proxy") == (1 if expected.kube_proxy else 0)


def test_kube_proxy_has_the_version(cluster: Cluster, expected: Expected, system_pods: list[Object]) -> None:
    skip_without(expected, "kube-proxy")
    proxies = [pod for pod in system_pods if pod["metadata"]["labels"].get("k8s-app") == "kube-proxy"]
    images = {pod["spec"]["containers"][0]["image"] for pod in proxies}
    assert images == {expected.image("kube-proxy", cluster.version)}


def test_two_dns_pods_are_ready(system_pods: list[Object], expected: Expected) -> None:
    skip_without_services(expected, by_name=True)
    running = [pod for pod in system_pods if pod["metadata"]["labels"].get("k8s-app") == "kube-dns"]
    assert [conditions(pod)["Ready"] for pod in running] == ["True", "True"]


@pytest.mark.parametrize("name", ["kube-proxy"])
def test_daemonset_is_ready_on_every_node(cluster: Cluster, expected: Expected, name: str) -> None:
    skip_without(expected, name)
    status = cluster.get("daemonset", name, "-n", "kube-system")["status"]
    ready, wanted = status["numberReady"], status["desiredNumberScheduled"]
    assert (ready, wanted) == (len(cluster.nodes), len(cluster.nodes))

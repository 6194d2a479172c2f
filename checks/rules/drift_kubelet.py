"""A kubelet against the cluster's own configuration of kubelets, and against its container runtime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.machine import CONTROL_PLANE, Kubelet, MachineFacts, Runtime
from checks.findings import Found, Severity
from checks.rules.edits import in_place
from checks.rules.rule import about_each, nodes
from provision.config.versions import Version
from provision.util.errors import BadInput

_FROM_RUNTIME = 31
"""The minor since which a kubelet takes the driver from its runtime (KubeletCgroupDriverFromCRI, KEP-4033), if that
tells it: containerd since 2.0, CRI-O since 1.28."""

_MEANT_FOR_ALL: Mapping[str, Any] = {
    "clusterDNS": None, "clusterDomain": None, "staticPodPath": None, "authentication": None, "authorization": None,
    "failSwapOn": True, "serverTLSBootstrap": False, "featureGates": None,
}  # fmt: skip
"""Settings that are the cluster's, with what the kubelet takes where they are not written. What depends on a machine is
not among them: resolvConf, cgroupDriver (KHA-DRIFT-006), its runtime, memory, addresses and certificates."""

_FOR_NO_NODE_ALONE = frozenset({"authentication", "authorization", "clusterDNS"})
"""What no node has otherwise without harm, by whatever file: who may do what there, and whether pods resolve names."""


@about_each(
    nodes, "KHA-DRIFT-004", Severity.WARNING,
    title="A kubelet does not renew its client certificate.",
    why="The node is lost on the day on which its certificate ends.",
    fix=in_place("^rotateCertificates:.*", "rotateCertificates: true")
        + " && sudo systemctl restart kubelet  # on {machine}",
    page="https://kubernetes.io/docs/tasks/tls/certificate-rotation/",
)  # fmt: skip
def kubelets_renew_their_certificates(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    kubelet = machine.kubelet.get()
    if _rotates(kubelet):
        return
    stored = facts.api.kubelet_configuration
    chosen = stored.known and not stored.get().get("rotateCertificates", False)
    what = f"The kubelet of {machine.name} does not renew its client certificate: rotateCertificates is not true."
    if chosen:
        what += " Nor is it in the ConfigMap kubelet-config."
    file = kubelet.drop_ins.get("rotateCertificates", kubelet.configuration_file)
    evidence = (f"{file}: rotateCertificates: {kubelet.configuration.get('rotateCertificates')}",)
    severity = Severity.NOTICE if chosen else None  # the cluster's own choice; an end that is near is KHA-CERT-003
    yield Found(what, (machine.name,), evidence, {"file": file}, _turned_on(machine, kubelet), severity)


def _turned_on(machine: MachineFacts, kubelet: Kubelet) -> str:
    """What is typed where no file has the setting to be changed; empty where one has."""
    if "rotate-certificates" in kubelet.flags:
        return (
            "sudo grep -rn rotate-certificates /var/lib/kubelet/kubeadm-flags.env /etc/default /etc/sysconfig "
            f"/etc/systemd/system/kubelet.service.d  # on {machine.name}: take the flag out, and restart the kubelet"
        )
    if "rotateCertificates" in kubelet.configuration:
        return ""
    file = kubelet.configuration_file
    return (
        f"sudo grep -q '^kind:' {file} && sudo sed -i '$a rotateCertificates: true' {file} && "
        f"sudo systemctl restart kubelet  # on {machine.name}"
    )


def _rotates(kubelet: Kubelet) -> bool:
    """The kubelet's own default is false, so that a setting that is not written means that."""
    if "rotate-certificates" in kubelet.flags:
        return kubelet.flags["rotate-certificates"] == "true"
    return bool(kubelet.configuration.get("rotateCertificates", False))


@about_each(
    nodes, "KHA-DRIFT-005", Severity.WARNING,
    title="A kubelet's configuration differs from the cluster's.",
    why="Pods behave otherwise on this node: where others were meant to take over, they may not work.",
    fix="sudo kubeadm upgrade node phase kubelet-config && sudo systemctl restart kubelet  # on {machine}",
    page="https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/kubelet-integration/",
)  # fmt: skip
def kubelets_have_the_clusters_configuration(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    stored, kubelet = _settings(facts.api.kubelet_configuration.get()), machine.kubelet.get()
    own = _settings(kubelet.configuration)
    groups: dict[tuple[str, bool, bool], list[str]] = {}
    for key in sorted({*stored, *own}):
        if stored.get(key) != own.get(key):
            drop_in, usual = _drop_in(kubelet, key), _usual(facts, machine, key)
            on_purpose = bool(drop_in) and key.partition(".")[0] not in _FOR_NO_NODE_ALONE
            groups.setdefault((drop_in, usual, on_purpose), []).append(key)
    for (drop_in, usual, on_purpose), keys in groups.items():
        if usual and on_purpose:
            continue  # most nodes have the file that says so: this is how nodes of this cluster are configured
        file = drop_in or kubelet.configuration_file
        yield Found(
            f"The kubelet of {machine.name} has another {', '.join(keys)} than the ConfigMap kubelet-config"
            + (f", by {drop_in}" if drop_in else "") + (", like most nodes." if usual else "."),
            (machine.name,),
            tuple(line for key in keys for line in _compared(key, file, stored, own)),
            fix=f"sudoedit {drop_in} && sudo systemctl restart kubelet  # on {machine.name}" if drop_in else "",
            severity=Severity.NOTICE if usual or on_purpose else None,
        )  # fmt: skip


def _compared(key: str, file: str, stored: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[str]:
    yield f"kubelet-config: {key}: {stored.get(key)}"
    yield f"{file}: {key}: {own.get(key)}"


def _drop_in(kubelet: Kubelet, key: str) -> str:
    """The file of --config-dir that sets a key or what is around it; empty where none does."""
    while key not in kubelet.drop_ins and "." in key:
        key = key.rpartition(".")[0]
    return kubelet.drop_ins.get(key, "")


def _settings(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """What is meant for all, key by key as in `authentication.anonymous.enabled`."""
    return {key: value for name in _MEANT_FOR_ALL for key, value in _leaves(name, _setting(configuration, name))}


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        yield name, value
        return
    for key, each in value.items():
        yield from _leaves(f"{name}.{key}", each)


def _setting(configuration: Mapping[str, Any], name: str) -> Any:
    """A setting as the kubelet takes it: what is written as empty is as good as not written."""
    written = _written(configuration.get(name))
    return _MEANT_FOR_ALL[name] if written is None else written


def _written(value: Any) -> Any:
    """A value without what is empty in it; None where nothing is left. `false` is a value."""
    if isinstance(value, Mapping):
        value = {key: _written(each) for key, each in value.items()}
        value = {key: each for key, each in value.items() if each is not None}
    return None if value in ("", "0s", None, {}, []) else value


def _usual(facts: Facts, machine: MachineFacts, key: str) -> bool:
    """Whether more than half of the nodes have this value: then the ConfigMap is what differs, not this node."""
    alike_in_role = [each for each in facts.nodes if each.is_a(CONTROL_PLANE) == machine.is_a(CONTROL_PLANE)]
    known = [each.kubelet.value for each in alike_in_role if each.kubelet.value]
    mine = _settings(machine.kubelet.get().configuration).get(key)
    alike = [each for each in known if _settings(each.configuration).get(key) == mine]
    return 2 * len(alike) > len(known) > 1


@about_each(
    nodes, "KHA-DRIFT-006", Severity.CRITICAL,
    title="The kubelet and the container runtime use different cgroup drivers.",
    why="Two managers of cgroups make a node unstable: pods that are started there are restarted for ever.",
    fix="sudo grep -rn -i cgroup /etc/containerd /etc/crio {file}"
        "  # on {machine}; give the runtime the kubelet's driver, and restart it and then the kubelet",
    page="https://kubernetes.io/docs/setup/production-environment/container-runtimes/",
)  # fmt: skip
def kubelet_and_runtime_use_one_driver(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    kubelet, runtime = machine.kubelet.get(), machine.runtime.get()
    drivers = [each for each in (runtime.cgroup_driver, runtime.configured_driver) if each]
    if not drivers:
        raise Unknown(f"the cgroup driver of {runtime.name} on {machine.name} was not read")
    other = [each for each in drivers if each != _driver(kubelet)]
    if other:
        works = all(_takes_the_runtimes(each.kubelet.value, each.runtime.value) for each in facts.nodes)
        yield Found(
            f"On {machine.name} the kubelet's cgroup driver is {_driver(kubelet)}, and that of {runtime.name} is "
            f"{other[0]}" + (", as on all nodes." if works else "."),
            (machine.name,),
            (f"{kubelet.configuration_file}: cgroupDriver: {_driver(kubelet)}",
             f"{runtime.name} {runtime.version}: runs with {runtime.cgroup_driver or 'what was not read'}, "
             f"configured is {runtime.configured_driver or 'what was not read'}"),
            {"file": kubelet.configuration_file}, severity=Severity.NOTICE if works else None,
        )  # fmt: skip


def _driver(kubelet: Kubelet) -> str:
    """cgroupfs is the kubelet's own default."""
    return kubelet.flags.get("cgroup-driver") or str(kubelet.configuration.get("cgroupDriver") or "cgroupfs")


def _takes_the_runtimes(kubelet: Kubelet | None, runtime: Runtime | None) -> bool:
    """Whether the kubelet has another driver written than its runtime, and takes the runtime's when it starts.

    Where all nodes that were read are so, that is how the cluster was built. Where one is, its runtime was changed: the
    kubelet has the driver from before until it is restarted, and then the node is unlike the others.
    """
    if not kubelet or not runtime:
        return True
    settled = runtime.cgroup_driver and runtime.configured_driver in ("", runtime.cgroup_driver)
    takes = _minor(kubelet.version) >= _FROM_RUNTIME and _tells(runtime.name, runtime.version)
    return bool(settled) and takes and _driver(kubelet) != runtime.cgroup_driver


def _tells(name: str, version: str) -> bool:
    major = version.removeprefix("v").partition(".")[0]
    return name == "cri-o" or (name == "containerd" and major.isdigit() and int(major) >= 2)


def _minor(version: str) -> int:
    try:
        return Version.parse(version).minor
    except BadInput:
        return 0

"""Drift: between control planes, and between a kubelet and its ConfigMap or its runtime."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.facts.cluster import Facts
from checks.facts.machine import Container, Manifest, Runtime
from tests.healthy import healthy, with_api, with_each, with_machine, without_login
from tests.healthy.disturbed import with_flags
from tests.healthy.machines import KUBELET_CONFIGURATION
from tests.healthy.values import PKI
from tests.healthy.verdicts import fixes, found, sentences, undecided

FOLDER = "/etc/kubernetes/manifests"


def _kubelet(facts: Facts, name: str, **settings: object) -> Facts:
    kubelet = facts.machine(name).kubelet.get()
    configuration = {**KUBELET_CONFIGURATION, **settings}
    return with_machine(facts, name, kubelet=replace(kubelet, configuration=configuration))


def test_one_api_server_with_another_admission_plugin_is_the_odd_one_out() -> None:
    facts = with_flags(healthy(), "cp2", "kube-apiserver", enable_admission_plugins="NodeRestriction,AlwaysPullImages")
    assert found(facts) == [("DRIFT-001", "warning", ("cp2",))]
    assert sentences(facts) == [
        "The API server of cp2 has other flags than those of the other control planes: --enable-admission-plugins."
    ]


def test_a_flag_that_only_one_controller_manager_has_is_found() -> None:
    facts = with_flags(healthy(), "cp3", "kube-controller-manager", terminated_pod_gc_threshold="100")
    assert found(facts) == [("DRIFT-001", "warning", ("cp3",))]


def test_of_two_control_planes_that_differ_both_are_named_once() -> None:
    facts = with_flags(healthy(control_planes=2), "cp2", "kube-scheduler", profiling="false")
    assert ("DRIFT-001", "warning", ("cp1", "cp2")) in found(facts)
    assert [id for id, _, _ in found(facts)].count("DRIFT-001") == 1


def test_own_names_and_the_order_of_plugins_may_differ() -> None:
    facts = healthy()
    for name, order in (("cp1", "A,B"), ("cp2", "B,A"), ("cp3", "A,B")):
        address = facts.machine(name).address
        facts = with_flags(
            facts, name, "kube-apiserver", enable_admission_plugins=order, external_hostname=f"{name}.example.org",
            bind_address=address, tls_sni_cert_key=f"/etc/{name}.crt",
        )  # fmt: skip
    assert found(facts) == []


def test_flags_may_differ_while_an_upgrade_is_under_way() -> None:
    facts = with_flags(healthy(), "cp2", "kube-apiserver", goaway_chance="0.1")
    newer = tuple(
        replace(each, containers=tuple(replace(one, image=f"{one.image}.newer") for one in each.containers))
        for each in facts.machine("cp2").manifests.get()
    )
    facts = with_machine(facts, "cp2", manifests=newer)
    assert found(facts) == []
    assert any("different images" in each for each in undecided(facts, "DRIFT-001"))


def test_flags_are_compared_by_kubeconfig_where_pods_have_their_commands() -> None:
    changed = with_flags(healthy(), "cp2", "kube-apiserver", profiling="false")
    commands = {
        f"{each.name}-{machine.name}": each.containers[0].command
        for machine in changed.control_planes
        for each in machine.manifests.get()
    }
    pods = tuple(
        {**pod, "spec": {**pod["spec"], "containers": [{"name": "x", "image": "y", "command": commands[name]}]}}
        if (name := pod["metadata"]["name"]) in commands
        else pod
        for pod in changed.api.pods.get()
    )
    assert found(without_login(with_api(changed, pods=pods))) == [("DRIFT-001", "warning", ("cp2",))]


def test_a_manifest_that_was_changed_and_a_process_that_was_not_started_anew_are_found() -> None:
    facts = healthy()
    for name in ("cp1", "cp2", "cp3"):
        facts = with_flags(facts, name, "kube-scheduler", running=name != "cp2", profiling="false")
    assert found(facts) == [("DRIFT-009", "warning", ("cp2",))]


def test_a_members_settings_in_a_file_are_none_that_its_manifest_lacks() -> None:
    """The process has them as flags, since they hold: `reading_etcd.with_files`."""
    machine = healthy().machine("cp2")
    command = ("etcd", "--config-file=/etc/etcd.yaml")
    manifests = tuple(
        replace(each, containers=tuple(
            replace(one, command=command) if one.command[0] == "etcd" else one for one in each.containers
        ))
        for each in machine.manifests.get()
    )  # fmt: skip
    processes = tuple(
        replace(each, arguments=(*command, *each.arguments[1:])) if each.name == "etcd" else each
        for each in machine.processes.get()
    )
    assert found(with_machine(healthy(), "cp2", manifests=manifests, processes=processes)) == []


def test_a_value_that_the_kubelet_fills_in_may_differ() -> None:
    facts = healthy()
    for name in ("cp1", "cp2", "cp3"):
        facts = with_flags(facts, name, "kube-scheduler", running=False, bind_address="$(POD_IP)")
    assert found(facts) == []


def test_an_api_server_that_encrypts_alone_is_critical_and_no_other_finding() -> None:
    facts = with_flags(healthy(), "cp3", "kube-apiserver", encryption_provider_config=f"{PKI}/encryption.yaml")
    assert found(facts) == [("DRIFT-002", "critical", ("cp3",))]


@pytest.mark.parametrize(("digest", "expected"), [("b", [("DRIFT-002", "warning", ("cp2",))]), ("a", [])])
def test_encryption_configurations_are_compared_by_content(digest: str, expected: list[object]) -> None:
    facts = healthy()
    for name in ("cp1", "cp2", "cp3"):
        file = f"{PKI}/{name}.yaml"
        facts = with_flags(facts, name, "kube-apiserver", encryption_provider_config=file)
        facts = with_machine(facts, name, digests={file: digest if name == "cp2" else "a"})
    assert found(facts) == expected


def test_an_audit_policy_that_differs_is_a_notice() -> None:
    facts = healthy()
    for name in ("cp1", "cp2", "cp3"):
        facts = with_flags(facts, name, "kube-apiserver", audit_policy_file="/etc/kubernetes/audit.yaml")
        facts = with_machine(facts, name, digests={"/etc/kubernetes/audit.yaml": "b" if name == "cp1" else "a"})
    assert found(facts) == [("DRIFT-010", "notice", ("cp1",))]


@pytest.mark.parametrize("copy", ["kube-apiserver.yaml.bak", "old.yaml"])
def test_a_copy_of_a_manifest_beside_it_is_found(copy: str) -> None:
    facts = healthy()
    manifests = facts.machine("cp2").manifests.get()
    again = replace(next(each for each in manifests if each.name == "kube-apiserver"), file=f"{FOLDER}/{copy}")
    facts = with_machine(facts, "cp2", manifests=(*manifests, again))
    assert found(facts) == [("DRIFT-003", "warning", ("cp2",))]


def test_static_pods_of_ones_own_and_hidden_files_are_healthy() -> None:
    facts = healthy()
    for name in ("cp1", "cp2", "cp3"):
        manifests = facts.machine(name).manifests.get()
        own = tuple(
            Manifest(f"{FOLDER}/{each}.yaml", each, "kube-system", (Container(each, f"{each}:1", (each, "manager")),))
            for each in ("kube-vip", "haproxy", "keepalived")
        )
        hidden = replace(manifests[0], file=f"{FOLDER}/.{manifests[0].name}.yaml.swp")
        facts = with_machine(facts, name, manifests=(*manifests, *own, hidden))
    assert found(facts) == []


def test_a_kubelet_that_does_not_renew_its_certificate_is_found_as_that_alone() -> None:
    facts = _kubelet(healthy(), "w2", rotateCertificates=False)
    assert found(facts) == [("DRIFT-004", "warning", ("w2",))]
    assert "/var/lib/kubelet/config.yaml" in fixes(facts)[0]


def test_rotation_that_the_whole_cluster_has_off_is_a_notice() -> None:
    facts = _kubelet(healthy(), "w2", rotateCertificates=False)
    facts = with_api(facts, kubelet_configuration={**KUBELET_CONFIGURATION, "rotateCertificates": False})
    assert found(facts) == [("DRIFT-004", "notice", ("w2",))]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("clusterDNS", ["192.0.2.53"]), ("staticPodPath", "/srv"), ("serverTLSBootstrap", True), ("failSwapOn", False)],
)
def test_a_setting_that_is_meant_for_all_nodes_and_differs_on_one_is_found(setting: str, value: object) -> None:
    assert found(_kubelet(healthy(), "w3", **{setting: value})) == [("DRIFT-005", "warning", ("w3",))]


def test_what_depends_on_a_machine_may_differ() -> None:
    facts = _kubelet(
        healthy(), "w3", resolvConf="/etc/resolv.conf", maxPods=50, systemReserved={"cpu": "1"}, failSwapOn=True,
        evictionHard={"memory.available": "200Mi"}, tlsCertFile="/x", memorySwap={}, serverTLSBootstrap=False,
        containerRuntimeEndpoint="unix:///run/crio.sock", featureGates={}, cpuManagerPolicy="static",
        authentication={"x509": {"clientCAFile": f"{PKI}/ca.crt"}, "webhook": {"cacheTTL": "0s"}},
    )  # fmt: skip
    assert found(facts) == []


def test_where_most_nodes_have_it_the_configmap_is_what_differs() -> None:
    facts = healthy()
    for name in ("cp1", "cp2", "cp3", "w1", "w2", "w3"):
        facts = _kubelet(facts, name, clusterDNS=["169.254.20.10"])
    assert {severity for _, severity, _ in found(facts)} == {"notice"}


def test_a_runtime_with_another_cgroup_driver_on_one_node_is_critical() -> None:
    facts = with_machine(healthy(), "w1", runtime=Runtime("containerd", "2.1.0", "cgroupfs", "cgroupfs"))
    assert found(facts) == [("DRIFT-006", "critical", ("w1",))]


def test_a_runtime_that_gets_another_cgroup_driver_with_its_next_start_is_critical() -> None:
    facts = with_machine(healthy(), "w1", runtime=Runtime("containerd", "2.1.0", "systemd", "cgroupfs"))
    assert found(facts) == [("DRIFT-006", "critical", ("w1",))]


@pytest.mark.parametrize(("version", "severity"), [("2.1.0", "notice"), ("1.7.2", "critical")])
def test_kubelets_that_take_the_driver_of_their_runtime_work_where_all_are_so(version: str, severity: str) -> None:
    facts = with_each(healthy(), lambda _: {"runtime": Runtime("containerd", version, "cgroupfs", "cgroupfs")})
    assert {(id, each) for id, each, _ in found(facts)} == {("DRIFT-006", severity)}


def test_both_on_cgroupfs_is_healthy_and_a_driver_that_was_not_read_is_undecided() -> None:
    facts = _kubelet(healthy(), "w1", cgroupDriver="cgroupfs")
    facts = with_machine(facts, "w1", runtime=Runtime("containerd", "2.1.0", "cgroupfs", "cgroupfs"))
    assert found(facts) == []
    facts = with_machine(facts, "w2", runtime=Runtime("cri-o", "1.34.0"))
    assert found(facts) == []
    assert undecided(facts, "DRIFT-006") == {"the cgroup driver of cri-o on w2 was not read"}


def _other_authority(facts: Facts, name: str, file: str) -> Facts:
    certificates = facts.machine(name).certificates.get()
    other = tuple(replace(each, public_key="another") if each.place == file else each for each in certificates)
    return with_machine(facts, name, certificates=other)


def test_a_front_proxy_authority_of_its_own_is_critical() -> None:
    facts = _other_authority(healthy(), "cp3", f"{PKI}/front-proxy-ca.crt")
    assert found(facts) == [("DRIFT-007", "critical", ("cp3",))]


def test_an_authority_that_is_being_replaced_is_a_notice() -> None:
    facts = healthy()
    certificates = facts.machine("cp1").certificates.get()
    old = next(each for each in certificates if each.place == f"{PKI}/front-proxy-ca.crt")
    facts = with_machine(facts, "cp1", certificates=(*certificates, replace(old, public_key="new")))
    assert found(facts) == [("DRIFT-007", "notice", ("cp1",))]

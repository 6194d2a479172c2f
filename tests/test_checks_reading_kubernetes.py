"""Static pods, the kubelet, its runtime and tokens, of files as kubeadm writes them, and as people do."""

from __future__ import annotations

import json

import pytest
import yaml

from checks.collecting import reading_kubernetes as reading
from checks.facts.fact import Unknown
from checks.facts.machine import Process
from tests.healthy.values import NOW
from tests.simulated import answered

_FOLDER = "/etc/kubernetes/manifests"
_POD = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "etcd", "namespace": "kube-system"},
    "spec": {
        "containers": [{
            "name": "etcd", "image": "etcd:3.6", "command": ["etcd", "--a=b"], "args": ["--c"],
            "env": [{"name": "PASSWORD", "value": "hunter2"}],
        }],
        "volumes": [{"name": "data", "hostPath": {"path": "/var/lib/etcd"}}, {"name": "x", "emptyDir": {}}],
    },
}  # fmt: skip


def manifests(**files: str) -> str:
    """What `find -print -exec cat -exec echo` prints."""
    return "".join(f"{_FOLDER}/{name}.yaml\n{text}\n" for name, text in files.items())


@pytest.mark.parametrize("written", [yaml.safe_dump(_POD), json.dumps(_POD), json.dumps(_POD, indent=1)])
def test_a_static_pod_is_read_as_yaml_and_as_json_without_its_environment(written: str) -> None:
    [pod] = reading.manifests(answered(manifests=manifests(etcd=written)))
    assert (pod.file, pod.name, pod.namespace, pod.error) == (f"{_FOLDER}/etcd.yaml", "etcd", "kube-system", "")
    [container] = pod.containers
    assert container.command == ("etcd", "--a=b", "--c")
    assert container.host_paths == ("/var/lib/etcd",)
    assert "hunter2" not in str(pod)


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ("a: [", "is not a pod: the file is not valid YAML in line"),
        ("- a\n", "is not a pod: the file is a list, and should be an object"),
        ("just a text\n", "is not a pod: the file is a text, and should be an object"),
        ("a: 1\n---\na: 2\n", "is not a pod: the file is not valid YAML in line"),
        ("kind: Pod\n", "is not a pod: it has no containers"),
        ("spec: {containers: 7}\n", "is not a pod: containers of the pod is something else"),
        ("spec: {containers: [text]}\n", "is not a pod: a container is a text"),
        ("spec: {containers: [{command: 5}]}\n", "is not a pod: command of a container"),
        ("spec: {volumes: [1], containers: [{}]}\n", "is not a pod: a volume is something else"),
        ("a: 2001-99-99\n", "is not a pod: the file is not valid YAML"),
    ],
)
def test_a_file_that_is_not_a_pod_says_why_and_costs_the_others_nothing(written: str, error: str) -> None:
    bad, good = reading.manifests(answered(manifests=manifests(a=written, b=yaml.safe_dump(_POD))))
    assert bad.error.startswith(error)
    assert good.name == "etcd"


def test_an_empty_file_is_not_a_manifest_as_for_the_kubelet() -> None:
    assert reading.manifests(answered(manifests=manifests(a="", b="\n"))) == ()


def test_a_pod_without_a_namespace_is_in_the_default_one() -> None:
    [pod] = reading.manifests(answered(manifests=manifests(a="spec: {containers: [{name: a}]}\n")))
    assert (pod.namespace, pod.name) == ("default", "")


def test_a_folder_of_static_pods_that_is_missing_has_none_and_one_that_is_not_read_is_unknown() -> None:
    output = f"find: '{_FOLDER}': No such file or directory\n"
    assert reading.manifests(answered(manifests=(output, 1))) == ()
    with pytest.raises(Unknown, match="Permission denied"):
        reading.manifests(answered(manifests=(f"find: '{_FOLDER}': Permission denied\n", 1)))


def test_secrets_on_a_command_line_are_left_out() -> None:
    pod = {"spec": {"containers": [{"command": [
        "x", "--password=hunter2", "--api-token", "abcdefgh", "--token-auth-file=/etc/tokens",
        "--service-account-key-file", "/etc/kubernetes/pki/sa.pub", "--secret", "--v=2",
    ]}]}}  # fmt: skip
    [found] = reading.manifests(answered(manifests=manifests(a=yaml.safe_dump(pod))))
    assert found.containers[0].command == (
        "x", "--password=‹secret›", "--api-token", "‹secret›", "--token-auth-file=/etc/tokens",
        "--service-account-key-file", "/etc/kubernetes/pki/sa.pub", "--secret", "--v=2",
    )  # fmt: skip


_CONFIGURATION = "rotateCertificates: true\nstaticPodURLHeader: {Authorization: [hunter2]}\n"


def _kubelet(flags: str, *processes: Process) -> dict[str, str]:
    given = answered(
        kubelet_version="Kubernetes v1.37.2\n", kubelet_configuration=_CONFIGURATION, kubelet_flags=flags,
        kubeadm_version="v1.37.2\n",
    )  # fmt: skip
    found = reading.kubelet(given, processes)
    assert (found.version, found.kubeadm) == ("v1.37.2", "v1.37.2")
    assert found.configuration == {"rotateCertificates": True}
    return dict(found.flags)


@pytest.mark.parametrize(
    "line",
    [
        'KUBELET_KUBEADM_ARGS="--node-ip=10.0.0.1 --v=2"\n',
        "KUBELET_KUBEADM_ARGS='--node-ip=10.0.0.1 --v=2'\n",
        "KUBELET_KUBEADM_ARGS=--node-ip=10.0.0.1 --v=2\n",
        "# KUBELET_KUBEADM_ARGS=--x\nOTHER=1\nKUBELET_KUBEADM_ARGS=\"--node-ip='10.0.0.1' --v=2\"\n",
        'KUBELET_KUBEADM_ARGS="--node-ip=10.0.0.1 --v=2\n',
    ],
)
def test_flags_of_kubeadm_are_read_with_any_quotes(line: str) -> None:
    assert _kubelet(line) == {"node-ip": "10.0.0.1", "v": "2"}


def test_a_flag_in_quotes_keeps_its_spaces() -> None:
    assert _kubelet("KUBELET_KUBEADM_ARGS=\"--a='b c' --d\"\n") in ({"a": "b c", "d": "true"}, {"a": "b", "d": "true"})


def test_flags_of_the_running_kubelet_come_last() -> None:
    running = Process("kubelet", 1, NOW, ("/usr/bin/kubelet", "--v=9"))
    assert _kubelet('KUBELET_KUBEADM_ARGS="--v=2 --x=1"\n', running) == {"v": "9", "x": "1"}


@pytest.mark.parametrize("written", ["a: [", "- 1\n", "", "text"])
def test_a_configuration_that_is_none_is_unknown_and_not_quoted(written: str) -> None:
    with pytest.raises(Unknown, match=r"^/var/lib/kubelet/config.yaml is "):
        reading.kubelet(answered(kubelet_version="Kubernetes v1.37.2", kubelet_configuration=written), ())


def test_a_machine_without_a_kubelet_has_none() -> None:
    with pytest.raises(Unknown, match="not found"):
        reading.kubelet(answered(kubelet_version=("sh: 1: kubelet: not found\n", 127)), ())


def test_container_runtimes() -> None:
    containerd = "containerd github.com/containerd/containerd/v2 v2.1.0 abc\n"
    config = "/etc/containerd/config.toml:            SystemdCgroup = true\n"
    missing = "grep: /etc/crio: No such file or directory\n"
    found = reading.runtime(answered(containerd_version=containerd, configured_driver=(config + missing, 2)))
    assert (found.name, found.version, found.configured_driver, found.cgroup_driver) == (
        "containerd", "2.1.0", "systemd", "",
    )  # fmt: skip
    crio = '/etc/crio/crio.conf.d/10.conf:cgroup_manager = "cgroupfs"\n'
    found = reading.runtime(answered(configured_driver=crio, runtime='{"config": {"systemdCgroup": true}}'))
    assert (found.name, found.configured_driver, found.cgroup_driver) == ("cri-o", "cgroupfs", "systemd")
    running = (Process("cri-dockerd", 1, NOW, ("cri-dockerd",)),)
    assert reading.runtime(answered(configured_driver=(missing, 2)), running).name == "docker"
    with pytest.raises(Unknown, match="no container runtime was found"):
        reading.runtime(answered(configured_driver=(missing, 2)))


def test_tokens_have_no_secret_part() -> None:
    listed = [
        {"token": "abcdef.0123456789abcdef", "expires": "2026-11-28T09:03:33Z", "usages": ["signing"]},
        {"token": "fedcba.0123456789abcdef", "description": "for ever"},
    ]
    first, second = reading.tokens("".join(json.dumps(each, indent=4) + "\n" for each in listed))
    assert (first.id, first.usages, first.ends and first.ends.year) == ("abcdef", ("signing",), 2026)
    assert (second.id, second.ends, second.description) == ("fedcba", None, "for ever")
    assert "0123456789abcdef" not in f"{first} {second}"
    assert reading.tokens("") == ()


@pytest.mark.parametrize("text", ["{", '{"token": "a.b", "expires": "soon"}', '{"token": "a.b", "usages": "x"}'])
def test_tokens_that_are_not_understood_are_unknown(text: str) -> None:
    with pytest.raises(Unknown):
        reading.tokens(text)

"""Failures that are put together from the messages of scenarios, as four nights would have them: other machines, times,
addresses, digests, versions, and lines of a log.

Several of these causes differ by less than a tenth of their text, in a word: a component, a label, an option, a file.
"""

from __future__ import annotations

from collections.abc import Iterator

NIGHTS = (
    {"machine": "cp1", "address": "198.18.7.11", "other": "198.18.7.12", "clock": "03:13:42.738540", "pid": "3459",
     "date": "2026-11-25T03:13:42Z", "digest": "4362d8b7afd24362d8b7afd2", "version": "v1.37.2", "older": "v1.36.4",
     "cluster": "stacked-uploaded-1.37", "pod": "coredns-5dd5756b68-x7k2p", "seconds": "13.0", "more": ""},
    {"machine": "cp3", "address": "198.18.101.13", "other": "198.18.101.11", "clock": "22:51:16.000001", "pid": "77",
     "date": "2026-11-26T22:51:16.123Z", "digest": "8e9e05c52164694d8e9e05c5", "version": "v1.36.4", "older": "v1.35.9",
     "cluster": "external-manual-1.36", "pod": "coredns-7c65d6cfc9-bb4cz", "seconds": "21.5",
     "more": "E1126 22:51:15.000001      77 reflector.go:205] \"Failed to watch\" err=\"connection refused\"\n"},
    {"machine": "cp2", "address": "198.19.3.12", "other": "198.19.3.13", "clock": "00:00:01.100001", "pid": "120345",
     "date": "2026-11-27T00:00:01Z", "digest": "0123456789ab0123456789ab", "version": "v1.37.3", "older": "v1.36.5",
     "cluster": "stacked-uploaded-1.37-mutable", "pod": "coredns-5dd5756b68-q9q9q", "seconds": "12.2", "more": ""},
    {"machine": "cp4", "address": "[fd00:101::14]", "other": "[fd00:101::11]", "clock": "12:30:00.999999", "pid": "9",
     "date": "2026-11-28T12:30:00Z", "digest": "ffeeddccbbaa99887766aa01", "version": "v1.38.0-beta.0.12+abcdef-dirty",
     "older": "v1.37.3", "cluster": "stacked-uploaded-1.38-own", "pod": "coredns-668d6bf9bc-2fdzl", "seconds": "40.1",
     "more": "W1128 12:29:59.999999       9 endpoint.go:56] [endpoint] WARNING: port overrides bindPort\n"},
)  # fmt: skip

SENTENCES = {
    "kubelet": "kubelet is inactive, must be active",
    "containerd": "containerd is inactive, must be active",
    "unknown": "the node's condition Ready is Unknown, must be True",
    "not ready": "the node's condition Ready is False, must be True",
    "livez": "the API server answers '' at /livez, must answer 'ok'",
    "readyz": "the API server answers '' at /readyz, must answer 'ok'",
    "scheduler": "pod kube-scheduler-{machine} is [('Pending', 'False')], must be Running, and Ready",
    "controllers": "pod kube-controller-manager-{machine} is [('Pending', 'False')], must be Running, and Ready",
    "coredns": "pod {pod} is [('Pending', 'False')], must be Running, and Ready",
    "unhealthy": "the member of etcd at https://{address}:2379 is not healthy",
    "no space": "the member of etcd reports alarm:NOSPACE of member {digest}",
    "corrupt": "the member of etcd reports alarm:CORRUPT of member {digest}",
    "skew": "the kubelet is {older}, must be {version}",
    "ca": "/etc/kubernetes/pki/ca.crt is not the same everywhere: {{'{machine}': '{digest}', 'cp9': 'aa{digest}'}}",
    "sa": "/etc/kubernetes/pki/sa.pub is not the same everywhere: {{'{machine}': '{digest}', 'cp9': 'aa{digest}'}}",
    "etcd port": "{machine} does not reach {other}:2379: connection refused at {date}",
    "api port": "{machine} does not reach {other}:6443: connection refused at {date}",
}
"""What assertions say by themselves."""

CONDITIONS = {
    "control-plane": "assert {{'node-role.kubernetes.io/control-plane': ''}} == {{}}",
    "master": "assert {{'node-role.kubernetes.io/master': ''}} == {{}}",
}
"""What pytest makes of conditions that say nothing by themselves: both are of one test."""

ERRORS = {
    "flag upload": "error: unknown flag: --upload-certs",
    "flag key": "error: unknown flag: --certificate-key",
    "init phase": "error: error execution phase wait-control-plane: context deadline exceeded",
    "join phase": "error: error execution phase control-plane-join/etcd: context deadline exceeded",
    "port in use": "[ERROR Port-10250]: Port 10250 is in use",
    "file exists": "[ERROR FileAvailable--etc-kubernetes-manifests-etcd.yaml]: etcd.yaml exists",
}
"""What kubeadm says at the end of a long log, which is nearly the same for all."""

_LOG = """[preflight] Running pre-flight checks
[certs] Generating "apiserver" certificate and key
[certs] apiserver serving cert is signed for DNS names [cluster-endpoint {machine}] and IPs [10.96.0.1 {address}]
[kubeconfig] Writing "admin.conf" kubeconfig file
[kubeconfig] Writing "scheduler.conf" kubeconfig file
[etcd] Creating static Pod manifest for local etcd in "/etc/kubernetes/manifests"
[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/config.yaml"
[kubelet-check] The kubelet is healthy after {seconds}s
[WARNING SystemVerification]: cgroups v1 support is deprecated and will be removed in a future release
{more}I1128 {clock}    {pid} join.go:123] checking {address} with {version}
"""

STEPS = {"join": "join the other control planes", "init": "initialise the first control plane"}


def failures() -> Iterator[tuple[str, int, str, str, str]]:
    """Cause, number of the night, scenario, and text and reason as pytest has them."""
    for night, noise in enumerate(NIGHTS):
        for cause, sentence in SENTENCES.items():
            message = sentence.format(**noise)
            yield cause, night, f"scenarios/test_a.py::test_{cause}", _asserted(message, noise["machine"]), message
        for cause, condition in CONDITIONS.items():
            message = condition.format(**noise)
            where = f"E    +  where {{}} = labels(<{noise['machine']} {noise['address']}>)"
            text = f"test_b.py:{night}: in test_labels\nE   AssertionError: {message}\n{where}"
            yield cause, night, "scenarios/test_b.py::test_labels", text, f"AssertionError: {message}"
        for cause, error in ERRORS.items():
            printed = (_LOG + error).format(**noise)
            message = f"AssertionError: {printed.splitlines()[0]}"
            text = "\n".join(
                [f"E   {message}", *(f"E     {line}" for line in printed.splitlines()[1:]), "E   assert 1 == 0"]
            )
            yield cause, night, "scenarios/test_c.py::test_phases", text, message
        for cause, step in STEPS.items():
            answer = _LOG.format(**noise).replace("\n", "\n  ")
            text = (
                f"{noise['cluster']}: step '{step}' failed\non {noise['machine']}: `kubeadm` exited with 1\n  {answer}"
            )
            yield cause, night, "scenarios/test_d.py::test_first", text, ""


def _asserted(message: str, machine: str) -> str:
    place = "scenarios/test_a.py:12: in test_x\n    assert x"
    return f"{machine}: {message}\n{place}\nE   AssertionError: {message}\nE   assert 0"

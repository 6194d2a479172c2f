"""What depends on the version of kubeadm. Steps and scenarios read it here; nothing else compares versions. Pure.

A fact with one change has not changed since the oldest minor that is known here, and names the release that brought it;
where only the source of that oldest minor was read, it names that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, overload

from provision.config.versions import Version

NEWEST_MINOR = 37
"""The newest minor that these facts were read for. A newer kubeadm is tried with what is true of this one."""

_CONSTANTS = "cmd/kubeadm/app/constants/constants.go"
_CHECKS = "cmd/kubeadm/app/preflight/checks.go"
_V1BETA3, _V1BETA4 = "kubeadm.k8s.io/v1beta3", "kubeadm.k8s.io/v1beta4"
_KUBELET_CLIENT = "CN=kube-apiserver-kubelet-client"
_MAY_2026 = "1.33.12 1.34.8 1.35.5 1.36.1 1.37"
"""Patches of one day, by which several changes came to older minors."""
_KUBELET_ROLE = "#138957, and #138958, #138959, #138960, #138964 for older minors (of these, 1.34.8 by its date)"

_ETCD_FILES = frozenset(
    f"/etc/kubernetes/pki/{path}"
    for path in ("", "etcd/", "etcd/ca.crt", "apiserver-etcd-client.crt", "apiserver-etcd-client.key")
)


T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Change(Generic[T_co]):
    """What holds from some releases on: `1.33`, or `1.33.12 1.34.8 1.35.0` where it was brought to older minors, too.

    `source` is a pull request of kubernetes/kubernetes (`#138957`), a file of it, or a section of a change log.
    """

    since: str
    value: T_co
    source: str

    def holds_in(self, version: Version) -> bool:
        """Whether a release has it. A pre-release counts as the release that it leads to."""
        given = [Version.parse(each if each.count(".") == 2 else f"{each}.0") for each in self.since.split()]
        same = [each for each in given if each.minor == version.minor]
        if same:
            return version.patch >= same[0].patch
        return version.minor > max(given).minor


class Dated(Protocol):
    """Something that is about one release, and what was observed of it, by the names of facts."""

    @property
    def version(self) -> Version: ...

    @property
    def observed(self) -> Mapping[str, Any]: ...


class Fact(Generic[T_co]):
    """An attribute whose value depends on the `version` of its owner: the last change that the release has.

    What was observed counts more.

    Read from the class, it is the fact itself, with all its changes.
    """

    def __init__(self, *changes: Change[T_co]) -> None:
        self.changes: Sequence[Change[T_co]] = changes

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, owner: None, kind: type[Any]) -> Fact[T_co]: ...

    @overload
    def __get__(self, owner: Dated, kind: type[Any]) -> T_co: ...

    def __get__(self, owner: Dated | None, kind: type[Any]) -> Fact[T_co] | T_co:
        if owner is None:
            return self
        value: T_co = owner.observed.get(self._name, self.at(owner.version))
        return value

    def at(self, version: Version) -> T_co:
        """What holds in a release; the oldest value where it is older than every change."""
        return next((each for each in reversed(self.changes) if each.holds_in(version)), self.changes[0]).value


@dataclass(frozen=True)
class Facts:
    """What is true of one release. `observed` is what a cluster showed of one that is newer than all that is known."""

    version: Version
    observed: Mapping[str, Any] = field(default_factory=dict, hash=False)

    configuration_apis = Fact(
        Change("1.31", (_V1BETA3, _V1BETA4), "#125029"),
        Change("1.37", (_V1BETA4,), "#136016"),
    )
    """The APIs of configuration files that kubeadm accepts, newest last."""

    kubeconfigs = Fact(
        Change(
            "1.29",
            {
                "admin.conf": "CN=kubernetes-admin,O=kubeadm:cluster-admins",
                "controller-manager.conf": "CN=system:kube-controller-manager",
                "scheduler.conf": "CN=system:kube-scheduler",
            },
            "#121305: admin.conf is bound by RBAC, and no longer in system:masters",
        )
    )
    """The kubeconfigs of every control plane beside the kubelet's, and as whom each acts."""

    first_kubeconfigs = Fact(
        Change("1.29", {"super-admin.conf": "CN=kubernetes-super-admin,O=system:masters"}, "#121305")
    )
    """Kubeconfigs that only the first control plane has, and as whom each acts: no RBAC rule stops who holds them."""

    components_ask_locally = Fact(Change("1.20", True, "#94398, and in 1.19.1"))
    """Whether controller manager and scheduler ask the API server beside them, and not the cluster's endpoint."""

    kubelets_ask_locally = Fact(Change("1.33", True, "#129956: ControlPlaneKubeletLocalMode is on"))
    """Whether a control plane's kubelet asks the API server beside it."""

    control_plane_label = Fact(Change("1.24", "node-role.kubernetes.io/control-plane", "#107533"))
    """The one role label of a control plane; workers have none."""

    excluding_label = Fact(Change("1.21", "node.kubernetes.io/exclude-from-external-load-balancers", "#98269"))
    """The label by which load balancers of clouds leave a control plane out."""

    control_plane_taints = Fact(
        Change("1.25", (("node-role.kubernetes.io/control-plane", "NoSchedule"),), "#110095")
    )  # fmt: skip
    """Every taint of a control plane, key and effect; workers have none."""

    socket_annotation = Fact(
        Change("1.33", "unix:///var/run/containerd/containerd.sock", "cmd/kubeadm/app/phases/patchnode/patchnode.go"),
        Change("1.34", None, "#131981: NodeLocalCRISocket is on, a file of the node says where its runtime is"),
    )
    """What a node's annotation `kubeadm.alpha.kubernetes.io/cri-socket` says; None where there is none."""

    kubelet_client = Fact(
        Change("1.29", f"{_KUBELET_CLIENT},O=kubeadm:cluster-admins", "#121837"),
        Change(_MAY_2026, _KUBELET_CLIENT, _KUBELET_ROLE),
    )
    """The subject of apiserver-kubelet-client.crt."""

    kubelet_client_role = Fact(
        Change("1.29", None, "#121837: bound as one of the administrators"),
        Change(_MAY_2026, "system:kubelet-api-admin", _KUBELET_ROLE),
    )
    """The ClusterRole that the binding kubeadm:apiserver-kubelet-client grants; None where there is no such binding."""

    init_asks_the_endpoint = Fact(
        Change("1.29", True, "cmd/kubeadm/app/cmd/init.go: by admin.conf, which names the endpoint"),
        Change(_MAY_2026, False, "#138449: it asks the one beside it; #138682, #138683, #138685, #138686 for older"),
    )
    """Whether `kubeadm init` reaches the API through the control plane endpoint, which then has to be up."""

    dry_join_leaves = Fact(
        Change("1.33", _ETCD_FILES, "cmd/kubeadm/app/phases/copycerts/copycerts.go: of an external etcd, as configured")
    )
    """What a control plane's dry join writes in earnest where etcd is external: paths, folders with a slash."""

    refuses_cgroup_v1 = Fact(
        Change("1.31", False, "pkg/kubelet/apis/config/v1beta1/defaults.go: failCgroupV1 is false; kubeadm only warns"),
        Change("1.35", True, "#134298 (kubelet: failCgroupV1), #134744 (kubeadm: SystemVerification)"),
    )
    """Whether kubelet and preflight checks refuse a host with cgroup v1, unless that is switched off."""

    system_check = Fact(Change("1.33", "SystemVerification", _CHECKS))
    """The preflight check of the host itself."""

    etcd_version_check = Fact(Change("1.33", "ExternalEtcdVersion", _CHECKS))
    """The preflight check that asks an external etcd."""

    etcd_client_check = Fact(Change("1.33", "ExternalEtcdClientCertificates", _CHECKS))
    """The preflight check of the client certificate for an external etcd."""

    etcd = Fact(
        Change("1.33", "registry.k8s.io/etcd:3.5.21-0", f"{_CONSTANTS} of 1.34.0, which knows the minor before"),
        Change("1.33.6", "registry.k8s.io/etcd:3.5.24-0", "#135018"),
        Change("1.34", "registry.k8s.io/etcd:3.6.4-0", _CONSTANTS),
        Change("1.34.2", "registry.k8s.io/etcd:3.6.5-0", _CONSTANTS),
        Change("1.35", "registry.k8s.io/etcd:3.6.6-0", _CONSTANTS),
        Change("1.36", "registry.k8s.io/etcd:3.6.8-0", _CONSTANTS),
        Change("1.37", "registry.k8s.io/etcd:3.7.0-0", _CONSTANTS),
    )
    coredns = Fact(
        Change("1.33", "registry.k8s.io/coredns/coredns:v1.12.0", _CONSTANTS),
        Change("1.34", "registry.k8s.io/coredns/coredns:v1.12.1", _CONSTANTS),
        Change("1.35", "registry.k8s.io/coredns/coredns:v1.13.1", _CONSTANTS),
        Change("1.36", "registry.k8s.io/coredns/coredns:v1.14.2", _CONSTANTS),
        Change("1.37", "registry.k8s.io/coredns/coredns:v1.14.6", _CONSTANTS),
    )
    pause = Fact(
        Change("1.31", "registry.k8s.io/pause:3.10", "#125112"),
        Change("1.34", "registry.k8s.io/pause:3.10.1", "#130713"),
        Change("1.36", "registry.k8s.io/pause:3.10.2", "#138199"),
    )
    """Images, for where there is no kubeadm to list them: `kubeadm config images list` knows better."""

    @property
    def configuration_api(self) -> str:
        """The API of the configuration files that are written for it."""
        return self.configuration_apis[-1]

    @property
    def remark(self) -> str:
        """A sentence where these facts were not read for this release; empty otherwise."""
        if self.version.minor <= NEWEST_MINOR:
            return ""
        return f"newer than 1.{NEWEST_MINOR}, the newest known here: judged by what is true of that"

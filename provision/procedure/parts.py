"""What the procedures have in common: the page says "the steps are the same as for the stacked etcd setup"."""

from __future__ import annotations

from provision.cluster import Cluster
from provision.config.cluster_id import CLUSTER, ELSEWHERE, ClusterId
from provision.kubeadm import (
    approvals,
    certificates,
    commands,
    configuration,
    external_ca,
    validation,
    waits,
    workarounds,
)
from provision.loadbalancer import balancing, dns, registry
from provision.network import plugin
from provision.observations import ConnectionTest
from provision.procedure.step import Alongside, Joins, Procedure, State, Step
from provision.util.concurrency import together

_BALANCER = "create-load-balancer-for-kube-apiserver"
_SKEW = "/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm/"
_CONFIGURING = "/docs/setup/production-environment/tools/kubeadm/control-plane-flags/"
_IMAGES = "/docs/reference/setup-tools/kubeadm/kubeadm-init/#custom-images"
_VALIDATING = "/docs/reference/setup-tools/kubeadm/kubeadm-config/#cmd-config-validate"
_SERVING = "/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#kubelet-serving-certs"
_SIGNERS = "/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers"

DNS = Step("give the load balancer a name in DNS", _BALANCER, State.LOAD_BALANCED, dns.apply)
"""The page's "with a name that will resolve to DNS"."""


def load_balancer() -> Procedure:
    """Create the load balancer, and prove that it is reached."""
    section = _BALANCER
    return (
        DNS,
        Step("add the first control plane to the load balancer", section, State.LOAD_BALANCED, _first_target),
        Step("test the connection with nc", section, State.LOAD_BALANCED, _test_connection),
        Step("add the remaining control planes", section, State.LOAD_BALANCED, _all_targets),
    )


def initialise(section: str, *, configured: bool = False) -> Procedure:
    """Initialise the first control plane, and give it a pod network; `configured` by a user's own configuration."""
    return (
        *(_own_configuration() if configured else ()),
        Step("initialise the first control plane", section, State.INITIALISED, commands.initialise),
        Step("let kube-proxy run on this host", "", State.INITIALISED, workarounds.let_kube_proxy_start),
        Step("apply the network plugin", section, State.INITIALISED, plugin.apply),
    )


def _own_configuration() -> Procedure:
    """Put in place what `kubeadm init` reads, and have the machine's kubeadm check it."""
    initialised = State.INITIALISED
    return (
        Step("serve images beside the machines", _IMAGES, initialised, registry.apply),
        Step("put the configuration's files on the control planes", _CONFIGURING, initialised, configuration.put_files),
        Step("have kubeadm check the configuration", _VALIDATING, initialised, validation.on_the_machine),
    )


def manual_certificates(*, stacked: bool) -> Procedure:
    """Carry the shared certificates to the other control planes by hand."""
    section = "manual-certs"
    client = Step(
        "copy etcd's client certificate, too", section, State.READY, certificates.copy_etcd_client,
        "The page's list leaves out apiserver-etcd-client.crt and .key, without which a control plane with external "
        "etcd cannot join.",
    )  # fmt: skip
    own = Step(
        "give the moved certificates to root", section, State.READY, certificates.own,
        "The page's script moves the files and leaves them the login user's, private keys included.",
    )  # fmt: skip
    return (
        Step("copy the certificates with scp", section, State.READY, certificates.copy),
        *(() if stacked else (client,)),
        Step("move the certificates in place", section, State.READY, certificates.move),
        own,
    )


def other_programs(cluster: ClusterId) -> Procedure:
    """Give the machines what they do not have from the beginning: a newer kubeadm, older kubelets."""
    kubeadm = Step("give the nodes a newer kubeadm", f"{_SKEW}#kubeadm-s-skew-against-the-kubernetes-version",
                   State.INITIALISED, _give_kubeadm)  # fmt: skip
    kubelets = Step("give workers older kubelets", "/releases/version-skew-policy/#kubelet", State.INITIALISED,
                    _give_kubelets)  # fmt: skip
    return (*((kubeadm,) if cluster.kubeadm else ()), *((kubelets,) if cluster.kubelets else ()))


def authority_elsewhere() -> Procedure:
    """Have every certificate of the control planes signed by authorities whose keys are on none of the machines."""
    page = "/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/"
    mode, requests = f"{page}#external-ca-mode", f"{page}#generate-certificate-signing-requests-csr"
    initialised = State.INITIALISED
    return (
        Step("make authorities of certificates elsewhere", mode, initialised, external_ca.make),
        Step("make the key of service accounts", mode, initialised, external_ca.make_service_account_key),
        Step("ask for the control planes' certificates", requests, initialised, external_ca.request),
        Step("sign the control planes' certificates", requests, initialised, external_ca.sign),
    )


def joins(section: str, how: Joins, authority: str = CLUSTER, *, configured: bool = False) -> Procedure:
    """Join all other machines; `how` is how the other control planes do.

    `authority` is where the key of the cluster's authority is, and `configured` as for `initialise`.
    """
    approve = Step("approve kubelets' serving certificates", _SERVING, State.READY, approvals.approve_serving)
    join_others = commands.join_one_by_one if how is Joins.SERIAL else commands.join_at_once
    others = Step("join the other control planes", section, State.READY, join_others)
    workers = Step("join the workers", "install-workers", State.READY, commands.join_workers)
    sign = Step("sign what kubelets ask for", _SIGNERS, State.READY, external_ca.sign_kubelets)
    return (
        Step("wait for the signed cluster-info", "", State.READY, waits.wait_for_signature),
        Alongside((others, workers, *((sign,) if authority == ELSEWHERE else ()))),
        Step("wait until every node and system pod is ready", "", State.READY, waits.wait_until_ready),
        *((approve,) if configured else ()),
    )


def _give_kubeadm(cluster: Cluster) -> None:
    """Put the kubeadm that the cluster's id names on every node."""
    program = cluster.beside[cluster.id.kubeadm].folder / "kubeadm"
    together(lambda machine: machine.install(program), cluster.nodes)


def _give_kubelets(cluster: Cluster) -> None:
    """Put the kubelets that the cluster's id names on the first workers, one each."""
    chosen = zip(cluster.workers, cluster.id.kubelets, strict=False)
    together(lambda each: each[0].install(cluster.beside[each[1]].folder / "kubelet"), chosen)


def _first_target(cluster: Cluster) -> None:
    balancing.apply(cluster, cluster.control_planes[:1])


def _all_targets(cluster: Cluster) -> None:
    balancing.apply(cluster, cluster.control_planes)


def _test_connection(cluster: Cluster) -> None:
    """The page's command. What it answers is recorded, and judged by a scenario: a balancer that proxies accepts."""
    command = f"nc -zv -w {2 * cluster.patience} {cluster.endpoint.address} {cluster.endpoint.port}"
    result = cluster.control_planes[0].run(command)
    cluster.observations.nc_before_init = ConnectionTest(command, result.rc, result.stderr.strip())

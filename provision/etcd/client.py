"""etcdctl, run where a member runs: it is in the member's image, and on no machine."""

from __future__ import annotations

import shlex

from provision.machines.machine import Machine

_PKI = "/etc/kubernetes/pki/etcd"


def command(machine: Machine, *arguments: str, certificate: str = "healthcheck-client") -> str:
    """A command line for a machine that carries a member, which is the one that is asked. Pure.

    It enters the mount namespace of the running etcd, so it needs neither a container runtime's client nor the API.
    `certificate` is one below /etc/kubernetes/pki/etcd.
    """
    tls = f"--cert {_PKI}/{certificate}.crt --key {_PKI}/{certificate}.key --cacert {_PKI}/ca.crt"
    endpoint = f"--endpoints https://{machine.address}:2379"
    return f'sudo nsenter --mount --target "$(pgrep -xo etcd)" etcdctl {tls} {endpoint} {shlex.join(arguments)}'

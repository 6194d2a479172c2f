"""A user's own configuration, judged by the real kubeadm of the version: its strict reader knows every field."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from provision.cluster import Cluster
from provision.config.configuration.own import Kind, OwnConfiguration
from provision.kubeadm import configuration
from provision.observations import PrintedJoins
from provision.util import local
from provision.util.errors import BadInput, CommandFailed
from provision.util.redaction import Redactor

# What stands in for what `kubeadm init` prints: of the form that kubeadm demands, and no secret of any cluster.
_PRINTED = PrintedJoins(
    "", "kubeadm join --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash sha256:" + "0" * 64
)


def by(kubeadm: Path, cluster: Cluster, redact: Redactor) -> None:
    """Have a kubeadm of this host check everything that it will be given; raises BadInput with its own words. Quick."""
    own = cluster.own_configuration
    if not own:
        return
    for what, text in _texts(cluster, own):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:  # for its owner alone
            file.write(text)
            file.flush()
            command = [str(kubeadm), "config", "validate", "--config", file.name]
            answer = local.run(command, check=False)
        if not answer.ok:
            raise BadInput(
                f"kubeadm {cluster.kubeadm_version} refuses {own.name} ({what})",
                answer=redact(_without_remark(answer.stderr)),
                fix=f"./run plan {cluster.id.topology}  # shows what kubeadm gets beside the file",
            )


def on_the_machine(cluster: Cluster) -> None:
    """Write the file that `kubeadm init` reads, and have the kubeadm of the first control plane check it."""
    configuration.write(cluster)
    first = cluster.control_planes[0]
    answer = first.run(f"sudo kubeadm config validate --config {configuration.FILE}", secret=True)
    if not answer.ok:
        what = f"on {first.name}: kubeadm refuses {configuration.FILE}"
        raise CommandFailed(what, answer=cluster.journal.redact(_without_remark(answer.stderr)), machine=first.name)


def _texts(cluster: Cluster, own: OwnConfiguration) -> Iterator[tuple[str, str]]:
    yield "for init", configuration.render(cluster)
    for kind in (Kind.CONTROL_PLANE_JOIN, Kind.WORKER_JOIN):
        if kind in own.documents:
            control_plane = kind is Kind.CONTROL_PLANE_JOIN
            machine = cluster.control_planes[0]  # what differs between machines is never the file's
            yield str(kind), configuration.render_join(cluster, _PRINTED, machine, control_plane=control_plane)


def _without_remark(text: str) -> str:
    """What kubeadm answers, without its remark about stack traces."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("To see the stack trace"))

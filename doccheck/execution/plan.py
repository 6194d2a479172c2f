"""What it takes to run a page's blocks: doccheck/execution/plans/<page>.toml, one table a block.

The procedure's steps are the skeleton: a block is run in place of its step's action, which stays at hand as the
corrected form. Steps that no block stands for are run as they are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from importlib.resources import files
from typing import Any

from doccheck.claims.registry import HOME
from doccheck.execution.results import Try
from provision.cluster import Cluster
from provision.config.topology import ClusterId
from provision.errors import BadInput
from provision.kubeadm.commands import printed_joins
from provision.machines.machine import Machine
from provision.network import plugin
from provision.node.kubelet import kubelet_option


@dataclass(frozen=True)
class Planned:
    """How a block is run. `id` is the original's, or that of a block which only `language` has.

    `step` is the step that the block stands for; one that is `beside` it runs after it. `on` names machines (see
    `machines`). `root` types it into `sudo -E -s`, `agent` logs in with a forwarded agent. `values` say what goes in
    for a placeholder, a variable or an example (see `context`); with `repeat`, a variable, the block is typed once for
    each of the other etcd machines. `adds` and `edits` are departures, each with a reason: words at the end, and text
    for text; `unsaid` is the reason for one that changes no text. `bounded` ends, after seconds, what never ends;
    `until` repeats, for seconds, what works only when something else has started. `at_once` is the topology whose
    machines do it at the same time. The answer of a `secret` one is in no record. `file` is where a configuration is
    written. `tree` has the files that a block draws looked for. `printed` takes the command that init printed for
    `control-plane` or `worker`. `external` is what the comments in a block ask about. `answer` is what the page
    promises to come back, a regular expression, and `sample` the id of the output that it shows. `redo` says that its
    step's action may be repeated to mend what the block did. `probe` must answer `expects` afterwards. `corrected` is
    the right form of a block beside a step, `mend` what to tell the writer. `instead` says why a block is not run at
    all. `page` is the one that the plan is of.
    """

    id: str
    step: str
    on: str = ""
    beside: bool = False
    root: bool = False
    agent: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    adds: Sequence[Mapping[str, str]] = ()
    edits: Sequence[Mapping[str, str]] = ()
    repeat: str = ""
    unsaid: str = ""
    bounded: int = 0
    until: int = 0
    at_once: str = ""
    secret: bool = False
    file: str = ""
    tree: bool = False
    printed: str = ""
    external: bool = False
    redo: bool = False
    answer: str = ""
    sample: str = ""
    probe: str = ""
    expects: str = ""
    corrected: str = ""
    mend: str = ""
    instead: str = ""
    topology: str = ""
    certificates: str = ""
    language: str = ""
    page: str = HOME

    def did(self, tries: Sequence[Try]) -> bool:
        """Whether the block did what the page promises: an answer, or no failure."""
        return all(re.search(self.answer, each.answer) if self.answer else each.ok for each in tries)

    def applies(self, cluster: ClusterId) -> bool:
        """Whether the block belongs to a cluster's path through the page."""
        return self.topology in ("", cluster.topology) and self.certificates in ("", cluster.certificates)


def plan_of(page: str, language: str) -> list[Planned]:
    """The plan of a page in a language, in the order of its file; raises BadInput where there is none."""
    file = files("doccheck.execution").joinpath("plans", f"{page}.toml")
    if not file.is_file():
        raise BadInput(f"there is no plan of {page}, so that its blocks cannot be run")
    known = {each.name for each in fields(Planned)}
    planned = []
    for name, table in tomllib.loads(file.read_text("utf-8")).items():
        if unknown := table.keys() - known:
            raise BadInput(f"the plan of {page} has {', '.join(sorted(unknown))} for {name}")
        planned.append(Planned(id=name, page=page, **table))
    return [each for each in planned if each.language in ("", language)]


def machines(cluster: Cluster, on: str) -> list[Machine]:
    """The machines that a block names: `etcd` is any one etcd machine, `every etcd` all, `etcd 0` the first."""
    etcd = cluster.etcd_machines
    named = {
        "first": cluster.control_planes[:1],
        "others": cluster.control_planes[1:],
        "workers": cluster.workers,
        "etcd": etcd[-1:],
        "every etcd": etcd,
        "other etcd": etcd[1:],
    }
    return named[on] if on in named else etcd[(number := int(on.removeprefix("etcd "))) : number + 1]


def context(cluster: Cluster) -> dict[str, str]:
    """What a plan may put in for a page's placeholders, by name."""
    first, *others = cluster.control_planes
    values = {
        "balancer name": cluster.endpoint.name,
        "balancer address": cluster.endpoint.address,
        "balancer port": str(cluster.endpoint.port),
        "login user": first.user,
        "first login": f"{first.user}@{first.address}",
        "other addresses": " ".join(machine.address for machine in others),
        "pod range": plugin.pod_cidr(cluster),
        "version": str(cluster.version),
        "kubelet options": f"{kubelet_option(cluster.workarounds)} ".lstrip(),
    }
    for number, machine in enumerate(cluster.etcd_machines):
        values |= {f"etcd {number}": machine.address, f"etcd name {number}": machine.name}
    return values


def printed(cluster: Cluster, which: str) -> str:
    """The join command that init printed, as the page has it typed."""
    found: dict[str, Any] = {
        "control-plane": printed_joins(cluster).control_plane_join,
        "worker": printed_joins(cluster).worker_join,
    }
    return f"sudo {found[which]}"

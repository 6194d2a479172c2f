"""What it takes to run a page's blocks: documentation/execution/plans/<page>.toml, one table a block.

The procedure's steps are the skeleton: a block is run in place of its step's action, which stays at hand as the
corrected form. Steps that no block stands for are run as they are.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Self

from documentation.claims.binding import Reading, Status
from documentation.claims.claim import HOME
from documentation.claims.edition import Edition
from documentation.execution.results import Try
from documentation.language.words import Words
from documentation.pages.block import Block, Page
from provision.clusters_door import Cluster, ClusterId, Machine, kubelet_option, plugin
from provision.util.errors import BadInput


@dataclass(frozen=True)
class Add:
    """Words at the end of a block, and the reason why the page's own do not do."""

    text: str
    reason: str


@dataclass(frozen=True)
class Edit:
    """Text in the place of text, and the reason; with `certificates` only on that way through the page."""

    old: str
    new: str
    reason: str
    certificates: str = ""


@dataclass(frozen=True)
class Planned:
    """How a block is run.

    `id` is the original's, or that of a block which only `language` has; `page` is the one that the plan is of.
    `step` is the step that the block stands for; one that is `beside` it runs after it.
    `on` names machines (see `machines`); `at_once` is the topology whose machines run it at the same time.
    `root` types it into `sudo -E -s`, `agent` logs in with a forwarded agent.
    `values` say what goes in for a placeholder, a variable or an example (see `context`).
    `adds` and `edits` are departures; `unsaid` is the reason for one that changes no text.
    `repeat` is a variable: the block is typed once for each of the other etcd machines.
    `bounded` ends, after seconds, what never ends; `until` repeats, for seconds, what works only when something else
    has started.
    `secret` keeps the answer out of all records.
    `file` is where a configuration is written.
    `tree` compares the files that a block draws with the machine's.
    `printed` takes the command that init printed for `control-plane` or `worker`.
    `external` says that comments in the block decide about lines for external etcd.
    `answer` is what the page promises to come back, a regular expression; `sample` the id of the output that it shows.
    `redo` says that its step's action may be repeated to repair what the block did.
    `probe` is a command that must answer `expects` afterwards.
    `corrected` is the right form of a block beside a step, `fix` what the writer should change.
    `instead` says why a block is not run at all.
    """

    id: str
    step: str
    on: str = ""
    beside: bool = False
    root: bool = False
    agent: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    adds: Sequence[Add] = ()
    edits: Sequence[Edit] = ()
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
    fix: str = ""
    instead: str = ""
    topology: str = ""
    certificates: str = ""
    language: str = ""
    page: str = HOME

    def succeeded(self, tries: Sequence[Try]) -> bool:
        """Whether the block did what the page promises: an answer, or no failure."""
        return all(each.promised if self.answer else each.ok for each in tries)

    def applies(self, cluster: ClusterId) -> bool:
        """Whether the block belongs to a cluster's path through the page."""
        return self.topology in ("", cluster.topology) and self.certificates in ("", cluster.certificates)


def is_planned(page: str) -> bool:
    """Whether there is a plan of a page, so that it can be walked."""
    return _file(page).is_file()


def _file(page: str) -> Traversable:
    return files("documentation.execution").joinpath("plans", f"{page}.toml")


def plan_of(page: str, language: str) -> list[Planned]:
    """The plan of a page in a language, in the order of its file; raises BadInput where there is none."""
    file = _file(page)
    if not is_planned(page):
        raise BadInput(f"there is no plan of {page}, so that its blocks cannot be run")
    known = {each.name for each in fields(Planned)}
    planned = []
    for name, table in tomllib.loads(file.read_text("utf-8")).items():
        if unknown := table.keys() - known:
            raise BadInput(f"the plan of {page} has {', '.join(sorted(unknown))} for {name}")
        planned.append(_planned(name, page, table))
    return [each for each in planned if each.language in ("", language)]


def _planned(name: str, page: str, table: dict[str, Any]) -> Planned:
    adds = tuple(Add(**each) for each in table.get("adds", ()))
    edits = tuple(Edit(**each) for each in table.get("edits", ()))
    return Planned(id=name, page=page, **table | {"adds": adds, "edits": edits})


@dataclass(frozen=True)
class PageView:
    """A page as it is walked: its blocks under the names that claims and plans use, and how each is run.

    `name` is the edition's, `blocks` are the page's by the original's ids, `stale` those that are not what was read.
    """

    page: Page
    name: str
    planned: tuple[Planned, ...]
    blocks: Mapping[str, Block]
    stale: frozenset[str]
    words: Words

    @classmethod
    def of(cls, page: Page, edition: Edition, planned: Sequence[Planned]) -> Self:
        """The page by its edition and plan."""
        named = Reading(page, edition).named()
        return cls(
            page,
            edition.page,
            tuple(planned),
            {name: block for name, (block, _) in named.items()},
            frozenset(name for name, (_, status) in named.items() if status is Status.STALE),
            Words.of(page.language),
        )


def views(pages: Sequence[tuple[Page, Edition]]) -> list[PageView]:
    """Pages, each with its edition, as they are walked together; raises BadInput for one without a plan, or twice."""
    if len({edition.page for _, edition in pages}) < len(pages):
        raise BadInput(f"{' and '.join(page.name for page, _ in pages)} are the same page", fix="walk one at a time")
    return [PageView.of(page, edition, plan_of(edition.page, page.language)) for page, edition in pages]


def page_of(section: str) -> str:
    """The name of the page that a step's section is on; `""` where that is not a page that can be walked."""
    if section.startswith("/"):
        return ""
    return section.partition("/#")[0] if "#" in section else HOME if section else ""


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
    """The join command that init printed for `control-plane` or `worker`, as the page has it typed."""
    joins = cluster.observations.printed_joins
    return f"sudo {joins.control_plane_join if which == 'control-plane' else joins.worker_join}"

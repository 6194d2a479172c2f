"""The choices of one run, and the ids of the clusters that they mean. `Settings` are choices that were checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from provision.config import shards, skew
from provision.config.addresses import Family
from provision.config.balancers import BY_NAME, Balancer
from provision.config.cluster_id import CERTIFICATES, ELSEWHERE, PAGE, ClusterId, Variant
from provision.config.configuration import file
from provision.config.configuration.own import OwnConfiguration
from provision.config.inventory import parse
from provision.config.inventory.model import Inventory
from provision.config.options import INVENTORY, LIBVIRT, LOCAL, OPTIONS, PUBLISHED_BOX, ROUTES, VAGRANT
from provision.config.shards import Shard
from provision.config.topology import TOPOLOGIES, MachineSpec, Role
from provision.config.versions import OLDEST_MINOR, PATTERN, Back, CiBuild, Word, words


@dataclass(frozen=True)
class Choices:
    """The choices of one run; one field an option."""

    kubernetes: str
    upgrade_from: str
    kubeadm: str
    kubelets: str
    programs: str
    source: str
    artifacts: str
    packages: str
    provider: str
    inventory: str
    mode: str
    in_use: str
    engine: str
    hypervisor: str
    box: str
    emulation: str
    cpus: str
    memory: str
    control_planes: str
    workers: str
    certificates: str
    keys: str
    authority: str
    families: str
    mutable: str
    faults: str
    control_plane_joins: str
    load_balancer: str
    network: str
    configuration: str
    addresses_family: str
    online: str
    addresses: str
    variant: str
    cluster: str
    keep: str
    reuse: str
    shard: str
    shard_durations: str
    night: str
    run_dir: str

    @property
    def wanted(self) -> list[Word]:
        """The versions that are chosen, each once; never empty. Beside a build it is the release that has the rest."""
        if self.ci:
            return [Back(0)]
        named = self.chosen.version if self.chosen else self._version_of_the_configuration
        return list(words(self.kubernetes or named)) or [Back(0)]

    @property
    def part(self) -> Shard | None:
        """The shard of a night that is chosen; raises BadInput for what is not one."""
        return Shard.parse(self.shard) if self.shard else None

    @cached_property
    def durations(self) -> dict[str, float]:
        """How long clusters took, in seconds by id, as far as that is given; raises BadInput for what is not that."""
        return shards.measured(Path(self.shard_durations)) if self.shard_durations else {}

    @property
    def own_build(self) -> bool:
        """Whether programs are a build and no release: the user's own, or one of Kubernetes' CI."""
        return self.own_build_given or bool(self.own_programs)

    @property
    def own_build_given(self) -> bool:
        """Whether an option names a build; an inventory may name one, too."""
        return bool(self.source or self._programs_given or self.ci)

    @property
    def ci(self) -> CiBuild | None:
        """The build of Kubernetes' CI that is chosen; None where none is."""
        return CiBuild.parse(self.kubernetes)

    @property
    def own_programs(self) -> Path | None:
        """The folder with the user's own programs, or the file that is the user's own kubeadm; None where none are."""
        given = self._programs_given
        return Path(given) if given else self._named_beside("programs")

    @property
    def _programs_given(self) -> str:
        return self.programs or (self.kubeadm if "/" in self.kubeadm else "")

    @property
    def _version_of_the_configuration(self) -> str:
        """The exact version that the user's own configuration names; a word as `stable` is none.

        That of an inventory is on machines that have a version already.
        """
        says = self.own_configuration.version if self.configuration and self.own_configuration else ""
        return says.removeprefix("v") if re.fullmatch(f"v?{PATTERN}", says) else ""

    @cached_property
    def own_configuration(self) -> OwnConfiguration | None:
        """The user's own configuration, where one is named; raises BadInput for one that is not valid.

        What is only checked has a configuration already.
        """
        if self.configuration:
            return file.read(Path(self.configuration))
        named = self._named_beside("configuration")
        return file.read(named) if named else None

    def _named_beside(self, key: Literal["configuration", "programs"]) -> Path | None:
        """A file or folder that the inventory names, as seen from it; what is only checked has its own already."""
        named = getattr(self.your_machines, key) if self.your_machines and not self.read_only else None
        return Path(self.inventory).parent / named if named else None

    @property
    def stored_configuration(self) -> dict[str, Any]:
        """The same as a cluster's state has it; empty where none is named."""
        return self.own_configuration.stored() if self.own_configuration else {}

    @cached_property
    def chosen(self) -> ClusterId | None:
        """The existing cluster that scenarios run on, where one is chosen; raises BadInput for what is not an id."""
        return ClusterId.parse(self.cluster) if self.cluster else None

    def makes(self, cluster: ClusterId) -> bool:
        """Whether these choices make a cluster with this id, for a user or for pages to be walked on."""
        each = (self, replace(self, variant=PAGE))
        return cluster in [one.cluster_id(cluster.topology, cluster.version, cluster.certificates) for one in each]

    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed: the cluster of an inventory is checked as it is."""
        return self.provider == INVENTORY and self.mode == "check"

    @cached_property
    def your_machines(self) -> Inventory | None:
        """The inventory of your machines, where one is named; raises BadInput for one that is not valid."""
        if self.provider != INVENTORY:
            return None
        path = Path(self.inventory)
        inventory = parse.read(path)
        return inventory if self.read_only else parse.to_be_built(inventory, path)

    def cluster_ids(self, topology: str, version: str) -> list[ClusterId]:
        """The ids of this run's clusters of a topology and version."""
        if self.chosen:
            return [self.chosen] if topology == self.chosen.topology else []
        if self.your_machines:
            ours = self.cluster_id(topology, version, self.your_machines.certificates)
            return [ours] if topology == self.your_machines.topology else []
        if self.authority == ELSEWHERE and topology != "stacked":
            return []  # etcd's own authority is on an etcd machine, as the etcd page has it
        return [self.cluster_id(topology, version, certificates) for certificates in self.certificates.split(",")]

    def machines_of(self, topology: str) -> tuple[MachineSpec, ...]:
        """The machines of a cluster of a topology, where they are made."""
        return self.cluster_id(topology, f"1.{OLDEST_MINOR}").machines

    def cluster_id(
        self, topology: str, version: str, certificates: str = CERTIFICATES[0], *, mutable: bool = False,
        faults: bool = False,
    ) -> ClusterId:  # fmt: skip
        """One id; every choice that is not the default is part of it, and so is what scenarios may do with it."""
        chosen = Variant(
            keys=self.keys,
            authority=self.authority,
            joins=self.control_plane_joins if self.control_plane_joins != "serial" else "",
            network=self.network if self.network != ROUTES else "",
            configuration=self.own_configuration.digest if self.own_configuration else "",
            balancer=self.your_machines.balancer.name if self.your_machines else self.load_balancer,
            family=self.family,
            own=self.own_build,
            free="-".join(filter(None, (self._provider(), self.variant))),
            mutable=mutable,
            faults=faults,
        )
        if not self.your_machines:
            chosen = self._made(chosen, topology, version)
        return ClusterId(topology, certificates, version, str(chosen))

    def _made(self, chosen: Variant, topology: str, version: str) -> Variant:
        """The same with what is chosen of machines that are made."""
        usual, planes, workers = TOPOLOGIES[topology], int(self.control_planes), int(self.workers)
        return replace(
            chosen,
            origin=skew.origin(self.upgrade_from, version),
            kubeadm="" if self.own_build else skew.kubeadm(self.kubeadm, version),
            kubelets=skew.kubelets(self.kubelets, version),
            control_planes=planes if planes != usual[Role.CONTROL_PLANE] else None,
            workers=workers if workers != usual[Role.WORKER] else None,
        )

    def _provider(self) -> str:
        if self.your_machines:
            return f"{INVENTORY}-{self.your_machines.name}"
        if self.provider != VAGRANT:
            return ""
        hypervisor = self.hypervisor if self.hypervisor != LIBVIRT else ""
        box = slug(self.box) if self.box else ""
        return "-".join(filter(None, (VAGRANT, hypervisor, box)))

    def mutable_ids(self, topology: str, version: str) -> list[ClusterId]:
        """The ids of the clusters of a topology and version that scenarios may change.

        Beside an existing cluster that was chosen, it is one of the same choices.
        """
        if self.chosen:
            beside = replace(self.chosen, variant=str(replace(self.chosen.parts, mutable=True)))
            return [beside] if topology == beside.topology and beside.uploads and not self.your_machines else []
        uploads = CERTIFICATES[0] in self.certificates.split(",") and not self.your_machines
        return [self.cluster_id(topology, version, mutable=True)] if uploads else []

    def fault_ids(self, topology: str, version: str) -> list[ClusterId]:
        """The ids of the clusters of a topology and version on which faults are tried: machines that are made."""
        if self.chosen:
            beside = replace(self.chosen, variant=str(replace(self.chosen.parts, faults=True)))
            return [beside] if topology == beside.topology and not self.your_machines else []
        uploads = CERTIFICATES[0] in self.certificates.split(",") and not self.your_machines
        return [self.cluster_id(topology, version, faults=True)] if uploads else []

    @property
    def family(self) -> Family:
        """The addresses that machines which are made get."""
        return Family(self.addresses_family)

    @property
    def balancer(self) -> Balancer:
        """The kind of load balancer that is chosen for machines that are made."""
        return BY_NAME[self.load_balancer]

    @property
    def vagrant_box(self) -> str:
        """The box that virtual machines are made from."""
        return self.box or (LOCAL if self.hypervisor == LIBVIRT else PUBLISHED_BOX)


assert [field.name for field in fields(Choices)] == [option.name.replace("-", "_") for option in OPTIONS]


def topologies() -> list[str]:
    """The topologies that exist."""
    return sorted(TOPOLOGIES)


def slug(text: str) -> str:
    """A text as it can be part of a cluster's id."""
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")

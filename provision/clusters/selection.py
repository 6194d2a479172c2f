"""Which clusters the settings choose: releases, ids, and the machines of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from provision.artifacts.catalog import OWN, Release
from provision.artifacts.own import OwnPrograms
from provision.config import families
from provision.config.choices import topologies
from provision.config.cluster_id import ClusterId
from provision.config.facts import Facts
from provision.config.inventory.model import Inventory
from provision.config.settings import Settings
from provision.config.shards import partition
from provision.config.topology import MachineSpec
from provision.config.versions import OLDEST_MINOR, Back, Version, Word, words
from provision.providers.host import Host
from provision.providers.inventory.facts import version_of_cluster
from provision.util.errors import BadInput
from provision.util.home import Home

_ANY_VERSION = f"1.{OLDEST_MINOR + 3}"
"""For what is counted before it is known which versions there are: of this one all older kubelets exist."""

_Ids = Callable[[str, str], list[ClusterId]]
"""The ids of the clusters of a topology and a version."""


@dataclass(frozen=True)
class Resolved:
    """A word that a user chose a version by, and what it became: `version` as in cluster ids, and the release."""

    word: str
    version: str
    release: Release

    @property
    def remark(self) -> str:
        """What to know about judging this release; mostly nothing."""
        return "; ".join(filter(None, (self.release.note, Facts(self.release.version).remark)))

    def __str__(self) -> str:
        meaning = f"Kubernetes {self.word} is {self.release.version}, from {self.release.place}"
        return f"{meaning} ({self.remark})" if self.remark else meaning

    def described(self) -> dict[str, Any]:
        """As plain data, for records and for other processes of the same run."""
        own, base = self.release.own, self.release.base
        mine = {"own": own.described(), "base": Resolved("", "", base).described()} if own and base else {}
        return mine | {
            "word": self.word,
            "version": self.version,
            "release": str(self.release.version),
            "source": self.release.source,
            "place": self.release.place,
            "remark": self.remark,
            "note": self.release.note,
        }

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Resolved:
        """The inverse of `described`."""
        own = OwnPrograms.of(described["own"]) if "own" in described else None
        base = cls.of(described["base"]).release if "base" in described else None
        release = Release(Version.parse(described["release"]), described["source"], described["note"], own, base)
        return cls(described["word"], described["version"], release)


class Selection:
    """The clusters that the settings choose on a host.

    `resolved` is what another process of the same run has found out already: all of them must mean the same releases.
    """

    def __init__(self, host: Host, resolved: Sequence[Resolved] | None = None) -> None:
        self.host = host
        self._settings = host.settings
        self._given = resolved

    @classmethod
    def of(cls, settings: Settings, home: Home | None = None, resolved: Sequence[Resolved] | None = None) -> Selection:
        """Without a record of how that is found out."""
        return cls(Host(settings, home, releases=releases(resolved)), resolved)

    @cached_property
    def resolved(self) -> Sequence[Resolved]:
        """The releases behind the versions that the settings choose; none where all clusters of the run exist.

        Raises BadInput where there is no such release.
        """
        if self._given is not None:
            return self._given
        settings = self._settings
        exist = settings.your_machines or (settings.chosen and "yes" not in (settings.mutable, settings.faults))
        if exist:
            return []
        if settings.own_build:
            return [Resolved(str(settings.ci or OWN), self.host.own.version.series, self.host.own)]
        return [self._resolve(word) for word in settings.wanted]

    def _resolve(self, word: Word) -> Resolved:
        wanted = str(word.before(self.host.newest.version) if isinstance(word, Back) else word)
        return Resolved(str(word), wanted, self.host.release(wanted))

    @cached_property
    def versions(self) -> list[str]:
        """The versions that the settings choose, as in cluster ids; raises BadInput where there is no such release."""
        if self._settings.chosen:
            return [self._settings.chosen.version]
        if inventory := self._settings.your_machines:
            return [self._version_of(inventory)]
        return list(dict.fromkeys(each.version for each in self.resolved))

    def _version_of(self, inventory: Inventory) -> str:
        if self._settings.own_build:
            return self.host.own.version.series
        if chosen := words(self._settings.kubernetes or inventory.kubernetes):
            return self._resolve(chosen[0]).version if isinstance(chosen[0], Back) else str(chosen[0])
        if self._settings.read_only or inventory.prepare == "none":
            return version_of_cluster(inventory, self.host.journal(inventory.name))
        return self._resolve(Back(0)).version

    def cluster_ids(self, *topologies: str) -> list[ClusterId]:
        """The chosen clusters of these topologies; raises BadInput where an inventory has another."""
        ids, inventory = _unchanged(self._settings), self._settings.your_machines
        if inventory and inventory.topology not in topologies:
            raise BadInput(
                f"{self._settings.inventory} has machines for {inventory.topology} etcd",
                fix=f"say {inventory.topology}",
            )
        return [each for topology in topologies for version in self.versions for each in ids(topology, version)]

    def mutable_ids(self, *topologies: str) -> list[ClusterId]:
        """The clusters of these topologies that scenarios may change."""
        ids = _changed(self._settings)
        return [each for topology in topologies for version in self.versions for each in ids(topology, version)]

    def fault_ids(self, *topologies: str) -> list[ClusterId]:
        """The clusters of these topologies on which faults are tried."""
        ids = self._settings.fault_ids
        return [each for topology in topologies for version in self.versions for each in ids(topology, version)]

    def named(self, text: str) -> list[ClusterId]:
        """The chosen clusters of a topology, or the cluster of an id; raises BadInput for what is neither.

        Where a shard is chosen, those of the topology's clusters that are in it.
        """
        if text not in topologies():
            return [ClusterId.parse(text)]
        part, shards = self._settings.part, self.shards(text)
        return [each for each in self.cluster_ids(text) if not part or shards[str(each)] == part.index]

    def shards(self, topology: str) -> dict[str, int]:
        """In which shard each of the chosen clusters of a topology is, by id; empty where no shard is chosen."""
        settings, part = self._settings, self._settings.part
        return (
            partition([str(each) for each in self.cluster_ids(topology)], part.of, settings.durations) if part else {}
        )

    def specs(self, cluster: ClusterId) -> tuple[MachineSpec, ...]:
        """The machines of a chosen cluster."""
        inventory = self._settings.your_machines
        return inventory.specs if inventory else cluster.machines


def releases(resolved: Sequence[Resolved] | None) -> dict[str, Release]:
    """The releases that are known already, by their versions in cluster ids."""
    return {each.version: each.release for each in resolved or ()}


def planned(settings: Settings, topology: str) -> list[ClusterId]:
    """The clusters of a topology that the settings choose for each version, as many and as large as they will be.

    Their version is any, since it is not known yet which there are; so releases that only go with some are left out.
    """
    plain = replace(settings, upgrade_from="", kubeadm="", kubelets="")
    changed = _changed(plain)(topology, _ANY_VERSION) if settings.mutable == "yes" else []
    faulty = plain.fault_ids(topology, _ANY_VERSION) if settings.faults == "yes" else []
    return [*_unchanged(plain)(topology, _ANY_VERSION), *changed, *faulty]


def _unchanged(settings: Settings) -> _Ids:
    return partial(families.cluster_ids, settings) if settings.families == "yes" else settings.cluster_ids


def _changed(settings: Settings) -> _Ids:
    return partial(families.mutable_ids, settings) if settings.families == "yes" else settings.mutable_ids

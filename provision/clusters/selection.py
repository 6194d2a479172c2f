"""Which clusters are asked for: releases, ids, and the machines of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from provision.artifacts import catalog
from provision.artifacts.catalog import Release
from provision.artifacts.home import Home
from provision.config import families
from provision.config.facts import Facts
from provision.config.inventory.model import Inventory
from provision.config.settings import Settings
from provision.config.topology import ClusterId, MachineSpec
from provision.config.versions import Back, Version, Wanted, Word, words
from provision.errors import BadInput
from provision.providers import requests
from provision.recording.journal import Journal, Listener
from provision.recording.redaction import Redactor


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

    def described(self) -> dict[str, str]:
        """As plain data, for records and for other processes of the same run."""
        return {
            "word": self.word,
            "version": self.version,
            "release": str(self.release.version),
            "source": self.release.source,
            "place": self.release.place,
            "remark": self.remark,
            "note": self.release.note,
        }

    @classmethod
    def of(cls, described: dict[str, str]) -> Resolved:
        """The inverse of `described`."""
        release = Release(Version.parse(described["release"]), described["source"], described["note"])
        return cls(described["word"], described["version"], release)


class Asked:
    """What the settings mean on this host. `listeners` hear of everything that is done for it.

    `resolved` is what another process of the same run has found out already: all of them must mean the same releases.
    `redact` is the one of this process; each cluster's journal learns secrets for all that it writes.
    """

    def __init__(
        self,
        settings: Settings,
        listeners: Sequence[Listener] = (),
        home: Home | None = None,
        resolved: Sequence[Resolved] | None = None,
        redact: Redactor | None = None,
    ) -> None:
        self.settings = settings
        self.home = home or Home.default()
        self._listeners = tuple(listeners)
        self._redact = redact or Redactor()
        self._given = resolved
        self._releases = {each.version: each.release for each in resolved or ()}

    @cached_property
    def resolved(self) -> Sequence[Resolved]:
        """The releases behind what the settings ask for; none where all clusters of the run exist.

        Raises BadInput where there is no such release.
        """
        if self._given is not None:
            return self._given
        settings = self.settings
        exist = settings.machines or (settings.chosen and settings.mutable == "no")
        return [] if exist else [self._resolve(word) for word in settings.wanted]

    def release(self, wanted: Wanted) -> Release:
        """The exact release behind what was asked for, the same all through a run."""
        if str(wanted) not in self._releases:
            self._releases[str(wanted)] = catalog.resolve(wanted, self.settings.artifacts, self.home)
        return self._releases[str(wanted)]

    def _resolve(self, word: Word) -> Resolved:
        wanted = word.before(self.newest.version) if isinstance(word, Back) else word
        return Resolved(str(word), str(wanted), self.release(wanted))

    @cached_property
    def newest(self) -> Release:
        """The newest stable release that can be had."""
        newest = catalog.resolve(None, self.settings.artifacts, self.home)
        self._releases.setdefault(newest.version.series, newest)
        return newest

    @cached_property
    def versions(self) -> list[str]:
        """The versions that the settings ask for, as in cluster ids; raises BadInput where there is no such release."""
        if self.settings.chosen:
            return [self.settings.chosen.version]
        if inventory := self.settings.machines:
            return [self._version_of(inventory)]
        return list(dict.fromkeys(each.version for each in self.resolved))

    def _version_of(self, inventory: Inventory) -> str:
        if said := words(self.settings.kubernetes or inventory.kubernetes):
            return self._resolve(said[0]).version if isinstance(said[0], Back) else str(said[0])
        if self.settings.looks_only or inventory.prepare == "none":
            return requests.version_there(self.settings, self._journal(inventory.name))
        return self._resolve(Back(0)).version

    def cluster_ids(self, *topologies: str) -> list[ClusterId]:
        """The clusters of these topologies that are asked for; raises BadInput where an inventory has another."""
        asked, inventory = self.settings.cluster_ids, self.settings.machines
        if self.settings.families == "yes":
            asked = partial(families.cluster_ids, self.settings)
        if inventory and inventory.topology not in topologies:
            raise BadInput(
                f"{self.settings.inventory} has machines for {inventory.topology} etcd",
                fix=f"say {inventory.topology}",
            )
        return [each for topology in topologies for version in self.versions for each in asked(topology, version)]

    def mutable_ids(self, *topologies: str) -> list[ClusterId]:
        """The clusters of these topologies that scenarios may change."""
        asked = self.settings.mutable_ids
        if self.settings.families == "yes":
            asked = partial(families.mutable_ids, self.settings)
        return [each for topology in topologies for version in self.versions for each in asked(topology, version)]

    def specs(self, cluster: ClusterId) -> tuple[MachineSpec, ...]:
        """The machines of a cluster that the settings ask for."""
        inventory = self.settings.machines
        return inventory.specs if inventory else cluster.machines

    def _journal(self, name: str) -> Journal:
        return Journal(name, self._redact, self._listeners)

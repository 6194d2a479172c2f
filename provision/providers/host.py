"""This host as clusters are made on it: where their files are, which releases are meant, which engine there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from provision.artifacts import catalog, ci_builds, derived, engines, own, own_release, source_tree
from provision.artifacts.catalog import CI, Release
from provision.artifacts.engines import Engine
from provision.artifacts.own import OwnPrograms
from provision.config.cluster_id import ClusterId
from provision.config.settings import Settings
from provision.config.versions import Back, Version, Wanted, words
from provision.node import host_workarounds
from provision.recording.journal import Journal, Listener
from provision.util.errors import BadInput, HostLacks
from provision.util.home import Home
from provision.util.redaction import Redactor


class Host:
    """`listeners` hear of everything that is done here, and `redact` learns the secrets in it.

    `releases` are those that are known already, by their versions in cluster ids.
    """

    def __init__(
        self, settings: Settings, home: Home | None = None, listeners: Sequence[Listener] = (),
        redact: Redactor | None = None, releases: Mapping[str, Release] | None = None,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.home = home or Home.default()
        self._listeners = tuple(listeners)
        self._redact = redact or Redactor()
        self._releases = dict(releases or {})

    def release(self, version: str) -> Release:
        """The exact release behind a version as in cluster ids, the same throughout a run.

        Raises BadInput where there is none.
        """
        if self.settings.own_build and self.own.version.series == version:
            return self.own
        if version not in self._releases:
            self._releases[version] = self._published(Wanted.parse(version))
        return self._releases[version]

    @cached_property
    def own(self) -> Release:
        """A build's programs, and the release that has what they lack: the one that is chosen, or the nearest.

        Raises BadInput where they do not go together.
        """
        if known := next((each for each in self._releases.values() if each.own), None):
            return known
        if self.settings.ci:
            built = ci_builds.provide(self.settings.ci, self.home, self.journal("artifacts"))
            return own_release.of(built.programs, self._nearest(built.version), CI, built.remark)
        programs = self._own_programs
        chosen = words(self.settings.kubernetes)
        if not chosen:
            return own_release.of(programs, self._nearest(programs.version))
        wanted = chosen[0].before(self.newest.version) if isinstance(chosen[0], Back) else chosen[0]
        return own_release.of(programs, self._published(wanted))

    @property
    def _own_programs(self) -> OwnPrograms:
        """The user's own programs, built if they are to be; what was made of the same tree's last build is removed."""
        if not self.settings.source:
            assert self.settings.own_programs, "there are programs of one's own"
            return own.read(self.settings.own_programs)
        tree, journal = Path(self.settings.source), self.journal("artifacts")
        before = source_tree.last_built(tree, self.home)
        programs = own.read(source_tree.build(tree, self.home, journal))
        if before and before.fingerprint != programs.fingerprint:  # it is not needed again, and has gigabytes
            derived.remove(self.home, before, lambda: self.engine.name, programs)
        return programs

    def _nearest(self, version: Version) -> Release:
        """The newest release of a version's minor, or the newest of all where that has none yet."""
        try:
            return self._published(Wanted(version.minor))
        except BadInput:
            return self.newest

    def _published(self, wanted: Wanted) -> Release:
        return catalog.resolve(wanted, self.settings.artifacts, self.home)

    @cached_property
    def newest(self) -> Release:
        """The newest stable release that is available."""
        newest = catalog.resolve(None, self.settings.artifacts, self.home)
        return self._releases.setdefault(newest.version.series, newest)

    def beside(self, cluster: ClusterId) -> dict[str, Release]:
        """The releases that a cluster has beside the one that it begins with, by their names in its id."""
        return {name: self.release(name) for name in cluster.beside}

    @cached_property
    def engine(self) -> Engine:
        """The container engine in use; raises HostLacks where there is none."""
        return engines.choose(self.settings.engine, host_workarounds.cgroup_version())

    @property
    def installed_engine(self) -> Engine | None:
        """The same, or None: a host of virtual machines alone needs no engine."""
        with suppress(HostLacks):
            return self.engine
        return None

    def journal(self, name: str) -> Journal:
        """A new record, of a cluster or of the artifacts."""
        return Journal(name, self._redact, self._listeners)

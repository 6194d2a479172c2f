"""A provider whose machines can be paused, frozen and thawed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from provision.config.cluster_state import ClusterState
from provision.providers.provider import Machines
from provision.recording.journal import Journal
from provision.util.errors import CommandFailed
from tests.homes import ID, FakeProvider
from tests.stand_ins import fake_cluster


class Freezes(FakeProvider):
    """Has one machine, whose disk is a file `disk` of this host; `does` is what was requested."""

    def __init__(self, disk: Path) -> None:
        super().__init__(ID)
        self.disk = disk
        self.does: list[str] = []
        self.image = "node:1"
        self.thaws = True
        self.sees: Callable[[], object] = lambda: None
        self.seen: list[object] = []
        self.not_paused: BaseException | None = None
        self.not_resumed: BaseException | None = None

    def made_of(self, state: ClusterState) -> dict[str, str]:
        return {"image": self.image}

    def pause(self, state: ClusterState) -> None:
        self.does.append("pause")
        self.seen.append(self.sees())
        if self.not_paused:
            raise self.not_paused

    def resume(self, state: ClusterState) -> None:
        self.does.append("resume")
        if self.not_resumed:
            raise self.not_resumed

    def freeze(self, state: ClusterState, folder: Path) -> None:
        self.does.append("freeze")
        self.seen.append(self.sees())
        if self.fails:
            raise self.fails
        (folder / "disk").write_text(self.disk.read_text())

    def thaw(self, state: ClusterState, folder: Path, journal: Journal) -> Machines:
        self.does.append("thaw")
        self.seen.append(self.sees())
        if not self.thaws:
            raise CommandFailed("no space")
        self.disk.write_text((folder / "disk").read_text())
        return dict(fake_cluster(name=ID).machines)

    def attach(self, state: ClusterState, journal: Journal) -> Machines:
        return {}

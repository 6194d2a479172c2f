"""A cluster's disks and layers in a folder: written from machines, and given to machines that are about to start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provision.artifacts.engines import Engine
from provision.config.topology import MachineSpec
from provision.providers.container import layers, starting
from provision.util.concurrency import together

_LAYERS, _DISKS = "layers", "disks"
_LINKED, *_COPIED = starting.STORE_PATHS


@dataclass(frozen=True)
class Frozen:
    """What `folder` holds of machines; `containers` has their containers' names, and `store` their image store."""

    engine: Engine
    containers: Mapping[str, str]
    specs: Sequence[MachineSpec]
    folder: Path
    store: Path

    def write(self, cluster: Path) -> None:
        """From machines that stand still: `cluster` is the folder with their disks and keys."""
        self._copy_shared(cluster, self.folder)

        def write(spec: MachineSpec) -> None:
            self._copy_disks(spec, cluster, self.folder)
            layers.copy(self._layer(spec), self.folder / _LAYERS / spec.name)

        together(write, self.specs)

    def restore(self, cluster: Path, create: Callable[[MachineSpec], None]) -> None:
        """For machines that `create` makes and does not start."""
        self._copy_shared(self.folder, cluster)

        def restore(spec: MachineSpec) -> None:
            self._copy_disks(spec, self.folder, cluster)
            create(spec)
            layers.copy(self.folder / _LAYERS / spec.name, self._layer(spec))

        together(restore, self.specs)

    def _layer(self, spec: MachineSpec) -> Path:
        return layers.own_layer(self.engine, self.containers[spec.name])

    def _copy_disks(self, spec: MachineSpec, source: Path, target: Path) -> None:
        if starting.has_disks(spec):
            disks, copies = source / _DISKS / spec.name, target / _DISKS / spec.name
            copies.mkdir(parents=True)
            layers.copy_linked(disks / _LINKED, copies / _LINKED, self.store)
            for each in _COPIED:
                layers.copy(disks / each, copies / each)

    @staticmethod
    def _copy_shared(source: Path, target: Path) -> None:
        layers.copy(source / "ssh", target / "ssh")
        (target / starting.RESOLVER).write_bytes((source / starting.RESOLVER).read_bytes())
        (target / starting.RESOLVER).chmod(0o644)

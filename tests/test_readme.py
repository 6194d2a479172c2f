"""What README.md says that a host needs is what the checks of a host demand."""

from __future__ import annotations

import math
from pathlib import Path

from provision.clusters.selection import planned
from provision.config.choices import topologies
from provision.config.settings import Settings
from provision.providers import host_findings
from provision.providers.container import requirements

README = " ".join((Path(__file__).parent.parent / "README.md").read_text().split())


def _gibibytes(settings: Settings, *names: str) -> int:
    """The memory that the largest cluster needs, in full GiB."""
    machines = max(len(each.machines) for name in names for each in planned(settings, name))
    return math.ceil(requirements.memory(machines) / 1024**3)


def test_the_readme_has_the_disk_and_the_memory_that_its_two_commands_need() -> None:
    stacked = _gibibytes(Settings.of({}), "stacked")
    tests = _gibibytes(Settings.of({"mutable": "yes"}), *topologies())
    disk = host_findings.DISK // 1024**3
    expected = f"{disk} GiB of free disk and {stacked} GiB of free memory ({tests} GiB for the second command)"
    assert expected in README

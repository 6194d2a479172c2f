"""What a user may choose, with every legal value: the one list behind command line options, ini keys and variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from ipaddress import IPv4Network
from pathlib import Path
from types import MappingProxyType

from provision.errors import BadInput
from provision.inventory import reading
from provision.inventory.model import Inventory
from provision.network import plugin
from provision.topology import CERTIFICATES, MUTABLE, TOPOLOGIES, ClusterId
from provision.versions import Back, Word, words


@dataclass(frozen=True)
class Option:
    """One choice. `name` as in `--ha-<name>` and `HA_<NAME>`; `choices` empty means free text.

    `several` allows more than one of the choices, comma separated.
    """

    name: str
    default: str
    help: str
    choices: tuple[str, ...] = ()
    several: bool = False

    def check(self, value: str) -> None:
        """Raise BadInput for a value that does not exist."""
        for part in value.split(",") if self.several else (value,):
            if self.choices and part not in self.choices:
                raise BadInput(f"'{part}' is no value of {self.name}", remedy="one of " + ", ".join(self.choices))

    @property
    def variable(self) -> str:
        """The environment variable of the same name."""
        return "HA_" + self.name.upper().replace("-", "_")


CONTAINER, INVENTORY = PROVIDERS = ("container", "inventory")
"""Where machines come from."""

OPTIONS: tuple[Option, ...] = (
    Option(
        "kubernetes", "",
        "Versions, comma separated: minors (1.37), exact (1.37.2, 1.38.0-rc.0), latest, or so many minors before it "
        "(-1, -2; write --ha-kubernetes=-1). Default: latest.",
    ),
    Option("artifacts", "auto", "Where binaries and images come from.", ("auto", "official", "modules")),
    Option("provider", "container", "Where machines come from.", PROVIDERS),
    Option("inventory", "", "A file of machines that are there already; means provider inventory."),
    Option("mode", "check", "What to do with an inventory: look at its cluster, or build one.", ("check", "build")),
    Option("in-use", "refuse", "What to do with machines of an inventory that are in use.", ("refuse", "reset")),
    Option("engine", "auto", "The container engine.", ("auto", "podman", "docker")),
    Option("certificates", CERTIFICATES[0], "How shared certificates are distributed; several.", CERTIFICATES, True),
    Option("mutable", "no", "Whether to run also what changes a cluster, on clusters of its own.", ("no", "yes")),
    Option("control-plane-joins", "serial", "How the other control planes join.", ("serial", "parallel")),
    Option("network", plugin.ROUTES, "The pod network.", plugin.NAMES),
    Option("online", "no", "Whether machines may reach the internet.", ("no", "yes")),
    Option("addresses", "198.18.0.0/15", "The range that each cluster takes a free /24 from."),
    Option("keep", "never", "When clusters stay after the run.", ("never", "failure", "always")),
    Option("reuse", "no", "Whether to test a kept cluster of the same id instead of making one.", ("no", "yes")),
    Option("run-dir", "", "Where the run's records go. Default: runs/<time>."),
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The choices of one run; one field an option."""

    kubernetes: str
    artifacts: str
    provider: str
    inventory: str
    mode: str
    in_use: str
    engine: str
    certificates: str
    mutable: str
    control_plane_joins: str
    network: str
    online: str
    addresses: str
    keep: str
    reuse: str
    run_dir: str

    @classmethod
    def of(cls, given: Mapping[str, str | None], fallback: Mapping[str, str | None] = MappingProxyType({})) -> Settings:
        """From values by option name: `given`, else the environment, else `fallback`, else the default.

        Raises BadInput for values that do not exist or do not go together.
        """
        values = {}
        for option in OPTIONS:
            name = option.name
            value = given.get(name) or os.environ.get(option.variable) or fallback.get(name) or option.default
            option.check(value)
            values[option.name.replace("-", "_")] = value
        if values["inventory"]:
            values["provider"] = INVENTORY
        settings = cls(**values)
        settings._check()
        return settings

    @property
    def wanted(self) -> list[Word]:
        """The versions asked for, each once; never empty."""
        return list(words(self.kubernetes)) or [Back(0)]

    @property
    def looks_only(self) -> bool:
        """Whether nothing may be changed: there is a cluster already, to be checked."""
        return self.provider == INVENTORY and self.mode == "check"

    @cached_property
    def machines(self) -> Inventory | None:
        """The inventory, where the machines are there already; raises BadInput for one that makes no sense."""
        return reading.read(Path(self.inventory)) if self.provider == INVENTORY else None

    def cluster_ids(self, topology: str, version: str) -> list[ClusterId]:
        """The ids of this run's clusters of a topology and version."""
        if self.machines:
            ours = self.cluster_id(topology, version, self.machines.certificates)
            return [ours] if topology == self.machines.topology else []
        return [self.cluster_id(topology, version, certificates) for certificates in self.certificates.split(",")]

    def cluster_id(
        self, topology: str, version: str, certificates: str = CERTIFICATES[0], purpose: str = ""
    ) -> ClusterId:
        """One id; every choice that is not the default is part of it, and so is a `purpose`."""
        joins = f"joins-{self.control_plane_joins}" if self.control_plane_joins != "serial" else ""
        network = self.network if self.network != plugin.ROUTES else ""
        provider = f"{INVENTORY}-{self.machines.name}" if self.machines else ""
        return ClusterId(topology, certificates, version, "-".join(filter(None, (joins, network, provider, purpose))))

    def mutable_ids(self, topology: str, version: str) -> list[ClusterId]:
        """The ids of the clusters of a topology and version that scenarios may change."""
        uploads = CERTIFICATES[0] in self.certificates.split(",") and not self.machines
        return [self.cluster_id(topology, version, purpose=MUTABLE)] if uploads else []

    def _check(self) -> None:
        _ = self.wanted
        if self.provider == INVENTORY and not self.inventory:
            raise BadInput("provider inventory needs a file of machines", remedy="--ha-inventory hosts.toml")
        if self.inventory and len(self.wanted) > 1:
            raise BadInput("an inventory is one cluster, of one version", remedy="--ha-kubernetes with one version")
        if self.network != plugin.ROUTES and self.online == "no":
            raise BadInput(f"network {self.network} needs its published manifest", remedy="add --ha-online yes")
        try:
            if IPv4Network(self.addresses).prefixlen > 24:
                raise ValueError("smaller than a /24")
        except ValueError as error:
            raise BadInput(f"addresses '{self.addresses}' is no usable IPv4 range", answer=str(error)) from None


assert [field.name for field in fields(Settings)] == [option.name.replace("-", "_") for option in OPTIONS]


def topologies() -> list[str]:
    """The topologies that exist."""
    return sorted(TOPOLOGIES)

"""What a user may choose, with every legal value: the one list behind command line options, ini keys and variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import IPv4Network
from types import MappingProxyType

from provision.errors import BadInput
from provision.network import plugin
from provision.topology import TOPOLOGIES, ClusterId
from provision.versions import Wanted


@dataclass(frozen=True)
class Option:
    """One choice. `name` as in `--ha-<name>` and `HA_<NAME>`; `choices` empty means free text."""

    name: str
    default: str
    help: str
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The environment variable of the same name."""
        return "HA_" + self.name.upper().replace("-", "_")


OPTIONS: tuple[Option, ...] = (
    Option("kubernetes", "", "Versions, comma separated: minors (1.37) or exact (1.37.2). Default: newest stable."),
    Option("artifacts", "auto", "Where binaries and images come from.", ("auto", "official", "modules")),
    Option("provider", "container", "Where machines come from.", ("container",)),
    Option("engine", "auto", "The container engine.", ("auto", "podman", "docker")),
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
    engine: str
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
            if option.choices and value not in option.choices:
                raise BadInput(f"'{value}' is no value of {option.name}", remedy="one of " + ", ".join(option.choices))
            values[option.name.replace("-", "_")] = value
        settings = cls(**values)
        settings._check()
        return settings

    @property
    def wanted(self) -> list[Wanted]:
        """The versions asked for; empty for the default."""
        return [Wanted.parse(part) for part in self.kubernetes.split(",") if part.strip()]

    def cluster_id(self, topology: str, version: str, *purpose: str) -> ClusterId:
        """The id of this run's cluster; every choice that is not the default is part of it, as is a `purpose`."""
        variant = [f"joins-{self.control_plane_joins}"] if self.control_plane_joins != "serial" else []
        variant += [self.network] if self.network != plugin.ROUTES else []
        return ClusterId(topology, "uploaded", version, "-".join([*variant, *purpose]))

    def _check(self) -> None:
        _ = self.wanted
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

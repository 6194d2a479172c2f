"""What steps see while a cluster comes to be, for later steps and for scenarios. Stored in the cluster's state.json.

What is secret is a part of its own, and in no representation of these objects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from provision.util.errors import Problem

_KEY = re.compile(r"--certificate-key ([0-9a-f]{64})\b")
_HASH = re.compile(r"--discovery-token-ca-cert-hash (sha256:[0-9a-f]{64})\b")
_TOKEN = re.compile(r"--token ([a-z0-9]{6}\.[a-z0-9]{16})\b")

_SECRETS = ("printed_joins", "certificate_key", "authorities")
_OTHERS = ("nc_before_init", "upgrade_plan", "built_with", "availability")


class Request(NamedTuple):
    """One request to the API: when it began (seconds since the epoch), the seconds it took, whether it succeeded."""

    began: float
    took: float
    ok: bool


class ConnectionTest(NamedTuple):
    """The page's `nc` to the load balancer before `kubeadm init`: the command, its exit status, its standard error."""

    command: str
    rc: int
    answer: str


class PrintedJoins(NamedTuple):
    """The join commands as `kubeadm init` printed them, continuation lines and all. They are secret."""

    control_plane_join: str
    worker_join: str

    @property
    def certificate_key(self) -> str:
        """The key that decrypts the Secret `kubeadm-certs`; empty when certificates were not uploaded."""
        return _group(_KEY, self.control_plane_join)

    @property
    def authority_hash(self) -> str:
        """The cluster authority's public key, as `sha256:<hash>`."""
        return _group(_HASH, self.worker_join)

    @property
    def token(self) -> str:
        """The bootstrap token of both commands, `<id>.<secret>`."""
        return _group(_TOKEN, self.worker_join)

    def __repr__(self) -> str:
        return "<printed joins>"


def _group(pattern: re.Pattern[str], command: str) -> str:
    found = pattern.search(command)
    return found[1] if found else ""


@dataclass(repr=False)
class Secrets:
    """What steps saw and no record shows. `certificate_key` is of the last upload; empty where init's is still the one.

    `authorities` are (certificate, key) in PEM by their file below pki/, where no machine of the cluster has the keys.
    """

    printed_joins: PrintedJoins | None = None
    certificate_key: str = ""
    authorities: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __repr__(self) -> str:
        known = [name for name in _SECRETS if getattr(self, name)]
        return f"<secrets: {', '.join(known) or 'none'}>"


@dataclass
class Observations:
    """What was seen so far; None or empty where nothing was.

    `built_with` is the version that an upgraded cluster was built with, `upgrade_plan` the output of
    `kubeadm upgrade plan`. `others` is what another version of this program recorded, kept as it is.
    """

    nc_before_init: ConnectionTest | None = None
    upgrade_plan: str = ""
    built_with: str = ""
    availability: list[Request] = field(default_factory=list)
    secrets: Secrets = field(default_factory=Secrets)
    others: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def printed_joins(self) -> PrintedJoins:
        """The printed join commands; raises Problem where none were recorded."""
        if self.secrets.printed_joins is None:
            raise Problem(
                "no join commands are recorded of this cluster: `kubeadm init` prints them, and was not run here"
            )
        return self.secrets.printed_joins

    def stored(self) -> dict[str, Any]:
        """As in state.json, secrets included: plain JSON data with a key for each observation that was made."""
        seen = {name: getattr(self, name) for name in _OTHERS}
        seen |= {name: getattr(self.secrets, name) for name in _SECRETS}
        made = {name: value for name, value in seen.items() if value}
        if self.nc_before_init:
            made["nc_before_init"] = self.nc_before_init._asdict()
        return {**self.others, **made}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Observations:
        """What `stored` returned, in this version or another; raises ValueError where a value has another form."""
        try:
            return cls._of(stored)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"its observations are not of the known form: {error!r}") from None

    @classmethod
    def _of(cls, stored: Mapping[str, Any]) -> Observations:
        tested, joins = stored.get("nc_before_init"), stored.get("printed_joins")
        return cls(
            nc_before_init=ConnectionTest(tested["command"], tested["rc"], tested["answer"]) if tested else None,
            upgrade_plan=str(stored.get("upgrade_plan", "")),
            built_with=str(stored.get("built_with", "")),
            availability=[Request(*each) for each in stored.get("availability", [])],
            secrets=Secrets(
                printed_joins=PrintedJoins(*joins) if joins else None,
                certificate_key=str(stored.get("certificate_key", "")),
                authorities={path: (pair[0], pair[1]) for path, pair in stored.get("authorities", {}).items()},
            ),
            others={name: value for name, value in stored.items() if name not in (*_SECRETS, *_OTHERS)},
        )

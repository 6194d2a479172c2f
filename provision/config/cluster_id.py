"""What a cluster is called: the one class that composes ids AND parses them, and the words that may stand in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from provision.config.addresses import Family
from provision.config.balancers import BY_NAME, HAPROXY, KINDS, Balancer
from provision.config.topology import COUNTED, TOPOLOGIES, MachineSpec, Role, late_machines, machines
from provision.config.versions import PATTERN
from provision.util.errors import BadInput

UPLOADED, MANUAL = CERTIFICATES = ("uploaded", "manual")
"""How the other control planes come by the shared certificates: `--upload-certs`, or copied by hand."""

KEYS = ("rsa-2048", "rsa-3072", "rsa-4096", "ecdsa-p256", "ecdsa-p384")
"""kubeadm's algorithms for keys (`encryptionAlgorithm`), the usual one first."""

CLUSTER, ELSEWHERE = AUTHORITIES = ("cluster", "elsewhere")
"""Where the keys of the cluster's authorities are: on the control planes, or on none of its machines."""

MUTABLE = "mutable"
"""The end of the id of a cluster that scenarios may change; it has one more control plane and one more worker."""

FAULTS = "faults"
"""The last word in the id of a cluster on which faults are tried; it may be broken, and made anew. It has two more
control planes and one more worker, which join under traffic."""

BEFORE = "before"
"""The end of the id that a cluster goes by until it is upgraded: the same machines as without it."""

PAGE = "page"
"""The word in the id of a cluster that pages were walked on: what is seen there comes from the pages' own commands."""

_WORDS = (
    rf"from-(?P<origin>{PATTERN})",
    rf"kubeadm-(?P<kubeadm>{PATTERN})",
    rf"kubelets-(?P<kubelets>{PATTERN}(?:-{PATTERN})*)",
    *(rf"(?P<{unit}>\d+){unit}" for unit in COUNTED.values()),
    f"(?P<keys>{'|'.join(KEYS)})",
    f"ca-(?P<authority>{ELSEWHERE})",
    "joins-(?P<joins>parallel)",
    "(?P<network>flannel|calico)",
    "cfg-(?P<configuration>[0-9a-f]{6})",
    f"balancer-(?P<balancer>{'|'.join(kind.name for kind in KINDS[1:])})",
    f"(?P<family>{Family.IPV6}|{Family.DUAL})",
    "(?P<own>own)",
)
_FREE = "inventory-[a-z0-9-]+|vagrant(?:-[a-z0-9-]+?)??|[a-z]+"
_VARIANT = re.compile(
    "".join(f"(?:{word}-)?" for word in _WORDS)
    + f"(?:(?P<free>{_FREE})-)??(?:(?P<mutable>{MUTABLE})-)?(?(origin)(?:(?P<before>{BEFORE})-)?)"
    + f"(?:(?P<faults>{FAULTS})-)?"
)
"""A variant with a hyphen behind it: choices in their one order, free text, and what scenarios may do with the cluster.

Free text is not a choice, whatever it says: an inventory's name, which is taken whole to the end; a Vagrant box's
name; a user's own word. What could be mistaken for something else is refused where it is given (`refusals.py`).
"""

RESERVED = frozenset(
    {
        *TOPOLOGIES, *CERTIFICATES, MUTABLE, BEFORE, FAULTS, PAGE, "inventory", "vagrant", "libvirt", "virtualbox",
        "flannel", "calico", "cfg", Family.DUAL.value, "balancer", "own",
        *(program for kind in KINDS for program in kind.programs),
    }
)  # fmt: skip
"""Words that mean something in an id, or to `-k`: no user's own word may be one."""


@dataclass(frozen=True)
class Variant:
    """The last part of a cluster's id: every choice that is not the usual one. `parse` is the inverse of `str()`.

    A count is None where it is the topology's own. `configuration` is a digest of a user's own.
    `own` is whether programs are a user's own build; which build is a matter of records.
    `free` is text: where the machines are from, and a user's own word.
    """

    origin: str = ""
    kubeadm: str = ""
    kubelets: tuple[str, ...] = ()
    control_planes: int | None = None
    workers: int | None = None
    keys: str = KEYS[0]
    authority: str = CLUSTER
    joins: str = ""
    network: str = ""
    configuration: str = ""
    balancer: str = HAPROXY.name
    family: Family = Family.IPV4
    own: bool = False
    free: str = ""
    mutable: bool = False
    before: bool = False
    faults: bool = False

    @classmethod
    @cache
    def parse(cls, text: str) -> Variant:
        """Raises BadInput for what no choices make."""
        match = _VARIANT.fullmatch(f"{text}-" if text else "")
        if not match:
            raise BadInput(
                f"'{text}' is not a variant of a cluster",
                fix=f"choices in the order of {', '.join(_EXAMPLE)}; then a word of letters a to z",
            )
        parts = {name: value for name, value in match.groupdict().items() if value}
        planes, workers = (int(parts[unit]) if unit in parts else None for unit in COUNTED.values())
        return cls(
            parts.get("origin", ""), parts.get("kubeadm", ""), tuple(re.findall(PATTERN, parts.get("kubelets", ""))),
            planes, workers, parts.get("keys", KEYS[0]), parts.get("authority", CLUSTER), parts.get("joins", ""),
            parts.get("network", ""), parts.get("configuration", ""), parts.get("balancer", HAPROXY.name),
            Family(parts.get("family", Family.IPV4)), "own" in parts, parts.get("free", ""), "mutable" in parts,
            "before" in parts, "faults" in parts,
        )  # fmt: skip

    def __str__(self) -> str:
        counts = zip(COUNTED.values(), (self.control_planes, self.workers), strict=True)
        words = (
            f"from-{self.origin}" if self.origin else "",
            f"kubeadm-{self.kubeadm}" if self.kubeadm else "",
            "-".join(("kubelets", *self.kubelets)) if self.kubelets else "",
            *(f"{count}{unit}" for unit, count in counts if count is not None),
            self.keys if self.keys != KEYS[0] else "",
            f"ca-{self.authority}" if self.authority != CLUSTER else "",
            f"joins-{self.joins}" if self.joins else "",
            self.network,
            f"cfg-{self.configuration}" if self.configuration else "",
            f"balancer-{self.balancer}" if self.balancer != HAPROXY.name else "",
            self.family.value if self.family is not Family.IPV4 else "",
            "own" if self.own else "",
            self.free,
            MUTABLE if self.mutable else "",
            BEFORE if self.before else "",
            FAULTS if self.faults else "",
        )
        return "-".join(filter(None, words))


_EXAMPLE = ("from-1.36", "kubeadm-1.37", "kubelets-1.36-1.35", "2cp", "1w", KEYS[-1], "ca-elsewhere", "joins-parallel",
            f"balancer-{KINDS[-1].name}")  # fmt: skip

_ID = re.compile(rf"(?P<topology>[a-z]+)-(?P<certificates>[a-z]+)-(?P<version>{PATTERN})(?:-(?P<variant>[a-z0-9.-]+))?")


@dataclass(frozen=True, order=True)
class ClusterId:
    """`<topology>-<certificates>-<version>[-<variant>]`, as in `stacked-uploaded-1.37`. Stable for years.

    Ids are composed from options in one place, `Choices.cluster_id` (`choices.py`), which has `skew.py` work out the
    versions in them; families are ids of other choices, composed by it too. `str()` writes an id, and `parse` is the
    only reader: parse(str(x)) == x. Its last part is a `Variant`, which is written and read in the same way.
    """

    topology: str
    certificates: str
    version: str
    variant: str = ""

    @classmethod
    def parse(cls, text: str) -> ClusterId:
        """The inverse of `str()`; raises BadInput."""
        match = _ID.fullmatch(text)
        if not match or match["topology"] not in TOPOLOGIES or match["certificates"] not in CERTIFICATES:
            raise BadInput(f"'{text}' is not a cluster id", fix="ids look like stacked-uploaded-1.37")
        Variant.parse(match["variant"] or "")
        return cls(match["topology"], match["certificates"], match["version"], match["variant"] or "")

    @property
    def parts(self) -> Variant:
        """What the variant says."""
        return Variant.parse(self.variant)

    @property
    def counts(self) -> Mapping[Role, int]:
        """How many machines there are of each role that have a part in the procedure."""
        chosen = {Role.CONTROL_PLANE: self.parts.control_planes, Role.WORKER: self.parts.workers}
        names = {Role.NAME_SERVER: 1} if self.balancer.virtual else {}  # which else the load balancer serves
        balancers = {Role.LOAD_BALANCER: self.balancer.machines}
        usual = {**names, **TOPOLOGIES[self.topology], **balancers}
        return usual | {role: count for role, count in chosen.items() if count is not None}

    @property
    def origin(self) -> str:
        """The version that the cluster is built with, where it is upgraded to the other; empty where it is not."""
        return self.parts.origin

    @property
    def keys(self) -> str:
        """The algorithm of the keys that kubeadm makes."""
        return self.parts.keys

    @property
    def balancer(self) -> Balancer:
        """The kind of load balancer."""
        return BY_NAME[self.load_balancer]

    @property
    def load_balancer(self) -> str:
        """What the kind of load balancer is called."""
        return self.parts.balancer

    @property
    def authority(self) -> str:
        """Where the keys of the cluster's authorities are."""
        return self.parts.authority

    @property
    def family(self) -> Family:
        """The family of the addresses of machines that are made."""
        return self.parts.family

    @property
    def configured(self) -> bool:
        """Whether the cluster is made with a user's own configuration of kubeadm."""
        return bool(self.parts.configuration)

    @property
    def kubeadm(self) -> str:
        """The version of kubeadm, where it is not the cluster's; empty where it is."""
        return self.parts.kubeadm

    @property
    def kubelets(self) -> tuple[str, ...]:
        """The versions of the first workers' kubelets, where they are not the cluster's."""
        return self.parts.kubelets

    @property
    def beside(self) -> tuple[str, ...]:
        """The versions that the machines are given programs of, beside those that they start with."""
        target = (self.version,) if self.origin else ()
        return tuple(dict.fromkeys((*target, *filter(None, (self.kubeadm,)), *self.kubelets)))

    @property
    def before(self) -> bool:
        """Whether this is the cluster before its upgrade."""
        return self.parts.before

    @property
    def upgraded(self) -> bool:
        """Whether the cluster was built with an older release than it has."""
        return bool(self.origin) and not self.before

    @property
    def made(self) -> ClusterId:
        """The id that the machines are made under, whatever has become of them since."""
        return replace(self, variant=str(replace(self.parts, before=False)))

    @property
    def moments(self) -> tuple[ClusterId, ...]:
        """The ids under which scenarios check the cluster, one after the other: two where it is upgraded.

        What may be changed is checked once, when nothing else happens to it any more.
        """
        upgraded = self.upgraded and not self.mutable and not self.faults
        return (replace(self, variant=str(replace(self.parts, before=True))), self) if upgraded else (self,)

    @property
    def machines(self) -> tuple[MachineSpec, ...]:
        """The machines of this cluster, load balancer first, late ones last."""
        rows = [(role, machines(role, count)) for role, count in self.counts.items()]
        late = [machine for role, row in rows for machine in late_machines(role, row, self.late.get(role, 0))]
        return (*(machine for _, row in rows for machine in row), *late)

    @property
    def late(self) -> Mapping[Role, int]:
        """How many machines there are of each role that have no part in the procedure: they join later, or never."""
        if self.faults:
            return {Role.CONTROL_PLANE: 2, Role.WORKER: 1}  # from three members of etcd to five
        return dict.fromkeys(COUNTED, 1) if self.mutable else {}

    @property
    def mutable(self) -> bool:
        """Whether scenarios may change this cluster."""
        return self.parts.mutable

    @property
    def faults(self) -> bool:
        """Whether faults are tried on this cluster."""
        return self.parts.faults

    @property
    def stacked(self) -> bool:
        """Whether etcd's members are on the control planes."""
        return self.topology == "stacked"

    @property
    def uploads(self) -> bool:
        """Whether the shared certificates are distributed by `--upload-certs`."""
        return self.certificates == UPLOADED

    def __str__(self) -> str:
        return "-".join(part for part in (self.topology, self.certificates, self.version, self.variant) if part)

"""Everything that is refused about the options of a run, before anything is touched. `check` is the whole list:

1. --ha-kubernetes and --ha-cluster: what is not a version (`versions.py`) or a cluster's id (`cluster_id.py`)
2. `_LIMITS`: the range of each number (--ha-control-planes, --ha-workers, --ha-cpus, --ha-memory)
3. more kubelets than workers; `_REFUSALS`: other options that do not go together
4. with families, with an inventory, with --ha-cluster: what these choose themselves may be repeated, and not changed
5. the range of addresses, and what is not a shard of a night (`shards.py`)

A value that is not in an option's list is refused by that list (`options.py`), a variable that is nearly a setting by
`settings.py`. Later, with what more is known: releases that do not go together (`skew.py`; a build,
`artifacts/own_release.py`), an inventory without machines of a named topology (`clusters/selection.py`), another
cluster than the usual for pages (`documentation/execute_verb.py`). A default is never refused; a variable is as given.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

from provision.config import addresses, families, shards
from provision.config.addresses import Family
from provision.config.balancers import KINDS
from provision.config.choices import Choices
from provision.config.cluster_id import CERTIFICATES, ELSEWHERE, FAULTS, MANUAL, MUTABLE, RESERVED, UPLOADED, ClusterId
from provision.config.options import (
    CONTAINER,
    INVENTORY,
    LIBVIRT,
    LOCAL,
    OPTIONS,
    PUBLISHED_BOX,
    ROUTES,
    VAGRANT,
    Option,
)
from provision.config.topology import Role
from provision.config.versions import words
from provision.util.errors import BadInput

_LIMITS = {"control-planes": (1, 9), "workers": (0, 9), "cpus": (1, 64), "memory": (1024, 1 << 20)}
"""The least and the most of each number."""

_REFUSALS: tuple[tuple[Callable[[Choices], object], str, str], ...] = (
    (
        lambda chosen: chosen.provider == INVENTORY and not chosen.inventory,
        "provider inventory needs a file of machines", "--ha-inventory hosts.toml",
    ),
    (
        lambda chosen: chosen.inventory and len(chosen.wanted) > 1,
        "an inventory is one cluster, of one version", "--ha-kubernetes with one version",
    ),
    (
        lambda chosen: chosen.packages and not re.fullmatch(r"https?://[\w.:/@%~+-]+[^/]", chosen.packages),
        "packages '{0.packages}' is not an address of a web site as in https://mirror.example.org/core:/stable:",
        "the address without /v1.37/deb, and without a slash at its end",
    ),
    (
        lambda chosen: chosen.packages and chosen.provider == CONTAINER,
        "containers get their programs from artifacts, and install no packages", "leave --ha-packages out",
    ),
    (
        lambda chosen: chosen.network != ROUTES and chosen.online == "no",
        "network {0.network} needs its published manifest", "add --ha-online yes",
    ),
    (
        lambda chosen: (chosen.upgrade_from or _is_skewed(chosen)) and chosen.provider != CONTAINER,
        "clusters of containers are upgraded, or have several versions, no others yet", "leave --ha-provider out",
    ),
    (
        lambda chosen: chosen.upgrade_from and _is_skewed(chosen),
        "a cluster that is upgraded has one version in the end", "leave --ha-upgrade-from out",
    ),
    (
        lambda chosen: chosen.authority == ELSEWHERE and chosen.certificates != MANUAL,
        "kubeadm uploads no authority that it has no key of", "--ha-certificates manual",
    ),
    (
        lambda chosen: chosen.balancer.virtual and chosen.provider == VAGRANT,
        "load balancer {0.load_balancer} has a virtual address, and virtual machines here have only their own",
        "--ha-provider container, or one of " + ", ".join(kind.name for kind in KINDS if not kind.virtual),
    ),
    (
        lambda chosen: chosen.balancer.machines == 0 and chosen.control_planes == "1",
        "load balancer {0.load_balancer} is on the control planes, and one alone has nothing to balance",
        "--ha-control-planes 3",
    ),
    (
        lambda chosen: chosen.variant and not re.fullmatch("[a-z]+", chosen.variant),
        "variant '{0.variant}' is not a word of letters a to z", "--ha-variant mine",
    ),
    (
        lambda chosen: chosen.variant in RESERVED,
        "variant '{0.variant}' is a reserved word: in a cluster's id it says something about the cluster",
        "--ha-variant mine, or another word but " + ", ".join(sorted(RESERVED)),
    ),
    (
        lambda chosen: re.search(rf"(?:^|[^a-z0-9])(?:{MUTABLE}|{FAULTS})[^a-z0-9]*$", chosen.box.lower()),
        f"box '{{0.box}}' has a name that ends in {MUTABLE} or {FAULTS}: a cluster's id that ends so may be changed by "
        "scenarios",
        "a box of another name, as in `vagrant box add --name mine FILE` and --ha-box mine",
    ),
    (
        lambda chosen: chosen.family is not Family.IPV4 and chosen.provider != CONTAINER,
        "addresses of the family {0.addresses_family} are given to containers alone: machines of the provider "
        "{0.provider} have those that they have",
        "leave --ha-provider or --ha-addresses-family out",
    ),
    (
        lambda chosen: chosen.family is not Family.IPV4 and chosen.network != ROUTES,
        "the published manifest of network {0.network} is for IPv4 alone, and addresses are of the family "
        "{0.addresses_family}",
        "leave --ha-network or --ha-addresses-family out",
    ),
    (
        lambda chosen: chosen.family is not Family.IPV4 and chosen.balancer.virtual,
        "load balancer {0.load_balancer} has one virtual address, which is of IPv4, and addresses are of the family "
        "{0.addresses_family}",
        "one of " + ", ".join(kind.name for kind in KINDS if not kind.virtual),
    ),
    (
        lambda chosen: chosen.family is not Family.IPV4 and chosen.engine == "docker",
        "networks with addresses of the family {0.addresses_family} are made by podman, and by docker not yet",
        "--ha-engine podman",
    ),
    (
        lambda chosen: chosen.configuration and chosen.read_only,
        "a cluster that is only checked has a configuration of its own, and {0.configuration} would not be read",
        "--ha-mode build, or leave --ha-configuration out",
    ),
    (
        lambda chosen: chosen.configuration and chosen.authority == ELSEWHERE,
        "authorities elsewhere sign for the documented configuration, and not for that of {0.configuration}",
        "leave --ha-authority out",
    ),
    (
        lambda chosen: chosen.cluster and chosen.read_only,
        "{0.cluster} is tested as it is, not as an inventory to be checked", "--ha-mode build, or no --ha-cluster",
    ),
    (
        lambda chosen: chosen.own_build_given and (len(chosen.wanted) > 1 or chosen.kubelets),
        "a build's programs make clusters with one release beside them",
        "one version in --ha-kubernetes, without --ha-kubelets",
    ),
    (
        lambda chosen: (
            chosen.own_build_given and sum(map(bool, (chosen.programs, chosen.source, chosen.kubeadm, chosen.ci))) > 1
        ),
        "a build's programs come from one place", "one of --ha-source, --ha-programs, --ha-kubeadm and a build of CI",
    ),
    (
        lambda chosen: chosen.ci and chosen.families == "yes",
        "families choose versions by themselves, and {0.kubernetes} is one", "leave --ha-families out",
    ),
    (
        lambda chosen: chosen.cluster and chosen.families == "yes",
        "families are several clusters, and {0.cluster} is one", "leave --ha-families or --ha-cluster out",
    ),
    (
        lambda chosen: chosen.cluster and chosen.reuse == "machines",
        "{0.cluster} is tested as it is, and not made again on its machines", "leave --ha-reuse out",
    ),
    (
        lambda chosen: chosen.box == LOCAL and chosen.hypervisor != LIBVIRT,
        "the box that is made here is for libvirt", f"--ha-box {PUBLISHED_BOX}",
    ),
)  # fmt: skip
"""When choices are refused, the message (with the settings as {0}), and what to try."""

_CHOOSING = (
    "kubernetes", "upgrade-from", "kubeadm", "kubelets", "programs", "source", "provider", "hypervisor", "box",
    "control-planes", "workers", "certificates", "keys", "authority", "control-plane-joins", "network", "load-balancer",
    "configuration", "addresses-family", "variant",
)  # fmt: skip
"""The options that choose clusters."""

_OF_FAMILIES: Mapping[str, Collection[str]] = MappingProxyType(
    {
        "upgrade-from": (),
        "kubeadm": (),
        "kubelets": (),
        "programs": (),
        "source": (),
        "provider": (),
        "inventory": (),
        "control-planes": (families.CONTROL_PLANES,),
        "workers": (families.WORKERS,),
        "certificates": (f"{UPLOADED},{MANUAL}", f"{MANUAL},{UPLOADED}"),
        "authority": (),
        "configuration": (),
    }
)
"""What families choose by themselves, and the values beside the default that say just that. The algorithm of keys is
none of it: they have one of their own where they are about it, and are of the chosen one otherwise."""

_OF_INVENTORY = ("control-planes", "workers", "certificates", "load-balancer")
"""What an inventory says of its cluster, and an option may repeat."""


def check(chosen: Choices) -> None:
    """Raises BadInput for values that do not exist or do not go together."""
    _ = chosen.wanted
    _check_numbers(chosen)
    _check_kubelets(chosen)
    for refused, message, fix in _REFUSALS:
        if refused(chosen):
            raise BadInput(message.format(chosen), fix=fix)
    _check_families(chosen)
    _check_inventory(chosen)
    if chosen.chosen:
        _check_existing(chosen, chosen.chosen)
    _check_addresses(chosen)
    _ = chosen.part, chosen.durations, shards.night(chosen.night, {}, 0.0)


def _check_numbers(chosen: Choices) -> None:
    for name, (least, most) in _LIMITS.items():
        value = getattr(chosen, name.replace("-", "_"))
        if not value.isdecimal() or not least <= int(value) <= most:
            raise BadInput(f"{name} must be a number from {least} to {most}, not '{value}'")


def _check_kubelets(chosen: Choices) -> None:
    kubelets, workers = len(words(chosen.kubelets)), int(chosen.workers)
    if kubelets > workers:
        raise BadInput(f"{kubelets} kubelets are too many for {workers} workers", fix="--ha-workers")


def _check_families(chosen: Choices) -> None:
    if chosen.families != "yes":
        return
    others = [each for each in _given(chosen, _OF_FAMILIES) if _value(chosen, each) not in _OF_FAMILIES[each.name]]
    if others:
        raise _others("families choose versions, machines and certificates by themselves", chosen, others)


def _check_inventory(chosen: Choices) -> None:
    """The file is not read where nothing is given that it may contradict."""
    given = _given(chosen, _OF_INVENTORY) if chosen.provider == INVENTORY else []
    inventory = chosen.your_machines if given else None
    if not inventory:
        return
    roles = Counter(host.role for host in inventory.hosts)
    planes, workers = str(roles[Role.CONTROL_PLANE]), str(roles[Role.WORKER])
    says = dict(zip(_OF_INVENTORY, (planes, workers, inventory.certificates, inventory.balancer.name), strict=True))
    others = [each for each in given if says[each.name] not in _value(chosen, each).split(",")]
    if others:
        raise _others(f"{chosen.inventory} says something else of its cluster", chosen, others)


def _check_existing(chosen: Choices, cluster: ClusterId) -> None:
    """An existing cluster is chosen by its id: other choices may only repeat what that says."""
    if cluster.mutable or cluster.faults:
        word = MUTABLE if cluster.mutable else FAULTS
        raise BadInput(
            f"scenarios may change {cluster}, and --ha-cluster runs those that do not",
            fix=f'-k "{word} and ..." --ha-reuse yes, with the options that the cluster was made with',
        )
    made, version, certificates = chosen.makes(cluster), cluster.version, cluster.certificates
    named = chosen.ci or chosen.kubernetes in ("", version)
    same = named and chosen.certificates in (CERTIFICATES[0], certificates)
    others = _given(chosen, _CHOOSING)
    if others and not (made and same):
        raise _others(f"other choices do not make {cluster}", chosen, others)
    beside = [f"--ha-{word} no" for word in (MUTABLE, FAULTS) if getattr(chosen, word) == "yes"]
    if beside and not made:
        raise BadInput(
            f"a cluster to be changed beside {cluster} is made by the same choices, and they are not given",
            fix=f"{' '.join(beside)}, or repeat the options that the cluster was made with",
        )
    if cluster.parts.free.startswith(f"{INVENTORY}-") and not chosen.inventory:
        raise BadInput(f"{cluster} is on machines of an inventory", fix="--ha-inventory=FILE --ha-mode build")


def _check_addresses(chosen: Choices) -> None:
    try:
        addresses.ranges(chosen.addresses)
    except ValueError as error:
        raise BadInput(f"addresses '{chosen.addresses}' is not a usable IPv4 range", answer=str(error)) from None


def _given(chosen: Choices, names: Collection[str]) -> list[Option]:
    """Which of these options have another value than their default."""
    return [each for each in OPTIONS if each.name in names and _value(chosen, each) != each.default]


def _others(what: str, chosen: Choices, others: Sequence[Option]) -> BadInput:
    listed = " ".join(f"--ha-{each.name} {_value(chosen, each)}" for each in others)
    fix = f"leave them out, and {', '.join(each.variable for each in others)} in the environment"
    return BadInput(f"{what}: {listed}", fix=fix)


def _value(chosen: Choices, option: Option) -> str:
    return str(getattr(chosen, option.name.replace("-", "_")))


def _is_skewed(chosen: Choices) -> bool:
    return bool(chosen.kubeadm or chosen.kubelets)

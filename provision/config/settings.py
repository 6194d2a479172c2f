"""The choices of one run, as everything else has them: each is checked, and so is whether they go together."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from types import MappingProxyType

from provision.config.choices import Choices
from provision.config.options import CONTAINER, INVENTORY, LIBVIRT, LOCAL, OPTIONS, PUBLISHED_BOX, ROUTES, Option
from provision.config.topology import CERTIFICATES, ELSEWHERE, MANUAL, MUTABLE, RESERVED, ClusterId
from provision.errors import BadInput

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
        lambda chosen: chosen.network != ROUTES and chosen.online == "no",
        "network {0.network} needs its published manifest", "add --ha-online yes",
    ),
    (
        lambda chosen: (chosen.upgrade_from or _is_skewed(chosen)) and chosen.provider != CONTAINER,
        "clusters of containers are upgraded, or have several versions, no others yet", "leave --ha-provider out",
    ),
    (
        lambda chosen: chosen.families == "yes" and (
            chosen.upgrade_from or _is_skewed(chosen) or chosen.provider != CONTAINER
        ),
        "families choose versions and machines by themselves", "leave other choices out",
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
        lambda chosen: chosen.variant and not re.fullmatch("[a-z]+", chosen.variant),
        "variant '{0.variant}' is not a word of letters a to z", "--ha-variant mine",
    ),
    (
        lambda chosen: chosen.variant in RESERVED,
        "variant '{0.variant}' is a reserved word: in a cluster's id it says something about the cluster",
        "--ha-variant mine, or another word but " + ", ".join(sorted(RESERVED)),
    ),
    (
        lambda chosen: re.search(rf"(?:^|[^a-z0-9]){MUTABLE}[^a-z0-9]*$", chosen.box.lower()),
        f"box '{{0.box}}' has a name that ends in {MUTABLE}: a cluster's id that ends so may be changed by scenarios",
        "a box of another name, as in `vagrant box add --name mine FILE` and --ha-box mine",
    ),
    (
        lambda chosen: chosen.cluster and chosen.read_only,
        "{0.cluster} is tested as it is, not as an inventory to be checked", "--ha-mode build, or no --ha-cluster",
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
    "kubernetes", "upgrade-from", "kubeadm", "kubelets", "provider", "hypervisor", "box", "control-planes", "workers",
    "certificates", "keys", "authority", "control-plane-joins", "network", "variant",
)  # fmt: skip
"""The options that choose clusters."""

_PREFIX = "HA_"

_OTHERS = ("HA_HOME", "HA_RELEASES")
"""Variables that are read, but are no setting."""

_CLOSE = 0.8
"""How much two names have to be alike, from 0 to 1, for one to be a slip: KEP and KEEP are 0.86. TOKEN, HOST, PORT, URL
or NODE, which other programs have with the same prefix, are 0.75 and less."""


@dataclass(frozen=True)
class Settings(Choices):
    """The choices of one run, all of which exist and go together."""

    @classmethod
    def of(cls, given: Mapping[str, str | None], fallback: Mapping[str, str | None] = MappingProxyType({})) -> Settings:
        """From values by option name: `given`, else the environment, else `fallback`, else the default.

        Raises BadInput for values that do not exist or do not go together, and for variables that are nearly settings.
        """
        _refuse_slips(os.environ)
        values = {}
        for option in OPTIONS:
            name = option.name
            value = given.get(name) or os.environ.get(option.variable) or fallback.get(name) or option.default
            option.check(value)
            values[option.name.replace("-", "_")] = value
        if values["inventory"]:
            values["provider"] = INVENTORY
        settings = cls(**values)
        _check(settings)
        return settings


def _check(chosen: Choices) -> None:
    """Raises BadInput for values that do not exist or do not go together."""
    _ = chosen.wanted
    _check_numbers(chosen)
    for refused, message, fix in _REFUSALS:
        if refused(chosen):
            raise BadInput(message.format(chosen), fix=fix)
    if chosen.chosen:
        _check_existing(chosen, chosen.chosen)
    try:
        if IPv4Network(chosen.addresses).prefixlen > 24:
            raise ValueError("smaller than a /24")
    except ValueError as error:
        raise BadInput(f"addresses '{chosen.addresses}' is not a usable IPv4 range", answer=str(error)) from None


def _check_existing(chosen: Choices, cluster: ClusterId) -> None:
    """An existing cluster is chosen by its id: other choices may only repeat what that says."""
    if cluster.mutable:
        raise BadInput(
            f"scenarios may change {cluster}, and --ha-cluster runs those that do not",
            fix='-k "mutable and ..." --ha-reuse yes, with the options that the cluster was made with',
        )
    made, version, certificates = chosen.makes(cluster), cluster.version, cluster.certificates
    same = chosen.kubernetes in ("", version) and chosen.certificates in (CERTIFICATES[0], certificates)
    others = [each for each in OPTIONS if each.name in _CHOOSING and _value(chosen, each) != each.default]
    if others and not (made and same):
        listed = " ".join(f"--ha-{each.name} {_value(chosen, each)}" for each in others)
        raise BadInput(
            f"other choices do not make {cluster}: {listed}",
            fix=f"leave them out, and {', '.join(each.variable for each in others)} in the environment",
        )
    if chosen.mutable == "yes" and not made:
        raise BadInput(
            f"a cluster to be changed beside {cluster} is made by the same choices, and they are not given",
            fix="--ha-mutable no, or repeat the options that the cluster was made with",
        )
    if cluster.choices.free.startswith(f"{INVENTORY}-") and not chosen.inventory:
        raise BadInput(f"{cluster} is on machines of an inventory", fix="--ha-inventory=FILE --ha-mode build")


def _value(chosen: Choices, option: Option) -> str:
    return str(getattr(chosen, option.name.replace("-", "_")))


def _is_skewed(chosen: Choices) -> bool:
    return bool(chosen.kubeadm or chosen.kubelets)


def _check_numbers(chosen: Choices) -> None:
    for name, (least, most) in _LIMITS.items():
        value = getattr(chosen, name.replace("-", "_"))
        if not value.isdecimal() or not least <= int(value) <= most:
            raise BadInput(f"{name} must be a number from {least} to {most}, not '{value}'")


def _refuse_slips(variables: Mapping[str, str]) -> None:
    """Raise BadInput for a variable that is meant for a setting, and would be ignored.

    Other programs have variables that begin in the same way: one is theirs if its name is close to no setting's, or if
    that setting has no such value.
    """
    known = {option.variable.removeprefix(_PREFIX): option for option in OPTIONS}
    for variable, value in sorted(variables.items()):
        name = variable.removeprefix(_PREFIX)
        if name == variable or name in known or variable in _OTHERS:
            continue
        for near in difflib.get_close_matches(name, known, 1, _CLOSE):
            try:
                known[near].check(value)
            except BadInput:
                continue
            raise BadInput(f"there is no setting {variable}; did you mean {_PREFIX}{near}?", fix=f"unset {variable}")

"""What a user may choose, with every legal value: the one list behind command line options, ini keys and variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from provision.config.addresses import UNIQUE_LOCAL, Family
from provision.config.balancers import HAPROXY, KINDS
from provision.config.cluster_id import AUTHORITIES, CERTIFICATES, KEYS
from provision.util.errors import BadInput


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
                raise BadInput(f"'{part}' is not a value of {self.name}", fix="one of " + ", ".join(self.choices))

    @property
    def variable(self) -> str:
        """The environment variable of the same name."""
        return "HA_" + self.name.upper().replace("-", "_")


CONTAINER, VAGRANT, INVENTORY = PROVIDERS = ("container", "vagrant", "inventory")
"""Where machines come from."""

LIBVIRT, VIRTUALBOX = HYPERVISORS = ("libvirt", "virtualbox")
"""What Vagrant makes machines with."""

ROUTES, FLANNEL, CALICO = NETWORKS = ("routes", "flannel", "calico")
"""Pod networks: our own routes, or a published plugin."""

PUBLISHED_BOX = "bento/debian-12"
"""What machines are made from where the local box does not do: published for libvirt and VirtualBox."""

LOCAL = "local"
"""The box that is made here, with everything baked in; every other one is a name that Vagrant knows."""

PREVIOUS, NEXT = "previous", "next"
"""The minor before the chosen one, and the one after it."""

OPTIONS: tuple[Option, ...] = (
    Option(
        "kubernetes", "",
        "Versions, comma separated: minors (1.37), exact (1.37.2, 1.38.0-rc.0), latest, or so many minors before it "
        "(-1, -2; write --ha-kubernetes=-1). Default: latest. Or one build of Kubernetes' CI: ci/latest, "
        "ci/latest-1.37, ci/v1.38.0-alpha.0.123+abcdef0.",
    ),
    Option(
        "upgrade-from", "",
        f"The release that clusters are built with, to be upgraded: {PREVIOUS} (the minor before), or a version.",
    ),
    Option(
        "kubeadm", "",
        f"The version of kubeadm, where it is not the clusters': {NEXT} (the minor after), or a version; or a file: "
        "your own kubeadm.",
    ),
    Option(
        "kubelets", "",
        "Versions of the first workers' kubelets, comma separated: -1 is a minor before (write --ha-kubelets=-1,-2).",
    ),
    Option(
        "programs", "",
        "A folder with programs of your own build, as programs or archives of images; what it lacks is a release's "
        "(write --ha-programs=DIR).",
    ),
    Option(
        "source", "",
        "A checkout of kubernetes/kubernetes: clusters are made with what is built from it (write --ha-source=DIR).",
    ),
    Option("artifacts", "auto", "Where binaries and images come from.", ("auto", "official", "modules")),
    Option(
        "packages", "", "A mirror of the site of official packages, without /v1.37/deb and the like. Default: the site."
    ),
    Option("provider", "container", "Where machines come from.", PROVIDERS),
    Option("inventory", "", "A file of machines that exist (write --ha-inventory=FILE); means provider inventory."),
    Option("mode", "check", "What to do with an inventory: check its cluster, or build one.", ("check", "build")),
    Option("in-use", "refuse", "What to do with machines of an inventory that are in use.", ("refuse", "reset")),
    Option("engine", "auto", "The container engine.", ("auto", "podman", "docker")),
    Option("hypervisor", LIBVIRT, "What Vagrant makes machines with.", HYPERVISORS),
    Option("box", "", f"Vagrant's box: {LOCAL} (made here; for libvirt, the default), or a name like bento/debian-12."),
    Option("emulation", "no", "Whether virtual machines may be emulated, which is slow.", ("no", "yes")),
    Option("cpus", "2", "Processors of a virtual machine."),
    Option("memory", "2048", "Memory of a virtual machine, in MiB."),
    Option("control-planes", "3", "How many control planes a cluster has."),
    Option("workers", "3", "How many workers a cluster has."),
    Option("certificates", CERTIFICATES[0], "How shared certificates are distributed; several.", CERTIFICATES, True),
    Option("keys", KEYS[0], "The algorithm of the keys that kubeadm makes.", KEYS),
    Option("authority", AUTHORITIES[0], "Where authorities' keys are; elsewhere: with stacked etcd.", AUTHORITIES),
    Option("families", "no", "Whether to run on small clusters of kubeadm's own CI families instead.", ("no", "yes")),
    Option("mutable", "no", "Whether to run also what changes a cluster, on clusters of its own.", ("no", "yes")),
    Option("faults", "no", "Whether to try also faults under traffic, on clusters of their own.", ("no", "yes")),
    Option("control-plane-joins", "serial", "How the other control planes join.", ("serial", "parallel")),
    Option(
        "load-balancer", HAPROXY.name, "What the cluster is reached through, and where: docs/load-balancers.md.",
        tuple(kind.name for kind in KINDS),
    ),
    Option("network", ROUTES, "The pod network.", NETWORKS),
    Option(
        "configuration", "",
        "Your own kubeadm configuration, merged with what the procedure needs (write --ha-configuration=FILE).",
    ),
    Option(
        "addresses-family", Family.IPV4.value, "The addresses of machines, pods and Services; dual: of both families.",
        tuple(each.value for each in Family),
    ),
    Option("online", "no", "Whether machines may reach the internet.", ("no", "yes")),
    Option(
        "addresses", "198.18.0.0/15",
        "The range that each cluster takes a free /24 from; behind a comma, one to take a free /64 from (default: "
        f"{UNIQUE_LOCAL}).",
    ),
    Option("variant", "", "A word of one's own in clusters' ids, which tells them from others of the same choices."),
    Option("cluster", "", "The id of an existing cluster: scenarios run on it as it is, and on no other in its place."),
    Option("keep", "never", "When clusters stay after the run.", ("never", "failure", "always")),
    Option(
        "reuse", "no",
        "What to use of a kept cluster of the same id: nothing, all of it, its machines as prepared; or all of one "
        "that is paused, or a copy that is frozen, if it was made from what there is now.",
        ("no", "yes", "machines", "paused", "frozen"),
    ),
    Option("shard", "", "Which part of the run's clusters this run has: 2/5 is the second of five (docs/nightly.md)."),
    Option(
        "shard-durations", "",
        "How long each cluster takes, to balance shards by (write --ha-shard-durations=FILE). Default: estimates.",
    ),
    Option(
        "night", "", "What all shards of a night have in common. Default: a CI service's run, or the day (UTC)."
    ),
    Option("run-dir", "", "Where the run's records go (write --ha-run-dir=FOLDER). Default: runs/<time>."),
)  # fmt: skip

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "versions": (
            "kubernetes", "upgrade-from", "kubeadm", "kubelets", "programs", "source", "artifacts", "packages",
        ),
        "clusters": (
            "control-planes", "workers", "certificates", "keys", "authority", "control-plane-joins", "network",
            "load-balancer", "configuration", "addresses-family", "families", "mutable", "faults", "variant",
            "cluster",
        ),
        "machines": (
            "provider", "engine", "hypervisor", "box", "emulation", "cpus", "memory", "inventory", "mode", "in-use",
            "online", "addresses",
        ),
        "run": ("keep", "reuse", "shard", "shard-durations", "night", "run-dir"),
    }
)  # fmt: skip
"""What each option is about, for help: title → names."""

"""The provider `vagrant`: virtual machines, used like every other machine once they are up."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType

from provision import artifacts
from provision.artifacts.box import Box
from provision.artifacts.catalog import Release
from provision.config.choices import slug
from provision.config.cluster_id import ClusterId
from provision.config.cluster_state import ENDPOINT_NAME, ClusterState, Virtual
from provision.config.facts import Facts
from provision.config.login import Login
from provision.config.options import LIBVIRT, LOCAL, VAGRANT, VIRTUALBOX
from provision.config.topology import Role
from provision.machines import keys
from provision.machines.machine import Machine
from provision.machines.ssh import SshMachine
from provision.node.host_workarounds import EMULATED, EMULATION, WORKAROUNDS
from provision.providers import preview
from provision.providers.finding import Finding
from provision.providers.inventory import install
from provision.providers.inventory.facts import survey
from provision.providers.inventory.install import Supplies
from provision.providers.provider import Machines, Provider
from provision.providers.vagrant import network, requirements
from provision.providers.vagrant import order as orders
from provision.providers.vagrant.cli import ORDER, Vagrant
from provision.providers.vagrant.leftovers import Leftovers
from provision.providers.vagrant.order import BOOT
from provision.providers.vagrant.virtualization import driver
from provision.recording.journal import Journal
from provision.util import file_locks, local
from provision.util.concurrency import together
from provision.util.errors import CommandFailed

_USER = "vagrant"
_PREPARED, _HALTED = "prepared", "halted"
_UP_TIMEOUT = 3 * 3600  # seconds, for seven emulated machines one after the other
_HOST_KEY = re.compile(r"^ssh-ed25519 \S+", re.M)  # a login's greeting may come before it
_PROGRAMS: Mapping[str, str] = MappingProxyType({LIBVIRT: "virsh", VIRTUALBOX: "VBoxManage"})
"""The program that shows that a hypervisor is installed."""


@dataclass(frozen=True)
class Material:
    """What virtual machines are made from: a `box` of our own, or what machines of a published one are given.

    Neither where they were prepared before.
    """

    box: Box | None = None
    supplies: Supplies | None = None


class VirtualMachines(Provider):
    """With `--ha-reuse machines` machines are remembered as they were prepared, and made that again."""

    snapshots = True

    def findings(self, machines: int) -> Iterator[Finding]:
        return requirements.all_findings(self._host.settings, machines)

    def memory(self, machines: int) -> int:
        return requirements.memory(self._host.settings, machines)

    def preview(
        self, text: str, wanted: Callable[[], Sequence[ClusterId]], subnet: Callable[[str], str]
    ) -> Iterator[str]:
        del text
        settings = self._host.settings
        for cluster in wanted():
            release = self._host.release(cluster.version)
            virtual = replace(self._virtual, driver=driver(settings))
            state = self._state(cluster, release, virtual).but(subnet=subnet(str(cluster)))
            yield from preview.lines(
                state, release, self._host.journal(state.id),
                how=f"Vagrant with {settings.hypervisor}, box {settings.vagrant_box}",
                memory=self.memory(len(cluster.machines)), joins=settings.control_plane_joins,
            )  # fmt: skip

    def plan(self, cluster: ClusterId, others: Sequence[ClusterState], journal: Journal) -> ClusterState:
        del others, journal
        settings, release, virtual = self._host.settings, self._host.release(cluster.version), self._virtual
        requirements.check(settings, len(cluster.machines))
        if virtual.box != LOCAL:
            virtual = replace(virtual, driver=driver(settings))
            return self._state(cluster, release, virtual).but(material=Material(supplies=self._supplies(release)))
        made = artifacts.boxed(release, self._host.engine, self._host.home, self._host.journal("artifacts"))
        place = f"{BOOT}/{slug(made.box.name)}"
        virtual = replace(
            virtual, box=made.box.name, driver=driver(settings, made.box), kernel=f"{place}.vmlinuz",
            initrd=f"{place}.initrd",
        )  # fmt: skip
        state = self._state(cluster, release, virtual)
        return state.but(substitutions=list(made.substitutions), material=Material(made.box))

    @property
    def _virtual(self) -> Virtual:
        """What the settings choose; the driver is what really runs a guest."""
        chosen = self._host.settings
        return Virtual(chosen.hypervisor, chosen.vagrant_box, cpus=int(chosen.cpus), memory=int(chosen.memory))

    def _state(self, cluster: ClusterId, release: Release, virtual: Virtual) -> ClusterState:
        settings = self._host.settings
        # With a box of our own, and no network, the load balancer serves names; else machines have them in /etc/hosts.
        own_dns = settings.vagrant_box == LOCAL and settings.online == "no"
        needed = [each for each in WORKAROUNDS if each.name == EMULATION and virtual.driver == "qemu"]
        return ClusterState(
            str(cluster), str(release.version), os.getpid(), time.time(), provider=VAGRANT,
            virtual=asdict(virtual), online=settings.online == "yes", network=settings.network,
            configuration=settings.stored_configuration, own_dns=own_dns,
            workarounds={each.name: each.reason for each in needed},
        )  # fmt: skip

    def _supplies(self, release: Release) -> Supplies:
        if self._host.settings.online == "yes":
            site = self._host.settings.packages or install.OFFICIAL_PACKAGES
            return Supplies(release.version, Facts(release.version).pause, packages=site)
        journal = self._host.journal("artifacts")
        programs, images = artifacts.carried(release, self._host.engine, self._host.home, journal)
        return Supplies(release.version, images.pause, programs, images.archives)

    def _create(self, state: ClusterState, journal: Journal) -> Machines:
        vagrant, folder, material = self._vagrant(state), self._folder(state), state.material
        assert isinstance(material, Material), "plan comes first"
        if self.serves_again(state):
            with journal.step("make the virtual machines what they were"):
                vagrant.restore(_PREPARED)
            (folder / orders.FOLDER / _HALTED).unlink(missing_ok=True)
            machines = self._reach(state, journal)
            together(_set_the_clock, machines.values())
            return machines
        text = orders.render(state, self._host.home.root)
        vagrant.write(text)
        self._start(state, vagrant, material.box, journal)
        self.introduce(state, vagrant)
        machines = self._reach(state, journal)
        together(lambda machine: self._prepare(state, machine, material.supplies), machines.values())
        if self._reuses:
            vagrant.save(_PREPARED)
            (folder / orders.FOLDER / _PREPARED).write_text(text)
        return machines

    def attach(self, state: ClusterState, journal: Journal) -> Machines:
        halted = self._folder(state) / orders.FOLDER / _HALTED
        if halted.exists():
            with journal.step("switch the virtual machines on"):
                self._vagrant(state).up(_UP_TIMEOUT)
            halted.unlink()
        return self._machines(state, journal)

    def halt(self, state: ClusterState) -> None:
        """Switch the machines off; `attach` switches them on. Raises CommandFailed where one stays on."""
        vagrant = self._vagrant(state)
        vagrant.halt()
        if on := vagrant.running():
            raise CommandFailed(f"`vagrant halt` has ended, and these still run: {', '.join(on)}")
        (self._folder(state) / orders.FOLDER / _HALTED).touch()

    def serves_again(self, state: ClusterState) -> bool:
        """Whether the machines were prepared, and to this order; an older version gave the same ones other names."""
        mark = self._folder(state) / orders.FOLDER / _PREPARED
        if not (self._reuses and mark.exists()):
            return False
        home, text = self._host.home.root, orders.render(state, self._host.home.root)
        old = text.replace(orders.prefix(state.id, home), orders.old_prefix(state.id))
        return mark.read_text() in (text, old)

    def inside(self, state: ClusterState, journal: Journal) -> Machines:
        return self._machines(state, journal)

    def entry(self, state: ClusterState) -> str:
        return f"./run ssh {state.id} {state.first}"

    def remove(self, cluster: str, state: ClusterState | None) -> None:
        hypervisors = [state.how_virtual.hypervisor] if state else self._hypervisors
        for hypervisor in hypervisors:
            vagrant = Vagrant(self._host.home.clusters / cluster / orders.FOLDER, hypervisor)
            leftovers = self._leftovers(hypervisor)
            try:
                if vagrant.knows:
                    vagrant.destroy()
            finally:
                leftovers.remove(cluster)
            vagrant.forget()

    def existing(self) -> set[str]:
        return {cluster for each in self._hypervisors for cluster in self._leftovers(each).clusters()}

    def strangers(self) -> list[str]:
        """The machines whose names say that an older version made them, and that may be another user's."""
        return [name for each in self._hypervisors for name in self._leftovers(each).strangers()]

    @property
    def _hypervisors(self) -> list[str]:
        """Those that are on this host."""
        return [name for name, program in _PROGRAMS.items() if shutil.which(program)]

    @property
    def _reuses(self) -> bool:
        return self._host.settings.reuse == "machines"

    def _leftovers(self, hypervisor: str) -> Leftovers:
        home = self._host.home
        orders_ = {path.parents[1].name: path.read_text() for path in home.clusters.glob(f"*/{orders.FOLDER}/{ORDER}")}
        old = [cluster for cluster, text in orders_.items() if f"prefix: {orders.old_prefix(cluster)}\n" in text]
        return Leftovers(hypervisor, home.root, old)

    def _folder(self, state: ClusterState) -> Path:
        return self._host.home.clusters / state.id

    def _vagrant(self, state: ClusterState) -> Vagrant:
        return Vagrant(self._folder(state) / orders.FOLDER, state.how_virtual.hypervisor)

    def _machines(self, state: ClusterState, journal: Journal) -> Machines:
        ssh = self._folder(state) / "ssh"
        login = Login(
            _USER, ssh / keys.LOGIN_KEY, ssh / keys.KNOWN_HOSTS, source=state.host_address,
            patience=EMULATED if state.how_virtual.driver == "qemu" else 1,
        )  # fmt: skip
        return {spec.name: SshMachine(spec, state.addresses[spec.name], login, journal) for spec in state.specs}

    def _start(self, state: ClusterState, vagrant: Vagrant, box: Box | None, journal: Journal) -> None:
        # The first process copies the box to the hypervisor's storage; two at once hurt each other.
        lock, virtual = self._host.home.locks / "vagrant.lock", state.how_virtual
        with file_locks.held(lock, journal, "start virtual machines", 2 * _UP_TIMEOUT):
            if box:
                with journal.step("give Vagrant the box"):
                    vagrant.add_box(box.name, box.file)
                    for source, target in ((box.kernel, virtual.kernel), (box.initrd, virtual.initrd)):
                        local.run(["install", "-D", "-m", "644", str(source), target], root=True)
            with journal.step("vagrant up"):
                vagrant.up(_UP_TIMEOUT)

    def introduce(self, state: ClusterState, vagrant: Vagrant) -> None:
        """Log in as Vagrant does, once, to leave a key that is good for all machines and to learn their own."""
        ssh = self._folder(state) / "ssh"
        public = keys.write_login_key(ssh)
        configuration = ssh / "vagrant"
        configuration.write_text(vagrant.ssh_config())

        def host_key(name: str) -> str:
            log_in = shlex.join(["ssh", "-o", "LogLevel=ERROR", "-F", str(configuration), name, network.INTRODUCE])
            line = f"exec {log_in} < {shlex.quote(str(public))}"
            found = _HOST_KEY.search(local.run(["sh", "-c", line], timeout=600).stdout)
            if not found:
                raise CommandFailed(f"{name} answers the first login without its host key")
            return f"{state.addresses[name]} {found[0]}\n"

        (ssh / keys.KNOWN_HOSTS).write_text("".join(together(host_key, state.addresses)))

    def _reach(self, state: ClusterState, journal: Journal) -> Machines:
        machines = self._machines(state, journal)
        together(lambda machine: machine.run("true"), machines.values())
        return machines

    def _prepare(self, state: ClusterState, machine: Machine, supplies: Supplies | None) -> None:
        balancer = state.balancer_address
        if supplies:
            install.prepare(machine, survey(machine, ENDPOINT_NAME), supplies)
            machine.as_root(network.hosts({ENDPOINT_NAME: balancer, **state.addresses}))
        elif not state.online:
            machine.as_root(network.resolver(balancer))
        own, _ = orders.halves(state.cidr)
        is_balancer = machine.role is Role.LOAD_BALANCER
        machine.as_root(network.routes(balancer, str(own), is_balancer=is_balancer, online=state.online))
        known = (self._folder(state) / "ssh" / keys.KNOWN_HOSTS).read_text()
        machine.put("/etc/ssh/ssh_known_hosts", known)


def _set_the_clock(machine: Machine) -> None:
    """A machine that was restored believes that it is still the day of the snapshot."""
    machine.as_root(f"date -u -s @{time.time():.0f} >/dev/null\n")

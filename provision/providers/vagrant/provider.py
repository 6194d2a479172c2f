"""The provider `vagrant`: virtual machines, used like every other machine once they are up."""

from __future__ import annotations

import re
import shlex
import time

from provision.artifacts.box import Box
from provision.artifacts.home import Home
from provision.config.login import Login
from provision.config.topology import Role
from provision.errors import CommandFailed
from provision.loadbalancer.dns import ENDPOINT_NAME
from provision.machines import keys
from provision.machines.machine import Machine
from provision.machines.ssh import SshMachine
from provision.node.host_workarounds import EMULATED
from provision.providers.inventory import install
from provision.providers.inventory.facts import survey
from provision.providers.inventory.install import Supplies
from provision.providers.protocol import Order
from provision.providers.vagrant import network
from provision.providers.vagrant import order as orders
from provision.providers.vagrant.cli import ORDER, Vagrant
from provision.providers.vagrant.leftovers import Leftovers
from provision.providers.vagrant.order import Virtual
from provision.recording.journal import Journal
from provision.util import file_locks, local
from provision.util.concurrency import together

_USER = "vagrant"
_PREPARED, _HALTED = "prepared", "halted"
_UP_TIMEOUT = 3 * 3600
_HOST_KEY = re.compile(r"^ssh-ed25519 \S+", re.M)  # a login's greeting may come before it


class VirtualMachines:
    """`supplies` are what machines of a published box are given, None where the box holds everything.

    `box` is one that was made here. With `reuse` the machines are remembered as prepared, and machines
    that are remembered are made what they were instead of anew.
    """

    def __init__(
        self, virtual: Virtual, home: Home, box: Box | None = None, supplies: Supplies | None = None, *,
        reuse: bool = False,
    ) -> None:  # fmt: skip
        self._virtual = virtual
        self._home = home
        self._box = box
        self._supplies = supplies
        self._reuse = reuse

    def create(self, order: Order, journal: Journal) -> dict[str, Machine]:
        vagrant, mark = self._vagrant(order), order.folder / orders.FOLDER / _PREPARED
        if self.serves_again(order):
            with journal.step("make the virtual machines what they were"):
                vagrant.restore(_PREPARED)
            (order.folder / orders.FOLDER / _HALTED).unlink(missing_ok=True)
            machines = self._reach(order, journal)
            together(_set_the_clock, machines.values())
            return machines
        text = orders.render(order, self._virtual, self._home.root)
        vagrant.write(text)
        self._make(vagrant, journal)
        self._introduce(order, vagrant)
        machines = self._reach(order, journal)
        together(lambda machine: self._settle(order, machine), machines.values())
        if self._reuse:
            vagrant.save(_PREPARED)
            mark.write_text(text)
        return machines

    def attach(self, order: Order, journal: Journal) -> dict[str, Machine]:
        halted = order.folder / orders.FOLDER / _HALTED
        if halted.exists():
            with journal.step("switch the virtual machines on"):
                self._vagrant(order).up(_UP_TIMEOUT)
            halted.unlink()
        return self._machines(order, journal)

    def halt(self, order: Order) -> None:
        """Switch the machines off; whoever attaches next switches them on. Raises CommandFailed where one stays on."""
        vagrant = self._vagrant(order)
        vagrant.halt()
        if on := vagrant.running():
            raise CommandFailed(f"`vagrant halt` has ended, and these still run: {', '.join(on)}")
        (order.folder / orders.FOLDER / _HALTED).touch()

    def _machines(self, order: Order, journal: Journal) -> dict[str, Machine]:
        ssh = order.folder / "ssh"
        login = Login(
            _USER, ssh / keys.LOGIN_KEY, ssh / keys.KNOWN_HOSTS, source=order.host_address,
            patience=EMULATED if self._virtual.driver == "qemu" else 1,
        )  # fmt: skip
        return {spec.name: SshMachine(spec, order.addresses[spec.name], login, journal) for spec in order.specs}

    def serves_again(self, order: Order) -> bool:
        """Whether the machines were prepared, and to this order; an older version gave the same ones other names."""
        mark = order.folder / orders.FOLDER / _PREPARED
        if not (self._reuse and mark.exists()):
            return False
        name, text = str(order.id), orders.render(order, self._virtual, self._home.root)
        old = text.replace(orders.prefix(name, self._home.root), orders.old_prefix(name))
        return mark.read_text() in (text, old)

    def inside(self, order: Order, journal: Journal) -> dict[str, Machine]:
        return self._machines(order, journal)

    def entry(self, order: Order) -> str:
        return f"./run ssh {order.id} {order.first}"

    def remove(self, cluster: str) -> None:
        vagrant = Vagrant(self._home.clusters / cluster / orders.FOLDER, self._virtual.hypervisor)
        try:
            if vagrant.knows:
                vagrant.destroy()
        finally:
            self._leftovers().remove(cluster)

    def existing(self) -> set[str]:
        return self._leftovers().clusters()

    def strangers(self) -> list[str]:
        """The machines whose names say that an older version made them, and that may be another user's."""
        return self._leftovers().strangers()

    def _leftovers(self) -> Leftovers:
        orders_ = self._home.clusters.glob(f"*/{orders.FOLDER}/{ORDER}")
        told = {path.parents[1].name: path.read_text() for path in orders_}
        old = [cluster for cluster, text in told.items() if f"prefix: {orders.old_prefix(cluster)}\n" in text]
        return Leftovers(self._virtual.hypervisor, self._home.root, old)

    def _vagrant(self, order: Order) -> Vagrant:
        return Vagrant(order.folder / orders.FOLDER, self._virtual.hypervisor)

    def _make(self, vagrant: Vagrant, journal: Journal) -> None:
        # Whoever is first copies the box to the hypervisor's storage; two at once hurt each other.
        with file_locks.held(self._home.locks / "vagrant.lock", journal, "start virtual machines", 2 * _UP_TIMEOUT):
            if self._box:
                with journal.step("give Vagrant the box"):
                    vagrant.add_box(self._box.name, self._box.file)
                    for source, target in ((self._box.kernel, "kernel"), (self._box.initrd, "initrd")):
                        local.run(
                            ["install", "-D", "-m", "644", str(source), getattr(self._virtual, target)], root=True
                        )
            with journal.step("vagrant up"):
                vagrant.up(_UP_TIMEOUT)

    def _introduce(self, order: Order, vagrant: Vagrant) -> None:
        """Log in as Vagrant does, once, to leave a key that is good for all machines and to learn their own."""
        ssh = order.folder / "ssh"
        public = keys.write_login_key(ssh)
        configuration = ssh / "vagrant"
        configuration.write_text(vagrant.ssh_config())

        def introduce(name: str) -> str:
            log_in = shlex.join(["ssh", "-o", "LogLevel=ERROR", "-F", str(configuration), name, network.INTRODUCE])
            line = f"exec {log_in} < {shlex.quote(str(public))}"
            found = _HOST_KEY.search(local.run(["sh", "-c", line], timeout=600).stdout)
            if not found:
                raise CommandFailed(f"{name} answers the first login without its host key")
            return f"{order.addresses[name]} {found[0]}\n"

        (ssh / keys.KNOWN_HOSTS).write_text("".join(together(introduce, order.addresses)))

    def _reach(self, order: Order, journal: Journal) -> dict[str, Machine]:
        machines = self._machines(order, journal)
        together(lambda machine: machine.run("true"), machines.values())
        return machines

    def _settle(self, order: Order, machine: Machine) -> None:
        balancer = next(order.addresses[spec.name] for spec in order.specs if spec.role is Role.LOAD_BALANCER)
        if self._supplies:
            install.prepare(machine, survey(machine, ENDPOINT_NAME), self._supplies)
            machine.as_root(network.hosts({ENDPOINT_NAME: balancer, **order.addresses}))
        elif not order.online:
            machine.as_root(network.resolver(balancer))
        own, _ = orders.halves(order.network)
        is_balancer = machine.role is Role.LOAD_BALANCER
        machine.as_root(network.settle(balancer, str(own), is_balancer=is_balancer, online=order.online))
        known = (order.folder / "ssh" / keys.KNOWN_HOSTS).read_text()
        machine.put("/etc/ssh/ssh_known_hosts", known)


def _set_the_clock(machine: Machine) -> None:
    """A machine that was restored believes that it is still the day of the snapshot."""
    machine.as_root(f"date -u -s @{time.time():.0f} >/dev/null\n")

"""What an inventory needs: of this host, and of each of its machines. Changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from provision.artifacts import catalog
from provision.config.inventory import ansible, described
from provision.config.inventory.model import Inventory
from provision.config.settings import Settings
from provision.config.topology import Role
from provision.providers import host_findings
from provision.providers.finding import Finding, findings
from provision.providers.inventory import facts, identity, in_use, machines
from provision.providers.inventory.facts import Survey
from provision.providers.inventory.identity import Recognised
from provision.recording.journal import Journal
from provision.util import local
from provision.util.errors import Problem, Unreachable
from provision.util.redaction import Redactor


@findings("what the inventory needs")
def all_findings(settings: Settings) -> Iterator[Finding]:
    """Every check: of this host, of the file, then of each machine. It ends where the rest depends on what failed."""
    yield host_findings.program("ssh", "openssh-client", "logs in to machines by hand, and sends files")
    if Path(settings.inventory).suffix != ".toml":
        installed = bool(ansible.program())
        yield Finding(installed, "ansible-inventory: reads every inventory but TOML", packages=(ansible.PACKAGE,))
        if not installed:
            return
    try:
        inventory = settings.your_machines
    except Problem as problem:
        yield Finding(False, _in_lines(problem), problem.fix)
        return
    assert inventory
    yield Finding(True, f"{settings.inventory}: {inventory.topology} etcd, {len(inventory.hosts)} machines")
    yield from (Finding(True, line) for line in described.lines(inventory))
    if keyless := [each.name for each in inventory.hosts if not each.key]:
        yield from _agent(keyless)
    if not settings.read_only and inventory.prepare == "artifacts":
        yield from _making(settings)
    yield from _machines(settings, inventory)


@findings("what making artifacts takes")
def _making(settings: Settings) -> Iterator[Finding]:
    if pulled_there(settings):
        yield Finding(True, "no container engine here: programs are downloaded, and machines pull images themselves")
    else:
        yield from host_findings.making(settings)


def carried(settings: Settings, inventory: Inventory) -> bool:
    """Whether machines get images from this host."""
    return inventory.prepare == "artifacts" and not pulled_there(settings)


def pulled_there(settings: Settings) -> bool:
    """Whether images are left to the machines' own registries: no engine is here to pull them, and releases are."""
    engines = ("podman", "docker") if settings.engine == "auto" else (settings.engine,)
    return settings.artifacts != "modules" and not any(map(shutil.which, engines)) and catalog.official_reachable()


@findings("an ssh-agent that holds a key")
def _agent(hosts: list[str]) -> Iterator[Finding]:
    what = f"an ssh-agent that holds a key, for {', '.join(hosts)}"
    held = shutil.which("ssh-add") is not None and local.run(["ssh-add", "-l"], timeout=10, check=False).ok
    yield Finding(held, what, "eval $(ssh-agent) && ssh-add, or name a key in the inventory")


@findings("the machines of the inventory")
def _machines(settings: Settings, inventory: Inventory) -> Iterator[Finding]:
    with machines.read_for_a_while(inventory, Journal(inventory.name, Redactor())) as reached:
        recognised = identity.recognised(inventory, reached) if settings.read_only else Recognised(inventory, ())
        found = facts.surveys_or_silence(recognised.inventory, reached)
    yield from (Finding(False, line, "docs/machines.md lists the keys") for line in recognised.wrong)
    yield from (Finding(True, line) for line in recognised.inventory.notes[len(inventory.notes) :])
    inventory = recognised.inventory
    for each in found:
        if isinstance(each, Unreachable):
            yield Finding(False, _in_lines(each), each.fix)
        else:
            wrong = list(_unfit(inventory, each) if settings.read_only else _unready(settings, inventory, each))
            yield from wrong or [_fit(settings, each)]
    if not settings.read_only:
        surveys = [each for each in found if isinstance(each, Survey)]
        unsuited = in_use.unsuited(inventory, surveys, carried=carried(settings, inventory))
        yield from (Finding(False, line) for line in unsuited)


def _unfit(inventory: Inventory, found: Survey) -> Iterator[Finding]:
    """What keeps a machine from being checked, or shows that it has no part in a cluster."""
    machine = found.machine
    if not found.is_root:
        sudoers = f"give {machine.user} NOPASSWD in /etc/sudoers.d there"
        yield Finding(False, f"{machine.name}: {machine.user} is not allowed sudo without a password", sudoers)
    elif machine.role is Role.CONTROL_PLANE and not found.files:
        yield Finding(False, f"{machine.name}: is not a control plane: there is nothing under /etc/kubernetes")
    if not found.endpoint and machine.role in (Role.CONTROL_PLANE, Role.WORKER):
        name = inventory.endpoint.split(":")[0]
        yield Finding(False, f"{machine.name}: does not know the endpoint's name {name}", "put it in DNS or /etc/hosts")


def _unready(settings: Settings, inventory: Inventory, found: Survey) -> Iterator[Finding]:
    """What keeps a machine from being built on, or would be lost there."""
    for wrong in in_use.unready(inventory, found, prepared=inventory.prepare == "none"):
        yield Finding(False, wrong)
    if used := list(in_use.in_use(inventory, found)):
        first, *others = (line.removeprefix(f"{found.machine.name}: ") for line in used)
        reset = settings.in_use == "reset"
        what = "; ".join([f"{found.machine.name}: {first}", *(other.removeprefix("is in use: ") for other in others)])
        yield Finding(reset, what + (" (it will be reset)" if reset else ""), in_use.RESET)


def _fit(settings: Settings, found: Survey) -> Finding:
    machine = found.machine
    kubernetes = f", kubeadm {found.version}" if found.version else ""
    state = "can be checked" if settings.read_only else "free"
    lacks = "" if settings.read_only or not found.missing else f"; will be given {', '.join(found.missing)}"
    return Finding(True, f"{machine.name}: {machine.role}, {state}{kubernetes}{lacks}")


def _in_lines(problem: Problem) -> str:
    return "\n      ".join([problem.what, *problem.answer.splitlines()])

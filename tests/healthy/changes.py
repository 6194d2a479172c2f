"""Changes of the certificates of a healthy cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from checks.facts.cluster import Facts
from checks.facts.machine import File
from tests.healthy import with_machine
from tests.healthy.values import known


def changed(facts: Facts, name: str, place: str, **more: Any) -> Facts:
    """A certificate of a machine is another, in its file and where a process presents it."""
    machine = facts.machine(name)
    before = next(each for each in machine.certificates.get() if each.place == place)
    files = tuple(replace(each, **more) if each is before else each for each in machine.certificates.get())
    shown = tuple(
        replace(each, certificate=replace(each.certificate, **more))
        if each.certificate and each.certificate.same_as(before) else each
        for each in machine.presented.get()
    )  # fmt: skip
    servers = tuple(
        replace(each, certificate=known(replace(each.certificate.get(), **more)))
        if each.machine == name and each.certificate.get().same_as(before) else each
        for each in facts.servers
    )  # fmt: skip
    return replace(with_machine(facts, name, certificates=files, presented=shown), servers=servers)


def in_kubeconfig(facts: Facts, name: str, place: str, written: Any = None, **more: Any) -> Facts:
    """The certificate in a kubeconfig is another; `written` is when the file was."""
    machine = facts.machine(name)
    files = machine.files.get() + ((File(place, "0600", "root", written),) if written else ())
    return with_machine(facts, name, files=files, kubeconfigs=tuple(
        replace(each, certificate=replace(each.certificate, **more))
        if each.place == place and each.certificate else each
        for each in machine.kubeconfigs.get()
    ))  # fmt: skip

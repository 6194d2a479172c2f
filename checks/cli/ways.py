"""From options to the ways in, which end when the check does."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from checks.cli.kubeconfigs import chosen
from checks.cli.logins import HELP, ByAddress, Entry, of_cluster, of_inventory
from checks.collecting.access import Ways
from checks.collecting.kubeconfig import ByKubeconfig
from checks.collecting.plugins import NoCredentials
from provision.util.errors import BadInput

OUTPUTS = ("html", "json", "sarif", "junit", "prometheus", "bundle")


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[Ways]:
    """The ways in; every connection ends with the block. Raises BadInput where options do not go together."""
    refuse(options)
    by_address = _by_address(options) if options.ssh else None
    endpoint, entries, notes = _named(options.cluster) if options.cluster else ("", (), [])
    began = time.monotonic()
    requests = _requests(options, notes)
    spent = time.monotonic() - began
    access = [
        *(["kubeconfig"] if requests else []),
        *(["ssh"] if by_address else []),
        *(["inventory"] if entries else []),
    ]
    try:
        yield Ways(requests, entries, by_address, endpoint, tuple(access), notes, options.whole_database, spent)
    finally:
        if requests:
            requests.close()
        for machine in [*(machine for machine, _ in entries), *(by_address.made if by_address else ())]:
            machine.close()


def _requests(options: argparse.Namespace, notes: list[str]) -> ByKubeconfig | None:
    """The way to the API by a kubeconfig; None where none is given.

    A plugin that gives no credentials is a note where an inventory is another way to the API. Raises BadInput.
    """
    files = chosen(options)
    try:
        return ByKubeconfig.load(files, options.context) if files else None
    except NoCredentials as problem:
        if not options.cluster:
            raise
        notes.append(f"the API was not read by the kubeconfig: {problem.what}")
        return None


def _by_address(options: argparse.Namespace) -> ByAddress:
    return ByAddress.of(options.ssh, options.key, options.jump, options.known_hosts)


def _refuse_files(options: argparse.Namespace) -> None:
    """Everything is collected before anything is written: what cannot be written is refused before."""
    files = [file for name in OUTPUTS if (file := getattr(options, name))]
    if options.bundle == Path("-"):
        raise BadInput("--bundle needs a file: what is collected is for its owner alone to read", fix=HELP)
    for file in files:
        if files.count(file) > 1:
            raise BadInput(f"two documents are to be written to {file}", fix=HELP)
        if file != Path("-") and (file.is_dir() or not file.absolute().parent.is_dir()):
            raise BadInput(f"{file} cannot be written: its folder does not exist, or it is one itself", fix=HELP)


def _named(cluster: str) -> tuple[str, tuple[Entry, ...], list[str]]:
    file = Path(cluster)
    if not file.exists():
        return "", tuple(of_cluster(cluster)), []
    inventory, entries = of_inventory(file)
    return inventory.endpoint, tuple(entries), list(inventory.notes)


def refuse(options: argparse.Namespace) -> None:
    """Raise BadInput where options do not go together, before anything is connected to."""
    _refuse_files(options)
    given = [name for name in ("cluster", "kubeconfig", "ssh") if getattr(options, name)]
    kubeconfigs = chosen(options)
    if options.source and given:
        raise BadInput("--from judges a bundle alone, without a cluster", fix="./run check --from BUNDLE")
    if not options.source and not given and not kubeconfigs:
        raise BadInput("there is nothing to check: neither a kubeconfig nor an inventory is given", fix=HELP)
    if options.ssh and not kubeconfigs:
        raise BadInput("--ssh needs --kubeconfig: the API says which machines there are", fix=HELP)
    if (options.key or options.jump or options.known_hosts) and not options.ssh:
        what = "--key, --jump and --known-hosts are about --ssh, which is not given; an inventory has its own"
        raise BadInput(what, fix=HELP)
    if options.context and not kubeconfigs:
        raise BadInput("--context is one of a kubeconfig, and none is given", fix=HELP)

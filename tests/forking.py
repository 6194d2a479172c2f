"""`python -m tests.forking CHANNEL`: starts Python programs as forks of a process that has imported what they import.

Most of a small run of pytest is imports. Each program is a process of its own, forked from one that has run nothing:
it has the words, the folder, the environment and the files that it is given, and ends as it would by itself.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

IMPORTED = (
    "checks.cli.logins", "checks.collecting.collect", "checks.judging", "checks.rules.component_flags",
    "checks.rules.system_pods", "execnet", "pdb", "provision.cli.fixes", "provision.clusters.pausing",
    "provision.kubeadm.discovery", "provision.kubeadm.restarted", "provision.kubeadm.static_pods", "report.page",
    "resilience.faults.at_once", "resilience.faults.mixing", "resilience.faults.running", "resilience.faults.strips",
    "tests.fakes", "xml.etree.ElementTree",
)  # fmt: skip
"""What plugins and fakes import. No plugins: pytest rewrites their assertions while it imports them."""

LARGEST = 1 << 20
"""Bytes of a request; most of it is an environment."""

STANDARD = (0, 1, 2)
MODULE = "-m"


def main() -> None:
    """Serve, and in each fork be the program that was requested. Its end, of whatever kind, is that of the process."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    for each in IMPORTED:
        importlib.import_module(each)
    gc.freeze()  # what is collected in a fork is its own
    words = serve(channel)
    if words and words[0] == MODULE:
        sys.argv[:] = words[1:]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    elif words:
        sys.argv[:] = words
        sys.path[0] = str(Path(words[0]).parent.absolute())
        runpy.run_path(words[0], run_name="__main__")


def serve(channel: socket.socket) -> list[str]:
    """Fork for each request, and answer with its exit status. Returns the words of a request in its fork, else none."""
    libraries = sys.path[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # which a terminal sends to all
    while True:
        message, files, _, _ = socket.recv_fds(channel, LARGEST, len(STANDARD))
        if not message:
            return []
        process = os.fork()
        if not process:
            channel.close()
            return prepare(files, libraries, **json.loads(message))
        for each in files:
            os.close(each)
        status = os.waitpid(process, 0)[1]
        channel.send(str(os.waitstatus_to_exitcode(status)).encode())


def prepare(
    files: Sequence[int], libraries: Sequence[str], words: list[str], folder: str, environment: Mapping[str, str]
) -> list[str]:
    """Give this process what an interpreter would have been started with; returns its words."""
    for ours, theirs in zip(files, STANDARD, strict=True):
        os.dup2(ours, theirs)
        os.close(ours)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
    sys.pycache_prefix = environment.get("PYTHONPYCACHEPREFIX")
    sys.path[:] = [folder, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep)), *libraries]
    sys.path_importer_cache.clear()
    return words


if __name__ == "__main__":
    main()

"""`python -m tests.killed_faults`: runs that are killed in the middle of ten faults, and what cleans up after them.

Each run makes its cluster from a frozen copy, has a fault done to it, and is killed (SIGKILL, with all its processes)
while the fault lasts. What is left of machines, networks, states and frozen copies is printed; `./run clean` has to
remove all of it but the copy that the runs are made from, and the next run to begin.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resilience.traffic.recorder import TIMES
from resilience.traffic.traffic import INJECTED

_ROOT = Path(__file__).resolve().parents[1]
_CLUSTER = "stacked-uploaded-1.37-faults"
_COPY = "before-killed-runs"
_BEGUN = 420.0  # seconds until a fault is done, on a busy host: a thaw, a control, and a cluster that has to be healthy
_FAULTS = (
    "etcd-leader-killed", "etcd-leader-stopped", "api-server-stopped", "kubelet-killed", "containerd-killed",
    "etcd-leader-without-peers", "first-control-plane-isolated", "first-control-plane-off",
    "first-control-plane-paused", "balancer-off",
)  # fmt: skip


def main() -> int:
    """Try each; 1 where something was left."""
    wrong = 0
    with _frozen():
        for fault in _FAULTS:
            with tempfile.TemporaryDirectory() as folder:
                seen = _killed(fault, Path(folder) / "run")
            before = _left()
            _run("clean")
            after = _left()
            wrong += bool(after) or not seen
            what = "in the middle of the fault" if seen else "before the fault was done"
            print(f"{fault}: killed {what}; left: {_shown(before)}; after ./run clean: {_shown(after)}", flush=True)
    return 1 if wrong else 0


@contextmanager
def _frozen() -> Iterator[None]:
    """A frozen copy of a cluster for faults, that each run is made from."""
    _run("up", _CLUSTER)
    _run("freeze", _CLUSTER, _COPY)
    _run("clean", _CLUSTER)
    try:
        yield
    finally:
        _run("frozen", "remove", _COPY)


def _killed(fault: str, folder: Path) -> bool:
    """Start a run, and kill it once its fault is done; whether it was."""
    command = [str(_ROOT / "run"), "faults", "-k", f"stacked and {fault} and not in-turn", "--ha-reuse=frozen"]
    with subprocess.Popen(
        [*command, f"--ha-run-dir={folder}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + _BEGUN
        while not (seen := _is_done(folder, fault)) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.5)
        os.killpg(process.pid, signal.SIGKILL)
    return seen


def _is_done(folder: Path, fault: str) -> bool:
    files = folder.glob(f"faults/*/{fault}/{TIMES}")
    return any(INJECTED in file.read_text(encoding="utf-8") for file in files)


def _left() -> list[str]:
    """Machines and networks of the cluster, its folder, and the copies that runs have frozen of it for themselves."""
    found = [["podman", "ps", "-a", "--format", "{{.Names}}"], ["podman", "network", "ls", "--format", "{{.Name}}"]]
    names = [name for each in found for name in subprocess.check_output(each, text=True).split() if _CLUSTER in name]
    states = [line for line in _run("status").splitlines() if line.startswith(_CLUSTER)]
    copies = [line for line in _run("frozen").splitlines() if _CLUSTER in line and not line.startswith(f"{_COPY}\t")]
    return [*names, *states, *copies]


def _shown(left: list[str]) -> str:
    return f"{len(left)} ({left[-1]})" if left else "nothing"


def _run(*words: str) -> str:
    return subprocess.run([str(_ROOT / "run"), *words], check=True, text=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    sys.exit(main())

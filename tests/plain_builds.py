"""Clusters built on plain hosts, in every way that machines are prepared: a table of what worked, and in what time.

    .tox/harness/bin/pytest tests/plain_builds.py                  # ten clusters: more than an hour
    .tox/harness/bin/pytest tests/plain_builds.py -k external-packages

But for `artifacts`, which are made here, the operator's host has Python and ssh: no podman, no Go, no mmdebstrap. With
`official` the same artifacts are downloaded from a release site, and machines pull images by themselves.
On each set of hosts one machine has root log in and no sudo, some are behind a jump host, and sshd has its own port.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pytest

from provision.config.choices import topologies
from provision.config.inventory.model import WAYS
from provision.node import SWAP_IN_FSTAB
from provision.util.concurrency import NotYet, wait_until
from tests.plain_hosts.layout import MIRROR

ROOT = Path(__file__).parent.parent
NAME = "built"
OFFICIAL = "official"
_WAYS = (*WAYS, OFFICIAL)
_KINDS = ("stacked-packages-control-planes", "stacked-none-keepalived")
"""Where the load balancer is another one than the usual: none of its own, and two machines with a virtual address."""
_PROGRAMS = ("sh", "env", "rm", "setpriv", "ssh", "ssh-add", "ssh-agent")
"""What the operator's host has beside Python: what every Debian has, and openssh-client."""

_BACK = 300  # seconds until a cluster is itself again after a power cut; it takes one minute
_ADMIN = "sudo KUBECONFIG=/etc/kubernetes/admin.conf kubectl"
_FIRST = "cp-1.rack-a"


@dataclass
class Built:
    """One set of hosts and the cluster on it: an inventory's file, and what took how many seconds.

    `balancer` is the kind of load balancer, or empty for the usual one.
    """

    topology: str
    way: str
    inventory: Path
    balancer: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    id: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    def call(self, module: str, *arguments: str, step: str = "") -> str:
        """Run a module of the project on these hosts, and return what it answers with; it must end well."""
        options = [f"--ha-inventory={self.inventory}", "--ha-mode=build"]
        if self.way == "packages":
            options.append(f"--ha-packages=http://{MIRROR}/core:/stable:")
        return self._timed([module, *arguments, *options], step or arguments[0])

    def on_the_first(self, command: str) -> str:
        """What a command prints on the first control plane."""
        return called("provision", "ssh", self.id, _FIRST, command, environment=self.environment)

    def _timed(self, words: list[str], step: str) -> str:
        start = time.monotonic()
        answer = called(*words, environment=self.environment)
        self.seconds[step] = time.monotonic() - start
        return answer


def called(*words: str, environment: Mapping[str, str] = MappingProxyType({}), status: int = 0) -> str:
    """What a module answers with; it must exit with `status`."""
    ended = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        check=False, env=os.environ | environment,
    )  # fmt: skip
    print(f"$ {' '.join(words)}\n{ended.stdout}")
    assert ended.returncode == status
    return ended.stdout


@pytest.fixture(scope="session")
def table(request: pytest.FixtureRequest) -> Iterator[list[Built]]:
    """What was built; shown in the end."""
    rows: list[Built] = []
    yield rows
    capture = request.config.pluginmanager.getplugin("capturemanager")
    assert capture
    with capture.global_and_fixture_disabled():
        for row in rows:
            times = ", ".join(f"{step} {seconds:.0f} s" for step, seconds in row.seconds.items())
            print(f"\n{row.topology:8} {row.way:9} {row.balancer:14} {times}", end="")


@pytest.fixture(scope="module", params=[*(f"{topology}-{way}" for topology in topologies() for way in _WAYS), *_KINDS])
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, table: list[Built]
) -> Iterator[Built]:
    """Hosts that a cluster is built on; gone in the end, and with them the cluster."""
    topology, way, *balancer = request.param.split("-", 2)
    folder = tmp_path_factory.mktemp("hosts")
    made = Built(topology, way, folder / "hosts.toml", "".join(balancer))
    start = time.monotonic()
    try:
        hosts = ("tests.plain_hosts", "--name", NAME)
        how = ["--prepare=artifacts", "--pulled"] if way == OFFICIAL else [f"--prepare={way}"]
        how += ["--load-balancer", made.balancer] if made.balancer else []
        made.inventory.write_text(called(*hosts, "up", topology, *how))
        made.environment = {} if way == "artifacts" else _operator(folder, made.inventory.read_text())
        made.seconds["hosts"] = time.monotonic() - start
        table.append(made)
        yield made
    finally:
        if made.id:
            left = [sys.executable, "-m", "provision", "clean", made.id, "--forget"]
            subprocess.run(left, cwd=ROOT, check=False, env=os.environ | made.environment)
        called("tests.plain_hosts", "--name", NAME, "remove")


def _operator(folder: Path, inventory: str) -> dict[str, str]:
    """The environment of a host with little on it, which reaches a release site."""
    (folder / "bin").mkdir()
    for name in _PROGRAMS:
        (folder / "bin" / name).symlink_to(str(shutil.which(name)))
    bastion = re.search(r"jump = .*@([\d.]+):", inventory)
    assert bastion
    return {"PATH": str(folder / "bin"), "HA_HOME": str(folder / "home"), "HA_RELEASES": f"http://{bastion[1]}"}


def test_doctor_finds_every_machine_free(built: Built) -> None:
    answer = built.call("provision", "doctor")
    assert "NO " not in answer
    assert len(re.findall(": (?:load-balancer|control-plane|worker|etcd), free", answer)) == _machines(built)


def test_doctor_says_what_a_machine_lacks_that_was_to_have_everything(built: Built, tmp_path: Path) -> None:
    """Of plain Debian machines, by the inventory of which nothing would be prepared."""
    if built.way != "artifacts":
        pytest.skip("an administrator has installed what is missing otherwise")
    (tmp_path / "hosts.toml").write_text(
        built.inventory.read_text().replace('prepare = "artifacts"', 'prepare = "none"')
    )
    words = ["provision", "doctor", f"--ha-inventory={tmp_path / 'hosts.toml'}", "--ha-mode=build"]
    answer = called(*words, status=1)
    for name in (_FIRST, "cp-2.rack-b", "node-1"):
        assert f"{name}: sudo apt-get install -y containerd runc containernetworking-plugins" in answer
        assert f"{name}: has no kubeadm, kubelet, kubectl; prepare = 'artifacts' or 'packages' would bring" in answer
        assert f"{name}: swap is off, and /etc/fstab turns it on at the next start" in answer
    assert "api-lb: sudo apt-get install -y haproxy" in answer


def test_a_cluster_is_built(built: Built) -> None:
    built.id = built.call("provision", "up", built.topology).strip()


def test_all_scenarios_pass(built: Built) -> None:
    assert built.id, "no cluster was built"
    folder = built.inventory.parent / "run"
    built.call(
        "fixtures", built.topology, "--ha-reuse=yes", f"--ha-run-dir={folder}", "-q", "-p", "no:cacheprovider",
        step="scenarios",
    )  # fmt: skip


def test_the_cluster_is_back_after_a_reboot_of_all_machines(built: Built) -> None:
    assert built.id, "no cluster was built"
    start = time.monotonic()
    called("tests.plain_hosts", "--name", NAME, "reboot")
    wait_until(lambda: _not_back(built), _BACK, "every node and every pod is ready")
    built.seconds["back after a reboot"] = time.monotonic() - start
    assert built.on_the_first(f"grep -cE '{SWAP_IN_FSTAB}' /etc/fstab || true").strip() == "0"


def test_what_is_removed_leaves_machines_that_are_free(built: Built) -> None:
    assert built.id, "no cluster was built"
    assert called("provision", "clean", built.id, environment=built.environment).strip() == built.id
    built.id = ""
    assert "NO " not in built.call("provision", "doctor")


def _machines(built: Built) -> int:
    return built.inventory.read_text().count("\nrole = ")


def _not_back(built: Built) -> NotYet | None:
    """Why a cluster is not itself yet. Its machines may not even answer."""
    command = f"{_ADMIN} get nodes,pods -A --no-headers 2>&1"
    words = [sys.executable, "-m", "provision", "ssh", built.id, _FIRST, command]
    environment = os.environ | built.environment
    answer = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    lines = answer.stdout.splitlines()
    away = [line for line in lines if not re.search(r"\bReady\b|\b(\d+)/\1\s+Running", line) and line.strip()]
    if answer.returncode == 0 and lines and not away:
        return None
    return NotYet(away[0] if away else answer.stderr.strip() or "no answer")

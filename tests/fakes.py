"""Clusters for the pytest side: the real plugins, states and provider, over an engine and machines that are fake.

`make_project` fills a folder with scenarios. The host's programs are those in `programs`, and a few real ones; machines
are faked where SSH connects. Variables say what they do: `FAKE_FAILS` and `FAKE_BLOCKS` name a step, another command
on a machine, or one of the engine, as in `podman run`; `FAKE_HOW` is how it fails. `FAKE_RAISES` has a step, `machines`
or `removal` raise an exception that no code foresees (`injections`). `notes` has what was done.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from provision import artifacts as artifacts_
from provision.artifacts import Artifacts
from provision.artifacts.catalog import Release
from provision.cluster import Cluster
from provision.clusters import lifecycle
from provision.config.cluster_id import ClusterId
from provision.config.cluster_state import ClusterState
from provision.kubeadm import validation
from provision.machines import ssh
from provision.machines.machine import Machine
from provision.procedure import procedure_of
from provision.procedure.step import Alongside, Procedure, Step, all_steps
from provision.providers.container import requirements
from provision.providers.container.containers import Containers
from provision.recording.journal import Journal
from provision.util.home import Home
from tests import fake_ssh, leaking
from tests.fake_machine import Answers, Replies
from tests.injections import inject

ROOT = Path(__file__).parent.parent
ONE, TWO = "stacked-uploaded-1.36", "stacked-uploaded-1.37"
CONFTEST = f"""
import runpy
from tests import fakes

pytest_addoption = runpy.run_path({str(ROOT / "conftest.py")!r})["pytest_addoption"]
fakes.install()
"""
REAL_PROGRAMS = (
    "sh", "setpriv", "git", "unshare", "kill", "sleep", "mkdir", "rm", "cat", "cp", "mv", "find", "dirname", "test",
    "sort", "join", "cut", "xargs",
)  # fmt: skip

# Commands beside the procedure's steps: whether machines are up, what runs on them, and evidence of failures.
_OTHERS: Replies = {
    "systemctl is-system-running": "running\n",
    "true": "",
    re.compile(r"^sudo KUBECONFIG=\S+ kubectl get nodes -o 'jsonpath="): "v1.37.1|containerd://1.7|Debian|6.1\n",
    re.compile(r"^sudo KUBECONFIG=\S+ kubectl get pods -n kube-system -o 'jsonpath="): "r.test/etcd:3.7.0\n",
    re.compile(r"^sudo KUBECONFIG=\S+ kubectl get (nodes|pods|leases)( -n kube-system)? -o json$"): '{"items": []}',
    re.compile(r"^sudo KUBECONFIG=\S+ kubectl get nodes,leases -A -o json --request"): '{"items": []}',
    'sha256sum "$(command -v kubeadm)"': f"{'0123456789abcdef' * 4}  /usr/bin/kubeadm\n",
    re.compile(r"^sudo nsenter .* etcd --version$"): "etcd Version: 3.7.0\n",
    re.compile(r"^sudo -n env LC_ALL=C sh -c 'find /etc/kubernetes .* -printf "): (
        "600 root:root 1780000000.0 f /etc/kubernetes/x -> \n"
    ),
    re.compile(r"^sudo -n env LC_ALL=C sh -c 'find /etc/kubernetes -type f -exec sha256sum \{\} \+'$"): (
        f"{'0' * 64}  /etc/kubernetes/x\n"
    ),
    "date +%s.%N": "1780000000.123456789\n",
    # what machines hold of its life, as if a filter had let a secret through
    re.compile(r"""^sudo bash -c ('echo '"'"'== |true$)"""): f"== containers\n{leaking.JOIN}\n",
    "sudo haproxy -v": "HAProxy version 2.6.12\n",
    re.compile(r"^sudo journalctl --no-pager -o short-"): "a log line\n",
    re.compile(r"^systemctl --no-pager list-units --all "): "kubelet.service\n",
    re.compile(r"^ip address; ip route; "): "1: lo\n",
    re.compile(r"^ps axfww; "): "PID TTY\n",
    re.compile(r"^sudo (ctr -n k8s\.io containers list|ls -lR .* /etc/kubernetes |sh -c 'tail .*/var/log/pods/)"): "\n",
    re.compile(r"^sudo KUBECONFIG=\S+ kubectl --request-timeout=10s get "): "NAME\n",
    "sudo cat /etc/haproxy/haproxy.cfg": "global\n",
    "echo 'show stat' | sudo nc -U -N /run/haproxy/admin.sock": "# pxname\n",
}
_PROCEDURES = ("stacked-uploaded-1.37-from-1.36", "external-manual-1.37", "stacked-uploaded-1.37-cfg-000000")


def install() -> None:
    """Put fakes in place of what takes machines or minutes, for the rest of the process."""
    steps = {step.name for each in _PROCEDURES for step in all_steps(procedure_of(ClusterId.parse(each), "serial"))}
    answers = Answers({**dict.fromkeys(steps, "{}"), **_OTHERS})
    patch.object(ssh, "connect", partial(fake_ssh.connect, answers)).start()
    patch.object(lifecycle, "procedure_of", lambda *which, **how: _faked(procedure_of(*which, **how))).start()
    patch.object(artifacts_, "provide", _provided).start()
    patch.object(artifacts_, "kubeadm", lambda *_: Path("/nowhere")).start()
    patch.object(validation, "by", lambda *_: None).start()
    patch.object(requirements, "check", lambda *_: None).start()
    if "FAKE_RAISES" in os.environ:
        _inject_into_the_provider()


def make_project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, **scenarios: str) -> None:
    """A project in pytester's folder: this one's configuration and plugins, and scenarios by name of their file."""
    # pytest prints more in its summary where CI or BUILD_NUMBER is set.
    foreign = ("HA_", "FAKE_", "PYTEST_XDIST", "XDG_", "CI", "BUILD_NUMBER")
    for name in [name for name in os.environ if name.startswith(foreign)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # One cluster a version takes half the time of two, and hypothesis' summary a tenth of a run.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k 'not external' -p no:hypothesispytest")
    monkeypatch.setenv("HA_HOME", str(pytester.path / "home"))
    monkeypatch.setenv("HA_ARTIFACTS", "modules")  # which the fake `go` has
    keep_bytecode(pytester.path.parent, monkeypatch)
    give_a_host(pytester.path, monkeypatch)
    shutil.copy(ROOT / "pyproject.toml", pytester.path)
    pytester.makeconftest(CONFTEST)
    folder = pytester.mkdir("scenarios")
    for name, text in scenarios.items():
        (folder / f"test_{name}.py").write_text(text)


def keep_bytecode(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have programs in Python compiled once, there or where it is configured: it takes a third of each run."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", os.environ.get("PYTHONPYCACHEPREFIX") or str(folder / "bytecode"))


def give_a_host(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs, fake and real, and no others; an engine in which there is nothing yet."""
    for kind in ("containers", "networks", "addresses", "layers"):
        (folder / "engine" / kind).mkdir(parents=True)
    (folder / "bin").mkdir()
    for name in REAL_PROGRAMS:
        (folder / "bin" / name).symlink_to(shutil.which(name) or f"/nowhere/{name}")
    monkeypatch.setenv("FAKE_ENGINE", str(folder / "engine"))
    monkeypatch.setenv("PATH", f"{ROOT / 'tests' / 'programs'}:{folder / 'bin'}")


def _inject_into_the_provider() -> None:
    create, remove = Containers._create, Containers.remove

    def created(self: Containers, state: ClusterState, journal: Journal) -> dict[str, Machine]:
        machines = create(self, state, journal)
        inject("machines")
        return machines

    def removed(self: Containers, cluster: str, state: ClusterState | None) -> None:
        if cluster in self.existing():
            inject("removal")
        remove(self, cluster, state)

    patch.object(Containers, "_create", created).start()
    patch.object(Containers, "remove", removed).start()


def _provided(release: Release, *given: Any) -> Artifacts:
    """What machines are made from: an image that the fake engine knows, and an image store to be cloned."""
    nowhere = Path("/nowhere")
    store = Home.default().artifacts / "store-fake"
    store.mkdir(parents=True, exist_ok=True)
    (store / "metadata.db").touch()
    return Artifacts(release, "fake-image", store, nowhere, (), {each.version: nowhere for each in given[4]})


def _faked(procedure: Procedure) -> Procedure:
    def fake(step: Step) -> Step:
        return replace(step, action=partial(_do, step.name))

    faked = (
        Alongside(tuple(map(fake, each.steps))) if isinstance(each, Alongside) else fake(each) for each in procedure
    )
    return tuple(faked)


def _do(step: str, cluster: Cluster) -> None:
    """A step is a command of its name, whose answer is read like kubectl's."""
    inject(step)
    json.loads(cluster.control_planes[0].succeed(step))

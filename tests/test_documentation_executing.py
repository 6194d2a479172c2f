"""The verb that makes a cluster for pages: it is removed whatever happens, and everything is written down."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import pytest

from documentation import execute_verb
from documentation.__main__ import main
from documentation.claims.edition import record
from documentation.execution import plan
from documentation.execution.plan import Planned
from documentation.pages import markdown
from documentation.programs.programs import Programs
from documentation.verdicts import formats, gather
from provision.clusters.bring_up import Building
from provision.clusters.selection import Selection
from provision.config.cluster_id import ClusterId
from provision.config.settings import Settings
from provision.config.topology import TOPOLOGIES
from provision.util.errors import HostLacks
from tests.stand_ins import fake_cluster

PAGE = "## Water\n\n```sh\nwater the trees\n```\n"


class FakeClusters:
    """Makes clusters of fake machines, and remembers what was made and removed."""

    history: list[str] = []  # noqa: RUF012

    def __init__(self, *_: object, **__: object) -> None:
        self.versions = ["1.37"]
        self.registry = self.selection = self

    def start(self, cluster: ClusterId) -> Building:
        self.history.append(f"made {cluster}")
        return Building(fake_cluster(), (), lambda _: None)

    def hand_over(self, cluster: str) -> None:
        self.history.append(f"handed over {cluster}")

    @contextmanager
    def removed_at_the_end(self, cluster: str) -> Iterator[None]:
        try:
            yield
        finally:
            self.history.append(f"removed {cluster}")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(FakeClusters, "history", [])
    read = record(markdown.parse(PAGE, language="en"), None)
    monkeypatch.setattr(execute_verb, "Clusters", FakeClusters)
    monkeypatch.setattr(execute_verb, "editions", lambda: [read])
    for module in (execute_verb, gather):
        monkeypatch.setattr(module, "Programs", SimpleNamespace(find=lambda **_: Programs()))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(execute_verb, "procedure_of", lambda *_: ())
    planned = Planned("water/command-1", "", instead="it rains", page="page")
    monkeypatch.setattr(plan, "plan_of", lambda *_: [planned])
    (tmp_path / "page.en.md").write_text(PAGE)
    return tmp_path / "page.en.md"


EXTERNAL = ("--topology", "external", "--certificates", "manual")


def test_a_cluster_is_made_for_the_page_and_removed(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = page.parent / "run"
    assert main(["execute", str(page), *EXTERNAL, "--run-dir", str(folder)]) == 0
    assert FakeClusters.history == ["made external-manual-1.37-page", "removed external-manual-1.37-page"]
    assert "verified-with-substitution | it rains" in capsys.readouterr().out
    assert "it rains" in (folder / "page.page.en.html").read_text()
    assert {"claims.html", "claims.md", "walk.md", "walks"} <= {each.name for each in folder.iterdir()}


@pytest.mark.parametrize("breaks", ["tables", "html"])
def test_a_walk_is_kept_whatever_breaks_after_it(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], breaks: str
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    if breaks == "tables":
        monkeypatch.setattr(gather, "tables", fail)
    else:
        monkeypatch.setattr(formats, "walk_html", fail)
    folder = page.parent / "my run"
    with pytest.raises(ZeroDivisionError):
        main(["execute", str(page), *EXTERNAL, "--run-dir", str(folder)])
    assert "it rains" in (folder / "walk.md").read_text()
    shown = capsys.readouterr()
    assert "it rains" in shown.out
    assert f"./run documentation outcomes {page} --runs '{folder}'" in shown.err


def test_what_a_walk_starts_can_be_interrupted_although_the_walk_cannot_any_more() -> None:
    """An ignored signal is ignored by all that is started, and by all that these start: nothing could end them."""
    program = (
        "import os, signal, subprocess\n"
        "from provision.util.concurrency import end_once\n"
        "end_once()\n"
        "try:\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    signal.pause()\n"
        "except KeyboardInterrupt:\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    subprocess.run(['grep', 'SigIgn', '/proc/self/status'])\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    ignored = int(ran.stdout.split()[1], 16)
    assert [number for number in (signal.SIGINT, signal.SIGTERM) if ignored >> (number - 1) & 1] == []


def test_scenarios_check_the_cluster_before_it_is_removed(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def check(command: list[str], **_: object) -> FakeRunning:
        FakeClusters.history.append("checked")
        seen.extend(command)
        return FakeRunning(1)

    monkeypatch.setattr(subprocess, "Popen", check)
    assert main(["execute", str(page), *EXTERNAL, "--scenarios", "--run-dir", str(page.parent / "run")]) == 1
    cluster = "external-manual-1.37-page"
    assert FakeClusters.history == [f"made {cluster}", f"handed over {cluster}", "checked", f"removed {cluster}"]
    assert f"--ha-cluster={cluster}" in seen


IN_THE_ENVIRONMENT: tuple[dict[str, str], ...] = (
    {},
    {"HA_NETWORK": "flannel", "HA_ONLINE": "yes"},
    {"HA_PROVIDER": "vagrant", "HA_BOX": "me/box"},
    {"HA_WORKERS": "1", "HA_CONTROL_PLANES": "5"},
    {"HA_VARIANT": "mine"},
    {"HA_KUBERNETES": "1.37,1.36", "HA_CERTIFICATES": "manual,uploaded"},
    {"HA_REUSE": "machines"},
    {"HA_MUTABLE": "yes"},
)


@pytest.mark.parametrize("environment", IN_THE_ENVIRONMENT, ids=str)
@pytest.mark.parametrize("way", [(), EXTERNAL], ids=str)
def test_scenarios_check_the_cluster_that_was_walked_whatever_the_environment_chooses(
    page: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], way: tuple[str, ...]
) -> None:  # fmt: skip
    """Or they would make another one by the harness's own procedure, and its scenarios would speak for the page."""
    checked: list[str] = []

    def child(command: list[str], *, env: dict[str, str], **_: object) -> FakeRunning:
        given = dict(word.removeprefix("--ha-").split("=", 1) for word in command if word.startswith("--ha-"))
        monkeypatch.setattr(os, "environ", env)
        chosen = Selection.of(Settings.of(given), resolved=[])
        checked.extend(f"made {each}" for each in chosen.cluster_ids(*TOPOLOGIES))
        return FakeRunning(0)

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(subprocess, "Popen", child)
    assert main(["execute", str(page), *way, "--scenarios", "--run-dir", str(page.parent / "run")]) == 0
    assert checked == FakeClusters.history[:1]
    assert checked[0].endswith("-page")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HA_KEYS", "ecdsa-p256"), ("HA_UPGRADE_FROM", "previous"), ("HA_CONTROL_PLANE_JOINS", "parallel"),
        ("HA_CLUSTER", "stacked-uploaded-1.37"), ("HA_FAMILIES", "yes"),
    ],
)  # fmt: skip
def test_a_choice_that_no_page_makes_is_refused_before_anything_is_made(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:  # fmt: skip
    monkeypatch.setenv(name, value)
    assert main(["execute", str(page), "--scenarios", "--run-dir", str(page.parent / "run")]) == 2
    assert (FakeClusters.history, f"Try: unset {name}" in capsys.readouterr().err) == ([], True)


def test_scenarios_that_are_interrupted_get_to_remove_their_clusters(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    running = FakeRunning(KeyboardInterrupt(), 2)
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: running)
    assert main(["execute", str(page), "--scenarios", "--run-dir", str(page.parent / "run")]) == 130
    assert (running.ended, running.killed) == (True, False)
    assert FakeClusters.history[-1] == "removed stacked-uploaded-1.37-page"


def test_scenarios_that_go_on_long_after_an_interruption_are_killed_and_the_cluster_of_the_walk_is_removed(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    running = FakeRunning(KeyboardInterrupt(), subprocess.TimeoutExpired("pytest", 120), -signal.SIGKILL)
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: running)
    assert main(["execute", str(page), "--scenarios", "--run-dir", str(page.parent / "run")]) == 130
    assert (running.killed, FakeClusters.history[-1]) == (True, "removed stacked-uploaded-1.37-page")
    assert "were killed 120 s after they were interrupted" in capsys.readouterr().err


class FakeRunning:
    """A process whose end is waited for: each wait ends with the next of `ends`."""

    def __init__(self, *ends: int | BaseException) -> None:
        self.ended = self.killed = False
        self._ends = list(ends)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to let go of."""

    def wait(self, _timeout: float = 0) -> int:
        end = self._ends.pop(0)
        if isinstance(end, BaseException):
            raise end
        return end

    def terminate(self) -> None:
        self.ended = True

    def kill(self) -> None:
        assert self.ended, "killed before it was given time to end"
        self.killed = True


def test_a_cluster_is_removed_whatever_happens(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise HostLacks("no more disk")

    monkeypatch.setattr(execute_verb, "walk_pages", breaks)
    assert main(["execute", str(page), "--run-dir", str(page.parent / "run")]) == 1
    assert FakeClusters.history[-1] == "removed stacked-uploaded-1.37-page"

"""The verb that makes a cluster for a page: it is removed whatever happens, and both reports are written."""

from __future__ import annotations

import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from documentation import executing
from documentation.__main__ import main
from documentation.edition import record
from documentation.lanes import execution
from documentation.lanes.plan import Planned
from documentation.pages import markdown
from provision.building import Building
from provision.errors import HostLacks
from provision.topology import ClusterId
from tests.stand_ins import fake_cluster

PAGE = "## Water\n\n```sh\nwater the trees\n```\n"


class FakeClusters:
    """Makes clusters of fake machines, and remembers what was made and removed."""

    history: list[str] = []  # noqa: RUF012

    def __init__(self, *_: object) -> None:
        self.versions = ["1.37"]
        self.existing = self

    def start(self, cluster: ClusterId) -> Building:
        self.history.append(f"made {cluster}")
        return Building(fake_cluster(), (), lambda _: None)

    def remove(self, cluster: str) -> None:
        self.history.append(f"removed {cluster}")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(FakeClusters, "history", [])
    read = record(markdown.parse(PAGE, language="en"), None)
    monkeypatch.setattr(executing, "Clusters", FakeClusters)
    monkeypatch.setattr(executing, "editions", lambda: [read])
    monkeypatch.setattr(executing, "Kubeadm", SimpleNamespace(find=lambda: None))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(execution, "procedure_of", lambda *_: ())
    monkeypatch.setattr(execution, "plan_of", lambda *_: [Planned("water/command-1", "", instead="it rains")])
    (tmp_path / "page.en.md").write_text(PAGE)
    return tmp_path / "page.en.md"


def test_a_cluster_is_made_for_the_page_and_removed(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = page.with_suffix(".html")
    assert main(["execute", str(page), "external", "--certificates", "manual", "--html", str(shown)]) == 0
    assert FakeClusters.history == ["made external-manual-1.37-page", "removed external-manual-1.37-page"]
    assert "verified-with-substitution | it rains" in capsys.readouterr().out
    assert "it rains" in shown.read_text()


def test_a_cluster_is_removed_whatever_happens(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise HostLacks("no more disk")

    monkeypatch.setattr(executing, "execute", breaks)
    assert main(["execute", str(page)]) == 1
    assert FakeClusters.history[-1] == "removed stacked-uploaded-1.37-page"

"""Templates are compiled once for all processes where compiled Python has a folder of its own; pages are the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from report.templating import environment


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "page.j2").write_text("<{{ name }}>")
    return folder


def drawn(templates: Path) -> str:
    return environment(templates).get_template("page.j2").render(name="a & b")


def test_a_template_is_kept_beside_compiled_python_until_it_changes(
    templates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bytecode").mkdir()
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "bytecode"))
    assert [drawn(templates) for _ in range(2)] == ["<a &amp; b>"] * 2
    assert len(list((tmp_path / "bytecode").iterdir())) == 1
    (templates / "page.j2").write_text("[{{ name }}]")
    assert drawn(templates) == "[a &amp; b]"


@pytest.mark.parametrize("folder", [None, "/nowhere/bytecode"])
def test_without_such_a_folder_a_page_is_drawn_all_the_same(
    templates: Path, monkeypatch: pytest.MonkeyPatch, folder: str | None
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", folder)
    assert drawn(templates) == "<a &amp; b>"

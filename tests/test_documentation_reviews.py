"""The script that reviews real changes, on a small repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import documentation_reviews
from tests.sites import PIER, SITE, commit, site


def test_each_change_is_a_line_with_its_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = site(tmp_path / "site")
    commit(repository, {PIER: SITE[PIER] + "\nSee [it](/docs/none/).\n"})
    (tmp_path / "list.tsv").write_text("change\tkind\nmain~1..main\ta link\nnone..main\tnothing\n")
    monkeypatch.setattr(documentation_reviews, "LIST", tmp_path / "list.tsv")
    assert documentation_reviews.main([str(repository), "--kubeadm", "none"]) == 0
    _, _, first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("| `main~1..main` | a link | 1 | 0 | 1 | 0 | 1 | ")
    assert second.startswith("| `none..main` | nothing | 0 |  |  |  | 2 | ")

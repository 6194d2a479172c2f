"""Searching for secrets finds them in every form, and nothing else."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest

from fixtures.plugin.searching import Search

TOKEN = "0123456789abcdef"
LINE = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7/VJTUt9Us8cK"


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_a_secret_in_base64_is_found_at_any_offset(before: str) -> None:
    text = base64.b64encode(f"{before}{LINE} and more".encode())
    assert Search(whole=[LINE]).finds(b"data: " + text)


def test_a_secret_that_is_url_quoted_is_found() -> None:
    assert Search(whole=[LINE]).finds(quote(f"key={LINE}", safe="").encode())


@pytest.mark.parametrize("text", ["0123456789ab...", "...456789abcdef", f"x.{TOKEN}"])
def test_a_secret_that_was_cut_is_found(text: str) -> None:
    assert Search(cut=[TOKEN]).finds(text.encode())


@pytest.mark.parametrize("text", ["01234567...", "fedcba9876543210", base64.b64encode(b"of no interest").decode()])
def test_another_text_is_not_found(text: str) -> None:
    assert not Search(whole=[LINE], cut=[TOKEN]).finds(text.encode())


def test_files_are_named_by_their_paths_and_secrets_are_not(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "sudo.log").write_bytes(b"\xff" + TOKEN.encode())
    (tmp_path / "run.json").write_text("{}")
    search = Search(cut=[TOKEN])
    assert search.found_in(tmp_path) == ["evidence/sudo.log"]
    assert TOKEN not in repr(search)

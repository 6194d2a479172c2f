"""Files are there whole or not at all, and readable by whom they are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.writing import write_whole


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_file_is_replaced_and_has_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    assert write_whole(path, b"after", mode) == path
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"after", mode)
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_put_in_its_place_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "folder" / "of somebody").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path / "folder", b"a file")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]

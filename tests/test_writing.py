"""Files are there whole or not at all, and readable by whom they are for."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from provision.util.atomic_write import folder_of_its_own, point_at, write_whole


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_file_is_replaced_and_has_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    assert write_whole(path, b"after", mode) == path
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"after", mode)
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_put_in_its_place_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "folder" / "of another user").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path / "folder", b"a file")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_runs_of_the_same_second_have_a_folder_each(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: folder_of_its_own(tmp_path / "runs", "-walk"), range(40)))
    assert len(set(made)) == 40
    assert {stat.S_IMODE(each.stat().st_mode) for each in made} == {0o700}


def test_a_link_leads_somewhere_at_every_moment(tmp_path: Path) -> None:
    link = tmp_path / "last"
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    point_at(link, tmp_path / "first")
    with ThreadPoolExecutor(2) as pool:
        changes = [pool.submit(point_at, link, tmp_path / name) for name in ("first", "second") * 100]
        while not all(each.done() for each in changes):
            assert link.is_dir()
    assert [each.result() for each in changes] == [None] * 200
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "last", "second"]


def test_a_folder_in_the_way_of_a_link_stays(tmp_path: Path) -> None:
    (tmp_path / "last").mkdir()
    with pytest.raises(OSError, match="last"):
        point_at(tmp_path / "last", tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["last"]

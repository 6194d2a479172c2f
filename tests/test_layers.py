"""Copies of what machines have on disk: what is shared, what is not, and that nothing of a file is lost."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from provision.providers.container import layers
from provision.providers.container.layers import clone_store
from provision.util.errors import CommandFailed, HostLacks


def _inodes(folder: Path) -> dict[str, int]:
    return {str(file.relative_to(folder)): file.stat().st_ino for file in folder.rglob("*") if file.is_file()}


def _digests(folder: Path) -> dict[str, str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """An image store with a database and two files of an unpacked layer, one with a name that needs quoting."""
    made = tmp_path / "store"
    (made / "snapshots" / "1" / "fs").mkdir(parents=True)
    (made / "metadata.db").write_text("database")
    (made / "snapshots" / "1" / "fs" / "program").write_text("a program")
    (made / "snapshots" / "1" / "fs" / 'it\'s a\n"file" ').write_text("of an image")
    return made


@pytest.fixture
def disk(tmp_path: Path, store: Path) -> Path:
    """The disk of a machine that has that image store, and what a pod has written since then."""
    made = tmp_path / "disk"
    clone_store(store, made)
    (made / "snapshots" / "2" / "fs").mkdir(parents=True)
    written = made / "snapshots" / "2" / "fs" / "written by a pod"
    written.write_text("before")
    written.with_name("linked by a pod").hardlink_to(written)
    return made


def test_what_an_image_has_is_shared_and_all_else_is_not(tmp_path: Path, store: Path, disk: Path) -> None:
    layers.copy_linked(disk, tmp_path / "copy", store)
    ours, copied, shared = _inodes(disk), _inodes(tmp_path / "copy"), set(_inodes(store).values())
    assert copied.keys() == ours.keys()
    assert {name for name in ours if ours[name] == copied[name]} == {n for n, inode in ours.items() if inode in shared}
    assert _digests(tmp_path / "copy") == _digests(disk)


def test_what_a_machine_writes_afterwards_does_not_reach_the_copy(tmp_path: Path, store: Path, disk: Path) -> None:
    layers.copy_linked(disk, tmp_path / "copy", store)
    before = _digests(tmp_path / "copy")
    for name in ("metadata.db", "snapshots/2/fs/written by a pod"):
        with (disk / name).open("r+") as file:  # in place
            file.write("AFTER")
    (disk / "snapshots" / "1" / "fs" / "program").unlink()
    assert _digests(tmp_path / "copy") == before


@pytest.mark.parametrize("program", ["find", "sort", "join", "cut", "xargs", "cp"])
def test_a_list_that_is_cut_short_is_an_error_and_shares_nothing(
    tmp_path: Path, store: Path, disk: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / program).write_text("#!/bin/sh\necho 'No space left on device' >&2\nexit 1\n")
    (tmp_path / "bin" / program).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    with pytest.raises(HostLacks, match="the disk is full"):
        layers.copy_linked(disk, tmp_path / "copy", store)


def test_nothing_is_left_beside_a_copy(
    tmp_path: Path, store: Path, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "frozen").mkdir()
    layers.copy_linked(disk, tmp_path / "frozen" / "copy", store)
    assert [each.name for each in (tmp_path / "frozen").iterdir()] == ["copy"]
    assert list((tmp_path / "temporary").iterdir()) == []


def test_without_its_image_store_everything_is_copied(tmp_path: Path, disk: Path) -> None:
    layers.copy_linked(disk, tmp_path / "copy", tmp_path / "pruned")
    assert not set(_inodes(disk).values()) & set(_inodes(tmp_path / "copy").values())


def test_a_copy_has_modes_times_links_and_attributes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir(mode=0o700)
    (source / "key").write_text("content")
    (source / "key").chmod(0o600)
    (source / "link").symlink_to("/nowhere")
    os.utime(source / "key", (1, 2))
    os.setxattr(source / "key", "user.of.a.test", b"kept")
    layers.copy(source, tmp_path / "copy")
    copied = tmp_path / "copy" / "key"
    assert (copied.stat().st_mode & 0o777, copied.stat().st_mtime) == (0o600, 2)
    assert (os.getxattr(copied, "user.of.a.test"), (tmp_path / "copy" / "link").readlink()) == (
        b"kept",
        Path("/nowhere"),
    )
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o700


def test_a_copy_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="copy"):
        layers.copy(tmp_path / "missing", tmp_path / "copy")

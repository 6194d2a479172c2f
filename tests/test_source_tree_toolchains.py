"""The Go that a checkout is built with: the one that it names, fetched as a module, or named with what to type."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from provision.artifacts import own, source_tree
from provision.artifacts.own import NAMES
from provision.recording.journal import Journal
from provision.util import local
from provision.util.errors import HostLacks
from provision.util.home import Home
from provision.util.redaction import Redactor
from tests import source_trees
from tests.own_builds import script

JOURNAL = Journal("artifacts", Redactor(), ())
WANTED = "go1.99.3"
needs_go = pytest.mark.skipif(
    not shutil.which("go"), reason="go is not installed, which fetches another of its releases"
)

_GO = """#!/bin/sh
echo "$GOTOOLCHAIN $1" >> {calls}
case "$GOTOOLCHAIN $1" in
  '{lacking} list') echo 'go: download {lacking} for linux/amd64: toolchain not available' >&2; exit 1 ;;
  *' build') while [ "$1" != -o ]; do shift; done; cp {programs}/* "$2" ;;
esac
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that names a Go that nothing has, with an environment that says nothing of it."""
    for name in ("GOTOOLCHAIN", "FORCE_HOST_GO"):
        monkeypatch.delenv(name, raising=False)
    tree = source_trees.make(tmp_path / "tree")
    (tree / ".go-version").write_text(f"{WANTED.removeprefix('go')}\n")
    return tree


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacking: str = "none") -> Path:
    """A `go` that writes down GOTOOLCHAIN and what it is called for; what it builds says a version."""
    calls, programs, folder = tmp_path / "calls", tmp_path / "programs", tmp_path / "bin"
    programs.mkdir()
    folder.mkdir()
    for name in NAMES:
        (programs / name).write_bytes(script(name))
        (programs / name).chmod(0o755)
    (folder / "go").write_text(_GO.format(calls=calls, lacking=lacking, programs=programs))
    (folder / "go").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return calls


def toolchains(calls: Path) -> set[str]:
    return {line.split()[0] for line in calls.read_text().splitlines()}


def test_a_tree_is_built_with_the_go_that_it_names(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = stand_in(tmp_path, monkeypatch)
    folder = source_tree.build(tree, Home(tmp_path / "home"), JOURNAL)
    assert calls.read_text() == f"{WANTED} list\n{WANTED} build\n"
    assert own.read(folder).names == NAMES


def test_without_a_named_go_that_of_go_mod_counts(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = stand_in(tmp_path, monkeypatch)
    (tree / ".go-version").unlink()
    source_tree.build(tree, Home(tmp_path / "home"), JOURNAL)
    assert toolchains(calls) == {"auto"}


@pytest.mark.parametrize(
    ("variables", "toolchain"),
    [
        ({"GOTOOLCHAIN": "go1.98.0"}, "go1.98.0"),
        ({"GOTOOLCHAIN": "local"}, "local"),
        ({"GOTOOLCHAIN": "auto"}, WANTED),
        ({"FORCE_HOST_GO": "y"}, "local"),
        ({"FORCE_HOST_GO": ""}, WANTED),
        ({"FORCE_HOST_GO": "y", "GOTOOLCHAIN": "go1.98.0"}, "go1.98.0"),
    ],
)
def test_the_environment_counts_more_as_in_kubernetes_own_build(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], toolchain: str
) -> None:
    calls = stand_in(tmp_path, monkeypatch)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    source_tree.build(tree, Home(tmp_path / "home"), JOURNAL)
    assert toolchains(calls) == {toolchain}


def test_a_go_that_cannot_be_fetched_is_named_with_what_to_type(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = stand_in(tmp_path, monkeypatch, lacking=WANTED)
    with pytest.raises(HostLacks, match=r"its \.go-version names go1\.99\.3") as caught:
        source_tree.build(tree, Home(tmp_path / "home"), JOURNAL)
    assert "toolchain not available" in caught.value.answer
    assert "FORCE_HOST_GO=y" in caught.value.fix
    assert calls.read_text() == f"{WANTED} list\n"


@needs_go
def test_a_go_that_is_older_than_go_mod_wants_is_named(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By go itself, which is not allowed to fetch another."""
    (tree / ".go-version").unlink()
    (tree / "go.mod").write_text((tree / "go.mod").read_text().replace("go 1.20", "go 1.99.3"))
    monkeypatch.setenv("GOTOOLCHAIN", "local")
    with pytest.raises(HostLacks, match=r"its go\.mod wants Go 1\.99\.3, or a newer one") as caught:
        source_tree.build(tree, Home(tmp_path / "home"), JOURNAL)
    assert "requires go >= 1.99.3" in caught.value.answer


@needs_go
def test_go_fetches_the_named_release_of_itself_from_the_users_proxy(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real go, and a proxy that is a folder; the release that it has is a stand-in."""
    calls = stand_in(tmp_path, monkeypatch)
    (tmp_path / "bin/go").rename(tmp_path / "go")
    platform = local.run(["go", "env", "GOOS", "GOARCH"]).stdout.split()
    version = f"v0.0.1-{WANTED}.{'-'.join(platform)}"
    proxy = tmp_path / "proxy/golang.org/toolchain/@v"
    proxy.mkdir(parents=True)
    with zipfile.ZipFile(proxy / f"{version}.zip", "w") as archive:
        archive.write(tmp_path / "go", f"golang.org/toolchain@{version}/bin/go")
        for each in ("bin/gofmt", "pkg/tool/compile", "lib/time"):  # where go makes programs executable
            archive.writestr(f"golang.org/toolchain@{version}/{each}", "")
    monkeypatch.setenv("GOPROXY", f"file://{tmp_path}/proxy")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    monkeypatch.setenv("GOSUMDB", "off")
    monkeypatch.setenv("GOFLAGS", "-modcacherw")
    folder = source_tree.build(tree, Home(tmp_path / "home"), JOURNAL)
    assert "list" in calls.read_text()
    assert "build" in calls.read_text()
    assert own.read(folder).names == NAMES

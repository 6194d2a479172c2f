"""A checkout that is built as it is: its version, what is built again, and what is refused."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from provision.artifacts import housekeeping, own, source_tree
from provision.recording.journal import Journal
from provision.util.errors import BadInput, CommandFailed
from provision.util.home import Home
from provision.util.redaction import Redactor
from tests import source_trees

JOURNAL = Journal("artifacts", Redactor(), ())
needs_go = pytest.mark.skipif(not shutil.which("go"), reason="go is not installed, which builds a source tree")

DESCRIBED = {
    "v1.37.2": ("v1.37.2", "v1.37.2-dirty"),
    "v1.37.2-5-g0123456789abcd": ("v1.37.2-5+0123456789abcd", "v1.37.2-5+0123456789abcd-dirty"),
    "v1.38.0-alpha.0": ("v1.38.0-alpha.0", "v1.38.0-alpha.0-dirty"),
    "v1.38.0-alpha.0-123-g0123456789abcd": (
        "v1.38.0-alpha.0.123+0123456789abcd", "v1.38.0-alpha.0.123+0123456789abcd-dirty",
    ),
    "v1.38.0-rc.1-1-g0123456789abcd": ("v1.38.0-rc.1.1+0123456789abcd", "v1.38.0-rc.1.1+0123456789abcd-dirty"),
}  # fmt: skip
"""What `git describe` prints, and the version of a build of it, by hack/lib/version.sh."""


@pytest.mark.parametrize("described", DESCRIBED)
def test_a_version_is_composed_as_kubernetes_does(described: str) -> None:
    assert tuple(str(source_tree.composed(described, dirty=dirty)) for dirty in (False, True)) == DESCRIBED[described]


@needs_go
def test_a_tree_is_built_as_it_is_with_its_changes(tmp_path: Path) -> None:
    tree, home = source_trees.make(tmp_path / "tree"), Home(tmp_path / "home")
    assert versions(tree, home) == {"v1.38.0-alpha.0"}
    commit = source_trees.commit(tree, "another")
    assert versions(tree, home) == {f"v1.38.0-alpha.0.1+{commit[:14]}"}
    (tree / "cmd/kubeadm/new.go").write_text("package main\n\nvar Unused = 1\n")
    assert versions(tree, home) == {f"v1.38.0-alpha.0.1+{commit[:14]}-dirty"}
    found = own.read(source_tree.build(tree, home, JOURNAL))["kubeadm"]
    assert found
    assert found.commit == commit
    assert source_trees.git(tree, "status", "--porcelain") == "?? cmd/kubeadm/new.go"


def versions(tree: Path, home: Home) -> set[str]:
    found = own.read(source_tree.build(tree, home, JOURNAL))
    assert found.names == own.NAMES
    return {each.version for each in found.programs}


@needs_go
def test_what_did_not_change_has_the_same_digest(tmp_path: Path) -> None:
    tree, home = source_trees.make(tmp_path / "tree"), Home(tmp_path / "home")
    (tree / "README").write_text("changed\n")
    first = own.read(source_tree.build(tree, home, JOURNAL))
    main = tree / "cmd/kubeadm/main.go"
    main.write_text(main.read_text() + "\nvar _ = fmt.Sprint(number())\n\nfunc number() int { return 1 }\n")
    second = own.read(source_tree.build(tree, home, JOURNAL))
    changed = {
        one.name for one, other in zip(first.programs, second.programs, strict=True) if one.digest != other.digest
    }
    assert changed == {"kubeadm"}


@needs_go
def test_what_was_built_is_listed_and_removed_as_every_artifact(tmp_path: Path) -> None:
    tree, home = source_trees.make(tmp_path / "tree"), Home(tmp_path / "home")
    folder = source_tree.build(tree, home, JOURNAL)
    assert [line.split("\t")[:2] for line in housekeeping.listing(home)] == [
        [folder.name, f"build v1.38.0-alpha.0 from {tree}"]
    ]
    assert housekeeping.remove(home, lambda: "none") == {}
    assert not folder.exists()


@needs_go
def test_what_does_not_compile_is_shown_with_its_line(tmp_path: Path) -> None:
    tree = source_trees.make(tmp_path / "tree")
    (tree / "cmd/kubelet/new.go").write_text("package main\n\nvar _ = nothing\n")
    with pytest.raises(CommandFailed) as caught:
        source_tree.build(tree, Home(tmp_path / "home"), JOURNAL)
    assert re.search(r"cmd/kubelet/new\.go:3:9: undefined: nothing", str(caught.value))


def test_a_tree_without_tags_is_refused_with_what_to_type(tmp_path: Path) -> None:
    tree = source_trees.make(tmp_path / "tree")
    source_trees.git(tree, "tag", "-d", "v1.38.0-alpha.0")
    with pytest.raises(BadInput, match="no tag of a release leads to") as caught:
        source_tree.build(tree, Home(tmp_path / "home"), JOURNAL)
    assert caught.value.fix == f"git -C {tree} fetch --tags --unshallow"


@pytest.mark.parametrize("lacking", ["go.mod", "cmd/kubeadm/main.go"])
def test_another_folder_is_refused(tmp_path: Path, lacking: str) -> None:
    tree = source_trees.make(tmp_path / "tree")
    (tree / lacking).unlink()
    if lacking.startswith("cmd/"):
        (tree / "cmd/kubeadm").rmdir()
    with pytest.raises(BadInput, match="is not a checkout of kubernetes/kubernetes"):
        source_tree.build(tree, Home(tmp_path / "home"), JOURNAL)
    assert not (tmp_path / "home").exists()

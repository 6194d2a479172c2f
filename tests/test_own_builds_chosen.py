"""Which clusters and releases a user's own build chooses, and what is refused beside it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from provision.artifacts import catalog
from provision.artifacts.cache import Cache, Recipe
from provision.artifacts.catalog import MODULES, OWN, Release
from provision.artifacts.own import NAMES
from provision.clusters.selection import Resolved, Selection
from provision.config.settings import Settings
from provision.config.versions import Version, Wanted
from provision.providers.inventory.provider import YourMachines
from provision.util.errors import BadInput
from provision.util.home import Home
from tests import source_trees
from tests.own_builds import BUILD, program, programs
from tests.test_inventory import GOOD


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Releases of 1.37 and 1.36, and none of 1.38."""

    def resolve(wanted: Wanted | None, _source: str, _home: Home) -> Release:
        minor = wanted.minor if wanted else 37
        if minor > 37:
            raise BadInput(f"there is no release of 1.{minor}")
        return Release(Version(minor, 2), MODULES)

    monkeypatch.setattr(catalog, "resolve", resolve)


def chosen(tmp_path: Path, **options: str) -> Selection:
    return Selection.of(Settings.of({name.replace("_", "-"): value for name, value in options.items()}), Home(tmp_path))


@pytest.mark.parametrize(
    ("versions", "kubernetes", "cluster", "base"),
    [
        ({"kubeadm": BUILD, "kube_apiserver": BUILD}, "", "stacked-uploaded-1.38-own", "v1.37.2"),
        ({"kubeadm": "v1.36.9-1+a", "kube_apiserver": "v1.36.9-1+a"}, "", "stacked-uploaded-1.36-own", "v1.36.2"),
        ({"kubeadm": BUILD}, "", "stacked-uploaded-1.37-own", "v1.37.2"),
        ({"kubeadm": "v1.37.2-5+abc"}, "-1", "stacked-uploaded-1.36-own", "v1.36.2"),
    ],
)  # fmt: skip
def test_what_lacks_is_of_the_nearest_release_or_of_the_one_that_is_named(
    tmp_path: Path, offered: None, versions: dict[str, str], kubernetes: str, cluster: str, base: str
) -> None:
    programs(tmp_path / "build", **versions)
    selection = chosen(tmp_path, programs=str(tmp_path / "build"), kubernetes=kubernetes)
    assert list(map(str, selection.cluster_ids("stacked"))) == [cluster]
    release = selection.host.release(cluster.split("-")[2])
    assert (release.source, str(release.published.version)) == (OWN, base)


def test_kubeadm_alone_is_named_by_its_file(tmp_path: Path, offered: None) -> None:
    program(tmp_path, "kubelet")  # beside it, and not meant
    selection = chosen(tmp_path, kubeadm=str(program(tmp_path, "kubeadm")))
    assert list(map(str, selection.cluster_ids("external"))) == ["external-uploaded-1.37-own"]
    own_programs = selection.host.release("1.37").own
    assert own_programs
    assert own_programs.names == ("kubeadm",)


def test_an_inventory_names_programs_as_seen_from_it(tmp_path: Path, offered: None) -> None:
    programs(tmp_path / "machines/build", kubeadm=BUILD, kube_apiserver=BUILD)
    inventory = written(tmp_path / "machines", 'prepare = "artifacts"')
    selection = chosen(tmp_path, inventory=inventory, mode="build")
    assert [str(each).startswith("stacked-uploaded-1.38-") for each in selection.cluster_ids("stacked")] == [True]
    release = selection.host.release("1.38")
    assert release.own
    assert release.own.names == ("kubeadm", "kube-apiserver")


def test_an_inventory_that_is_only_checked_has_programs_already(tmp_path: Path) -> None:
    assert not Settings.of({"inventory": written(tmp_path, "")}).own_build


@pytest.mark.parametrize("prepare", ["", 'prepare = "none"', 'prepare = "packages"'])
def test_programs_of_ones_own_get_to_machines_from_this_host_alone(tmp_path: Path, offered: None, prepare: str) -> None:
    programs(tmp_path / "build", kubeadm=BUILD, kube_apiserver=BUILD)
    host = chosen(tmp_path, inventory=written(tmp_path, prepare), mode="build").host
    inventory = host.settings.your_machines
    assert inventory
    [cluster] = list(host.settings.cluster_ids("stacked", "1.38"))
    with pytest.raises(BadInput, match="your own programs get to machines from this host"):
        YourMachines(host)._supplies(inventory, cluster, ())


def written(folder: Path, line: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "hosts.toml").write_text(f'programs = "build"\n{line}\n{GOOD}')
    return str(folder / "hosts.toml")


def test_another_process_of_the_run_does_not_read_the_folder_again(tmp_path: Path, offered: None) -> None:
    programs(tmp_path / "build", kubeadm=BUILD)
    first = chosen(tmp_path, programs=str(tmp_path / "build"))
    handed = [Resolved.of(json.loads(json.dumps(each.described()))) for each in first.resolved]
    program(tmp_path / "build", "kubeadm", b"half of what is being written")
    second = Selection.of(first.host.settings, Home(tmp_path), handed)
    assert second.host.release("1.37") == first.host.release("1.37")


def test_a_cluster_of_a_release_is_upgraded_to_a_build(tmp_path: Path, offered: None) -> None:
    programs(tmp_path / "build", kubeadm=BUILD, kube_apiserver=BUILD)
    selection = chosen(tmp_path, programs=str(tmp_path / "build"), upgrade_from="previous")
    [cluster] = selection.cluster_ids("stacked")
    assert (cluster.origin, cluster.beside) == ("1.37", ("1.38",))
    first, then = selection.host.release(cluster.origin), selection.host.beside(cluster)["1.38"]
    assert (first.own, then.own and then.own.names) == (None, ("kubeadm", "kube-apiserver"))
    assert str(then.version) == BUILD


@pytest.mark.parametrize(
    "options",
    [
        {"kubernetes": "1.37,1.36"},
        {"kubelets": "-1"},
        {"kubeadm": "next"},
        {"source": "tree"},
    ],
)
def test_other_versions_beside_a_build_are_refused(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        chosen(tmp_path, programs=str(tmp_path), **options)


@pytest.mark.skipif(not shutil.which("go"), reason="go is not installed, which builds a source tree")
def test_a_checkout_is_built_and_chosen_as_programs_are(tmp_path: Path, offered: None) -> None:
    tree = source_trees.make(tmp_path / "tree")
    selection = chosen(tmp_path / "home", source=str(tree))
    assert list(map(str, selection.cluster_ids("stacked"))) == ["stacked-uploaded-1.38-own"]
    release = selection.host.release("1.38")
    assert (str(release.version), release.note) == ("v1.38.0-alpha.0", "")
    assert release.own
    assert release.own.names == NAMES


@pytest.mark.skipif(not shutil.which("go"), reason="go is not installed, which builds a source tree")
def test_what_was_made_of_a_trees_last_build_goes_once_it_has_changed(tmp_path: Path, offered: None) -> None:
    tree = source_trees.make(tmp_path / "tree")
    first = chosen(tmp_path / "home", source=str(tree)).host
    assert first.own.own
    made = Cache(first.home, first.journal("artifacts")).provide(
        Recipe("own", {"programs": first.own.own.fingerprint}, "put together", "at once", needs=0), lambda _: None
    )
    assert chosen(tmp_path / "home", source=str(tree)).host.own.own == first.own.own
    assert made.exists()
    source_trees.commit(tree, "another")
    assert chosen(tmp_path / "home", source=str(tree)).host.own.version != first.own.version
    assert not made.exists()

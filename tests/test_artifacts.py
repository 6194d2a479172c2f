"""What machines are made of: renderings, archives, and the cache that never shows anything half-built."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import subprocess
import tarfile
from contextlib import suppress
from pathlib import Path

import pytest

from provision.artifacts import housekeeping, images, own, rootfs
from provision.artifacts.archive import Image, write_archive, write_layer
from provision.artifacts.cache import MARK, Cache, Recipe
from provision.artifacts.catalog import OFFICIAL, OWN, Release
from provision.artifacts.companions import Companion, components, nearest
from provision.artifacts.gomodules import render_go_mod, staged_modules, stamps
from provision.artifacts.images import AGNHOST
from provision.config.versions import Version
from provision.recording.journal import Journal
from provision.util import local
from provision.util.errors import CommandFailed, HostLacks
from provision.util.home import Home
from provision.util.redaction import Redactor

GO_MOD = """module k8s.io/kubernetes

go 1.26.0

godebug default=go1.26

require (
\tk8s.io/api v0.0.0
\tk8s.io/utils v0.0.0-20260626114624-be93311217bd
)

replace (
\tk8s.io/client-go => ./staging/src/k8s.io/client-go
)
"""
RECIPE = Recipe("thing", {"version": "1"}, "make a thing", "at once", needs=0)


def test_only_modules_of_the_own_tree_are_staged() -> None:
    """A version that only begins with v0.0.0 is another project's."""
    assert staged_modules(GO_MOD) == ["k8s.io/api", "k8s.io/client-go"]


def test_go_mod_keeps_language_and_defaults() -> None:
    text = render_go_mod(GO_MOD, Version(37, 2), ["k8s.io/kubernetes/cmd/kubeadm"])
    for part in ("go 1.26.0", "godebug default=go1.26", "require k8s.io/kubernetes v1.37.2"):
        assert part in text
    assert "\tk8s.io/api => k8s.io/api v0.37.2\n" in text


def test_stamps_name_the_version_in_both_packages() -> None:
    assert stamps(Version(37, 2)).count(".gitVersion=v1.37.2") == 2


def test_the_nearest_version_is_the_exact_one_then_a_newer_then_an_older() -> None:
    offered = ["v1.14.3", "v1.13.0", "v1.14.5", "v1.14.10-rc.1", "nonsense"]
    assert nearest("v1.14.3", offered) == ["v1.14.3", "v1.14.5", "v1.13.0"]
    assert nearest("v1.14.4", offered)[:2] == ["v1.14.4", "v1.14.5"]


def test_a_version_that_stands_in_has_a_sentence_for_reports() -> None:
    assert Companion("etcd", "p", "v3.7.0", "v3.7.0").substitution == ""
    assert "v3.7.1 stands in for v3.7.0" in Companion("etcd", "p", "v3.7.0", "v3.7.1").substitution


def test_images_are_known_by_the_component_that_they_hold() -> None:
    listed = ["registry.k8s.io/coredns/coredns:v1.14.6", "registry.k8s.io/etcd:3.7.0-0"]
    assert components(listed) == {"coredns": listed[0], "etcd": listed[1]}


def test_an_archive_describes_its_layers_and_stores_a_shared_one_once(tmp_path: Path) -> None:
    (tmp_path / "program").write_text("#!")
    layer = write_layer(tmp_path / "layer", {"/bin/program": tmp_path / "program"}, {"/etc/text": "hello"})
    write_archive(tmp_path / "out.tar", [Image("a:1", (layer,)), Image("b:1", (layer,), entrypoint=("/bin/program",))])
    digest = hashlib.sha256(layer.read_bytes()).hexdigest()
    with tarfile.open(tmp_path / "out.tar") as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json") or pytest.fail("no manifest"))
        config = json.load(tar.extractfile(manifest[1]["Config"]) or pytest.fail("no config"))
    assert [entry["RepoTags"] for entry in manifest] == [["a:1"], ["b:1"]]
    assert config["rootfs"]["diff_ids"] == [f"sha256:{digest}"]
    assert names.count(f"{digest}.tar") == 1


def test_programs_in_a_layer_can_be_run(tmp_path: Path) -> None:
    (tmp_path / "program").write_text("#!")
    with tarfile.open(write_layer(tmp_path / "layer", {"/bin/program": tmp_path / "program"})) as tar:
        assert (tar.getmember("bin/program").mode, tar.getmember("bin/program").uid) == (0o755, 0)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    (tmp_path / "artifacts").mkdir()
    return Cache(Home(tmp_path), Journal("artifacts", Redactor()))


def test_an_artifact_is_built_once(cache: Cache) -> None:
    built: list[Path] = []
    assert cache.provide(RECIPE, built.append) == cache.provide(RECIPE, built.append)
    assert len(built) == 1


def test_other_inputs_are_another_artifact(cache: Cache) -> None:
    other = Recipe("thing", {"version": "2"}, "", "", needs=0)
    assert cache.provide(RECIPE, lambda _: None) != cache.provide(other, lambda _: None)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_nothing_is_left_of_a_failed_build(cache: Cache, tmp_path: Path, error: type[BaseException]) -> None:
    def build(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise error

    with pytest.raises(error):
        cache.provide(RECIPE, build)
    assert list((tmp_path / "artifacts").iterdir()) == []


def test_a_half_removed_artifact_is_made_anew(cache: Cache, tmp_path: Path) -> None:
    """Older versions removed an artifact where it was, and could be interrupted."""
    half = tmp_path / "artifacts" / RECIPE.name
    half.mkdir()
    (half / "half").write_text("half")
    made = cache.provide(RECIPE, lambda folder: (folder / "whole").touch())
    assert sorted(path.name for path in made.iterdir()) == [MARK, "whole"]


def test_an_interrupted_removal_leaves_no_half_of_an_artifact(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cache.provide(RECIPE, lambda folder: (folder / "whole").touch())
    seen: list[list[str]] = []

    def interrupted(folder: Path) -> None:
        if folder.exists():
            seen.append(sorted(path.name for path in (tmp_path / "artifacts").iterdir()))
            raise KeyboardInterrupt

    monkeypatch.setattr("provision.util.local.remove_tree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        housekeeping.remove(Home(tmp_path), lambda: pytest.fail("no image is to be removed"))
    assert (made.exists(), seen) == (False, [[f".partial-{made.name}"]])


PULLED = ("registry.k8s.io/kube-proxy:v1", "registry.k8s.io/pause:3")


@pytest.mark.parametrize("fails", [False, True])
def test_images_that_were_pulled_for_an_archive_are_removed_and_others_stay(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    """The engine's storage is the user's: what was in it before, as kube-proxy here, is left there."""
    (tmp_path / "tools.tar").touch()
    monkeypatch.setattr(rootfs, "tools", lambda _: tmp_path / "tools.tar")
    (tmp_path / "kubectl").touch()
    program(tmp_path / "kubeadm", f"echo {' '.join(PULLED)}")
    engine = program(
        tmp_path / "engine",
        f"""\
echo "$@" >> {tmp_path}/commands
case "$*" in
  "image inspect "*kube-proxy*) ;;
  "image inspect "*) exit 1 ;;
  save*) {"exit 125" if fails else ""} ;;
esac
""",
    )
    made = None
    with suppress(CommandFailed):
        made = images.provide(cache, Release(Version(37, 2), OFFICIAL), tmp_path, str(engine))
    lines = (tmp_path / "commands").read_text().splitlines()
    [official] = [line.split()[-1] for line in lines if line.startswith("pull") and "agnhost" in line]
    assert [line.split()[-1] for line in lines if line.startswith("rmi")] == [PULLED[1], official, AGNHOST]
    assert (made and [each.name for each in made.archives]) == (None if fails else ["own.tar"])


def test_beside_an_own_build_only_what_is_not_kubernetes_own_is_pulled(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No registry has the images of an own build: they are put together, under the names that its kubeadm lists."""
    (tmp_path / "tools.tar").touch()
    monkeypatch.setattr(rootfs, "tools", lambda _: tmp_path / "tools.tar")
    mine = [f"registry.k8s.io/{name}:v1.38.0-alpha.0.5_abc" for name in own.COMPONENTS]
    others = ["registry.k8s.io/etcd:3.7.0-0", "registry.k8s.io/coredns/coredns:v1.14.6", "registry.k8s.io/pause:3.10.2"]
    for name in ("kubectl", *own.COMPONENTS):
        (tmp_path / name).write_text(name)
    program(tmp_path / "kubeadm", f"echo {' '.join([*mine, *others])}")
    engine = program(tmp_path / "engine", f'echo "$@" >> {tmp_path}/commands')
    build = own.OwnPrograms((own.OwnProgram("kubeadm", "", "v1.38.0-alpha.0.5+abc", ""),))
    version, base = Version.parse("v1.38.0-alpha.0.5+abc"), Release(Version(37, 2), OFFICIAL)
    made = images.provide(cache, Release(version, OWN, "", build, base), tmp_path, str(engine))
    lines = (tmp_path / "commands").read_text().splitlines()
    assert {line.split()[-1] for line in lines if line.startswith("pull")} == {*others, images.OFFICIAL_AGNHOST}
    [archive] = [each for each in made.archives if each.name == "components.tar"]
    with tarfile.open(archive) as tar:
        manifest = json.load(tar.extractfile("manifest.json") or io.BytesIO())
    assert [each["RepoTags"] for each in manifest] == [[name] for name in mine]
    assert set(made.names) >= {*mine, *others}


def program(path: Path, script: str) -> Path:
    """A program of a few lines of shell."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_disk_that_is_too_small_is_named_before_anything_is_built(cache: Cache, tmp_path: Path) -> None:
    recipe = Recipe("thing", {}, "make a thing", "at once", needs=1 << 60)
    with pytest.raises(HostLacks, match="make a thing") as caught:
        cache.provide(recipe, lambda _: pytest.fail("built all the same"))
    assert str(tmp_path) in caught.value.answer
    assert list((tmp_path / "artifacts").iterdir()) == []


def test_a_root_file_systems_hook_is_found_in_a_folder_of_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """mmdebstrap hands a hook to a shell, with the root folder as its argument."""
    home = Home(tmp_path / "my 'data'")
    home.artifacts.mkdir(parents=True)
    printed: list[str] = []

    def mmdebstrap(line: list[str], **_: object) -> None:
        if "mmdebstrap" in line:
            [hook] = [each.partition("=")[2] for each in line if each.startswith("--customize-hook=")]
            [script] = home.artifacts.rglob("hook")
            script.write_text('echo "made in $1"')
            ran = subprocess.run(["sh", "-c", hook, "exec", "/the root"], capture_output=True, text=True)
            printed.append(ran.stdout + ran.stderr)

    monkeypatch.setattr(local, "run", mmdebstrap)
    rootfs.machine(Cache(home, Journal("a", Redactor())))
    assert printed == ["made in /the root\n"]


@pytest.mark.parametrize(("number", "error"), [(errno.ENOSPC, HostLacks), (errno.EIO, OSError)])
def test_only_the_error_of_a_full_disk_is_reported_as_one(tmp_path: Path, number: int, error: type[Exception]) -> None:
    def build(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError(number, "written in vain")

    home = Home(tmp_path)
    home.artifacts.mkdir()
    with pytest.raises(error, match="too full" if error is HostLacks else "written in vain"):
        Cache(home, Journal("a", Redactor())).provide(Recipe("thing", {}, "make a thing", "at once", needs=0), build)
    assert list(home.artifacts.iterdir()) == []

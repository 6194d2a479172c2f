"""A user's own programs: where they are found, what they say of themselves, and which releases they go with."""

from __future__ import annotations

import errno
import gzip
import json
import os
from pathlib import Path

import pytest

from provision.artifacts import binaries, gomodules, own, own_release
from provision.artifacts.archive import architecture
from provision.artifacts.cache import Cache
from provision.artifacts.catalog import MODULES, OFFICIAL, OWN, Release
from provision.artifacts.own import NAMES
from provision.clusters.selection import Resolved
from provision.config.versions import Version
from provision.recording.journal import Journal
from provision.util.errors import BadInput
from provision.util.home import Home
from provision.util.redaction import Redactor
from tests.own_builds import BUILD, image, packed, program, programs, script

BASE = Release(Version(37, 2), MODULES)


@pytest.mark.parametrize("place", ["", "_output/local/bin/linux/{}", "_output/bin", "_output/dockerized/bin/linux/{}"])
def test_programs_are_found_where_builds_leave_them(tmp_path: Path, place: str) -> None:
    for name in NAMES:
        program(tmp_path / place.format(architecture()), name)
    found = own.read(tmp_path)
    assert found.names == NAMES
    assert {each.version for each in found.programs} == {BUILD}
    assert {each.name: each.commit for each in found.programs if each.commit} == {
        "kubeadm": "abcdef0123", "kubectl": "abcdef0123",
    }  # fmt: skip


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_a_program_is_taken_out_of_the_uppermost_layer_that_has_it(tmp_path: Path, compress: type[bytes]) -> None:
    path, name = "usr/local/bin/kube-scheduler", "kube-scheduler"
    layers = [packed({path: script(name, "v1.30.0")}), packed({path: script(name)}), packed({"go-runner": b"x"})]
    image(tmp_path / f"_output/release-images/{architecture()}/{name}.tar", *map(compress, layers))
    found = own.read(tmp_path)
    assert [(each.name, each.version) for each in found.programs] == [(name, BUILD)]
    found.programs[0].copy(tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == script(name)


def test_the_newest_of_several_builds_is_taken(tmp_path: Path) -> None:
    old = program(tmp_path / "_output/bin", "kubelet", script("kubelet", "v1.37.0"))
    os.utime(old, (1, 1))
    new = program(tmp_path / f"_output/local/bin/linux/{architecture()}", "kubelet")
    assert [each.file for each in own.read(tmp_path).programs] == [str(new)]


def test_one_file_is_one_program(tmp_path: Path) -> None:
    program(tmp_path, "kubelet")
    assert own.read(program(tmp_path, "kubeadm")).names == ("kubeadm",)


REFUSED = {
    "nothing": ({}, "has none of kubeadm, kubelet"),
    "not a program": ({"kubelet": b"Lorem ipsum\0\n"}, r"/kubelet does not run on this host as kubelet"),
    "a program that fails": ({"kubeadm": b"#!/bin/sh\nexit 1\n"}, r"/kubeadm does not run on this host as kubeadm"),
    "nonsense": ({"kubeadm": b"#!/bin/sh\necho yes\n"}, r"/kubeadm does not run on this host as kubeadm"),
    "nothing answer": ({"kubelet": b"#!/bin/sh\n"}, r"/kubelet does not run on this host as kubelet"),
    "an unstamped build": (
        {"kubelet": script("kubelet", "v0.0.0-master+$Format:%H$")}, r"version 'v0\.0\.0-master\+.*', which is none of",
    ),
    "another tar file": ({"kube-proxy.tar": packed({"x": b""})}, r"kube-proxy\.tar has no manifest\.json"),
    "half an archive": ({"kube-proxy.tar": packed({"x": b"x" * 5000})[:700]}, r"proxy\.tar is not a whole archive"),
    "an image without it": (
        {"kube-proxy.tar": packed({"manifest.json": b'[{"Layers": ["a"]}]', "a": packed({"b": b""})})},
        r"kube-proxy\.tar has no program kube-proxy",
    ),
    "an image without its layer": (
        {"kube-proxy.tar": packed({"manifest.json": b'[{"Layers": ["a"]}]'})}, r"proxy\.tar is not a whole archive",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_a_program_of_kubernetes_is_refused_with_its_file(tmp_path: Path, what: str) -> None:
    files, says = REFUSED[what]
    for name, content in files.items():
        program(tmp_path, name, content)
    with pytest.raises(BadInput, match=says):
        own.read(tmp_path)


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="absent does not exist"):
        own.read(tmp_path / "absent")


def test_a_full_disk_is_not_taken_for_a_file_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [found] = own.read(program(tmp_path, "kubeadm")).programs

    def copy(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", copy)
    with pytest.raises(OSError, match="No space left on device"):
        found.copy(tmp_path / "copy")


def test_a_file_that_is_built_anew_meanwhile_is_refused(tmp_path: Path) -> None:
    found = own.read(program(tmp_path, "kubeadm"))
    program(tmp_path, "kubeadm", script("kubeadm", remark="built anew"))
    with pytest.raises(BadInput, match="kubeadm was changed while the run began"):
        found.programs[0].copy(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(
    ("versions", "version", "different"),
    [
        ({"kubeadm": "v1.37.2-5+abc"}, "v1.37.2", {"kubeadm": "v1.37.2-5+abc"}),
        ({"kubeadm": BUILD}, "v1.37.2", {"kubeadm": BUILD}),
        ({"kubelet": "v1.37.9"}, "v1.37.2", {"kubelet": "v1.37.9"}),
        (
            {"kubeadm": BUILD, "kube_apiserver": BUILD}, BUILD,
            dict.fromkeys(("kubelet", "kubectl", *own.COMPONENTS[1:]), "v1.37.2"),
        ),
        ({name.replace("-", "_"): BUILD for name in NAMES}, BUILD, {}),
    ],
)  # fmt: skip
def test_a_cluster_has_the_version_of_its_api_server(
    tmp_path: Path, versions: dict[str, str], version: str, different: dict[str, str]
) -> None:
    found = own_release.of(programs(tmp_path, **versions), BASE)
    assert (str(found.version), own_release.different(found)) == (version, different)
    missing = [name for name in NAMES if name.replace("-", "_") not in versions]
    assert all(name in found.note for name in missing)
    assert bool(found.note) is bool(missing)


@pytest.mark.parametrize(
    ("versions", "says"),
    [
        ({"kube_apiserver": BUILD}, r"kubeadm v1\.37\.2 and an API server v1\.38.* do not go together"),
        ({"kubeadm": "v1.39.0"}, r"kubeadm v1\.39\.0 and an API server v1\.37\.2 do not go together"),
        ({"kubelet": BUILD}, r"the kubelet v1\.38.* do not go together: no kubelet is newer"),
    ],
)
def test_what_kubeadm_would_refuse_is_refused_at_once(tmp_path: Path, versions: dict[str, str], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        own_release.of(programs(tmp_path, **versions), BASE)


def test_what_was_found_out_once_is_handed_over_whole(tmp_path: Path) -> None:
    resolved = Resolved(OWN, "1.38", own_release.of(programs(tmp_path, kubeadm=BUILD, kube_apiserver=BUILD), BASE))
    handed = json.loads(json.dumps(resolved.described()))
    assert Resolved.of(handed) == resolved
    digests = [each["digest"][:12] for each in handed["own"]]
    shown = f"kubeadm ({digests[0]}), kube-apiserver ({digests[1]})"
    assert handed["place"] == f"a build of one's own, {BUILD}: {shown}"
    assert handed["note"].endswith("of v1.37.2, from Go modules")


def test_a_program_of_another_version_is_shown_with_it(tmp_path: Path) -> None:
    shown = str(programs(tmp_path, kubeadm="v1.37.2-5+abc", kube_apiserver="v1.37.2-7+abd"))
    assert shown.startswith("v1.37.2-7+abd: kubeadm (v1.37.2-5+abc, ")


def test_own_programs_take_the_place_of_a_releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(_version: Version, folder: Path) -> None:
        for name in (*NAMES, "agnhost"):
            program(folder, name, b"of the release")

    monkeypatch.setattr(gomodules, "build_kubernetes", build)
    home = Home(tmp_path / "home")
    home.artifacts.mkdir(parents=True)
    cache = Cache(home, Journal("artifacts", Redactor(), ()))
    found = own_release.of(programs(tmp_path / "own", kubeadm=BUILD), BASE)
    folder = binaries.kubernetes(cache, found)
    assert (folder / "kubeadm").read_bytes() == script("kubeadm")
    assert {(folder / name).read_bytes() for name in (*NAMES[1:], "agnhost")} == {b"of the release"}
    assert folder != binaries.kubernetes(cache, BASE)
    releases = [path.parent for path in home.artifacts.glob("kubernetes-*/kubeadm")]  # what pages are checked by
    assert releases == [binaries.kubernetes(cache, BASE)]
    assert (binaries.kubernetes(cache, BASE) / "kubeadm").read_bytes() == b"of the release"
    assert binaries.kubernetes(cache, found) == folder


def test_of_a_published_release_only_what_lacks_is_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []

    def download(url: str, target: Path) -> None:
        fetched.append(url.rpartition("/")[2])
        target.write_bytes(b"published")

    monkeypatch.setattr(binaries, "download", download)
    home = Home(tmp_path / "home")
    home.artifacts.mkdir(parents=True)
    found = own_release.of(
        programs(tmp_path / "own", kubeadm=BUILD, kube_proxy="v1.37.2"), Release(Version(37, 2), OFFICIAL)
    )
    folder = binaries.kubernetes(Cache(home, Journal("artifacts", Redactor(), ())), found)
    components = {"kube-apiserver", "kube-controller-manager", "kube-scheduler"}
    assert set(fetched) == {"kubeadm", "kubelet", "kubectl"} | components
    assert {name for name in NAMES if (folder / name).read_bytes() != b"published"} == {"kubeadm", "kube-proxy"}

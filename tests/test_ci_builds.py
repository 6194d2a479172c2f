"""Builds of Kubernetes' CI, against a stand-in of the release site: what is resolved, fetched, refused and shown."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from provision.artifacts import catalog, ci_builds
from provision.artifacts.archive import architecture
from provision.artifacts.catalog import CI, MODULES, Release
from provision.artifacts.ci_builds import Built
from provision.artifacts.own import NAMES
from provision.clusters.selection import Resolved, Selection
from provision.config.settings import Settings
from provision.config.versions import CiBuild, Version, Wanted
from provision.providers import preview
from provision.recording.journal import Journal
from provision.util.errors import BadInput, HostLacks, Problem
from provision.util.home import Home
from provision.util.redaction import Redactor
from tests.ci_site import BUILD, CiSite, path, serving
from tests.own_builds import image, packed, script


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[CiSite]:
    made = CiSite()
    with serving(made) as address:
        monkeypatch.setenv("HA_RELEASES", address)
        yield made


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Releases of 1.37 and none of 1.38."""

    def resolve(wanted: Wanted | None, _source: str, _home: Home) -> Release:
        if wanted and wanted.minor > 37:
            raise BadInput(f"there is no release of 1.{wanted.minor}")
        return Release(Version(37, 2), MODULES)

    monkeypatch.setattr(catalog, "resolve", resolve)


def provide(tmp_path: Path, text: str) -> Built:
    build = CiBuild.parse(text)
    assert build
    return ci_builds.provide(build, Home(tmp_path), Journal("artifacts", Redactor(), ()))


def chosen(tmp_path: Path, **options: str) -> Selection:
    return Selection.of(Settings.of({name.replace("_", "-"): value for name, value in options.items()}), Home(tmp_path))


def left(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "artifacts").iterdir())


@pytest.mark.parametrize("text", ["ci/latest", "ci/k8s-master", f"ci/{BUILD}", f"ci/{BUILD[1:]}"])
def test_a_build_is_fetched_whole_and_verified(site: CiSite, tmp_path: Path, text: str) -> None:
    found = provide(tmp_path, text)
    assert (str(found.version), found.programs.names, found.unchecked, found.remark) == (BUILD, NAMES, (), "")


def test_a_marker_is_read_each_time_and_a_build_is_fetched_once(site: CiSite, tmp_path: Path) -> None:
    first = provide(tmp_path, "ci/latest")
    before = len(site.requested)
    assert provide(tmp_path, "ci/latest") == first
    assert site.requested[before:] == ["ci/latest.txt"]
    newer = "v1.38.0-alpha.0.124+bcdef01234567"
    site.files["ci/latest.txt"] = newer.encode()
    for name in NAMES:
        site.put(path(name, newer), script(name, newer))
    assert str(provide(tmp_path, "ci/latest").version) == newer


def test_the_marker_of_a_minor_names_a_build_of_its_branch(site: CiSite, tmp_path: Path) -> None:
    branch = "v1.37.3-rc.0.5+0123456789abc"
    site.files["ci/latest-1.37.txt"] = branch.encode()
    for name in NAMES:
        site.put(path(name, branch), script(name, branch))
    assert str(provide(tmp_path, "ci/latest-1.37").version) == branch


def test_the_other_checksum_will_do(site: CiSite, tmp_path: Path) -> None:
    site.lose(*(f"{path(name)}.sha256" for name in NAMES))
    assert provide(tmp_path, "ci/latest").unchecked == ()


def test_what_has_no_checksum_is_shown_as_not_verified_in_plan_report_and_records(
    site: CiSite, releases: None, tmp_path: Path
) -> None:
    site.lose(*(f"{path('kubelet')}.{each}" for each in ("sha256", "sha512")))
    selection = chosen(tmp_path, kubernetes="ci/latest")
    [resolved] = selection.resolved
    sentence = "not verified, since no checksum is published: kubelet"
    assert resolved.release.note == sentence
    assert str(resolved).startswith(f"Kubernetes ci/latest is {BUILD}, from Kubernetes' CI, {BUILD}: kubeadm (")
    assert sentence in str(resolved)
    assert sentence in json.dumps(resolved.described())
    assert sentence in "\n".join(preview.own_programs(resolved.release))
    again = chosen(tmp_path, kubernetes="ci/latest")  # from the cache, where it stays true
    assert again.resolved[0].release.note == sentence


def test_nothing_is_shown_of_a_build_that_was_verified(site: CiSite, releases: None, tmp_path: Path) -> None:
    [resolved] = chosen(tmp_path, kubernetes="ci/latest").resolved
    assert resolved.release.note == ""
    assert "verified" not in str(resolved)


def test_a_clusters_id_is_that_of_every_build(site: CiSite, releases: None, tmp_path: Path) -> None:
    selection = chosen(tmp_path, kubernetes="ci/latest")
    assert list(map(str, selection.cluster_ids("stacked"))) == ["stacked-uploaded-1.38-own"]
    release = selection.host.release("1.38")
    assert (str(release.version), release.source, str(release.published.version)) == (BUILD, CI, "v1.37.2")


def test_another_process_of_the_run_has_the_same_build_without_asking(
    site: CiSite, releases: None, tmp_path: Path
) -> None:
    first = chosen(tmp_path, kubernetes="ci/latest")
    handed = [Resolved.of(json.loads(json.dumps(each.described()))) for each in first.resolved]
    site.files.clear()
    second = Selection.of(first.host.settings, Home(tmp_path), handed)
    assert second.host.release("1.38") == first.host.release("1.38")
    assert str(second.resolved[0]) == str(first.resolved[0])


def test_what_a_build_lacks_is_of_the_nearest_release(site: CiSite, releases: None, tmp_path: Path) -> None:
    name = path("kube-proxy")
    site.lose(name, f"{name}.sha256", f"{name}.sha512")
    [resolved] = chosen(tmp_path, kubernetes="ci/latest").resolved
    assert resolved.release.note == "beside it kube-proxy of v1.37.2, from Go modules"


def test_a_program_is_taken_out_of_its_images_archive(site: CiSite, tmp_path: Path) -> None:
    name = path("kube-proxy")
    site.lose(name)
    archive = image(tmp_path / "image.tar", packed({"usr/local/bin/kube-proxy": script("kube-proxy", BUILD)}))
    site.put(f"{name}.tar", archive.read_bytes())
    assert provide(tmp_path / "home", "ci/latest").programs.names == NAMES


WRONG: dict[str, tuple[str, dict[str, bytes | None], str]] = {
    "HTML": ("ci/latest", {"ci/latest.txt": b"<html>Please log in</html>"}, r"latest\.txt, .* holds no version"),
    "nothing": ("ci/latest", {"ci/latest.txt": b""}, r"latest\.txt, .* holds no version"),
    "bytes": ("ci/latest", {"ci/latest.txt": b"\xff\xfe"}, r"latest\.txt, .* cannot be read"),
    "another program": ("ci/latest", {path("kubelet"): b"#!/bin/sh\n"}, r"the checksum of .*/kubelet does not match"),
    "another sha512": (
        "ci/latest", {f"{path('kubelet')}.sha256": None, f"{path('kubelet')}.sha512": b"0" * 128},
        r"the checksum of .*/kubelet does not match",
    ),
    "a page for a checksum": (
        "ci/latest", {f"{path('kubelet')}.sha256": b"<html>Please log in</html>"}, r"/kubelet cannot be downloaded",
    ),
    "an empty checksum": ("ci/latest", {f"{path('kubelet')}.sha256": b""}, r"/kubelet cannot be downloaded"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_not_a_build_is_refused_and_leaves_nothing(site: CiSite, tmp_path: Path, what: str) -> None:
    text, files, says = WRONG[what]
    for name, content in files.items():
        if content is None:
            site.lose(name)
        else:
            site.files[name] = content
    with pytest.raises(HostLacks, match=says) as caught:
        provide(tmp_path, text)
    assert caught.value.answer
    assert caught.value.fix
    assert not (tmp_path / "artifacts").exists() or left(tmp_path) == []


def test_a_checksum_that_is_refused_is_not_taken_for_none(site: CiSite, tmp_path: Path) -> None:
    site.refused = {f"{path('kubelet')}.sha256"}
    with pytest.raises(HostLacks, match="kubelet cannot be downloaded") as caught:
        provide(tmp_path, "ci/latest")
    assert "403" in caught.value.answer
    assert left(tmp_path) == []


def test_programs_of_another_build_are_refused(site: CiSite, tmp_path: Path) -> None:
    site.put(path("kubelet"), script("kubelet", "v1.38.0-alpha.0.122+0123456789abc"))
    with pytest.raises(HostLacks, match="has programs of other builds") as caught:
        provide(tmp_path, "ci/latest")
    assert "kubelet says v1.38.0-alpha.0.122+0123456789abc" in caught.value.answer
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "says", "answer"),
    [
        ("ci/latest-1.99", r"there is no build ci/latest-1\.99: http://.*/ci/latest-1\.99\.txt does not", "404"),
        ("ci/v1.38.0-alpha.0.9+abc", r"there is no whole build ci/v1\.38\.0-alpha\.0\.9\+abc", "no kubeadm"),
    ],
)
def test_a_build_that_does_not_exist_is_named_with_what_to_type(
    site: CiSite, tmp_path: Path, text: str, says: str, answer: str
) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        provide(tmp_path, text)
    assert answer in caught.value.answer
    assert "--ha-kubernetes ci/latest" in caught.value.fix
    assert not (tmp_path / "artifacts").exists() or left(tmp_path) == []


def test_a_build_without_its_api_server_would_be_another_version(site: CiSite, tmp_path: Path) -> None:
    site.lose(path("kube-apiserver"))
    with pytest.raises(BadInput, match="there is no whole build") as caught:
        provide(tmp_path, "ci/latest")
    assert caught.value.answer.endswith(f"/bin/linux/{architecture()} has no kube-apiserver")


def test_a_build_of_a_minor_before_the_oldest_is_refused(site: CiSite, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"ci/v1\.32\.9-1\+a is v1\.32\.9-1\+a, and 1\.33 is the oldest minor"):
        provide(tmp_path, "ci/v1.32.9-1+a")
    assert site.requested == []


@pytest.mark.parametrize("text", ["ci/latest", f"ci/{BUILD}"])
def test_a_site_that_does_not_answer_ends_the_run_with_what_to_type(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HA_RELEASES", f"http://127.0.0.1:{free.getsockname()[1]}")
    with pytest.raises(HostLacks) as caught:
        provide(tmp_path, text)
    shown = str(caught.value)
    assert "/ci/" in shown.splitlines()[0]
    assert "refused" in caught.value.answer
    assert "HA_RELEASES=" in caught.value.fix
    assert not (tmp_path / "artifacts").exists() or left(tmp_path) == []


@pytest.mark.parametrize(
    "text", ["ci/", "ci/latest,1.37", "1.37,ci/latest", "ci/../release/stable", "ci/a b", "CI/latest"]
)
def test_what_names_no_build_is_refused_before_anything_is_requested(site: CiSite, tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput, match="ci/latest"):
        chosen(tmp_path, kubernetes=text)
    assert site.requested == []


@pytest.mark.parametrize(
    "options",
    [
        {"programs": "."}, {"source": "."}, {"kubeadm": "./kubeadm"}, {"kubeadm": "next"}, {"kubelets": "-1"},
        {"families": "yes"},
    ],
)  # fmt: skip
def test_other_versions_beside_a_build_of_ci_are_refused(site: CiSite, tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(Problem):
        chosen(tmp_path, kubernetes="ci/latest", **options)
    assert site.requested == []


def test_a_cluster_of_a_release_is_upgraded_to_a_build_of_ci(site: CiSite, tmp_path: Path) -> None:
    selection = chosen(tmp_path, kubernetes="ci/latest", upgrade_from="previous")
    assert list(map(str, selection.cluster_ids("stacked"))) == ["stacked-uploaded-1.38-from-1.37-own"]


def test_an_existing_cluster_of_a_build_may_be_named_with_it(tmp_path: Path) -> None:
    selection = chosen(tmp_path, kubernetes="ci/latest", cluster="stacked-uploaded-1.38-own")
    assert list(map(str, selection.cluster_ids("stacked"))) == ["stacked-uploaded-1.38-own"]
    with pytest.raises(BadInput, match=r"other choices do not make stacked-uploaded-1\.37"):
        chosen(tmp_path, kubernetes="ci/latest", cluster="stacked-uploaded-1.37")

"""What was made of one build of a user's own is removed, and nothing that another build or a release has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from provision.artifacts import derived
from provision.artifacts.cache import Cache, Recipe, lock_path
from provision.artifacts.own import OwnProgram, OwnPrograms
from provision.recording.journal import Journal
from provision.util.home import Home
from provision.util.redaction import Redactor

KUBEADM, SERVER, OTHER = (
    OwnProgram(name, f"/b/{name}", "v1.38.0", digest * 64)
    for name, digest in (("kubeadm", "a"), ("kube-apiserver", "b"), ("kube-apiserver", "c"))
)
MINE, ANOTHER = OwnPrograms((KUBEADM, SERVER)), OwnPrograms((KUBEADM, OTHER))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.artifacts.mkdir(parents=True)
    return made


def made(home: Home, kind: str, **inputs: str) -> str:
    recipe = Recipe(kind, inputs, kind, "at once", needs=0)
    return Cache(home, Journal("artifacts", Redactor())).provide(recipe, lambda _: None).name


def of_a_build(home: Home, build: OwnPrograms, release: str) -> list[str]:
    """As images, store and node image of it name what they are made of; the node image's own is not tried."""
    server = next(each for each in build.programs if each.name == "kube-apiserver")
    beside = made(home, "own", programs=build.fingerprint, **{"else": release})
    images = made(home, "images", own=OwnPrograms((server,)).fingerprint)
    return [
        beside,
        images,
        made(home, "store", images=f"{images} images-of-balancers"),
        made(home, "box", programs=beside),
    ]


def test_only_what_was_made_of_the_build_is_removed_and_what_needs_it_first(home: Home) -> None:
    release = made(home, "kubernetes", version="v1.37.2")
    others = [release, made(home, "images", programs=release), *of_a_build(home, ANOTHER, release)]
    mine = of_a_build(home, MINE, release)
    gone = derived.remove(home, MINE, lambda: pytest.fail("no image is to be removed"))
    assert sorted(gone) == sorted(mine)
    assert max(map(gone.index, mine[2:])) < min(map(gone.index, mine[:2]))
    assert {folder.name for folder in home.artifacts.iterdir()} == set(others)


def test_what_another_process_uses_stays(home: Home) -> None:
    mine = of_a_build(home, MINE, "kubernetes-1")
    with FileLock(lock_path(home, mine[0])):
        assert mine[0] not in derived.remove(home, MINE, lambda: "")
    assert (home.artifacts / mine[0]).exists()


def test_images_that_the_next_build_has_as_well_stay(home: Home) -> None:
    """kubeadm alone was changed: its programs are new, and the images of the others are what they were."""
    beside, images, store, box = of_a_build(home, MINE, "kubernetes-1")
    changed = OwnPrograms((replace(KUBEADM, digest="d" * 64), SERVER))
    assert sorted(derived.remove(home, MINE, lambda: "", changed)) == sorted([beside, box])
    assert {images, store} <= {folder.name for folder in home.artifacts.iterdir()}

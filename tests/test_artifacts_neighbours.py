"""Artifacts that others use: builds of other processes, images of clusters that run."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from provision.artifacts import image_store, node_image
from provision.artifacts.cache import MARK, Cache, Recipe
from provision.artifacts.engines import Engine
from provision.artifacts.housekeeping import prune, remove, sweep
from provision.artifacts.images import Images
from provision.recording.journal import Journal
from provision.util.concurrency import together
from provision.util.errors import Interrupted
from provision.util.home import Home
from provision.util.redaction import Redactor

RECIPE = Recipe("thing", {}, "make a thing", "at once", needs=0)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.artifacts.mkdir(parents=True)
    made.locks.mkdir()
    return made


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """A stand-in that notes its arguments, lists one image and no container, and has what was loaded."""
    path = tmp_path / "engine"
    path.write_text(f"""#!/bin/sh
echo "$@" >> {path}.calls
case "$1" in
  image) test -e {path}.loaded ;;
  images) echo 0123456789ab ;;
  load) ls -A {tmp_path}/home/artifacts > {path}.loaded ;;
esac
""")
    path.chmod(0o755)
    return path


def provided(home: Home, engine: Path) -> str:
    """The name of a node image, which is put into the stand-in where it is not there."""
    programs = engine.with_name("kubernetes-1")
    programs.mkdir(exist_ok=True)
    for name in ("kubeadm", "kubelet", "kubectl", "../rootfs.tar"):
        (programs / name).write_text("#!")
    return node_image.provide(home, Journal("a", Redactor()), str(engine), programs, engine.with_name("rootfs.tar"), {})


@contextmanager
def held(lock: Path) -> Iterator[threading.Event]:
    """Another holder of a lock, on a thread of its own, until the event is set or this ends."""
    done, taken = threading.Event(), threading.Event()

    def hold() -> None:
        with FileLock(lock):
            taken.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(30)
    yield done
    done.set()
    thread.join()


def test_images_of_running_clusters_are_not_removed_by_force(home: Home, engine: Path) -> None:
    """podman's `rmi --force` removes the containers that are made of an image."""
    image = provided(home, engine)
    assert remove(home, lambda: str(engine)) == {}
    calls = Path(f"{engine}.calls").read_text().splitlines()
    assert [line for line in calls if line.startswith("rmi")] == [f"rmi {image}"]


def test_removing_artifacts_leaves_other_files_and_names_them(home: Home, engine: Path) -> None:
    """HA_HOME may name a folder that has artifacts of something else."""
    Cache(home, Journal("a", Redactor())).provide(RECIPE, lambda _: None)
    (home.artifacts / f".partial-{RECIPE.name}").mkdir()
    (home.artifacts / "release").mkdir()
    (home.artifacts / "release" / MARK).write_text("{}")
    (home.artifacts / "notes").write_text("mine")
    assert remove(home, lambda: str(engine)) == dict.fromkeys(["notes", "release"], "it is not an artifact")
    assert sorted(path.name for path in home.artifacts.iterdir()) == ["notes", "release"]


def test_removing_artifacts_leaves_one_that_another_process_uses(home: Home, engine: Path) -> None:
    Cache(home, Journal("a", Redactor())).provide(RECIPE, lambda _: None)
    with held(home.locks / f"{RECIPE.name}.lock"):
        assert remove(home, lambda: str(engine)) == {RECIPE.name: "another process uses it"}
    assert remove(home, lambda: str(engine)) == {}
    assert not home.artifacts.exists()


def test_node_images_of_other_homes_stay(home: Home, engine: Path) -> None:
    """All homes share the engine's storage; the stand-in has an image, but this home has none."""
    remove(home, lambda: str(engine))
    assert not Path(f"{engine}.calls").exists()


def test_sweeping_lists_only_containers_of_this_home(home: Home, engine: Path) -> None:
    sweep(home, Engine(str(engine), 2))
    listed = [line for line in Path(f"{engine}.calls").read_text().splitlines() if line.startswith("ps")]
    assert [f"--filter=label=kubeadm-ha.home={home.root}" in line for line in listed] == [True]


def test_the_container_that_fills_a_store_has_its_homes_label(home: Home, engine: Path) -> None:
    cache = Cache(home, Journal("a", Redactor()))
    image_store.provide(cache, Engine(str(engine), 2), home.root, "image", engine, [Images((engine,), (), ())])
    ran = next(line for line in Path(f"{engine}.calls").read_text().splitlines() if line.startswith("run"))
    assert f"--label=kubeadm-ha.home={home.root}" in ran


def test_sweeping_spares_an_artifact_that_another_process_builds(home: Home, engine: Path) -> None:
    (home.artifacts / ".partial-live-1").mkdir()
    (home.artifacts / ".partial-dead-1").mkdir()
    with held(home.locks / "live-1.lock"):
        sweep(home, Engine(str(engine), 2))
    assert [path.name for path in home.artifacts.iterdir()] == [".partial-live-1"]


def test_sweeping_spares_a_node_image_that_is_being_loaded(home: Home, engine: Path) -> None:
    """The folder and the lock of a node image go by one name; the stand-in lists the folder while it loads."""
    name = provided(home, engine)
    fingerprint = name.rsplit(":", 1)[1]
    assert Path(f"{engine}.loaded").read_text().split() == [f".partial-node-{fingerprint}", f"node-{fingerprint}"]
    assert (home.locks / f"node-{fingerprint}.lock").exists()
    assert [path.name for path in home.artifacts.iterdir()] == [f"node-{fingerprint}"]


def test_waiting_for_another_process_ends_with_the_artifact(home: Home) -> None:
    cache = Cache(home, Journal("a", Redactor()))
    with held(home.locks / f"{RECIPE.name}.lock") as done:
        threading.Timer(0.2, done.set).start()
        assert cache.provide(RECIPE, lambda _: None).is_dir()


@pytest.fixture
def plain_interrupts() -> Iterator[None]:
    """The project's own handler ignores all interrupts after the first of a session."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_waiting_for_another_process_can_be_called_off(home: Home, plain_interrupts: None) -> None:
    cache = Cache(home, Journal("a", Redactor()))
    ended: list[float] = []

    def wait(_: int) -> None:
        with pytest.raises(Interrupted):
            cache.provide(RECIPE, lambda _: None)
        ended.append(time.monotonic())

    threading.Timer(0.3, _interrupt).start()
    with held(home.locks / f"{RECIPE.name}.lock"), pytest.raises(KeyboardInterrupt):
        together(wait, [1])
    assert ended


def _interrupt() -> None:
    os.kill(os.getpid(), 2)


def test_pruning_removes_artifacts_that_were_not_used_for_long(home: Home, engine: Path) -> None:
    cache = Cache(home, Journal("artifacts", Redactor()))
    old, young, used = (Recipe(name, {}, name, "") for name in ("old", "young", "used"))
    for recipe in (old, young, used):
        cache.provide(recipe, lambda _: None)
    for recipe in (old, used):
        os.utime(home.artifacts / recipe.name / "artifact.json", (1, 1))
    cache.provide(used, lambda _: None)
    assert list(prune(home, lambda: str(engine), 14)) == [old.name]
    assert sorted(path.name for path in home.artifacts.iterdir()) == sorted([young.name, used.name])
    assert not Path(f"{engine}.calls").exists()


def test_pruning_spares_an_artifact_whose_lock_another_process_holds(home: Home, engine: Path) -> None:
    """It notes that under the artifact's lock, and pruning checks its age again when it has this."""
    cache = Cache(home, Journal("artifacts", Redactor()))
    made, other = (cache.provide(Recipe(name, {}, name, ""), lambda _: None) for name in ("made", "other"))
    for folder in (made, other):
        os.utime(folder / MARK, (1, 1))
    pruned = prune(home, lambda: str(engine), 14)
    with held(home.locks / f"{made.name}.lock"):
        assert list(pruned) == [other.name]
    assert made.exists()


def test_pruning_checks_an_artifacts_age_again_under_its_lock(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Cache(home, Journal("artifacts", Redactor())).provide(RECIPE, lambda _: None)
    os.utime(made / MARK, (1, 1))
    take = FileLock.acquire

    def used_meanwhile(self: FileLock, *arguments: Any, **options: Any) -> Any:
        os.utime(made / MARK)
        return take(self, *arguments, **options)

    monkeypatch.setattr(FileLock, "acquire", used_meanwhile)
    assert list(prune(home, lambda: pytest.fail("no image is to be removed"), 14)) == []
    assert made.exists()


@pytest.fixture
def old_image(home: Home, engine: Path) -> str:
    """The name of a node image that was loaded, and not used for long."""
    image = provided(home, engine)
    os.utime(_stands_for(home, image), (1, 1))
    return image


def _stands_for(home: Home, image: str) -> Path:
    return home.artifacts / f"node-{image.rsplit(':', 1)[1]}" / "artifact.json"


def test_pruning_removes_node_images_that_were_not_used_for_long(home: Home, engine: Path, old_image: str) -> None:
    assert list(prune(home, lambda: str(engine), 14)) == [_stands_for(home, old_image).parent.name]
    assert Path(f"{engine}.calls").read_text().splitlines()[-1] == f"rmi {old_image}"
    assert not list(home.artifacts.iterdir())


def test_a_node_image_that_is_used_again_stays(home: Home, engine: Path, old_image: str) -> None:
    assert provided(home, engine) == old_image
    assert list(prune(home, lambda: str(engine), 14)) == []
    assert "rmi" not in Path(f"{engine}.calls").read_text()


def test_a_node_image_that_containers_are_made_of_stays(home: Home, engine: Path, old_image: str) -> None:
    engine.write_text(engine.read_text().replace("load)", "rmi) exit 2 ;;\n  load)"))
    assert list(prune(home, lambda: str(engine), 14)) == []
    assert _stands_for(home, old_image).exists()

"""Versions in order, the words for them, what they become, and what is true of each."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from provision.artifacts import catalog
from provision.artifacts.catalog import Release
from provision.cli import verbs
from provision.cli.parser import main
from provision.clusters.selection import Resolved, Selection
from provision.config.cluster_id import ClusterId
from provision.config.facts import NEWEST_MINOR, Fact, Facts
from provision.config.settings import Settings
from provision.config.versions import OLDEST_MINOR, Back, Version, Wanted, words
from provision.util.errors import BadInput
from provision.util.home import Home

IN_ORDER = [
    "1.9.10", "1.37.9", "1.37.10", "1.38.0-alpha.2", "1.38.0-alpha.10", "1.38.0-beta.0", "1.38.0-rc.0", "1.38.0-rc.1",
    "1.38.0", "1.38.1-rc.0", "1.38.1",
]  # fmt: skip
ALL = [Version(minor, patch) for minor in range(OLDEST_MINOR, NEWEST_MINOR + 2) for patch in (0, 4, 13)]
FACTS = {name: each for name, each in vars(Facts).items() if isinstance(each, Fact)}


def test_pre_releases_come_before_their_release() -> None:
    shuffled = random.Random(1).sample(IN_ORDER, len(IN_ORDER))
    assert [str(version)[1:] for version in sorted(map(Version.parse, shuffled))] == IN_ORDER


BUILDS = [
    "1.37.2-5+3a2b1c0",
    "1.38.0-alpha.0.123+abcdef0-dirty",
    "1.38.0-alpha.0.9+0",
    "1.37.2+vendor",
    "1.37.2-dirty",
    "1.38.0-alpha.1-dirty",
    "1.37.2-5-dirty",
]


@pytest.mark.parametrize("text", BUILDS)
def test_a_build_is_a_version_and_no_release(text: str) -> None:
    build = Version.parse(f"v{text}")
    assert (str(build), build.published, Wanted(build.minor).accepts(build)) == (f"v{text}", False, True)
    assert build.tag == f"v{text}".replace("+", "_")
    with pytest.raises(BadInput):
        Wanted.parse(text)


def test_builds_come_in_the_order_of_their_tags_and_commits() -> None:
    names = [
        "1.38.0-alpha.0",
        "1.38.0-alpha.0.9+b",
        "1.38.0-alpha.0.123+a",
        "1.38.0-alpha.1",
        "1.38.0-beta.0",
        "1.38.0",
    ]
    assert sorted(names, key=Version.parse) == names


def test_modules_beside_kubernetes_carry_the_same_pre_release() -> None:
    assert (Version(37, 2).module, Version(38, 0, "rc.0").module) == ("v0.37.2", "v0.38.0-rc.0")


def test_words_each_once_and_in_their_order() -> None:
    chosen = words("latest, -1,1.36,-1,latest,1.38.0-rc.0,")
    assert [str(word) for word in chosen] == ["latest", "-1", "1.36", "1.38.0-rc.0"]
    assert chosen[:2] == [Back(0), Back(1)]


@pytest.mark.parametrize("text", ["--1", "-", "-x", "-1.2", "latest-1", "newest", "-100"])
def test_invalid_words_for_versions_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="unknown Kubernetes version"):
        words(text)


def test_a_minor_does_not_mean_its_pre_releases() -> None:
    early = Version(38, 0, "rc.0")
    assert (Wanted(38).accepts(early), Wanted.parse("1.38.0-rc.0").accepts(early)) == (False, True)
    assert not Wanted.parse("1.38.0-rc.0").accepts(Version(38, 0))


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is on offer, as a list to be changed; what was resolved is added to it as `resolved …`."""
    tags = ["v1.38.0-rc.0", "v1.37.2", "v1.37.1", "v1.36.3", "v1.35.4"]

    def resolve(wanted: Wanted | None, *_: object) -> Release:
        found = [Version.parse(tag) for tag in tags if tag.startswith("v")]
        fitting = [each for each in found if (wanted.accepts(each) if wanted else not each.pre)]
        tags.append(f"resolved {wanted}")
        if not fitting:
            raise BadInput(f"no {wanted}")
        return Release(fitting[0], catalog.MODULES)

    monkeypatch.setattr(catalog, "resolve", resolve)
    return tags


def selection(tmp_path: Path, text: str) -> Selection:
    return Selection.of(Settings.of({"kubernetes": text}), Home(tmp_path))


@pytest.mark.parametrize(
    ("text", "versions", "releases"),
    [
        ("", ["1.37"], ["v1.37.2"]),
        ("latest,-1,-2", ["1.37", "1.36", "1.35"], ["v1.37.2", "v1.36.3", "v1.35.4"]),
        ("-1", ["1.36"], ["v1.36.3"]),
        ("1.37.1,1.38.0-rc.0", ["1.37.1", "1.38.0-rc.0"], ["v1.37.1", "v1.38.0-rc.0"]),
        ("latest,1.37", ["1.37"], ["v1.37.2", "v1.37.2"]),
    ],
)
def test_words_for_versions_become_the_releases_on_offer(
    offered: list[str], tmp_path: Path, text: str, versions: list[str], releases: list[str]
) -> None:
    found = selection(tmp_path, text)
    assert (found.versions, [str(each.release.version) for each in found.resolved]) == (versions, releases)
    assert all(str(ClusterId.parse(str(each))) == str(each) for each in found.cluster_ids("stacked"))


def test_a_run_means_the_same_releases_all_along(offered: list[str], tmp_path: Path) -> None:
    found = selection(tmp_path, "latest,-1")
    described = [Resolved.of(each.described()) for each in found.resolved]
    offered.insert(0, "v1.37.3")
    other = Selection.of(found.host.settings, Home(tmp_path), described)
    assert (found.host.release("1.37").version, other.host.release("1.37").version) == (Version(37, 2), Version(37, 2))
    assert [line for line in offered if line.startswith("resolved")] == ["resolved None", "resolved 1.36"]


def test_a_word_that_leads_too_far_back_is_refused(offered: list[str], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=f"older than 1.{OLDEST_MINOR}"):
        _ = selection(tmp_path, "-9").resolved


def test_what_a_word_became_is_shown(offered: list[str], tmp_path: Path) -> None:
    plain, early = selection(tmp_path, "-1,1.38.0-rc.0").resolved
    assert str(plain) == "Kubernetes -1 is v1.36.3, from Go modules"
    assert "newer than 1.37, the newest known here" in str(early)


@pytest.mark.parametrize("given", [["--ha-kubernetes=-1,-2"], ["--ha-kubernetes", "-1"]])
def test_a_version_that_begins_with_a_dash_is_a_value_on_the_command_line(
    monkeypatch: pytest.MonkeyPatch, given: list[str]
) -> None:
    seen: list[Settings] = []

    def note(settings: Settings, _: object) -> int:
        seen.append(settings)
        return 0

    monkeypatch.setattr(verbs, "status", note)
    assert main(["status", *given]) == 0
    assert seen[0].wanted[0] == Back(1)


def test_a_version_that_begins_with_a_dash_is_a_value_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_KUBERNETES", "-1")
    assert Settings.of({}).wanted == [Back(1)]


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_has_sources_and_one_answer_for_every_version(name: str) -> None:
    changes = FACTS[name].changes
    assert all("#" in each.source or "cmd/" in each.source or "pkg/" in each.source for each in changes)
    assert changes[0].holds_in(Version(OLDEST_MINOR, 0))
    holding = [[each.holds_in(version) for each in changes] for version in ALL]
    assert all(row == sorted(row, reverse=True) for row in holding), "a later change never ends before an earlier one"
    assert [Fact.at(FACTS[name], version) for version in ALL] == [getattr(Facts(version), name) for version in ALL]


@pytest.mark.parametrize(
    ("version", "in_group"),
    [("1.33.11", True), ("1.33.12", False), ("1.34.4", True), ("1.34.8", False), ("1.35.4", True), ("1.35.5", False),
     ("1.36.0", True), ("1.36.1", False), ("1.37.0-rc.0", False), ("1.37.0", False), ("1.39.1", False)],
)  # fmt: skip
def test_a_change_that_was_brought_to_older_minors_is_true_from_their_patch_on(version: str, in_group: bool) -> None:
    facts = Facts(Version.parse(version))
    assert (",O=kubeadm:cluster-admins" in facts.kubelet_client, facts.kubelet_client_role is None) == (in_group,) * 2


@pytest.mark.parametrize(
    ("version", "value"), [("1.33.13", False), ("1.34.9", False), ("1.35.0", True), ("1.41.0", True)]
)
def test_a_change_of_a_minor_is_true_from_its_first_release_on(version: str, value: bool) -> None:
    assert Facts(Version.parse(version)).refuses_cgroup_v1 is value


def test_the_newest_unknown_minor_is_tried_with_what_is_known_and_says_so() -> None:
    known, unknown = Facts(Version(NEWEST_MINOR, 0)), Facts(Version(NEWEST_MINOR + 1, 0, "rc.0"))
    assert {name: getattr(known, name) for name in FACTS} == {name: getattr(unknown, name) for name in FACTS}
    assert (known.remark, bool(unknown.remark)) == ("", True)


def test_versions_are_compared_only_where_facts_are_decided() -> None:
    root = Path(verbs.__file__).parents[1]
    allowed = {"changing.py", "facts.py", "versions.py", "catalog.py", "lineage.py"}
    files = [path for folder in ("provision", "fixtures", "scenarios") for path in (root / folder).rglob("*.py")]
    compared = re.compile(r"\.(?:minor|patch)\b\s*(?:[<>]|[!=]=|in\b)|\bversion [<>]=? \w")
    assert [str(path) for path in files if path.name not in allowed and compared.search(path.read_text())] == []

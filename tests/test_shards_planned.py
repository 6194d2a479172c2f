"""What a plan says of the shards of a night, and that it is about the clusters of the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from provision.artifacts import catalog
from provision.artifacts.catalog import Release
from provision.cli.parser import main
from provision.config.cluster_id import ClusterId
from provision.config.versions import Version
from provision.providers import table
from tests.homes import FakeProvider


class _Planned(FakeProvider):
    """Says which clusters it would make."""

    def preview(
        self, text: str, wanted: Callable[[], Sequence[ClusterId]], subnet: Callable[[str], str]
    ) -> Iterator[str]:
        yield from (f"planned: {each}" for each in wanted())


@pytest.fixture(autouse=True)
def _nothing_of_this_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_HOME", str(tmp_path))
    monkeypatch.setattr(catalog, "resolve", lambda *_: Release(Version(37, 2), "fake"))
    monkeypatch.setattr(table, "PROVIDERS", {"container": lambda _: _Planned()})


def planned(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["plan", "--ha-kubernetes=1.36,1.37", "--ha-night=monday", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_plan_names_the_clusters_of_all_shards_and_plans_those_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    both = "--ha-certificates=uploaded,manual"
    assert planned(capsys, "stacked", "--ha-shard=2/3", both) == [
        "shard 2/3 of the night monday:",
        "  1/3: stacked-manual-1.36, stacked-uploaded-1.37 (4 min)",
        "> 2/3: stacked-manual-1.37 (2 min)",
        "  3/3: stacked-uploaded-1.36 (2 min)",
        "planned: stacked-manual-1.37",
    ]


def test_a_plan_of_three_minors_in_three_shards_is_of_one_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    lines = planned(capsys, "stacked", "--ha-kubernetes=latest,-1,-2", "--ha-shard=2/3")
    assert [line for line in lines if "planned" in line] == ["planned: stacked-uploaded-1.36"]


def test_a_plan_of_a_shard_without_a_cluster_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    lines = planned(capsys, "stacked", "--ha-shard=3/3")
    assert (lines[3], [line for line in lines if "planned" in line]) == ("> 3/3: no cluster (0 min)", [])


def test_a_plan_without_a_shard_or_of_one_cluster_is_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    assert planned(capsys, "stacked") == ["planned: stacked-uploaded-1.36", "planned: stacked-uploaded-1.37"]
    assert planned(capsys, "stacked-uploaded-1.37", "--ha-shard=2/2") == ["planned: stacked-uploaded-1.37"]


@pytest.mark.parametrize("text", ["0/5", "6/5", "x"])
def test_what_is_not_a_shard_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "stacked", f"--ha-shard={text}"]) == 2
    assert f"'{text}' is not a shard: the second of five parts is 2/5" in capsys.readouterr().err

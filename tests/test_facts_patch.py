"""The patch of the facts file that a newer release needs: applied by git, it is true for it, and older ones stay."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fixtures.subjects.facts_patch import FILE, patch, sentence
from fixtures.subjects.observed_facts import observed
from provision.config import facts as facts_module
from provision.config.facts import NEWEST_MINOR, Facts
from provision.config.versions import Version
from tests.observed_clusters import DIFFERENT, FACTS, KNOWN, UNKNOWN, seen


@pytest.mark.parametrize("name", DIFFERENT)
def test_the_patch_makes_the_file_true_for_the_release_and_leaves_older_ones(name: str, tmp_path: Path) -> None:
    different = observed(seen(**DIFFERENT[name][0])).different(Facts(UNKNOWN))
    patched = _applied(tmp_path, patch(Path(facts_module.__file__).read_text(), different, UNKNOWN))
    found, known = patched["Facts"], {each: getattr(Facts(UNKNOWN), each) for each in FACTS}
    assert {each: getattr(found(UNKNOWN), each) for each in FACTS} == known | different
    assert found(UNKNOWN).remark == ""
    for version in KNOWN:
        assert {each: getattr(found(version), each) for each in FACTS} == {
            each: getattr(Facts(version), each) for each in FACTS
        }


def _applied(tmp_path: Path, diff: str) -> dict[str, Any]:
    """What the file has when git has applied a patch to a copy of it."""
    copy = tmp_path / FILE
    copy.parent.mkdir(parents=True)
    shutil.copy(facts_module.__file__, copy)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=diff, text=True, check=True)
    names: dict[str, Any] = {"__name__": facts_module.__name__}
    exec(compile(copy.read_text(), copy, "exec"), names)
    return names


def test_a_patch_of_a_known_minor_begins_with_the_patch_release() -> None:
    version = Version(NEWEST_MINOR, 9)
    different = {"kubelet_client": "CN=other"}
    diff = patch(Path(facts_module.__file__).read_text(), different, version)
    assert f'+        Change("1.{NEWEST_MINOR}.9", "CN=other", "#?, observed on v1.{NEWEST_MINOR}.9"),' in diff
    assert "NEWEST_MINOR" not in "".join(line for line in diff.splitlines() if line[:1] in "+-")
    assert sentence(different, version).startswith(f"1.{NEWEST_MINOR}.9 differs from what is known of it in: ")

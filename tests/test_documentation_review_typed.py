"""A review of a change as it is typed: its forms, what was accepted before, and its exit status."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from documentation import review_verb
from documentation.__main__ import CRASHED, main, typed
from tests.sites import PIER, SITE, commit, git, site, write

ROOT = Path(__file__).parent.parent
NONE = "\nSee [it](/docs/none/).\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return site(tmp_path / "site")


def _typed(repository: Path, *options: str) -> int:
    return main(["review", "--kubeadm", "none", f"{repository}@HEAD~1..HEAD", *options])


def test_the_exit_status_depends_on_the_weight(repository: Path) -> None:
    commit(repository, {PIER: SITE[PIER] + NONE})
    assert _typed(repository) == 1
    assert _typed(repository, "--fail-on", "breaks") == 0
    commit(repository, {PIER: SITE[PIER] + '\n{{< glossary_tooltip term_id="bote" >}}\n'})
    assert _typed(repository, "--fail-on", "breaks") == 1


def test_a_crash_has_a_status_and_a_trace_of_its_own(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def crashes(*_: object) -> int:
        raise KeyError("a defect")

    monkeypatch.setattr(review_verb, "run", crashes)
    assert typed(["review", "--kubeadm", "none", f"{repository}@HEAD..HEAD"]) == CRASHED == 70
    assert "Traceback" in capsys.readouterr().err


def test_all_forms_are_written_and_one_to_standard_output(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(repository, {PIER: SITE[PIER] + NONE})
    forms = ("markdown", "html", "json", "sarif", "annotations")
    options = [word for name in forms for word in (f"--{name}", str(tmp_path / name))]
    assert _typed(repository, *options, "--text", "-") == 1
    assert capsys.readouterr().out.startswith("1 misleads on 1 changed page, HEAD~1 to HEAD\n")
    assert all("/docs/none/" in (tmp_path / name).read_text() for name in forms)
    assert _typed(repository, "--json", "-", "--text", "-") == 2
    assert _typed(repository, "--json", str(tmp_path / "none" / "x")) == 2


BASELINE = """
[[accepted]]
rule = "site-link"
page = "content/*/docs/pier.md"
what = "/docs/none/"
reason = "It is written next week."
date = 2026-11-01
"""


def test_accepted_findings_do_not_count(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit(repository, {PIER: SITE[PIER] + NONE})
    known = tmp_path / "known.toml"
    known.write_text(BASELINE)
    assert _typed(repository, "--baseline", str(known)) == 0
    assert "It is written next week." in capsys.readouterr().out
    known.write_text(BASELINE.replace("pier", "harbour"))
    assert _typed(repository, "--baseline", str(known)) == 1
    known.write_text(BASELINE + "until = 2026-11-02\n")
    assert _typed(repository, "--baseline", str(known)) == 1
    shown = capsys.readouterr().out
    assert "it counts again" in shown
    assert "no rule has this name" not in shown
    known.write_text(BASELINE.replace("site-link", "site-lnik"))
    assert _typed(repository, "--baseline", str(known)) == 1
    assert "The baseline accepts `site-lnik`: no rule has this name." in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "[[accepted]]\nrule = 'x'\n",
        BASELINE + "more = 1\n",
        BASELINE + "until = 2026-10-31\n",
        BASELINE.replace('"site-link"', '""'),
    ],
)
def test_a_baseline_that_is_not_valid_is_refused(repository: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "known.toml").write_text(text)
    assert _typed(repository, "--baseline", str(tmp_path / "known.toml")) == 2
    assert _typed(repository, "--baseline", str(tmp_path / "none.toml")) == 2


def test_a_comment_with_a_reason_has_a_finding_ignored(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    comment = "\n<!-- documentation: ignore site-link: it is written next week -->"
    commit(repository, {PIER: SITE[PIER] + comment + NONE.lstrip("\n").join(("\n", ""))})
    assert _typed(repository, "--json", "-") == 0
    [finding] = json.loads(capsys.readouterr().out)["pages"][0]["findings"]
    assert (finding["rule"], finding["accepted"]) == ("site-link", "it is written next week")


def test_the_index_is_reviewed_before_a_commit(repository: Path, tmp_path: Path) -> None:
    write(repository, {PIER: SITE[PIER] + NONE})
    git(repository, "add", "-A")
    house = tmp_path / "house"
    (house / "recipes").mkdir(parents=True)
    shutil.copy(ROOT / "recipes" / "pre-commit", house / "recipes")
    (house / "run").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/typed\n')
    (house / "run").chmod(0o755)
    calls = [str(house / "recipes" / "pre-commit"), "--fail-on", "breaks"]
    status = os.spawnve(os.P_WAIT, "/bin/sh", ["sh", "-c", f"cd {repository} && exec {' '.join(calls)}"],
                        os.environ | {"KUBEADM_HA": str(house)})  # fmt: skip
    words = (tmp_path / "typed").read_text().split()
    assert (status, words[0], words[3:]) == (0, "documentation", ["--kubeadm", "none", "--fail-on", "breaks"])
    assert main(words[1:5]) == 1

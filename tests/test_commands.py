"""Commands that README.md, docs/ and the harness itself tell people to type: each can be typed as it stands."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import documentation.__main__
from documentation.claims import edition
from documentation.pages import source
from provision.artifacts import catalog
from provision.artifacts.catalog import Release
from provision.cli import fixes
from provision.cli.parser import _parser as verbs_parser
from provision.cli.parser import main
from provision.config.options import OPTIONS
from provision.config.versions import Version
from provision.util import local
from provision.util.errors import BadInput
from tests.documented import ROOT, bare, parse, shown

TESTS = ROOT / "tests"
LISTED = tomllib.loads((TESTS / "commands.toml").read_text())
SHOWN = shown()
PAGE = TESTS / "pages" / "orchard.en.md"
PATTERNS = ("./run VERB", "./run stacked ARGUMENTS", "./run plan", "./run ssh")  # names in sentences
PARSED = [each for each in SHOWN if each.startswith(("./run ", ".tox/")) and each not in PATTERNS]


def test_every_command_that_is_shown_is_run_by_a_test_or_says_why_not() -> None:
    assert SHOWN.keys() - {*LISTED["run"], *LISTED["not-run"]} == set()


def test_no_command_is_listed_that_nothing_shows_or_twice() -> None:
    assert {*LISTED["run"], *LISTED["not-run"]} - SHOWN.keys() == set()
    assert LISTED["run"].keys() & LISTED["not-run"].keys() == set()


@pytest.mark.parametrize("test", sorted(set(LISTED["run"].values())))
def test_what_runs_a_command_exists(test: str) -> None:
    file, name = test.split("::")
    text = (TESTS / file).read_text()
    assert (f"def {name}(" if file.endswith(".py") else name) in text


@pytest.mark.parametrize("command", PARSED)
def test_a_command_that_is_shown_is_understood_by_what_it_calls(
    command: str, pytestconfig: pytest.Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n")
    monkeypatch.chdir(tmp_path)  # where a command is typed that names a configuration
    parse(command, pytestconfig._parser)


@pytest.mark.parametrize(
    "command",
    [
        "./run up stacked --ha-kep always", "./run clean --al", "./run stacked --ha-keep sometimes", "./run nothing",
        ".tox/harness/bin/pytest --ha-nothing=x", "./run documentation check", "./run results page --store x",
        "./run up stacked --ha-workers 77", "nothing at all",
    ],
)  # fmt: skip
def test_a_command_with_a_slip_is_not_understood(command: str, pytestconfig: pytest.Config) -> None:
    with pytest.raises((SystemExit, ValueError, BadInput)):
        parse(command, pytestconfig._parser)


def test_every_verb_is_shown() -> None:
    (verbs,) = (each.choices for each in verbs_parser()._subparsers._group_actions if each.choices)  # type: ignore[union-attr]
    assert {*verbs} - {command.split()[1] for command in SHOWN if command.startswith("./run ")} == set()


# What the harness itself names for people to type


PACKAGES = (
    "bisection", "commandline", "documentation", "fixtures", "nightly", "provision", "report", "resilience",
)  # fmt: skip


def named() -> Iterator[tuple[str, str]]:
    """Where in the code a text names a command of `./run`, and the command; `stacked-uploaded-1.37` for what varies."""
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            code = file.read_text()
            for line, text in _texts(ast.parse(code)) if "./run" in code else ():  # each process reads them all
                yield from ((f"{file.relative_to(ROOT)}:{line}", command) for command in _commands(text))


def _texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What people may be shown: no docstrings, and not how a parser is called."""
    nodes = list(ast.walk(tree))
    skipped = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    skipped |= {id(node.value) for node in nodes if isinstance(node, ast.keyword) and node.arg in ("prog", "usage")}
    skipped |= {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in skipped:
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            texts = [str(each.value) if isinstance(each, ast.Constant) else "stacked-uploaded-1.37" for each in parts]
            yield node.lineno, "".join(texts)


def _commands(text: str) -> Iterator[str]:
    """A line that begins with a command is nothing else; inside a sentence, one ends where the clause does."""
    for line in text.splitlines():
        if line.startswith(("./run ", "Try: ./run ")):
            yield bare(line.removeprefix("Try: "))
        else:
            for each in line.split("./run ")[1:]:
                yield bare("./run " + re.split("[;,)]", each)[0])


NAMED = sorted(set(named()))


def test_there_are_texts_that_name_commands() -> None:
    assert len(NAMED) > 20


@pytest.mark.parametrize(("place", "command"), NAMED)
def test_a_command_that_the_harness_names_can_be_typed(place: str, command: str, pytestconfig: pytest.Config) -> None:
    parse(command, pytestconfig._parser)


def test_options_that_the_harness_names_exist() -> None:
    known = {f"--ha-{option.name}" for option in OPTIONS} | {"--ha-stacked-uploaded"}  # where the name itself varies
    files = [file for package in ("provision", "fixtures") for file in (ROOT / package).rglob("*.py")]
    texts = [text for file in files for _, text in _texts(ast.parse(file.read_text()))]
    assert {name for text in texts for name in re.findall(r"--ha-[a-z][a-z-]*[a-z]", text)} - known == set()


@pytest.mark.parametrize(
    ("fix", "topology", "completed"),
    [
        ("./run doctor --fix", "stacked", "./run doctor stacked --fix --ha-provider vagrant --ha-workers 0"),
        ("./run doctor --fix", "", "./run doctor --fix --ha-provider vagrant --ha-workers 0"),
        ("./run up stacked", "stacked", "./run up stacked --ha-provider vagrant --ha-workers 0"),
        ("./run up stacked --ha-workers 1", "", "./run up stacked --ha-workers 1 --ha-provider vagrant"),
        ("./run clean x  # removes it", "stacked", "./run clean x  # removes it"),
        ("free some", "stacked", "free some"),
        ("--ha-box local", "", "--ha-box local"),
        ("", "", ""),
    ],
)
def test_a_fix_repeats_the_settings_of_the_call_that_failed(fix: str, topology: str, completed: str) -> None:
    given = {"provider": "vagrant", "workers": "0", "keep": "always", "box": None}
    assert fixes.completed(fix, given, topology) == completed


def test_what_can_be_done_next_names_the_cluster_as_shortly_as_others_allow() -> None:
    one, other = "stacked-uploaded-1.37", "stacked-uploaded-1.36"
    assert fixes.next_commands(one, "cp1", [one, "external-uploaded-1.37"], {}) == (
        "./run ssh stacked cp1 · ./run kubeconfig stacked > F · ./run clean stacked"
    )
    assert fixes.next_commands(one, "cp1", [one, other], {"engine": "docker", "workers": "0"}) == (
        f"./run ssh --ha-engine docker {one} cp1 · ./run kubeconfig {one} --ha-engine docker > F · "
        f"./run clean {one} --ha-engine docker"
    )


def test_a_fix_finds_the_clusters_of_the_same_engine_and_quotes_values() -> None:
    given = {"engine": "docker", "kubelets": "-1,-2", "inventory": "/my hosts.toml"}
    assert fixes.completed("./run clean x  # removes it", given) == "./run clean x --ha-engine docker  # removes it"
    assert fixes.completed("./run up x", given) == (
        "./run up x --ha-engine docker --ha-kubelets=-1,-2 --ha-inventory '/my hosts.toml'"
    )


def test_a_call_that_failed_names_a_fix_with_its_settings(
    nothing: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "is_root", lambda: True)
    (nothing / "bin" / "podman").unlink()
    monkeypatch.setenv("PATH", f"{nothing}/bin:{nothing}")
    assert main(["up", "stacked", "--ha-engine", "podman", "--ha-workers=0"]) == 1
    assert (
        capsys.readouterr().err.splitlines()[-1] == "Try: ./run doctor stacked --fix --ha-engine podman --ha-workers 0"
    )


# Commands that need no machine, on a host where nothing is


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder in which nothing is, and a container engine that has nothing."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "podman").write_text("#!/bin/sh\n")
    (tmp_path / "bin" / "podman").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin", prepend=":")
    monkeypatch.setenv("HA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(local, "is_root", lambda: True)
    monkeypatch.setattr(catalog, "resolve", lambda *_: Release(Version(37, 2), "fake"))
    return tmp_path


@pytest.mark.parametrize(
    "words", [["status"], ["clean"], ["clean", "--all"], ["artifacts"], ["artifacts", "prune"], ["artifacts", "remove"]]
)
def test_verbs_end_well_where_nothing_is(nothing: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--ha-engine", "podman"]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == {"status": "no clusters\n", "clean": "nothing to remove\n"}.get(words[0], "")


def test_a_page_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert documentation.__main__.main(["check", "--kubeadm", "none", str(PAGE)]) == 0
    assert "orchard" in capsys.readouterr().out


def test_claims_of_a_page_are_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    page = source.read(str(PAGE))
    monkeypatch.setattr(documentation.__main__, "edition_of", lambda *_: edition.record(page, None))
    monkeypatch.setattr("documentation.claims.claim.claims", dict)
    documentation.__main__.main(["claims", str(PAGE)])
    assert "unbound" in capsys.readouterr().out


@pytest.mark.parametrize("options", [["--ha-provider", "vagrant"], ["stacked"], []])
def test_the_doctor_answers_on_every_host(
    nothing: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", *options]) in (0, 1)
    assert capsys.readouterr().out.startswith("ok  machines: ")

"""The commands that README.md and docs/ show, and what each of them is parsed by."""

from __future__ import annotations

import importlib
import shlex
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import bisection.__main__
import checks.cli.options
import checks.cli.ways
import documentation.__main__
import fixtures.check.__main__
import nightly.__main__
import provision.cli.parser
import resilience.figures.__main__
import resilience.histories.__main__
from commandline.words import HELP, WORDS
from fixtures.selections import SELECTIONS
from provision.config.options import OPTIONS
from provision.config.settings import Settings
from tests import container_hosts, join_times, repeated_runs
from tests.documentation_figures import __main__ as documentation_figures
from tests.plain_hosts import __main__ as plain_hosts
from tests.seeded import __main__ as seeded

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

PLACEHOLDER = "WORD"
"""What help itself has in place of a use or a verb."""

_OURS = ("./run ", ".tox/", "recipes/", "python -m ")
"""What a command inside a sentence begins with, if it is one of this project's: others are about kubeadm."""


def shown() -> dict[str, Path]:
    """Every command, without remarks and redirections, and the page that shows it."""
    return {command: page for page in PAGES for text in _texts(page.read_text()) if (command := bare(text))}


def _texts(page: str) -> Iterator[str]:
    for token in MarkdownIt().parse(page):
        if token.type == "code_block" or (token.type == "fence" and token.info in ("", "sh")):
            yield from token.content.splitlines()
        for child in token.children or ():
            if child.type == "code_inline" and child.content.startswith(_OURS):
                yield child.content


def bare(text: str) -> str:
    """A command without remark and redirection, its words quoted in one way."""
    words = shlex.split(text, comments=True)
    return shlex.join(words[: words.index(">")] if ">" in words else words)


def parse(command: str, pytest_parser: pytest.Parser) -> None:
    """Have the real parser of a command take it apart; raises SystemExit, ValueError or BadInput where it refuses."""
    program, *words = shlex.split(command)
    if program == "./run":
        _parse_run(words, pytest_parser)
    elif program == ".tox/harness/bin/pytest":
        _parse_pytest(words, pytest_parser)
    elif program == ".tox/harness/bin/python" and words[:2] == ["-m", container_hosts.__name__]:
        container_hosts._parser().parse_args(words[2:])
    elif program == ".tox/harness/bin/python" and words[:2] == ["-m", "tests.plain_hosts"]:
        plain_hosts._parser().parse_args(words[2:])
    elif program == ".tox/harness/bin/python" and words[:2] == ["-m", "tests.seeded"]:
        seeded._parser().parse_intermixed_args(words[2:])
    elif program == ".tox/harness/bin/python" and words[:2] == ["-m", "tests.documentation_figures"]:
        documentation_figures._parser().parse_args(words[2:])
    elif program == ".tox/harness/bin/python" and words[:2] == ["-m", "tests.repeated_runs"]:
        repeated_runs._parser().parse_args(words[2:])
    elif program == ".tox/harness/bin/python" and words[:2] == ["-m", "tests.join_times"]:
        join_times._parser().parse_args(words[2:])
    elif program == ".tox/harness/bin/python" and words[:2] == ["-m", "tests.harmless"]:
        importlib.import_module("tests.harmless.__main__")
    elif program == ".tox/harness/bin/python" and words[1] in (
        "tests.planted_lies",
        "tests.killed_faults",
        "tests.module_trees",
        "checks.outputs.catalogue",
    ):
        importlib.import_module(words[1])
    else:
        raise ValueError(f"nothing here parses {command}")


def _parse_run(words: list[str], pytest_parser: pytest.Parser) -> None:
    name, *given = words
    if name in (*HELP, PLACEHOLDER):
        return
    word = WORDS.get(name)
    if word is None:
        raise ValueError(f"./run knows no {name}")
    if word.module in ("fixtures", "tox"):
        selected = SELECTIONS[name].for_pytest if name in SELECTIONS else ()
        _parse_pytest([*selected, *given], pytest_parser)
    elif word.module == "fixtures.check":
        options = checks.cli.options.parser().parse_args(fixtures.check.__main__.divided(given)[0])
        if not options.explain:
            checks.cli.ways.refuse(options)
    elif word.module == "tests.seeded":
        seeded._parser().parse_intermixed_args([*word.passed, *given])
    elif word.module == "provision":
        _parse_verb(words, provision.cli.parser._parser())
    else:
        parsers = {
            "bisection": bisection.__main__._parser,
            "documentation": documentation.__main__._parser,
            "nightly": nightly.__main__._parser,
            "resilience.figures": resilience.figures.__main__._parser,
            "resilience.histories": resilience.histories.__main__._parser,
        }
        parser = parsers[word.module]()
        parser.parse_args([*word.passed, *given])


def _parse_verb(words: list[str], parser: ArgumentParser) -> None:
    options = vars(parser.parse_args(words))
    given = {option.name: options["ha_" + option.name.replace("-", "_")] for option in OPTIONS}
    Settings.of(given)


def _parse_pytest(words: list[str], pytest_parser: pytest.Parser) -> None:
    options, unknown = pytest_parser.parse_known_and_unknown_args(words)
    if unknown:
        raise ValueError(f"pytest knows no {' '.join(unknown)}")
    Settings.of({option.name: getattr(options, "ha_" + option.name.replace("-", "_")) for option in OPTIONS})

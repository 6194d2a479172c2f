"""Files that docstrings, comments and pages name exist."""

from __future__ import annotations

import pytest

from tests.named_paths import EXAMPLES, missing, places

KNOWN = ["provision/artifacts/images.py", "docs/running.md", "report/renamed.toml"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.py", '"""See `provision/artifacts/stores.py`."""', [(1, "provision/artifacts/stores.py")]),
        ("a.py", 'X = 1\n"""First line,\nand `stores.py`."""', [(3, "stores.py")]),
        ("a.py", "def f() -> None:\n    pass  # as artifacts/stores.py has it", [(2, "artifacts/stores.py")]),
        ("a.md", "more\nin [running](docs/walking.md)", [(2, "docs/walking.md")]),
        ("a.md", "`report/old.toml` and `provision/images.py`", [(1, "report/old.toml"), (1, "provision/images.py")]),
    ],
)
def test_a_path_that_does_not_exist_is_found_at_its_line(name: str, text: str, expected: list[tuple[int, str]]) -> None:
    assert list(missing(name, text, KNOWN)) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", '"""`provision/artifacts/images.py`, `artifacts/images.py` and (`images.py`)."""'),
        ("a.py", 'PROGRAM = "tests/made_up.py"  # a program of a test'),
        (
            "a.py",
            '"""Of your own: hosts.toml, /usr/lib/python3/x.py, https://example.org/docs/x.md, ~/x.py, test_*.py."""',
        ),
        ("a.md", "`kubeadm-config.yaml`, `content/en/docs/setup/page.md`, `runs/<time>/report.json`"),
        ("a.md", " ".join(sorted(EXAMPLES))),
    ],
)
def test_a_path_that_exists_an_example_and_another_programs_file_are_not_found(name: str, text: str) -> None:
    assert list(missing(name, text, KNOWN)) == []


def test_every_file_that_the_project_names_exists() -> None:
    assert places() == []

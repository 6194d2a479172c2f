"""What is typed of a block: comments obeyed, placeholders filled in, nothing left open."""

from __future__ import annotations

import pytest

from documentation.execution.rendering import filled, left_open, obeyed
from documentation.language.words import Words
from documentation.pages import markdown
from documentation.pages.block import Kind

SCRIPT = """```sh
for tree in ${TREES}; do
    # Skip the next line if seeds are elsewhere
    plant seed $tree
    # %s
    plant leaf $tree # customizable
done
```
"""


@pytest.mark.parametrize(
    ("language", "comment", "external", "left"),
    [
        ("en", "as you like", False, ["seed", "leaf"]),
        ("en", "as you like", True, ["leaf"]),
        ("en", "Run this when seeds are elsewhere", False, ["seed"]),
        ("en", "Run this when seeds are elsewhere", True, ["leaf"]),
        ("tlh", "Run this when seeds are elsewhere", True, ["seed", "leaf"]),
    ],
)
def test_comments_about_external_etcd_are_obeyed(language: str, comment: str, external: bool, left: list[str]) -> None:
    [block] = markdown.parse(SCRIPT % comment, language=language).blocks
    text = obeyed(block, Words.of(language), external=external)
    assert [line.split()[1] for line in text.splitlines() if line.lstrip().startswith("plant")] == left


@pytest.mark.parametrize(
    ("text", "values", "becomes"),
    [
        ("nc GATE_IP GATE_PORT", {"GATE_IP": "10.9.8.7", "GATE_PORT": "1"}, "nc 10.9.8.7 1"),
        ("nc <GATE_IP>", {"GATE_IP": "10.9.8.7"}, "nc 10.9.8.7"),
        ('export TREES="10.0.0.7 10.0.0.8" # mine', {"TREES": "a b"}, 'export TREES="a b" # mine'),
        ("USER=ubuntu # yours\necho ${USER}", {"USER": "farmer"}, "USER=farmer # yours\necho ${USER}"),
        ("ssh -A 10.0.0.7", {"10.0.0.7": "10.9.8.7"}, "ssh -A 10.9.8.7"),
        ("ssh -A 10.0.0.70", {"10.0.0.7": "10.9.8.7"}, "ssh -A 10.0.0.70"),
    ],
)
def test_values_go_in_for_placeholders_variables_and_examples(text: str, values: dict[str, str], becomes: str) -> None:
    assert filled(text, values) == becomes


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nc GATE_IP <PORT>", ["GATE_IP", "PORT"]),
        ("echo ${TREE_NAME} $TREE_AGE", []),
        ("TREE_NAME=pear", []),
        ("a: b # change TREE_NAME", []),
    ],
)
def test_placeholders_that_are_not_filled_in_are_found(text: str, names: list[str]) -> None:
    assert left_open(text, Kind.COMMAND) == names

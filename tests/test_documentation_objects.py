"""Objects of the Kubernetes API, by a small description in the form of a release's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from documentation.findings.rules import Finding
from documentation.pages import markdown
from documentation.programs.programs import Programs
from documentation.programs.schemas import Schemas
from documentation.reports import all_rules
from provision.util.home import Home

KIND = "x-kubernetes-group-version-kind"
META = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
TREE = {
    "type": "object",
    "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"$ref": "#/definitions/meta"},
        "height": {"type": "integer"},
        "evergreen": {"type": "boolean"},
        "water": {"$ref": f"#/definitions/{QUANTITY}"},
        "branches": {"type": "array", "items": {"$ref": "#/definitions/branch"}},
        "anything": {"type": "object"},
    },
    KIND: [{"group": "garden", "kind": "Tree", "version": "v1"}],
}
DEFINITIONS = {
    "meta": META,
    QUANTITY: {"type": "string"},
    "branch": {"properties": {"length": {"type": "integer"}, "leaf": {"$ref": "#/definitions/branch"}}},
    "tree": TREE,
    "pod": {"type": "object", KIND: [{"group": "", "kind": "Pod", "version": "v1"}]},
}


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    folder = tmp_path / "artifacts" / "openapi-0"
    folder.mkdir(parents=True)
    (folder / "swagger.json").write_text(json.dumps({"definitions": DEFINITIONS}))
    (folder / "artifact.json").write_text(json.dumps({"inputs": {"version": "v1.37.2"}}))
    return Programs(schemas=Schemas.find("v1.37.2", Home(tmp_path)))


def _found(lines: str, programs: Programs) -> list[Finding]:
    page = markdown.parse(f"```yaml\n{lines}\n```\n")
    return [each for each in all_rules.check(page, programs) if each.check == "object"]


@pytest.mark.parametrize(
    ("lines", "what", "line"),
    [
        ("hight: 3", "has no field hight", 4),
        ("metadata:\n  nam: oak", "has no field metadata.nam", 5),
        ("height: tall", "height is string, and has to be integer", 4),
        ("height: true", "height is boolean, and has to be integer", 4),
        ("branches:\n- length: 1\n- length: long", "branches.length is string", 5),
        ("branches:\n  length: 1", "branches is object, and has to be array", 4),
        ("branches:\n- leaf:\n    leaf:\n      colour: green", "has no field branches.leaf.leaf.colour", 7),
    ],
)
def test_fields_and_types_that_a_kind_does_not_have_are_found(
    lines: str, what: str, line: int, programs: Programs
) -> None:
    [found] = _found(f"apiVersion: garden/v1\nkind: Tree\n{lines}", programs)
    assert (what in found.what, found.line) == (True, line), found


@pytest.mark.parametrize(
    "lines",
    [
        "height: 1\nevergreen: true\nwater: 3\nbranches: []\nanything:\n  a: 1",
        "metadata:\n  labels:\n    a.b/c: d\nwater: 100Mi\nbranches:",
        "height: <integer>\nbranches: ...\nevergreen: $WHETHER\nmetadata: ...",
        "height: [1|2]",
        "metadata:\n  name: 2023-02-31",
        "metadata:\n...\n  colour: green",
    ],
)
def test_healthy_objects_and_what_stands_for_something_else_are_quiet(lines: str, programs: Programs) -> None:
    assert _found(f"apiVersion: garden/v1\nkind: Tree\n{lines}", programs) == []


def test_a_version_that_is_gone_is_found_with_those_that_there_are(programs: Programs) -> None:
    [found] = _found("apiVersion: garden/v1beta1\nkind: Tree", programs)
    assert "is not in v1.37.2, but garden/v1" in found.what


@pytest.mark.parametrize(
    ("api", "kind", "count"),
    [
        ("garden/v1", "Shrub", 1),
        ("v1", "Config", 0),
        ("v1", "List", 0),
        ("other/v1", "Shrub", 0),
        ("garden/v1", "PruningReview", 0),
        ("v1", "<kind>", 0),
    ],
)
def test_a_kind_is_only_missed_where_the_api_has_its_group(api: str, kind: str, count: int, programs: Programs) -> None:
    assert len(_found(f"apiVersion: {api}\nkind: {kind}\nsome: thing", programs)) == count


def test_an_old_version_under_a_tab_of_its_name_is_quiet(programs: Programs) -> None:
    block = "```yaml\napiVersion: garden/v1beta1\nkind: Tree\n```\n"
    page = markdown.parse(f'{{{{% tab name="garden/v1beta1" %}}}}\n\n{block}\n{{{{% /tab %}}}}\n')
    assert page.blocks[0].within == ("garden/v1beta1",)
    assert [each for each in all_rules.check(page, programs) if each.check == "object"] == []


def test_an_object_without_a_version_is_quiet(programs: Programs) -> None:
    assert _found("kind: Tree\nhight: 3", programs) == []


def test_a_description_of_another_release_is_not_taken(tmp_path: Path, programs: Programs) -> None:
    assert programs.schemas
    assert Schemas.find("v1.36.3", Home(tmp_path)) is None

"""English that a translation keeps in comments: no finding stands on it, and no correction changes it."""

from __future__ import annotations

import pytest

from documentation.findings.edits import line_of, lines_of, replaced
from documentation.pages import markdown
from documentation.pages.block import Kind
from documentation.pages.kept import hidden
from documentation.reports import all_rules

SHOWN = "船は`boat`に\n係留します。\n"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("a\n<!--\nb\n-->\nc\n", {2, 3, 4}),
        ("a\n<!-- b -->\nc\n", {2}),
        ("a <!-- b\nc\nd --> e\n", {2}),
        ("a `<!--` b\nc\n\nd\n", set()),
        ("`a` <!--\nb\n-->\n", {2, 3}),
        ("```html\n<!--\n```\na\n", set()),
        ("<!--\n```\na\n```\n-->\nb\n", {1, 2, 3, 4, 5}),
        ("<!-- a --> <!--\nb\n--> c\n", {1, 2}),
        ("a < b\n", set()),
    ],
)
def test_the_lines_that_no_reader_sees_are_known(text: str, numbers: set[int]) -> None:
    assert hidden(text) == numbers


def test_the_lines_of_a_block_end_where_the_english_of_the_next_one_begins() -> None:
    page = markdown.parse(f"{SHOWN}\n<!--\nTie the boat to the pier.\n-->\n次。\n", "page", "ja")
    block = page.blocks[0]
    assert [number for number, _ in lines_of(page, block)] == [1, 2, 3]
    assert line_of(page, block, "pier") == 1


def test_a_comment_inside_a_paragraph_is_a_line_of_no_block() -> None:
    page = markdown.parse("One <!-- two\nthree\n--> four.\n", "page", "ja")
    assert [[number for number, _ in lines_of(page, each)] for each in page.blocks] == [[1], [3]]


def test_a_comment_in_code_is_a_line_that_a_reader_sees() -> None:
    page = markdown.parse("```xml\n<a>\n<!-- two -->\n</a>\n```\n", "page", "ja")
    [block] = [each for each in page.blocks if each.kind.code]
    assert (block.kind is not Kind.PROSE, "<!-- two -->" in [text for _, text in lines_of(page, block)]) == (True, True)


def test_a_correction_leaves_the_hidden_english_as_it_is() -> None:
    text = "Use kubectl the the tool.\n\n<!--\nUse kubectl the the tool.\n-->\n次。\n"
    found = [each for each in all_rules.check(markdown.parse(text, "page", "en"), None) if each.check == "twice"]
    assert [(each.line, [edit.line for edit in each.edits]) for each in found] == [(1, [1])]


def test_a_name_is_replaced_where_a_reader_sees_it() -> None:
    page = markdown.parse(f"{SHOWN}\n<!--\nTie the `boat` to the pier.\n-->\n次。\n", "page", "ja")
    assert [each.line for each in replaced(page, page.blocks[0], "boat", "ship")] == [1]

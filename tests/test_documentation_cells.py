"""Findings in Markdown: a value is code, whatever it has in it, and nothing acts as markup."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from documentation.reports.cells import cell


def _shown(sentence: str) -> tuple[list[str], str, int]:
    """What a reader of the table sees: the code spans, all of the text, and how many cells there are."""
    table = f"| a | b |\n| --- | --- |\n| {cell(sentence)} | end |\n"
    tokens = [each for each in MarkdownIt("commonmark").enable("table").parse(table) if each.type == "inline"]
    children = tokens[2].children or []
    assert {each.type for each in children} <= {"text", "code_inline", "text_special"}
    spans = [each.content for each in children if each.type == "code_inline"]
    return spans, "".join(each.content for each in children), len(tokens)


@pytest.mark.parametrize(
    ("sentence", "spans"),
    [
        ("`<private-ip>` became `*none* of __it__ | here`", ["<private-ip>", "*none* of __it__ | here"]),
        ("`echo `date`` became `echo `date -u``", ["echo `date`", "echo `date -u`"]),
        ("Trial.note: *all* of __it__ | here became <b>none</b>", []),
        ("see [a link](https://a.test) and ![a picture](x)", []),
        ("unexpected EOF while looking for matching ``'", []),
        ("a lone ` backtick and *stars*", []),
        ("writes to `/etc`, and `~x~`", ["/etc", "~x~"]),
    ],
)
def test_values_are_code_and_nothing_else_is_markup(sentence: str, spans: list[str]) -> None:
    found, text, cells = _shown(sentence)
    assert (found, cells) == (spans, 4)
    assert text.replace("`", "") == sentence.replace("`", "")

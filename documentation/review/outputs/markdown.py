"""A review as Markdown that fits into a comment of a pull request: values of pages are code, and act on nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from documentation.review.outputs.summary import accepted, counted, heading, headline, improved, number, quiet
from documentation.review.review import Noted, Review, ReviewedPage
from provision.util.characters import visible

LIMIT = 65_000  # characters: GitHub refuses comments of more than 65,536
_ROOM = 400  # characters of it for the last lines, which say what was left out
_TEXT = 160  # characters of a page's line that are shown: more makes rows that are too long to read
_SIGNS = re.compile(r"[\\`*_{}\[\]<>#~|@$]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


def document(review: Review) -> str:
    """The review as Markdown; what does not fit is counted."""
    lines = [f"### {plain(headline(review))}"]
    left_out = 0
    for page in review.pages:
        part = [] if page in quiet(review) else ["", *_page(page)]
        if sum(map(len, lines)) + sum(map(len, part)) + len(lines) + len(part) < LIMIT - _ROOM:
            lines += part
        else:
            left_out += 1
    if left_out:
        lines += ["", f"{number(left_out, 'page')} more with findings did not fit in here: the JSON has them."]
    end = "\n".join(_ends(review))
    text = "\n".join(lines).rstrip() + "\n"
    return text + (f"\n{end}\n" if len(text) + len(end) + 2 < LIMIT else "")


def _page(page: ReviewedPage) -> Iterator[str]:
    found = [each for each in page.counted if each.weight != "remark"]
    remarks = [each for each in page.counted if each.weight == "remark"]
    yield f"#### {code(page.path)}"
    yield ""
    yield f"{plain(heading(page))}: {counted(list(page.counted))}"
    yield from _table(found)
    yield from _folded(number(len(remarks), "remark"), remarks)
    yield from _folded(f"Better than before: {number(len(improved(page)), 'line')}", improved(page))
    yield from (f"\n{plain(each)}" for each in page.limits)


def _folded(title: str, findings: list[Noted]) -> Iterator[str]:
    if findings:
        yield from ("", f"<details><summary>{title}</summary>", *_table(findings), "", "</details>")


def _table(findings: Iterable[Noted]) -> Iterator[str]:
    rows = [_row(each) for each in findings]
    if rows:
        yield from ("", "| | line | what | suggestion |", "| --- | --- | --- | --- |", *rows)


def _row(noted: Noted) -> str:
    text = visible(noted.text)
    shown = f"<br>{code(text[:_TEXT] + ('…' if len(text) > _TEXT else ''))}" if text else ""
    return f"| {noted.weight} | {noted.line} | {plain(noted.what)}{shown} | {plain(noted.fix)} |"


def _ends(review: Review) -> Iterator[str]:
    silent = quiet(review)
    if silent:
        yield from (f"<details><summary>Nothing on {number(len(silent), 'page')}</summary>", "")
        yield from (f"- {code(each.path)}" for each in silent[:100])  # all others are counted in the title
        yield from ("", "</details>", "")
    for page, each in accepted(review):
        yield f"- Accepted: {code(page.path)} line {each.line}, {each.rule}: {plain(each.accepted)}"
    yield from (f"- Not read, since it is not Markdown: {code(path)}" for path in review.unread)
    yield from (f"- {plain(each)}" for each in review.notes)


def plain(text: str) -> str:
    """A sentence whose code spans stay code; nothing else in it is markup, a mention or a cell's end."""
    parts = re.split(r"(`[^`]+`)", visible(text))
    return "".join(
        code(each[1:-1]) if len(each) > 1 and each[0] == each[-1] == "`" else _escaped(each) for each in parts
    )


def code(text: str) -> str:
    """A value as code, whatever stands in it. One that is read from right to left leaves its sentence as it is."""
    text = visible(text).strip()
    if not text:
        return ""
    fence = "`" * (max((len(each) for each in re.findall("`+", text)), default=0) + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    span = f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")
    return f'<span dir="auto">{span}</span>' if _RIGHT_TO_LEFT.search(text) else span


def _escaped(text: str) -> str:
    def sign(match: re.Match[str]) -> str:
        return {"<": "&lt;", ">": "&gt;", "@": "&#64;"}.get(match[0], f"\\{match[0]}")

    return re.sub("://", ":&#47;&#47;", _SIGNS.sub(sign, text))

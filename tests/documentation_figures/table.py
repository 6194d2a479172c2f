"""The figures as people read them: text and Markdown, each with how it was counted, and what was not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure: `rest` lists what a person should read, `uncounted` what could not be counted, with why."""

    what: str
    value: str
    how: str
    goal: str = ""
    rest: tuple[str, ...] = ()
    uncounted: tuple[str, ...] = ()


def share(part: int, whole: int) -> str:
    """As in `4 of 25, 16 %`."""
    return f"{part} of {whole}, {100 * part / whole:.1f} %" if whole else "none to count"


def text(figures: list[Figure], *, lists: bool) -> str:
    """Lines for a terminal."""
    lines = []
    for each in figures:
        lines.append(f"{each.what}: {each.value}{f' (goal: {each.goal})' if each.goal else ''}")
        lines += [f"    {line}" for line in (each.rest if lists else ())]
        lines += [f"    not counted: {line}" for line in each.uncounted]
    return "\n".join(lines) + "\n"


def markdown(figures: list[Figure], title: str) -> str:
    """A table, and below it the lists."""
    lines = [f"# {title}", "", "| what | counted | goal | how |", "| --- | --- | --- | --- |"]
    lines += [f"| {' | '.join(map(_cell, (each.what, each.value, each.goal, each.how)))} |" for each in figures]
    for each in figures:
        if each.rest or each.uncounted:
            lines += ["", f"## {each.what}", ""]
            lines += [f"- {_cell(line)}" for line in each.rest]
            lines += [f"- not counted: {_cell(line)}" for line in each.uncounted]
    return "\n".join(lines) + "\n"


def _cell(value: str) -> str:
    return " ".join(value.split()).replace("|", "\\|")

"""An execution for an issue: what became of each block, what came back, and what to change."""

from __future__ import annotations

from doccheck.execution.results import Outcome, Result
from doccheck.execution.runner import Execution

_TOLD = (Outcome.DEFECT, Outcome.FAILED, Outcome.STALE, Outcome.ABSENT, Outcome.UNBOUND)


def render(done: Execution) -> str:
    """A table of all blocks, then each that a writer has to look at with what came back."""
    title = f"### {done.page.name} ({done.page.language}) on {done.cluster}, Kubernetes {done.version}"
    lines = [title, "", "| line | block | outcome | why |", "| --- | --- | --- | --- |"]
    lines += [f"| {each.line} | {each.block} | {each.outcome} | {_cell(each.why)} |" for each in _ordered(done)]
    for each in _ordered(done):
        if each.outcome in _TOLD and each.tries:
            lines += _told(each)
    if done.stopped:
        lines += ["", "**Stopped**, since nothing helped:", "", *_fenced(done.stopped)]
    return "\n".join([*lines, "", f"{done.coverage}."]) + "\n"


def _ordered(done: Execution) -> list[Result]:
    return sorted(done.results, key=lambda each: each.line)


def _told(result: Result) -> list[str]:
    lines = ["", f"#### Line {result.line}: {result.outcome}", ""]
    for each in result.tries:
        answer = f"exit status {each.rc}" + (f", failed inside: {'; '.join(each.failed)}" if each.failed else "")
        lines += [
            f"{each.lane}, on {each.machine}:",
            "",
            *_fenced(each.command),
            "",
            f"{answer}",
            "",
            *_fenced(each.answer),
            "",
        ]
    return [*lines, f"Suggestion: {result.mend}"] if result.mend else lines


def _fenced(text: str) -> list[str]:
    return ["```", text.rstrip() or "(nothing)", "```"]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")

"""The verb `review`: all changed pages between two revisions, written in the forms that were requested."""

from __future__ import annotations

import argparse
from pathlib import Path

from documentation.programs.programs import Programs
from provision.util.arguments import Parser
from provision.util.errors import BadInput

_FORMS = {
    "text": "lines for a terminal; the default, on standard output",
    "markdown": "Markdown, fit for a comment on a pull request",
    "html": "a page",
    "json": "JSON, as docs/review.schema.json describes it",
    "sarif": "SARIF 2.1.0",
    "annotations": "workflow commands that GitHub shows at the lines of the change",
}
_STANDARD_OUTPUT = Path("-")


def add_options(parser: Parser) -> None:
    """The options of the verb."""
    parser.add_argument("change", metavar="REPOSITORY@BASE..HEAD", help="or BASE...HEAD: since HEAD left BASE")
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="accepted findings, each with a reason and a date"
    )
    parser.add_argument("--fail-on", choices=("breaks", "misleads"), default="misleads", help="default: misleads")
    kept = parser.add_argument_group("what is written; - is standard output")
    for name, help in _FORMS.items():
        kept.add_argument(f"--{name}", type=Path, metavar="FILE", help=help)


def run(options: argparse.Namespace, programs: Programs | None) -> int:
    """Review the change, write what was requested, and return the exit status."""
    from documentation.review import known  # with all that writes, for which a check does not wait
    from documentation.review.changes import range_of
    from documentation.review.outputs import forms
    from documentation.review.review import of_change

    files = {name: getattr(options, name) for name in _FORMS if getattr(options, name)} or {"text": _STANDARD_OUTPUT}
    if list(files.values()).count(_STANDARD_OUTPUT) > 1:
        raise BadInput("only one form can be written to standard output", fix="name a file for the others")
    baseline = known.load(options.baseline) if options.baseline else known.Baseline()
    made = of_change(range_of(options.change), programs, baseline, options.fail_on)
    for name, file in files.items():
        _write(file, forms.document(name, made))
    return made.status


def _write(file: Path, content: str) -> None:
    if file == _STANDARD_OUTPUT:
        print(content, end="")
        return
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{file} cannot be written", answer=str(error)) from None

"""A review as a page: its Markdown, rendered. Nothing is loaded from elsewhere, and no script runs."""

from __future__ import annotations

from markdown_it import MarkdownIt

from documentation.review.outputs import markdown
from documentation.review.outputs.summary import headline
from documentation.review.review import Review
from provision.util.characters import visible

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem;
       overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { border: 1px solid #8888; padding: .3rem .6rem; text-align: start; vertical-align: top; }
th, td:nth-child(-n+2) { overflow-wrap: normal; }
td:nth-child(3) { width: 60%; }
code { font: 13px/1.4 ui-monospace, monospace; background: #8882; padding: 0 .25em; unicode-bidi: isolate;
       overflow-wrap: anywhere; }
summary { cursor: pointer; margin: .5rem 0; }
@media (max-width: 45rem) { /* each finding is a box of its own: four columns are too narrow on a phone */
  body { margin: 1rem auto; }
  table, tbody, tr, td { display: block; }
  thead { display: none; }
  tr { border: 1px solid #8888; margin: .5rem 0; padding: .3rem .6rem; }
  td, td:nth-child(3) { border: 0; padding: .15rem 0; width: auto; }
  td:nth-child(-n+2) { display: inline-block; font-weight: bold; margin-inline-end: .3em; }
  td:nth-child(2)::before { content: "line "; }
  td:nth-child(4)::before { content: "Try: "; }
  td:empty { display: none; }
}
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } }
"""


def document(review: Review) -> str:
    """The review as an HTML page."""
    body = MarkdownIt("commonmark").enable("table").render(markdown.document(review))
    title = visible(headline(review)).replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{_STYLE}</style>\n'
        f"<body>\n{body}</body>\n</html>\n"
    )

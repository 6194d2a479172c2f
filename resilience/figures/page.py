"""Where tables of figures stand in a page: each between two marks, and nothing else of the page is touched. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from provision.util.errors import BadInput

END = "<!-- The end of the figures. -->"


def begin(of: str) -> str:
    """The mark before the figures of something."""
    return f"<!-- Figures of {of}: written by ./run figures, from docs/faults/figures.jsonl. Never by hand. -->"


def written(page: str, tables: Mapping[str, str]) -> str:
    """The page with these tables, by what they are of. Raises BadInput where the place of one is not marked, once."""
    for of, table in tables.items():
        page = _with(page, begin(of), table)
    return page


def _with(page: str, mark: str, table: str) -> str:
    before, _, rest = page.partition(mark)
    older, end, after = rest.partition(END)
    if page.count(mark) != 1 or not end or "<!-- Figures" in older:
        raise BadInput(f"the page has no place for a table: two lines, {mark} and {END}")
    return f"{before}{mark}\n\n{table}\n{END}{after}"

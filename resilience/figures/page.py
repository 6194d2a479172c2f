"""The table's place in a page: between two marks, and nothing else of the page is touched. Pure."""

from __future__ import annotations

from provision.errors import BadInput

BEGIN = "<!-- Figures: written by ./run figures, from docs/faults/figures.jsonl. Never by hand. -->"
END = "<!-- The end of the figures. -->"


def written(page: str, table: str) -> str:
    """The page with this table in it. Raises BadInput where its place is not marked, once."""
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise BadInput(f"the page has no place for the table: two lines, {BEGIN} and {END}")
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table}\n{END}{rest.partition(END)[2]}"

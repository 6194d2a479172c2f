"""Links that name a page's file: they lead somewhere only where a site has a template that makes addresses of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.findings.rules import Weight
from documentation.pages import source
from documentation.reports import all_rules
from documentation.site.place import place_of
from tests.sites import PIER, SITE, write

LINK = "See [it](/docs/pier.md)."


def _found(folder: Path, *templates: str) -> list[tuple[str, str, str, Weight]]:
    for each in templates:
        (folder / each).parent.mkdir(parents=True, exist_ok=True)
        (folder / each).write_text("{{ .Text }}\n")
    (folder / PIER).write_text(SITE[PIER] + "\n" + LINK + "\n")
    place = place_of(str(folder / PIER), str(folder))
    found = all_rules.check(source.read(str(folder / PIER)), None, place)
    return [(each.check, each.what, each.fix, each.weight) for each in found if each.check == "site-link"]


def test_a_link_to_a_file_leads_nowhere_on_a_site_without_a_template_for_links(tmp_path: Path) -> None:
    [(_, what, fix, weight)] = _found(write(tmp_path / "site"), "layouts/docs/single.html")
    assert ("/docs/pier.md" in what, fix, weight) == (True, "perhaps `/docs/pier/`", Weight.MISLEADS)


@pytest.mark.parametrize(
    "template",
    [
        "layouts/_default/_markup/render-link.html",
        "layouts/_markup/render-link.html",
        "themes/sea/layouts/_default/_markup/render-link.html",
    ],
)
def test_where_there_is_such_a_template_it_leads_to_the_page(tmp_path: Path, template: str) -> None:
    assert _found(write(tmp_path / "site"), "layouts/docs/single.html", template) == []


def test_where_the_sites_templates_are_unknown_it_may(tmp_path: Path) -> None:
    assert _found(write(tmp_path / "site")) == []

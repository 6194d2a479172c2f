"""A report as a page."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from hypothesis import given

from checks.comparing import compared
from checks.findings import Report
from checks.outputs import page
from tests.bad_report import SURVIVES, bad_report, large_report, without_login
from tests.generated import Page
from tests.hostile import patiently, reports


def _page(folder: Path, html: str) -> Page:
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8", errors="replace", newline="")
    return Page(file)


def test_the_page_says_what_the_text_says_in_the_same_order(tmp_path: Path) -> None:
    shown = _page(tmp_path, page.rendered(bad_report()))
    assert f"<h1>{SURVIVES}</h1>" in shown.html
    places = [
        shown.html.index(f"<code>{id}</code>") for id in ("KHA-CERT-001", "KHA-ETCD-004", "KHA-CERT-003", "KHA-LB-002")
    ]
    assert places == sorted(places)
    assert shown.html.index("Findings</h2>") < shown.html.index("Accepted</h2>") < shown.html.index("Undecided</h2>")
    assert "permission to list certificatesigningrequests" in shown.text
    assert "The installer of branch offices needs it until they are moved." in shown.text


def test_evidence_is_folded(tmp_path: Path) -> None:
    html = _page(tmp_path, page.rendered(bad_report())).html
    assert re.search(r"<details><summary>Evidence</summary><pre[^>]*>https://198.18.0.13:2379: context deadline", html)


def test_a_cell_of_the_overview_leads_to_its_finding(tmp_path: Path) -> None:
    html = _page(tmp_path, page.rendered(bad_report())).html
    link = re.search(r'href="#(finding-\d+)" title="KHA-ETCD-004 on cp3: critical', html)
    assert link
    assert html.index(f'id="{link[1]}"') < html.index("cp3: its member of etcd does not answer")


def test_the_page_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    html = _page(tmp_path, page.rendered(bad_report())).html
    assert not re.search(r"<(script|link|img|iframe|object)\b|\bsrc=|url\(|@import", html)
    assert "default-src 'none'" in html


def test_other_reports_are_drawn_too(tmp_path: Path) -> None:
    for report in (without_login(), large_report()):
        assert "Overview" in _page(tmp_path, page.rendered(report, comparison=compared(bad_report(), report))).text


def test_only_a_web_address_becomes_a_link() -> None:
    assert page._link("javascript:alert(1)") == ""
    assert page._link("https://kubernetes.io/") == "https://kubernetes.io/"


@patiently
@given(reports())
def test_no_text_of_a_cluster_becomes_markup(report: Report) -> None:
    html = page.rendered(report, comparison=compared(report, report), remark="<hr>")
    assert "<script" not in html
    assert "<hr" not in html
    assert html.count("</style>") == 1
    assert all(each.startswith(("#", "http")) for each in re.findall(r'href="([^"]*)"', html))
    assert "\x1b" not in unescape(html)
    assert html.count("{{ 7*7 }}") >= report.survives.count("{{ 7*7 }}")

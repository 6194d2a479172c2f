"""The release that a page's site documents: read from its configuration, and what it excuses in an edit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from documentation.drift import other_release
from documentation.findings.rules import Finding, Weight
from documentation.pages import markdown, release, source
from documentation.pages.block import Page
from documentation.programs.programs import Programs
from documentation.reports import report
from documentation.site.place import site_at
from tests import fake_programs
from tests.sites import PIER, SITE, site

OURS = "v1.37.2"
CONFIGURATION = '[params]\nversion = "%s"\nlatest = "v1.37"\n'


def _weight(check: str, what: str, documented: str, fix: str = "", weight: Weight = Weight.BREAKS) -> Weight:
    [found] = other_release.weighed([Finding(weight, check, 2, "a/b", what, fix)], documented, OURS)
    return found.weight


REFUSED = [
    ("kubeadm", "kubeadm upgrade apply has no flag --feature-gates in v1.37.2", "see `kubeadm upgrade apply --help`"),
    ("kubeadm", "kubeadm alpha has no `phase` in v1.37.2", "write `kubeadm init phase certs all`"),
    ("kubelet", "kubelet has no flag --allow-privileged in v1.37.2", "see `kubelet --help`"),
    ("kubeadm", "kubeadm join has no flag --experimental-control-plane in v1.37.2", "write `--control-plane`"),
    ("flag", "`--pull-always` is not a flag of kubeadm v1.37.2, nor of a program beside it", ""),
    ("api", "v1.37.2 does not read the configuration API v1beta2: your file uses an old API spec", ""),
]


@pytest.mark.parametrize(("check", "what", "fix"), REFUSED)
@pytest.mark.parametrize(
    ("documented", "weight"),
    [("v1.17", Weight.REMARK), ("v1.36", Weight.REMARK)] + [(each, Weight.BREAKS) for each in ("v1.37", "v1.38", "")],
)
def test_what_programs_refuse_is_a_remark_on_a_page_of_an_earlier_release_alone(
    check: str, what: str, fix: str, documented: str, weight: Weight
) -> None:
    assert _weight(check, what, documented, fix) is weight


def test_the_remark_names_both_releases() -> None:
    [found] = other_release.weighed([Finding(Weight.BREAKS, *REFUSED[0][:1], 2, "a/b", REFUSED[0][1])], "v1.27", OURS)
    assert found.what.endswith("in v1.37.2; the page's site documents v1.27, and v1.37.2 decides")
    assert found.identity == ("kubeadm", REFUSED[0][1])


@pytest.mark.parametrize(
    ("check", "what", "fix"),
    [
        ("kubeadm", "kubeadm join has no flag --control-plan in v1.37.2", "write `--control-plane`"),
        ("kubeadm", "kubeadm has no `jion` in v1.37.2", "write `kubeadm join`"),
        ("api", "v1.37.2 does not read the configuration API v1beta9: no kind is registered", ""),
        ("configuration", "v1.37.2 refuses this configuration: unknown field", ""),
        ("script", "a shell cannot read this script", ""),
    ],
)
def test_what_no_release_had_breaks_on_a_page_of_any_release(check: str, what: str, fix: str) -> None:
    assert _weight(check, what, "v1.17", fix) is Weight.BREAKS


@pytest.mark.parametrize(("documented", "weight"), [("v1.26", Weight.REMARK), ("v1.27", Weight.MISLEADS)])
def test_a_registry_is_right_on_a_page_of_a_release_that_came_before_its_end(documented: str, weight: Weight) -> None:
    what = "k8s.gcr.io has had no new images since 2023"
    assert _weight("image", what, documented, weight=Weight.MISLEADS) is weight


def test_a_site_that_a_command_needs_is_gone_for_pages_of_all_releases() -> None:
    what = "godoc.org was closed in 2021, and only redirects"
    assert _weight("gone", what, "v1.17", weight=Weight.MISLEADS) is Weight.REMARK
    assert _weight("gone", what, "v1.17") is Weight.BREAKS


@pytest.mark.parametrize(
    ("configuration", "documented"),
    [
        (CONFIGURATION % "v1.28", "v1.28"),
        ('params = "none"\n', ""),
        ("[params]\nversion = 3\n", ""),
        ("[params\n", ""),
        ("", ""),
    ],
)
def test_a_release_is_read_from_a_sites_configuration(configuration: str, documented: str) -> None:
    assert release.documented(configuration) == documented


@pytest.mark.parametrize("name", ["hugo.toml", "config.toml"])
def test_a_page_of_a_revision_has_the_release_that_its_site_documents(tmp_path: Path, name: str) -> None:
    repository = site(tmp_path, {**SITE, name: CONFIGURATION % "v1.28"})
    assert source.read(f"{repository}@main:{PIER}").release == "v1.28"
    assert site_at(str(repository), "main").release == "v1.28"


def test_a_file_and_a_page_whose_site_says_nothing_have_no_release(tmp_path: Path) -> None:
    repository = site(tmp_path)
    assert source.read(f"{repository}@main:{PIER}").release == source.read(str(repository / PIER)).release == ""


STOOD = "## Steps\n\n```shell\nkubeadm init%s\n```\n"


def test_what_an_edit_puts_into_a_block_that_stood_there_breaks_on_a_page_of_any_release() -> None:
    programs = Programs(kubeadm=fake_programs.kubeadm())
    old, new = _page(STOOD % "", "v1.20"), _page(STOOD % " --pull-always", "v1.20")
    found = report.of_drift(old, new, programs)
    assert [(each.check, each.weight) for each in found.own] == [("kubeadm", Weight.BREAKS)]


OLD = "## Steps\n\nDo it.\n"
NEW = OLD + "\n```shell\nkubeadm init --pull-always\n```\n"


def _page(text: str, documented: str) -> Page:
    return replace(markdown.parse(text, "page.md", "en"), release=documented)


@pytest.mark.parametrize(
    ("old", "new", "status"), [("v1.20", "v1.20", 0), ("v1.20", "", 0), ("", "", 1), ("v1.20", "v1.37", 1)]
)
def test_an_edit_is_judged_by_the_release_of_the_new_page_or_of_the_revision_beside_a_file(
    old: str, new: str, status: int
) -> None:
    programs = Programs(kubeadm=fake_programs.kubeadm())
    assert report.of_drift(_page(OLD, old), _page(NEW, new), programs).status == status


def test_a_page_alone_is_checked_by_the_programs_at_hand_whatever_its_release() -> None:
    assert report.of_page(_page(NEW, "v1.20"), Programs(kubeadm=fake_programs.kubeadm())).status == 1

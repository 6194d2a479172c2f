"""What writers do to pages and is right: variables for values, sections for steps, a line more of an old release."""

from __future__ import annotations

from typing import cast

import pytest

from documentation.checks.configuration import an_api_that_kubeadm_does_not_read
from documentation.drift.compare import Comparison
from documentation.drift.improvements import Judged
from documentation.findings.rules import Finding, Weight
from documentation.pages import markdown
from documentation.pages.block import Page
from documentation.programs.kubeadm import Kubeadm
from documentation.reports import all_rules, report

SHELL = "## Steps\n\n```shell\n%s\n```\n"


def _status(old: str, new: str) -> int:
    return report.of_drift(_page(old), _page(new), None).status


def _page(text: str) -> Page:
    return markdown.parse(text, "page.md", "en")


TOOLS = "TOOLS=/opt/tools\nPARTS=(a b)\nls $TOOLS ${PARTS[0]}\nmkdir -p %s\n"


@pytest.mark.parametrize("value", ["$TOOLS", "${TOOLS}", "${PARTS[1]}"])
def test_a_variable_that_the_page_sets_may_stand_for_a_value(value: str) -> None:
    old, new = SHELL % (TOOLS % "/srv/tools"), SHELL % (TOOLS % value)
    assert (_status(old, new), _status(new, old)) == (0, 1)


@pytest.mark.parametrize(
    ("old", "new"), [("/srv/tools", "$TOOL"), ("$TOOLS", "${PARTS[1]}"), ("/srv/a/b", "/opt/$TOOLS/b")]
)
def test_a_variable_misleads_that_is_not_set_or_stands_for_another_or_beside_another_change(old: str, new: str) -> None:
    assert _status(SHELL % (TOOLS % old), SHELL % (TOOLS % new)) == 1


BOTH = '{"key": "node-role.kubernetes.io/master"}, {"key": "node-role.kubernetes.io/control-plane"}'
NEWER = '{"key": "node-role.kubernetes.io/control-plane"}'
PATCH = 'kubectl -n web patch ds garden -p=\'{"spec": {"tolerations": [%s]}}\''


def test_what_the_page_gave_up_may_go_from_a_line() -> None:
    assert _status(SHELL % (PATCH % BOTH), SHELL % (PATCH % NEWER)) == 0


def test_a_line_that_lost_something_else_with_what_the_page_gave_up_misleads() -> None:
    old, new = (SHELL % f"for each in a; do {PATCH % keys} {more}; done" for keys, more in [(BOTH, "-v"), (NEWER, "")])
    assert _status(old, new) == 1


def test_a_line_misleads_that_lost_what_the_page_still_has_elsewhere() -> None:
    still = "\n```shell\nkubectl get nodes -l node-role.kubernetes.io/master\n```\n"
    old, new = (SHELL % f"for each in a; do {PATCH % keys}; done" + still for keys in (BOTH, NEWER))
    assert _status(old, new) == 1


STEPS = "## Steps\n\n1. Dig the ground.\n2. Water the new plants every evening.\n3. Wait.\n"


def test_a_step_may_become_a_section() -> None:
    new = "## Water the new plants every evening\n\nUse a can.\n\n## Steps\n\n1. Dig the ground.\n2. Wait.\n"
    assert _status(STEPS, new) == 0


@pytest.mark.parametrize("heading", ["Water", "Tools for the evening"])
def test_a_step_of_which_a_new_section_has_only_a_word_is_missing(heading: str) -> None:
    assert _status(STEPS, f"## {heading}\n\nUse a can.\n\n## Steps\n\n1. Dig the ground.\n2. Wait.\n") == 1


def test_a_step_of_few_words_is_not_found_again_in_another_section() -> None:
    old = "## Steps\n\n1. Dig the ground.\n2. Run this:\n\n       ls\n\n3. Wait.\n"
    new = "## Run this\n\nUse a can.\n\n## Steps\n\n1. Dig the ground.\n2. Wait.\n"
    assert _status(old, new) == 1


class _ReadsFour:
    """A kubeadm that reads v1beta4 alone."""

    version = "v1.37.2"

    def refuses(self, text: str) -> str:
        return "" if "v1beta4" in text else "old API spec"


def _found(page: Page) -> list[Finding]:
    return [*an_api_that_kubeadm_does_not_read(page, cast("Kubeadm", _ReadsFour())), *all_rules.found(page, None)]


OF_THE_SITE = "yum install kubeadm-{{< skew currentVersion >}}.x-0"


@pytest.mark.parametrize("shown", ["1.36.x", "1.36.2"])
def test_the_version_of_the_site_may_stand_for_one_and_not_the_other_way_round(shown: str) -> None:
    old, new = SHELL % f"yum install kubeadm-{shown}-0", SHELL % OF_THE_SITE
    assert (_status(old, new), _status(new, old)) == (0, 1)


@pytest.mark.parametrize("other", ["kubeadm-{{< version >}}.x-0", "kubelet-{{< skew currentVersion >}}.x-0"])
def test_another_shortcode_or_another_change_beside_one_misleads(other: str) -> None:
    assert _status(SHELL % "yum install kubeadm-1.36.x-0", SHELL % f"yum install {other}") == 1


def test_one_shortcode_may_become_another_everywhere_and_misleads_in_one_place() -> None:
    old = SHELL % OF_THE_SITE + SHELL.replace("Steps", "More") % "kubeadm upgrade apply v{{< skew currentVersion >}}.x"
    assert _status(old, old.replace("currentVersion", "latestVersion")) == 0
    assert _status(old, old.replace("currentVersion", "latestVersion", 1)) == 1


COMMIT = "kubectl get -f https://raw.example.com/net/%s/net.yaml"


def test_another_commit_of_a_file_is_a_remark_and_a_slip_in_one_misleads() -> None:
    old, new, slip = (
        SHELL % (COMMIT % each) for each in ("c5d10c8", "bc79dd1505b0c8681ece4de4c0d86c5cd2643275", "c5d1oc8")
    )
    assert (_status(old, new), _status(old, slip), _status(old, old.replace("c5d10c8", "c5d10c9"))) == (0, 1, 1)


def test_numbers_of_shortcodes_are_none_of_the_sentence() -> None:
    old = "It is at {{< skew currentVersion >}} or {{< skew currentVersionAddMinor -1 >}}.\n"
    new = old.replace(" or", ", {{< skew currentVersionAddMinor -3 >}} or")
    assert (_status(old, new), _status("Wait two hours.\n", "Wait three hours.\n")) == (0, 1)


FLAGS = "Give `--csr-%s` a folder. If `--csr-%s` is missing, it is the usual one.\n"


def test_a_misspelled_flag_may_become_the_one_beside_it_if_the_page_has_it_nowhere_else() -> None:
    old, new = FLAGS % ("dir", "dire"), FLAGS % ("dir", "dir")
    still = "\n## More\n\nThere is `--csr-dire`, too.\n"
    assert (_status(old, new), _status(old + still, new + still)) == (0, 1)


def _own(old: str, new: str) -> dict[str, Weight]:
    before, after = _page(old), _page(new)
    own = Judged.of(Comparison.of(before, after), _found(before), _found(after)).own
    return {each.check: each.weight for each in own}


CONFIG = "## %s\n\n```yaml\napiVersion: kubeadm.k8s.io/%s\nkind: ClusterConfiguration\n```\n\n"
ADDED = CONFIG % ("More", "v1beta3") + "## Reference\n\nIt is [described](https://godoc.org/a).\n"


@pytest.mark.parametrize("version", ["v1beta2", "v1beta3"])
def test_what_is_out_of_date_on_a_page_of_an_older_release_is_a_remark_where_it_is_new(version: str) -> None:
    old = CONFIG % ("First", version)
    assert _own(old, CONFIG % ("First", "v1beta3") + ADDED).get("gone") is Weight.REMARK
    assert set(_own(old, old + ADDED).values()) == {Weight.REMARK}


def _judged(old: str, fault: Finding) -> Weight:
    before, after = _page(old), _page(old + ADDED)
    own = Judged.of(Comparison.of(before, after), _found(before), [*_found(after), fault]).own
    return next(each.weight for each in own if each.what == fault.what)


@pytest.mark.parametrize(
    ("check", "what", "weight"),
    [
        ("kubeadm", "kubeadm alpha has no `certs` in v1.37.2", Weight.REMARK),
        ("kubeadm", "kubeadm join has no flag --experimental-control-plane in v1.37.2", Weight.REMARK),
        ("config-map", "`kubelet-config-1.20` is not a ConfigMap of kubeadm since 1.24", Weight.REMARK),
        ("kubeadm", "kubeadm join has no flag --control-plan in v1.37.2", Weight.BREAKS),
        ("script", "a shell cannot read `kubeadm alpha`", Weight.BREAKS),
    ],
)
def test_a_former_name_is_a_remark_on_a_page_of_an_older_release(check: str, what: str, weight: Weight) -> None:
    fault = Finding(Weight.BREAKS, check, 2, "more/config-1", what)
    assert _judged(CONFIG % ("First", "v1beta2"), fault) is weight
    assert _judged(CONFIG % ("First", "v1beta4"), fault) is Weight.BREAKS


def test_a_former_name_breaks_where_the_page_has_the_newer_one() -> None:
    fault = Finding(
        Weight.BREAKS, "kubeadm", 2, "more/config-1", "kubeadm join has no flag --experimental-control-plane"
    )
    assert _judged(CONFIG % ("First", "v1beta2") + "Give it `--control-plane`.\n\n", fault) is Weight.BREAKS


@pytest.mark.parametrize(
    "old", ["", CONFIG % ("First", "v1beta4"), CONFIG % ("A", "v1beta2") + CONFIG % ("B", "v1beta4")]
)
def test_what_is_out_of_date_breaks_where_the_page_is_not_all_of_an_older_release(old: str) -> None:
    found = _own(old or "## First\n\nNothing.\n", (old or "## First\n\nNothing.\n") + ADDED)
    assert (found["api"], found["gone"]) == (Weight.BREAKS, Weight.MISLEADS)


REFERENCE = "It is [described](/docs/reference/config-api/kubeadm-config.%s/).\n\n"
FORMER = "Write a `MasterConfiguration`.\n\n"
BEDS = "## Beds\n\nNothing.\n\n"


@pytest.mark.parametrize("old", [BEDS + REFERENCE % "v1beta2", BEDS + FORMER])
def test_a_page_is_of_an_older_release_by_its_links_and_by_kinds_that_are_gone(old: str) -> None:
    assert set(_own(old, old + ADDED).values()) == {Weight.REMARK}


@pytest.mark.parametrize("old", [BEDS + REFERENCE % "v1beta4", BEDS + REFERENCE % "v1beta4" + FORMER, BEDS])
def test_an_old_api_in_code_breaks_where_links_name_the_newest_or_nothing_does(old: str) -> None:
    assert _own(old, old + ADDED)["api"] is Weight.BREAKS


def test_a_link_to_an_old_api_is_a_remark_where_nothing_shows_of_which_release_the_page_is() -> None:
    linked = "## More\n\n" + REFERENCE % "v1beta3"
    assert _own(BEDS, BEDS + linked)["api"] is Weight.REMARK
    for newest in (REFERENCE % "v1beta4", CONFIG % ("First", "v1beta4")):
        assert _own(BEDS + newest, BEDS + newest + linked)["api"] is Weight.MISLEADS


def test_a_site_that_a_command_needs_breaks_on_a_page_of_any_release() -> None:
    old = CONFIG % ("First", "v1beta3")
    command = "## Network\n\n```shell\nkubectl apply -f https://cloud.weave.works/a.yaml\n```\n"
    assert _own(old, old + command)["gone"] > Weight.REMARK


PULL = "crictl pull k8s.gcr.io/pause:3.1"


def test_a_line_that_was_there_and_is_read_as_code_now_is_wrong_on_both_pages() -> None:
    old, new = _page(f"## Images\n\nThen\n{PULL}\n"), _page(f"## Images\n\nThen\n\n```shell\n{PULL}\n```\n")
    judged = Judged.of(Comparison.of(old, new), all_rules.found(old, None), all_rules.found(new, None))
    assert ([each.check for each in judged.own], [each.check for each in judged.known]) == ([], ["image"])


@pytest.mark.parametrize("more", [f"\n```shell\n{PULL}\n```\n", "\n```shell\ncrictl pull k8s.gcr.io/etcd:3.4\n```\n"])
def test_a_line_that_stands_once_more_or_is_another_one_counts(more: str) -> None:
    text = f"## Images\n\nThen\n{PULL}\n"
    assert "image" in _own(text, text + more)


NEEDED = "## Get it\n\n```shell\ncurl -O https://packages.cloud.google.com/apt/doc/%s\n```\n\n"
NAMED = "## More\n\nThe site is `https://packages.cloud.google.com/yum/repos/a`.\n"


def test_a_sentence_may_name_a_closed_site_that_the_commands_of_both_pages_need() -> None:
    old = NEEDED % "a.gpg"
    assert _own(old, old + NAMED)["gone"] is Weight.REMARK
    assert _own("## Get it\n\nNothing.\n\n", "## Get it\n\nNothing.\n\n" + NAMED)["gone"] is Weight.MISLEADS
    assert "gone" not in _own(old, old)

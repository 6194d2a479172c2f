"""Code that a later edition lacks, where the page itself says why. A single line that is lost misleads."""

from __future__ import annotations

import pytest

from documentation.pages import markdown
from documentation.reports import report
from documentation.reports.report import Report


def _found(old: str, new: str) -> Report:
    return report.of_drift(markdown.parse(old, "page.md", "en"), markdown.parse(new, "page.md", "en"), None)


def _shell(*lines: str) -> str:
    return "```shell\n" + "\n".join(lines) + "\n```\n\n"


FIRST = "## Plants\n\nWater the plants:\n\n" + _shell("water --all")
INTRODUCTION = "Ask the gnomes of the garden for their consent:\n\n"
ASK = _shell("gnomes ask --consent")
SECTION = f"## Gnomes\n\n{INTRODUCTION}{ASK}1. Wait.\n\n{{{{< caution >}}}}\nThey bite.\n{{{{< /caution >}}}}\n\n"
LAST = "## Harvest\n\nPick the beans:\n\n" + _shell("pick beans")


def test_a_section_that_is_gone_with_its_heading_is_a_remark() -> None:
    found = _found(FIRST + SECTION + LAST, FIRST + LAST)
    assert found.status == 0, found.text()
    assert "a command of line 14 is missing, with its section: `gnomes ask --consent`" in found.text()


@pytest.mark.parametrize("lost", [ASK, "1. Wait.\n\n", "{{< caution >}}\nThey bite.\n{{< /caution >}}\n\n"])
def test_what_a_section_lost_that_stays_is_missing(lost: str) -> None:
    assert _found(FIRST + SECTION + LAST, FIRST + SECTION.replace(lost, "") + LAST).status == 1


def test_a_heading_that_went_alone_excuses_nothing() -> None:
    new = FIRST + SECTION.replace("## Gnomes\n\n", "").replace(ASK, "") + LAST
    assert _found(FIRST + SECTION + LAST, new).status == 1


def test_a_command_that_went_with_its_paragraph_is_a_remark() -> None:
    found = _found(FIRST + INTRODUCTION + ASK + LAST, FIRST + LAST)
    assert found.status == 0, found.text()
    assert "is missing, with the words before it: `gnomes ask --consent`" in found.text()


@pytest.mark.parametrize("kept", [INTRODUCTION, "Ask the gnomes of your garden for consent, too:\n\n", "Now type:\n\n"])
def test_a_command_whose_paragraph_stays_is_missing(kept: str) -> None:
    assert _found(FIRST + INTRODUCTION + ASK + LAST, FIRST + kept + LAST).status == 1


def test_a_caution_does_not_go_with_the_paragraph_before_it() -> None:
    caution = "{{< caution >}}\nThey bite.\n{{< /caution >}}\n\n"
    assert _found(FIRST + INTRODUCTION + ASK + caution + LAST, FIRST + LAST).status == 1


STEPS = "The gnomes have two wishes:\n\n1. Give them beans.\n\n2. Give them peas.\n\n"


def test_a_list_that_went_with_its_paragraph_is_a_remark() -> None:
    found = _found(FIRST + STEPS + LAST, FIRST + LAST)
    assert found.status == 0, found.text()
    assert "step 2 of line 13 is missing, with its list and the words before that" in found.text()


@pytest.mark.parametrize("lost", ["2. Give them peas.\n\n", "1. Give them beans.\n\n", STEPS.partition("\n\n")[2]])
def test_a_step_is_missing_whose_list_or_paragraph_stays(lost: str) -> None:
    assert _found(FIRST + STEPS + LAST, FIRST + STEPS.replace(lost, "") + LAST).status == 1


SCRIPT = _shell("dig --deep", "sow beans", "water --all")
TABS = """{{< tabs name="soil" >}}
{{% tab name="Clay" %}}
CLAY{{% /tab %}}
{{% tab name="Sand" %}}
SAND{{% /tab %}}
{{< /tabs >}}
"""


def test_a_command_that_stands_in_a_block_of_its_own_now_is_not_missing() -> None:
    old = "## Bed\n\n" + SCRIPT
    new = "## Bed\n\nFirst dig:\n\n" + _shell("dig --deep", "rake") + "Then:\n\n" + _shell("sow beans", "water --all")
    assert _found(old, new).status == 0


@pytest.mark.parametrize(
    "sown", [("sow beans", "dig --deep"), ("sow peas", "water --all"), ("dig --deep", "sow beans")]
)
def test_a_command_that_stands_behind_later_ones_now_or_nowhere_misleads(sown: tuple[str, str]) -> None:
    new = "## Bed\n\nFirst:\n\n" + _shell("rake", "water --all") + "Then:\n\n" + _shell(*sown)
    assert _found("## Bed\n\n" + SCRIPT, new).status == 1


def test_a_command_that_one_tab_lost_and_another_has_is_missing() -> None:
    old, new = (
        "## Bed\n\n" + TABS.replace("CLAY", clay).replace("SAND", SCRIPT)
        for clay in (SCRIPT, _shell("dig --deep", "water --all"))
    )
    assert _found(old, new).status == 1


def test_a_command_that_was_run_by_sudo_is_missing_where_it_stands_without() -> None:
    old = "## Bed\n\n" + _shell("dig --deep", "sudo sow beans", "water --all")
    new = "## Bed\n\n" + _shell("dig --deep") + "Then:\n\n" + _shell("sow beans", "water --all")
    assert _found(old, new).status == 1


def test_a_file_that_has_other_text_elsewhere_is_missing() -> None:
    old, new = ("## Bed\n\n" + _shell("dig --deep", "cat > list << EOF", text, "EOF") for text in ("beans", "peas"))
    assert (
        _found(old + FIRST, "## Bed\n\n" + _shell("dig --deep") + new.replace("dig --deep\n", "") + FIRST).status == 1
    )


def test_the_lines_of_a_block_that_is_output_now_are_not_missing() -> None:
    old = "## Plants\n\nSee:\n\n" + _shell("plants list", "beans growing") + "And:\n\n```shell\npeas growing\n```\n"
    assert _found(old, old.replace("```shell\npeas", "```\npeas")).status == 0


SHED = "## Shed\n\n" + _shell("mkdir -p /opt/shed", "cd /opt/shed", "fetch tools")


@pytest.mark.parametrize("place", ["$HOME", "/srv"])
def test_a_folder_that_nothing_uses_any_more_need_not_be_made(place: str) -> None:
    new = SHED.replace("mkdir -p /opt/shed\n", "").replace("/opt/shed", place)
    assert "missing, and nothing uses any more what it makes" in _found(SHED, new).text()


def test_a_folder_that_is_still_used_is_missing() -> None:
    assert _found(SHED, SHED.replace("mkdir -p /opt/shed\n", "")).status == 1


@pytest.mark.parametrize("value", ["BEANS=3", "export BEANS=3"])
def test_a_variable_that_nothing_reads_any_more_need_not_be_set(value: str) -> None:
    old = "## Bed\n\n" + _shell(value, "dig --deep", "sow --number 3 $BEANS") + LAST
    new = "## Bed\n\n" + _shell("dig --deep", "sow --number 3 peas") + LAST
    assert f"`{value}` is missing, and nothing uses any more what it makes" in _found(old, new).text()


def test_a_variable_that_was_for_a_program_is_missing() -> None:
    old = "## Bed\n\n" + _shell("export BEANS=3", "dig --deep") + LAST
    assert _found(old, old.replace("export BEANS=3\n", "")).status == 1


GATE = "## %s\n\n```yaml\nkind: ClusterConfiguration\nfeatureGates:\n  Gnomes: true\nclusterName: %s\n```\n\n"
GATES = GATE % ("First", "a") + GATE % ("Second", "b")


def test_a_key_that_is_gone_from_all_places_is_a_remark() -> None:
    assert _found(GATES, GATES.replace("featureGates:\n  Gnomes: true\n", "")).status == 0


@pytest.mark.parametrize("still", ["", "Set `Gnomes`, too.\n"])
def test_a_key_is_missing_that_stood_once_or_that_the_page_still_has(still: str) -> None:
    without = GATES.replace("featureGates:\n  Gnomes: true\n", "", 1 if not still else -1)
    assert _found(GATES + still, without + still).status == 1
    assert (
        _found(GATE % ("First", "a"), GATE.replace("featureGates:\n  Gnomes: true\n", "") % ("First", "a")).status == 1
    )


def test_a_command_that_is_gone_from_all_scripts_is_missing() -> None:
    old = "## A\n\n" + SCRIPT + "## B\n\n" + SCRIPT.replace("dig", "rake")
    assert _found(old, old.replace("sow beans\n", "")).status == 1

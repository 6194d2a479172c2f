"""What a later edition has elsewhere or by other means: on another page, in a new paragraph, by another program."""

from __future__ import annotations

import pytest

from documentation.findings.rules import Weight
from documentation.pages import markdown
from documentation.reports import report
from documentation.reports.report import Report


def _found(old: str, new: str) -> Report:
    before, after = (markdown.parse(each, "page.md", "en") for each in (old, new))
    return report.of_drift(before, after, None)


def _shell(*lines: str) -> str:
    return "```shell\n" + "\n".join(lines) + "\n```\n\n"


FIRST = "## Plants\n\nWater the plants in all rows of the garden:\n\n" + _shell("water --all")
WORDS = (
    "Dig holes where the sun shines.", "Ask your neighbours for seeds.", "Wait until the rain is over.",
    "Bring string along.", "No snail may see it.", "Have something to drink.", "Rest afterwards.",
)  # fmt: skip
LONG = "## Beans {#beans}\n\n%sSow beans by these steps, row by row:\n\n" + _shell("sow beans")
LONG %= "".join(f"{each}\n\n" for each in WORDS)
LINK = "## Beans {#beans}\n\nSow beans by [these steps](%s), row by row.\n\n"


def test_code_of_a_section_that_links_to_another_page_now_is_a_remark() -> None:
    found = _found(FIRST + LONG, FIRST + LINK % "/docs/beans/")
    assert found.status == 0, found.text()
    assert "with most of its section, which links to another page now" in found.text()


@pytest.mark.parametrize(
    "new",
    [
        LINK % "https://beans.test/",
        LINK % "/docs/garden/",
        LONG.replace(_shell("sow beans"), "There is [a page about peas](/docs/peas/).\n\n"),
    ],
)
def test_code_is_missing_where_a_link_is_old_or_of_another_site_or_most_words_stay(new: str) -> None:
    first = FIRST.replace("the garden", "[the garden](/docs/garden/)")
    assert _found(first + LONG, first + new).status == 1


STEPS = "## %s\n\n1. Dig a hole.\n1. Take a bean from the sack of last year.\n1. Cover it.\n\n"
TAKE = "1. Take a bean from the sack of last year.\n"


def test_a_step_that_is_gone_from_all_places_is_a_remark() -> None:
    old = FIRST + STEPS % "Here" + STEPS % "There"
    found = _found(old, old.replace(TAKE, ""))
    assert found.status == 0, found.text()
    assert "is missing, as in all other places" in found.text()


def test_a_step_is_missing_that_stood_once_or_stands_elsewhere_still() -> None:
    twice = FIRST + STEPS % "Here" + STEPS % "There"
    assert _found(twice, twice.replace(TAKE, "", 1)).status == 1
    assert _found(FIRST + STEPS % "Here", FIRST + (STEPS % "Here").replace(TAKE, "")).status == 1


ADVERTISED = "1. Give it `--address=192.0.2.1` for another network than the usual one.\n"
TWO = "## Begin\n\n1. Choose a bed.\n" + ADVERTISED + "1. Plant.\n\n"
NETWORK = "## Network\n\nThe kettle listens where the route leads. With `%s` it listens elsewhere.\n\n"


def test_a_step_whose_flags_a_new_paragraph_has_is_a_remark() -> None:
    found = _found(TWO, NETWORK % "--address" + TWO.replace(ADVERTISED, ""))
    assert found.status == 0, found.text()
    assert "is missing, and a new paragraph has its flags" in found.text()


@pytest.mark.parametrize("section", ["", NETWORK % "--other"])
def test_a_step_is_missing_whose_flags_no_new_paragraph_has(section: str) -> None:
    assert _found(TWO, section + TWO.replace(ADVERTISED, "")).status == 1
    known = NETWORK % "--address"
    assert _found(known + TWO, known + TWO.replace(ADVERTISED, "")).status == 1


DRAIN = "## Nodes\n\nEmpty it:\n\n" + _shell("kubectl drain <first>", "kubectl get nodes") + "## Then\n\nUpgrade:\n\n"


def test_a_command_that_takes_away_and_only_moved_is_a_remark() -> None:
    new = "## Nodes\n\nEmpty it:\n\n" + _shell("kubectl get nodes") + "## Then\n\nUpgrade:\n\n"
    found = _found(DRAIN + _shell("upgrade"), new + _shell("kubectl drain <node>", "upgrade"))
    [drained] = [each for each in found.differences if each.check == "extra"]
    assert ("kubectl drain <node>" in drained.what, drained.weight) == (True, Weight.REMARK)


@pytest.mark.parametrize("more", ["kubectl drain <node>", "kubectl delete node <node>"])
def test_a_command_that_takes_away_once_more_misleads(more: str) -> None:
    assert _found(DRAIN + _shell("upgrade"), DRAIN + _shell(more, "upgrade")).status == 1


PORT = "## Ports\n\nYou can use %s to see whether a port is open:\n\n```shell\n%s 127.0.0.1 6443\n```\n"


def test_another_program_may_do_it_where_no_sentence_names_the_former_one() -> None:
    assert _found(PORT % ("knocker", "knocker"), PORT % ("tools like netcat", "nc")).status == 0


@pytest.mark.parametrize(
    ("old", "new"), [(("knocker", "knocker"), ("knocker", "nc")), (("tools", "nc"), ("knocker", "knocker"))]
)
def test_another_program_misleads_where_sentences_do_not_say_so(old: tuple[str, str], new: tuple[str, str]) -> None:
    assert _found(PORT % old, PORT % new).status == 1


BOTH, NOW = "systemctl enable kubelet && systemctl start kubelet", "systemctl enable --now kubelet"


def test_a_command_that_does_what_two_others_do_is_another_spelling() -> None:
    for old, new in ((BOTH, NOW), (NOW, BOTH)):
        found = _found(FIRST + _shell("ls", old), FIRST + _shell("ls", new))
        assert (found.status, [each.weight for each in found.differences]) == (0, [Weight.REMARK])


@pytest.mark.parametrize("new", ["systemctl enable kubelet", "systemctl enable --now kettle"])
def test_a_command_that_does_only_one_of_two_things_misleads(new: str) -> None:
    assert _found(FIRST + _shell("ls", BOTH), FIRST + _shell("ls", new)).status == 1


def test_a_command_is_all_of_its_line_or_the_rest_is_compared() -> None:
    old = _shell("export BEANS=3", "sow $BEANS > row")
    assert _found(FIRST + old, FIRST + old.replace("> row", "> bed")).status == 1

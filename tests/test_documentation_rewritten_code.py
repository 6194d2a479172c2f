"""Code that was written anew and does the same is quiet; with something lost, or taken back, it misleads."""

from __future__ import annotations

import pytest

from documentation.drift import succession
from documentation.drift.compare import Comparison
from documentation.drift.improvements import Judged
from documentation.findings.rules import Finding, Weight
from documentation.pages import markdown
from documentation.pages.block import Page
from documentation.reports import all_rules, report

SHELL = "## Steps\n\nDo it:\n\n```shell\n%s\n```\n"


def _page(text: str) -> Page:
    return markdown.parse(text, "page.md", "en")


def _status(old: str, new: str) -> int:
    return report.of_drift(_page(old), _page(new), None).status


BEFORE = "BED=/srv/bed kubectl exec -n web rose -- water --cert /a --key /b plant add lily http://lily:2380"
EXPORTED = "export BED=%s\nkubectl exec -n web rose -- water --cert /a --key /b plant add lily http://lily:2380"


def test_a_variable_may_be_exported_above_the_command_that_had_it_before_it() -> None:
    old, new = SHELL % BEFORE, SHELL % (EXPORTED % "/srv/bed")
    assert (_status(old, new), _status(new, old)) == (0, 1)


@pytest.mark.parametrize(
    "new",
    [
        EXPORTED % "/srv/other",
        (EXPORTED % "/srv/bed").removeprefix("export "),
        "\n".join(reversed((EXPORTED % "/srv/bed").splitlines())),
    ],
)
def test_another_value_no_export_and_an_export_below_the_command_mislead(new: str) -> None:
    assert _status(SHELL % BEFORE, SHELL % new) == 1


INTO = "sudo curl -fsSLo /etc/keys/a.gpg https://keys.example.com/a.gpg"
PIPED = "curl -fsSL https://keys.example.com/a.gpg | %s gpg --dearmor -o %s"


@pytest.mark.parametrize("old", [INTO, INTO.replace("-fsSLo", "-fsSL -o")])
def test_a_file_may_go_through_another_program_and_not_the_other_way_round(old: str) -> None:
    new = SHELL % (PIPED % ("sudo", "/etc/keys/a.gpg"))
    assert (_status(SHELL % old, new), _status(new, SHELL % old)) == (0, 1)


@pytest.mark.parametrize(
    "new",
    [
        PIPED % ("sudo", "/etc/keys/b.gpg"),
        PIPED % ("", "/etc/keys/a.gpg"),
        (PIPED % ("sudo", "/etc/keys/a.gpg")).replace("com/a.gpg", "com/b.gpg"),
        (PIPED % ("sudo", "/etc/keys/a.gpg")).replace(" | ", "\n"),
    ],
)
def test_another_file_a_lost_sudo_another_address_and_a_lost_pipe_mislead(new: str) -> None:
    assert _status(SHELL % INTO, SHELL % new) == 1


POD = "```yaml\nkind: Pod\nspec:\n  name: <bed>\n  also: <plant>\n```\n\nReplace:\n\n* `<bed>` with its name.\n%s"


def test_a_placeholder_may_become_another_in_code_and_in_the_sentence_that_explains_it() -> None:
    old = POD % ""
    new = old.replace("<bed>", "<plant>")
    assert (_status(old, new), _status(new, old)) == (0, 1)


def test_a_placeholder_misleads_that_changed_in_code_alone_or_that_the_page_still_has() -> None:
    assert _status(POD % "", (POD % "").replace("<bed>", "<plant>", 1)) == 1
    still = "\nThe `<bed>` is yours.\n"
    assert _status(POD % still, (POD % "").replace("<bed>", "<plant>") + still) == 1


IMAGE = "docker run --rm water:%s grow --all"
SET = "\nSet `${TAG}` to the tag of your image.\n"


def test_a_variable_may_stand_for_a_value_if_a_sentence_says_what_to_set() -> None:
    old, new = SHELL % (IMAGE % "v3.2.18"), SHELL % (IMAGE % "${TAG}")
    assert (_status(old, new + SET), _status(new + SET, old), _status(old, new)) == (0, 1, 1)


LONG = "docker run --rm \\\n  -v /etc:/etc water etcdctl \\\n  --ca-file /a \\\n  --endpoints %s %s"


def test_a_command_of_several_lines_is_reported_as_a_command_and_not_as_a_text_too() -> None:
    old, new = LONG % ("http://a:2379", "cluster-health"), LONG % ("http://a:2379", "endpoint health --cluster")
    found = report.of_drift(_page(SHELL % old), _page(SHELL % new), None).differences
    assert {(each.check, each.weight) for each in found} == {("command", Weight.REMARK)}
    assert _status(SHELL % old, SHELL % old.replace("/etc:/etc", "/srv:/etc")) == 1


OPEN = '## Steps\n\n{{< tabs >}}\n{{%% tab name="a" %%}}\n```shell\nkubectl get beds\n%s{{%% /tab %%}}\n'
OPEN += '{{%% tab name="b" %%}}\n```shell\nkubectl get pots\n```\n{{%% /tab %%}}\n{{< /tabs >}}\n'


def _missed(taken: str) -> list[str]:
    found = Comparison.of(_page(OPEN % taken), _page(OPEN % "```\n")).findings()
    return [each.what for each in found if each.weight > Weight.REMARK]


def test_what_a_fence_took_in_that_did_not_end_is_not_missed_and_a_command_is() -> None:
    assert _missed("") == []
    assert _missed("kubectl get weeds\n") == ["`kubectl get weeds` is missing (line 7 has it)"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("taint nodes --all node-role.kubernetes.io/master-", True),
        ("node-role.kubernetes.io/master:NoSchedule", True),
        ("node-role.kubernetes.io/master-of-arts", False),
        ("node-role.kubernetes.io/master--", False),
    ],
)
def test_a_name_is_found_before_the_dash_that_takes_it_away(text: str, found: bool) -> None:
    assert bool(succession.word("node-role.kubernetes.io/master").search(text)) is found


UNREAD = "```yaml\nkind: Pod\nspec:\nname: x\n  hostNet: true\n```\n"
READ = UNREAD.replace("name: x\n  hostNet", "  name: x\n  hostNet")


def _own(old: str, new: str, line: int) -> tuple[Finding, ...]:
    before, after = _page(old), _page(new)
    block = next(each.id for each in after.blocks if each.kind.code)
    fault = Finding(Weight.BREAKS, "object", line, block, "Pod: has no field spec.hostNet")
    return Judged.of(Comparison.of(before, after), all_rules.found(before, None), [fault]).own


def test_what_a_manifest_had_that_nothing_could_read_does_not_count_against_the_edit() -> None:
    assert _own(UNREAD, READ, 5) == ()


def test_a_new_line_and_a_line_of_a_manifest_that_could_be_read_count_against_the_edit() -> None:
    assert len(_own(UNREAD, READ.replace("hostNet", "hostPort"), 5)) == 1
    assert len(_own(READ + "\n", READ, 5)) == 1

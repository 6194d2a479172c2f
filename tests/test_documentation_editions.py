"""A later edition of a page: what breaks, what turned, what is only newer, and what it corrects."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.drift import revision
from documentation.drift.revision import Change
from documentation.findings.rules import Finding, Weight
from documentation.pages import markdown, source
from documentation.reports import report
from documentation.reports.report import Report

CASES = Path(__file__).parent / "documentation_cases"
FENCE = "## Steps\n\n```%s\n%s\n```\n"


def _case(name: str) -> Report:
    old, new = (source.read(str(CASES / f"{name}.{edition}.md"), "en") for edition in ("old", "new"))
    return report.of_drift(old, new, None)


def _drift(old: str, new: str) -> Report:
    before, after = (markdown.parse(each, "page.md", "en") for each in (old, new))
    return report.of_drift(before, after, None)


def _code(old: str, new: str, info: str = "shell") -> Report:
    return _drift(FENCE % (info, old), FENCE % (info, new))


def _only(found: Report) -> Finding:
    [finding] = found.differences
    return finding


def test_a_date_that_is_none_is_compared_as_text() -> None:
    finding = _only(_case("crash-drift-date"))
    assert (finding.weight, finding.line) == (Weight.MISLEADS, 11)
    assert finding.what == "Trial.since: 2023-12-01 became 2023-14-01"


def test_yaml_that_broke_breaks_at_the_line_that_a_program_stops_at() -> None:
    finding = _only(_case("drift-yaml-indent"))
    assert (finding.weight, finding.check, finding.line) == (Weight.BREAKS, "configuration", 13)


YAML = "kind: Trial\npod:\n  args:\n  - --one\n  - --two\n  port: 1"


@pytest.mark.parametrize(
    ("new", "what"),
    [
        (YAML.replace("  port", "\tport"), "is not valid YAML any more"),
        (YAML.replace("  port", " port"), "is not valid YAML any more"),
        (YAML.replace("\n  - --two", " - --two"), "several of these are one text now: `--one - --two`"),
        (YAML.replace("\npod:", " pod:"), "is not valid YAML any more"),
    ],
)
@pytest.mark.parametrize("text", ["%s", "cat << EOF > a.yaml\n%s\nEOF"])
def test_yaml_that_broke_breaks_however_it_did(text: str, new: str, what: str) -> None:
    found = _code(text % YAML, text % new, "shell" if "EOF" in text else "yaml")
    assert [each.weight for each in found.differences] == [Weight.BREAKS], found.text()
    assert what in found.text()


@pytest.mark.parametrize(
    "new",
    [
        YAML.replace("  - --one\n  - --two", '  - "--one"\n  - "--two"'),
        YAML.replace("  - --one\n  - --two", "    - --one\n    - --two"),
        YAML.replace("\n  - --one\n  - --two", " [--one, --two]"),
        YAML.replace("  args:", "\n  args:"),
    ],
)
def test_yaml_that_is_written_otherwise_and_means_the_same_is_a_remark(new: str) -> None:
    found = _code(YAML, new, "yaml")
    assert found.status == 0, found.text()
    assert {each.check for each in found.differences} <= {"text"}


def test_text_that_never_was_yaml_is_compared_by_its_lines() -> None:
    unit = "cat << EOF > a.conf\n[Service]\nExecStart=/usr/bin/a %s\nEOF"
    finding = _only(_code(unit % "--x", unit % "--y"))
    assert (finding.check, finding.line) == ("text", 6)


def test_a_key_that_was_renamed_is_one_finding_whatever_is_below_it() -> None:
    finding = _only(_case("drift-key-renamed"))
    name = "ClusterConfiguration.etcd"
    assert finding.what == f"{name}.localEtcd became {name}.local, with 4 keys below it, which is newer"
    assert finding.line == 10


def test_a_key_that_moved_to_another_parent_misleads_and_is_named() -> None:
    old = "kind: Trial\nnode:\n  patches:\n    directory: /a\n  port: 1"
    finding = _only(_code(old, "kind: Trial\nnode:\n  port: 1\npatches:\n  directory: /a", "yaml"))
    assert (finding.weight, finding.line) == (Weight.MISLEADS, 8)
    assert "Trial.node.patches.directory moved to Trial.patches.directory" in finding.what


def test_a_value_is_found_at_the_line_of_its_own_key() -> None:
    text = "kind: Trial\none:\n  port: 1 # the port\ntwo:\n\n  port: %s"
    assert _only(_code(text % 2, text % 3, "yaml")).line == 9


def test_a_comment_that_has_a_line_skipped_from_now_on_misleads() -> None:
    finding = _only(_case("drift-comment-skip-added"))
    assert (finding.weight, finding.check, finding.line) == (Weight.MISLEADS, "comment", 10)
    assert "has `scp /etc/kubernetes/pki/sa.key $host:` skipped" in finding.what


def test_a_new_comment_is_reported_with_what_it_is_about() -> None:
    assert "`scp /etc/kubernetes/pki/etcd/ca.key other:`" in _only(_case("drift-comment-added")).what


@pytest.mark.parametrize(("old", "new"), [("# by hand\ncp a b", "cp a b"), ("cp a b", "# by hand\ncp a b")])
def test_a_comment_that_came_or_went_and_asks_for_nothing_is_a_remark(old: str, new: str) -> None:
    finding = _only(_code(old, new))
    assert (finding.weight, finding.check, "`cp a b`" in finding.what) == (Weight.REMARK, "comment", True)


def test_a_comment_that_came_with_its_command_is_not_reported_by_itself() -> None:
    found = _code("cp a b", "cp a b\n# Skip this with external etcd\ncp c d")
    assert [each.check for each in found.differences] == ["command"]


def test_another_word_behind_a_fence_is_not_a_fault() -> None:
    found = _case("drift-fence-language")  # an output is known by what it says, whatever the fence calls it
    assert (found.status, found.differences) == (0, ())


def test_shortcodes_inside_code_are_not_numbered() -> None:
    finding = _only(_case("drift-hugo-mark"))
    assert (finding.check, "New words." in finding.what) == ("extra", True)


def test_short_flags_are_taken_apart() -> None:
    finding = _only(_case("drift-short-flags"))
    assert finding.what == "flags -z and -w are new in `nc -zv -w 2 192.0.2.7 6443`"
    assert finding.weight is Weight.REMARK


@pytest.mark.parametrize(("old", "new"), [("nc -z -v a 1", "nc -zv a 1"), ("tar -xzf a", "tar -x -z -f a")])
def test_short_flags_together_are_the_same_as_apart(old: str, new: str) -> None:
    found = _code(old, new)
    assert "mean the same" in _only(found).what


def test_a_long_name_behind_one_dash_is_not_taken_apart() -> None:
    assert _code("openssl x509 -in a", "openssl x509 -i -n a").status == 1


def test_a_title_that_changed_is_a_remark_with_the_words() -> None:
    finding = _only(_case("drift-title"))
    assert (finding.weight, finding.check, finding.line) == (Weight.REMARK, "title", 2)
    assert "`Highly Available` became `Higly Avaliable`" in finding.what


def test_a_code_span_over_two_lines_is_mentioned() -> None:
    page = source.read(str(CASES / "fp-span-over-two-lines.md"), "en")
    assert report.of_drift(page, page, None).differences == ()


def test_words_that_changed_are_named_at_their_line() -> None:
    finding = _only(
        _drift("Start the server,\nand wait for the pods.\n", "Start the server,\nand wait for teh pods.\n")
    )
    assert (finding.check, finding.line, "`the` became `teh`" in finding.what) == ("prose", 2, True)


def test_a_link_to_another_section_of_a_page_is_a_remark() -> None:
    finding = _only(_drift("See [it](/docs/a/#one).\n", "See [it](/docs/a/#two).\n"))
    assert (finding.weight, "links to /docs/a#two instead of /docs/a#one" in finding.what) == (Weight.REMARK, True)


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("a 1.36.0", "a 1.37.2", Change.NEWER),
        ("a v1beta3", "a v1beta4", Change.NEWER),
        ("image: k8s.gcr.io/etcd:3.4.3", "image: registry.k8s.io/etcd:3.5.0", Change.NEWER),
        ("kubeadm alpha certs renew", "kubeadm certs renew", Change.NEWER),
        ("http://a/b", "https://a/b", Change.NEWER),
        ("a 1.36", "a 1.37 --b", Change.NEWER),
        ("scp a b", "sudo scp a b", Change.ADDED),
        ("cat > a", "cat | sudo tee a", Change.NONE),
        ("ping 10.0.0.1", "ping 10.0.0.2", Change.OTHER),
        ("a 1.36 --b", "a 1.37 --c", Change.OTHER),
        ("mv a b", "mv b a", Change.OTHER),
        ("sleep 10", "sleep 20", Change.OTHER),
    ],
)
def test_how_a_text_became_another_one(old: str, new: str, change: Change) -> None:
    back = {Change.NEWER: Change.OLDER, Change.ADDED: Change.OTHER}.get(change, change)
    assert (revision.change(old, new), revision.change(new, old)) == (change, back) or " --b" in new

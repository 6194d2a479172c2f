"""Drift between editions and languages, and what is wrong with a page by itself, on pages of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.__main__ import main
from documentation.drift.compare import Comparison
from documentation.findings.rules import Finding, Weight
from documentation.language.words import RUN, SKIP, Words
from documentation.pages import markdown, plain, source
from documentation.pages.align import align
from documentation.pages.outline import outlines
from documentation.reports import all_rules, report
from tests.editions import PAGES, Change, edited

EN = (PAGES / "orchard.en.md").read_text()
JA = (PAGES / "orchard.ja.md").read_text()


def _edited(*changes: Change) -> list[Finding]:
    old, new = (markdown.parse(each, language="en") for each in (EN, edited(EN, *changes)))
    return Comparison.of(old, new).findings()


def _wrong(text: str) -> list[Finding]:
    return all_rules.check(markdown.parse(text, language="en"), None)


def test_a_page_does_not_differ_from_itself() -> None:
    assert _edited() == []


def test_nothing_is_wrong_with_the_page_that_others_are_made_of() -> None:
    assert _wrong(EN) == []


def test_sections_line_up_without_a_common_anchor() -> None:
    old, new = source.read(str(PAGES / "orchard.en.md")), source.read(str(PAGES / "orchard.ja.md"))
    counterparts = align(outlines(old), outlines(new)).counterparts
    assert (counterparts["first/command-2"], counterparts["watching/command-1"]) == (
        "最初の木/command-2",
        "見守る/command-1",
    )


def test_outlines_line_up_without_their_text() -> None:
    old, new = source.read(str(PAGES / "orchard.en.md")), source.read(str(PAGES / "orchard.ja.md"))
    hidden = [[each.hidden() for each in outlines(page)] for page in (old, new)]
    assert align(*hidden).counterparts == align(outlines(old), outlines(new)).counterparts


STEP = """1. Make a key:

   ```sh
   kubeadm certs certificate-key
   ```

"""


@pytest.mark.parametrize(
    ("changes", "check", "message"),
    [
        ([("--upload-certs", "--upload-keys")], "command", "flag --upload-certs became --upload-keys in"),
        ([(" --upload-certs", "")], "command", "flag --upload-certs is gone"),
        ([("certs certificate-key", "certs certificate-key --rootfs /")], "command", "flag --rootfs is new"),
        ([("kubectl get nodes", "kubectl get pods")], "command", "became `kubectl get pods`"),
        ([(STEP, "")], "missing", "a command of line 28 is missing"),
        (
            [(STEP, ""), ("## Watching\n", f"## Watching\n\n{STEP}")],
            "moved",
            "a command moved here from first/command-2",
        ),
        ([("# Skip the next line", "# Run the next line")], "comment-inverted", "has it skipped, this one has it run"),
        (
            [("# Skip the next line", "# See about the next line")],
            "comment",
            "what the comment here says was not understood",
        ),
        ([("    # Skip the next line if seeds are elsewhere\n", "")], "comment", "is missing, which has it skipped"),
        ([("see above", "see below")], "comment", "became `# see below`"),
        ([("caution >}}", "note >}}")], "kind", "was a caution"),
        ([("you should have", "you must have")], "modality", "should became must"),
        ([("With `--pod-network-cidr` it", "It")], "mention", "`--pod-network-cidr` (line 19) is not mentioned"),
        ([("v1beta4", "v1beta3")], "configuration", "apiVersion: kubeadm.k8s.io/v1beta4 became"),
        ([("    scp /etc/kubernetes/pki/ca.crt farmer@$tree:\n", "")], "command", "`scp /etc/kubernetes/pki/ca.crt"),
        ([("](#first)", "](#seeds)")], "link", "links to #seeds instead of #first"),
        ([("## Watching", "## Looking")], "anchor", "was #watching, and is #looking"),
        ([("## The first tree {#first}", "## The tree {#first}")], "prose", "reads otherwise than line 10"),
        ([("## Watching", "## Resting\n\nRest.\n\n## Watching")], "extra", "`Rest.`"),
    ],
)
def test_an_edited_page_differs_by_what_was_edited(changes: list[tuple[str, str]], check: str, message: str) -> None:
    found = [finding for finding in _edited(*changes) if finding.check == check and message in finding.what]
    assert len(found) == 1, _edited(*changes)


SCRIPT = "```sh\n%s\n```\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("cat a > /etc/b", "cat a > /etc/c", "`- cat a > /etc/b`; `+ cat a > /etc/c`"),
        ("for x in $A; do\n  plant $x\ndone", "for x in $B; do\n  plant $x\ndone", "`+ for x in $B; do`"),
        ("cat << EOF > a\none two\nEOF", "cat << EOF > a\none three\nEOF", "`+ one three`"),
        ("plant a\ncat << EOF > a\none\nEOF", "plant b\ncat << EOF > a\ntwo\nEOF", "`+ two`"),
        ("cat << EOF > a\nx: 1\nEOF", "cat << EOF > a\nx: 2\nEOF", "x: 1 became 2"),
        ("nc <GATE_IP>", "nc GATE_IP", "written otherwise"),
    ],
)
def test_nothing_in_a_script_changes_unseen(old: str, new: str, message: str) -> None:
    found = Comparison.of(markdown.parse(SCRIPT % old), markdown.parse(SCRIPT % new)).findings()
    assert [message in finding.what for finding in found].count(True) == 1, found


def test_a_difference_is_one_finding() -> None:
    assert [finding.check for finding in _edited(("# Skip the next line", "# Run the next line"))] == [
        "comment-inverted"
    ]


def test_a_difference_has_the_line_of_the_new_page() -> None:
    [finding] = _edited(("kubectl get nodes", "kubectl get pods"))
    assert EN.splitlines()[finding.line - 1] == "kubectl get nodes"


def test_differences_of_a_translation_are_found_without_its_words() -> None:
    found = Comparison.of(markdown.parse(EN, language="en"), markdown.parse(JA, language="ja")).findings()
    assert {(finding.check, finding.weight) for finding in found} >= {
        ("comment-inverted", Weight.BREAKS),
        ("modality", Weight.REMARK),
        ("kind", Weight.MISLEADS),
        ("mention", Weight.MISLEADS),
        ("command", Weight.MISLEADS),
    }


def test_plain_text_that_lost_what_stood_between_code_spans_is_found() -> None:
    old = markdown.parse("The key opens `GATE_ONE` と `GATE_TWO`.")
    [finding] = Comparison.of(old, plain.parse("The key opens GATE_ONEGATE_TWO.")).findings()[:1]
    assert (finding.check, "`GATE_ONE` and `GATE_TWO`" in finding.what) == ("run-together", True)


def test_a_report_names_languages_whose_words_are_not_known() -> None:
    old, new = markdown.parse(EN, language="en"), markdown.parse(EN, language="tlh")
    assert (
        report.of_drift(old, new, None).limits[0].startswith("Not judged, since no words of the language tlh are known")
    )


@pytest.mark.parametrize(
    ("language", "comment", "asks"),
    [
        ("en", "# Skip the next line if etcd is external", SKIP),
        ("en", "# Do not run this when etcd is external", SKIP),
        ("en", "# Run this when etcd is external", RUN),
        ("en", "# Skip the next line unless etcd is external", RUN),
        ("en", "# Skip the next line if etcd is stacked", RUN),
        ("en", "# Don't skip the next line if etcd is external", RUN),
        ("en", "# Only needed with external etcd", RUN),
        ("en", "# Required for external etcd", RUN),
        ("en", "# Run the next line unless etcd is external", SKIP),
        ("en", "# Only run the next line if etcd is stacked", SKIP),
        ("en", "# The next line is for stacked etcd only", SKIP),
        ("en", "# If etcd is external, leave the next line out", SKIP),
        ("en", "# Not for external etcd", SKIP),
        ("en", "# Replace this for another runtime if needed", ""),
        ("en", "# customizable", ""),
        ("ja", "# 次の行はスキップ", SKIP),
        ("ja", "# この行は実行しないでください", SKIP),
        ("ja", "# こちらのコマンドを実行", RUN),
        ("ja", "# 外部のetcd以外の場合に実行", SKIP),
        ("ja", "# 外部のetcdの場合もスキップしないでください", RUN),
        ("zh", "# 跳过下一行", SKIP),
        ("de", "# Die nächste Zeile nicht ausführen", SKIP),
        ("fr", "# Exécutez la ligne suivante", RUN),
        ("es", "# Omita la siguiente línea", SKIP),
        ("ko", "# 다음 줄은 건너뛴다", SKIP),
        ("tlh", "# anything", ""),
    ],
)
def test_what_a_comment_asks_for_is_known_in_many_languages(language: str, comment: str, asks: str) -> None:
    assert Words.of(language).polarity(comment) == asks


@pytest.mark.parametrize(
    ("change", "check", "message"),
    [
        (("`GATE_PORT`", "`GATE_NUMBER`"), "placeholder", "`GATE_NUMBER` is explained here and used in no command"),
        (("`GATE_PORT`", "the port"), "placeholder", "`GATE_PORT` is used here and explained nowhere"),
        (("in ${TREES}", "in ${BUSHES}"), "placeholder", "`$BUSHES` is used here and set nowhere"),
        (("in ${TREES}", "in 10.9.8.7"), "placeholder", "`TREES` is set here and used nowhere"),
        (("kubectl get nodes", "ssh 10.9.8.7"), "address", "the example 10.9.8.7 stands for different machines"),
        (("it has roots", "it has 10.9.0.0/16"), "address", "the range 10.9.0.0/16 holds 10.9.8.7, 10.9.8.6"),
        (("sudo mv /home/farmer/ca.crt /etc/kubernetes/pki/ca.crt\n", ""), "left-behind", "`ca.crt`: copied to the"),
        (("kind: ClusterC", "caFile: /etc/x/ca.crt\nkind: ClusterC"), "not-in-place", "`/etc/x/ca.crt`: named in this"),
        (("sudo chown -R root:root /etc/kubernetes/pki\n", ""), "owner", "what moves from a home folder"),
        (("`KUBECONFIG`", "a file"), "kubeconfig", "nothing on this page gives it a kubeconfig"),
        (("kubectl get nodes", "kubectl apply -f https://a.test/b"), "remote", "applies https://a.test/b"),
        (("kubectl get nodes", "mkdir /etc/trees"), "root", "writes to /etc/trees without sudo"),
        (("in ${TREES}; do", "in ${TREES}; d"), "script", "a shell cannot read this script"),
        (("](#first)", "](#frist)"), "anchor", "this page does not have the anchor #frist"),
        (("](#first)", "](../first/)"), "link", "`../first/` is a relative link"),
        (("With `--pod", "With `-pod-network-cidr` or `--pod"), "dash", "`-pod-network-cidr` has one dash"),
        (("Look after them", "Look after them with kubeadn"), "spelling", "`kubeadn` looks like `kubeadm`"),
    ],
)
def test_what_is_wrong_with_a_page_by_itself_is_found(change: tuple[str, str], check: str, message: str) -> None:
    assert change[0] in EN
    found = [finding for finding in _wrong(EN.replace(*change)) if finding.check == check and message in finding.what]
    assert len(found) == 1, _wrong(EN.replace(*change))


def test_a_file_of_the_machine_that_the_page_does_not_carry_is_not_a_finding() -> None:
    assert _wrong(EN.replace("kind: ClusterC", "caFile: /etc/ssl/root.pem\nkind: ClusterC")) == []


def test_a_term_that_is_written_into_itself_is_found() -> None:
    text = "コントロールプレーンノード。" * 4 + "コントロールノードプレーンノード。コントロールプレーンコンポーネント。"
    assert [finding.check for finding in _wrong(text)] == ["spelling"]


def test_what_both_pages_have_wrong_does_not_count_for_the_exit_status() -> None:
    broken = EN.replace("sudo chown -R root:root /etc/kubernetes/pki\n", "")
    page = markdown.parse(broken, language="en")
    found = report.of_drift(page, page, None)
    assert (found.status, len(found.own), [finding.check for finding in found.known]) == (0, 0, ["owner"])


def test_more_of_what_both_pages_have_wrong_does_not_count_either() -> None:
    chown = "sudo chown -R root:root /etc/kubernetes/pki\n"
    move = "sudo mv /home/farmer/ca.crt /etc/kubernetes/pki/ca.crt\n"
    old = markdown.parse(EN.replace(chown, ""), language="en")
    new = markdown.parse(EN.replace(chown, "").replace(move, move + move.replace("ca.crt", "sa.key")), language="en")
    found = report.of_drift(old, new, None)
    assert ([each.check for each in found.own], [each.check for each in found.known]) == ([], ["owner"])


def test_a_report_in_markdown_is_a_table() -> None:
    text = report.of_page(markdown.parse(EN.replace("`KUBECONFIG`", "a|b")), None).markdown()
    assert "| misleads | 65 | kubectl is used" in text


@pytest.mark.parametrize(
    ("change", "status"), [(("", ""), 0), (("--upload-certs", "--upload-keys"), 1), (("see above", "see below"), 0)]
)
def test_the_exit_status_says_whether_a_reader_would_be_misled(
    tmp_path: Path, change: tuple[str, str], status: int
) -> None:
    new = tmp_path / "new.en.md"
    new.write_text(EN.replace(*change))
    assert main(["drift", "--kubeadm", "none", str(PAGES / "orchard.en.md"), str(new)]) == status


def test_a_page_that_does_not_exist_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["check", "nothing.md"]), "there is no page nothing.md" in capsys.readouterr().err) == (2, True)


def test_the_blocks_of_a_page_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blocks", str(PAGES / "orchard.en.md")]) == 0
    assert "watching/command-1" in capsys.readouterr().out

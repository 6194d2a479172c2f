"""Corrections as a patch: applied by git, after which the finding is gone and nothing else is new."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from documentation import __main__ as command
from documentation.findings.edits import applied
from documentation.findings.rules import Edit
from documentation.pages import markdown
from documentation.reports import all_rules, patch

HEAD = "---\ntitle: Pears\n---\n\n## Steps {#steps}\n\n"
CORRECTED = [
    ("twice", "- We water the\n  the tree.", "- We water the\n  tree."),
    ("twice", "Water the the tree.", "Water the tree."),
    ("twice", "See the see [the tree](/docs/tree/).", "See [the tree](/docs/tree/)."),
    (
        "dash",
        "Give `--pod-network-cidr`.\n\n```sh\nkubeadm init -pod-network-cidr=1\n```",
        "kubeadm init --pod-network",
    ),
    ("spelling", "`etcd` and `etcd`; the ectd page.", "the etcd page."),
    ("spelling", "See `/etc/kuberentes/pki`.", "See `/etc/kubernetes/pki`."),
    ("gone", "```sh\ncurl https://k8s.gcr.io/v2/\n```", "curl https://registry.k8s.io/v2/"),
    ("anchor", "See [there](#the-Steps).\n\n## The steps\n", "See [there](#the-steps)."),
    ("list-item", "1. Dig.\n1. Plant.\n\n   3.Water.\n", "   3. Water."),
    ("list-item", "- Dig.\n-Plant.\n- Water.\n", "- Dig.\n- Plant.\n- Water."),
    ("shortcode", "{{< note >}}\nPears fall.\n{{< note >}}\n\nMore.", "Pears fall.\n{{< /note >}}"),
]


def _checks(text: str) -> list[tuple[str, str]]:
    return [each.identity for each in all_rules.check(markdown.parse(text, language="en"), None)]


@pytest.mark.parametrize(("check", "wrong", "right"), CORRECTED)
def test_git_applies_the_patch_and_the_finding_is_gone_without_a_new_one(
    tmp_path: Path, check: str, wrong: str, right: str
) -> None:
    text = HEAD + wrong + "\n"
    page = markdown.parse(text, "page.md", "en")
    found = all_rules.check(page, None)
    assert check in [each.check for each in found if each.edits]
    (tmp_path / "page.md").write_text(text)
    _apply(patch.of(page, found, "page.md"), tmp_path)
    after = (tmp_path / "page.md").read_text()
    assert right in after
    assert set(_checks(after)) < set(_checks(text))
    assert check not in [name for name, _ in _checks(after)]


def _apply(diff: str, folder: Path) -> None:
    subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("text", ["the the pear", "a\r\nthe the pear\r\nb\r\n", "the the pear\n\nlast"])
def test_a_patch_keeps_ends_of_lines_as_they_are(tmp_path: Path, text: str) -> None:
    page = markdown.parse(text, "page.md", "en")
    (tmp_path / "page.md").write_bytes(text.encode())
    _apply(patch.of(page, all_rules.check(page, None), "page.md"), tmp_path)
    assert (tmp_path / "page.md").read_bytes().decode() == text.replace("the the", "the")


def test_a_page_without_sure_corrections_has_an_empty_patch() -> None:
    page = markdown.parse(HEAD + "See [pears](#pears).\n", "page.md", "en")
    assert patch.of(page, all_rules.check(page, None), "page.md") == ""


def test_two_corrections_of_one_line_are_both_made() -> None:
    edits = [Edit(1, "a the the b to to c", "a the b to to c"), Edit(1, "a the the b to to c", "a the the b to c")]
    assert applied("a the the b to to c\n", edits) == "a the b to c\n"


def test_of_two_corrections_of_the_same_letters_one_is_made() -> None:
    edits = [Edit(1, "see x", "see y"), Edit(1, "see x", "see z")]
    assert applied("see x\n", edits) == "see y\n"


def test_a_correction_of_a_line_that_is_another_one_by_now_is_left_out() -> None:
    assert applied("a\n", [Edit(1, "b", "c"), Edit(7, "a", "b")]) == "a\n"


def test_a_line_can_go_and_become_several() -> None:
    assert applied("a\nb\nc\n", [Edit(1, "a", None), Edit(3, "c", "c\nd")]) == "b\nc\nd\n"


def test_the_option_prints_a_patch_with_the_path_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "page.md").write_text("Water the the tree.\n")
    monkeypatch.chdir(tmp_path)
    status = command.main(["check", "--kubeadm", "none", "--patch", str(tmp_path / "content" / "page.md")])
    shown = capsys.readouterr().out
    assert (status, shown.splitlines()[:2]) == (0, ["--- a/content/page.md", "+++ b/content/page.md"])
    _apply(shown, tmp_path)
    assert (tmp_path / "content" / "page.md").read_text() == "Water the tree.\n"


@pytest.mark.parametrize(("root", "path"), [("site", "docs/page.md"), ("site/docs", "page.md")])
def test_git_applies_the_patch_of_a_file_elsewhere_in_its_checkout_or_in_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], root: str, path: str
) -> None:
    page = tmp_path / "site" / "docs" / "page.md"
    page.parent.mkdir(parents=True)
    page.write_text("Water the the tree.\n")
    if root == "site":
        subprocess.run(["git", "init", "-q", str(tmp_path / root)], check=True)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    command.main(["check", "--kubeadm", "none", "--patch", "../site/docs/page.md"])
    shown = capsys.readouterr().out
    assert shown.startswith(f"--- a/{path}\n+++ b/{path}\n")
    _apply(shown, tmp_path / root)
    assert page.read_text() == "Water the tree.\n"


def test_a_revisions_patch_has_the_path_in_its_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text("Water the the tree.\n")
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    command.main(["check", "--kubeadm", "none", "--patch", f"{tmp_path}@HEAD:docs/page.md"])
    shown = capsys.readouterr().out
    assert shown.startswith("--- a/docs/page.md\n+++ b/docs/page.md\n")
    _apply(shown, tmp_path)
    assert (tmp_path / "docs" / "page.md").read_text() == "Water the tree.\n"


@pytest.mark.parametrize("verb", [["check"], ["drift", "{page}"]])
@pytest.mark.parametrize("pipe", ["-", "{pipe}"])
def test_a_patch_of_what_has_no_path_is_refused_before_it_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: list[str], pipe: str
) -> None:
    names = {"page": str(tmp_path / "page.md"), "pipe": str(tmp_path / "pipe")}
    (tmp_path / "page.md").write_text("Water the tree.\n")
    os.mkfifo(tmp_path / "pipe")  # nothing writes to it: reading it would not end
    words = [each.format(**names) for each in (*verb, pipe)]
    assert command.main([*words, "--kubeadm", "none", "--patch"]) == 2
    shown = capsys.readouterr()
    assert (shown.out, "has no path to be patched" in shown.err) == ("", True)
    assert "Try: write the page to a file, page.md, and type page.md in place of " in shown.err
